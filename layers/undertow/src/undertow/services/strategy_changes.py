"""The history of a strategy as the audit tells it: what each version changed, who did it and when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Final

from undertow.domain.ids import StrategyId
from undertow.domain.json_text import read_object, write_json
from undertow.ports import Audit, AuditRow

ACTIONS: Final = "strategy:"
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class StrategyChange:
    """``before`` and ``after`` are whole documents as JSON text, empty where there is none."""

    version: int
    time_ms: int
    by: str
    action: str
    before: str
    after: str

    @property
    def difference(self) -> str:
        """The lines that differ, with some around them."""
        return difference(self.before, self.after)


def difference(before: str, after: str, names: tuple[str, str] = ("before", "after")) -> str:
    """The lines that differ between two documents; empty when none does."""
    return "\n".join(unified_diff(_lines(before), _lines(after), *names, lineterm="", n=2))


def _lines(text: str) -> list[str]:
    return write_json(read_object(text), indent=2).splitlines() if text else []


def changes_on_record(
    audit: Audit, strategy: StrategyId, latest: int, present: str, now_ms: int
) -> Sequence[StrategyChange]:
    """Changes that took effect, newest first. ``latest`` is the newest version, ``present`` the text in force.

    An attempt is on record before it is made, so there may be more rows of a version than one: somebody else was
    faster, or the store did not answer. The one that took effect is the one from whose result the next change set out.
    """
    rows = list(_rows(audit, strategy, now_ms))
    found: list[StrategyChange] = []
    result = present
    for version in range(latest, 0, -1):
        attempts = [row for row in rows if row.version == version]
        if attempts:
            row = next((row for row in attempts if row.after == result), attempts[0])
            found.append(StrategyChange(version, row.time_ms, row.by, row.action, row.before, row.after))
            result = row.before
    return found


def _rows(audit: Audit, strategy: StrategyId, until_ms: int) -> Iterator[AuditRow]:
    """Newest first. Pages overlap by the millisecond they break at, so no row of it is lost."""
    seen: set[AuditRow] = set()
    while page := [row for row in audit.recent(0, until_ms, _PAGE) if row not in seen]:
        seen.update(page)
        yield from (row for row in page if row.subject == strategy and row.action.startswith(ACTIONS))
        until_ms = page[-1].time_ms
