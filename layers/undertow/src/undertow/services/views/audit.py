"""What people did: who, when, to what, and what it changed."""

from typing import Final

from typing_extensions import TypedDict

from undertow.domain.json_text import NotJson
from undertow.ports import AuditRow, Place
from undertow.ports.places import place_of_audit
from undertow.services.strategy_changes import difference
from undertow.services.views.paging import Mark, page_of, write_cursor
from undertow.services.views.sources import Sources

LIST: Final = "audit"
_LONGEST: Final = 4_000
_ANYBODY: Final = ""


class AuditEntry(TypedDict):
    """``difference`` are the lines that the action changed, ``version`` what a changed document was stored as."""

    time_ms: int
    by: str
    action: str
    subject: str
    version: int | None
    difference: str


class AuditList(TypedDict):
    time_ms: int
    from_ms: int
    to_ms: int
    items: list[AuditEntry]
    next_cursor: str | None


def audit(sources: Sources, from_ms: int, to_ms: int, limit: int, after: Mark | None) -> AuditList:
    """Newest first."""
    place = None if after is None else Place(after.time_ms, after.key)
    rows = sources.kept.audit.recent(from_ms, to_ms, limit + 1, place)
    page = page_of(((_mark(row), row) for row in rows), limit)
    return {
        "time_ms": sources.clock.now_ms(),
        "from_ms": from_ms,
        "to_ms": to_ms,
        "items": [_entry(row) for row in page.rows],
        "next_cursor": None if page.next is None else write_cursor(LIST, page.next),
    }


def _mark(row: AuditRow) -> Mark:
    place = place_of_audit(row)
    return Mark(place.time_ms, _ANYBODY, place.key)


def _entry(row: AuditRow) -> AuditEntry:
    return {
        "time_ms": row.time_ms,
        "by": row.by,
        "action": row.action,
        "subject": row.subject,
        "version": row.version or None,
        "difference": _difference(row),
    }


def _difference(row: AuditRow) -> str:
    """Of texts that are no documents, the texts themselves."""
    try:
        told = difference(row.before, row.after)
    except NotJson:
        told = f"-{row.before}\n+{row.after}"
    return told if len(told) <= _LONGEST else told[:_LONGEST] + "\n..."
