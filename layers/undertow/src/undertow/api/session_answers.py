"""A strategy's history and its trade sessions: nothing in either is ever deleted."""

from collections.abc import Mapping
from typing import Final

from typing_extensions import TypedDict

from undertow.api.call import LONGEST_REASON, MOST_VERSIONS, Answer, Call
from undertow.api.pages import wanted_page
from undertow.api.strategy_answers import ChangedDocument, changed_document, seen_version, strategy_named
from undertow.domain.ids import AccountId, StrategyId
from undertow.domain.json_text import read_json
from undertow.services.console import Console
from undertow.services.strategy_changes import StrategyChange
from undertow.services.views.paging import Mark, page_of
from undertow.services.views.render import EpochMs
from undertow.services.views.sessions import SESSIONS, SessionQuery, SessionRow, Sessions, session_row, sessions

_SHOWN: Final = 50
CHANGES: Final = "changes"


class ChangeRow(TypedDict):
    """``difference`` are the lines that differ; ``document`` is the whole afterwards, null when it was removed."""

    version: int
    time_ms: EpochMs
    by: str
    action: str
    difference: str
    document: object


class StrategyChanges(TypedDict):
    time_ms: EpochMs
    strategy: str
    changes: list[ChangeRow]
    next_cursor: str | None


class StartedFresh(TypedDict):
    """``archived`` is null where no session was open."""

    archived: SessionRow | None
    opened: SessionRow


def _changes(console: Console, call: Call) -> StrategyChanges:
    """Newest first: who changed what and when, with the differing lines and the whole document to restore."""
    name = strategy_named(call)
    wanted = wanted_page(call.given, CHANGES, _SHOWN, 500)
    call.given.done()
    found = ((Mark(change.version, "", name), change) for change in console.configure.changes(name))
    page = page_of((one for one in found if wanted.after is None or one[0] < wanted.after), wanted.limit)
    return {
        "time_ms": console.sources.clock.now_ms(),
        "strategy": name,
        "changes": [_change(change) for change in page.rows],
        "next_cursor": page.cursor(CHANGES),
    }


def _change(change: StrategyChange) -> ChangeRow:
    return {
        "version": change.version,
        "time_ms": change.time_ms,
        "by": change.by,
        "action": change.action,
        "difference": change.difference,
        "document": read_json(change.after) if change.after else None,
    }


def _restore(console: Console, call: Call) -> ChangedDocument:
    """An earlier version becomes the newest one, under today's checks. If-Match names the version that is there."""
    name, expected = strategy_named(call), seen_version(call)
    version = call.given.whole("version", None, 1, MOST_VERSIONS)
    confirmed = call.given.flag("confirm", False)
    call.given.done()
    return changed_document(console.configure.restore(name, version, expected, call.by, confirmed=confirmed))


def _sessions(console: Console, call: Call) -> Sessions:
    """Trade sessions, newest first, and what the positions opened in each have earned."""
    given = call.given
    account, strategy, page = given.account(), given.strategy(), wanted_page(given, SESSIONS, 100, 500)
    given.done()
    return sessions(console.sources, SessionQuery(account, strategy, page.limit, page.after))


def _start_fresh(console: Console, call: Call) -> StartedFresh:
    """Archives the strategy's session and opens a new one. Nothing is deleted."""
    account, strategy = call.given.account(required=True), call.given.strategy(required=True)
    note = call.given.words("note", "", LONGEST_REASON)
    call.given.done()
    (found,) = console.sources.accounts(AccountId(str(account)))
    archived, opened = console.sessions.start_fresh(found.id, StrategyId(str(strategy)), call.by, note)
    return {"archived": None if archived is None else session_row(archived), "opened": session_row(opened)}


ANSWERS: Final[Mapping[str, Answer]] = {
    "strategy_changes": _changes,
    "restore_strategy": _restore,
    "sessions": _sessions,
    "start_fresh": _start_fresh,
}
