"""A strategy's history and its trade sessions: nothing in either is ever deleted."""

from collections.abc import Mapping
from typing import Final

from undertow.api.call import LONGEST_REASON, MOST_VERSIONS, Answer, Call
from undertow.api.strategy_answers import ChangedDocument, changed_document, seen_version, strategy_named
from undertow.domain.ids import AccountId, StrategyId
from undertow.domain.json_text import Json, read_json
from undertow.services.console import Console
from undertow.services.strategy_changes import StrategyChange
from undertow.services.views.sessions import session_row, sessions

_SHOWN: Final = 50


def _changes(console: Console, call: Call) -> dict[str, Json]:
    """Newest first: who changed what and when, with the differing lines and the whole document to restore."""
    name = strategy_named(call)
    limit = call.given.whole("limit", _SHOWN, 1, 500)
    call.given.done()
    found = console.configure.changes(name)
    return {
        "time_ms": console.sources.clock.now_ms(),
        "strategy": name,
        "changes": [_change(change) for change in found[:limit]],
        "truncated": len(found) > limit,
    }


def _change(change: StrategyChange) -> dict[str, Json]:
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


def _sessions(console: Console, call: Call) -> dict[str, Json]:
    account, strategy = call.given.account(), call.given.strategy()
    call.given.done()
    return sessions(console.sources, account, strategy)


def _start_fresh(console: Console, call: Call) -> dict[str, Json]:
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
