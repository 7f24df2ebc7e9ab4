"""The switches: tightening is always allowed and acts at once, loosening needs to have seen what is there."""

from collections.abc import Mapping
from typing import Final

from undertow.api.call import LONGEST_REASON, MOST_VERSIONS, Answer, Call
from undertow.api.problems import Problem
from undertow.domain.account import Account, Switch
from undertow.domain.ids import AccountId
from undertow.services.console import Console
from undertow.services.views.switches import Closing, Switches, closing, switches

LONGEST_NAME: Final = 32


def _pause(console: Console, call: Call) -> Switches:
    """Pauses one account, or all of them when none is named. One that is stricter already stays as it is."""
    return _tightened(console, call, Switch.PAUSED, "paused on the page")


def _close_only(console: Console, call: Call) -> Switches:
    """As a pause, and entries under way are cancelled. One account, or all of them when none is named."""
    return _tightened(console, call, Switch.CLOSE_ONLY, "set to close only on the page")


def _tightened(console: Console, call: Call, switch: Switch, usual_reason: str) -> Switches:
    only = call.given.account()
    reason = call.given.words("reason", usual_reason, LONGEST_REASON)
    call.given.done()
    accounts = [found.id for found in console.sources.accounts(only)]
    return switches(console.set_switch.tighten_all(accounts, switch, call.by, reason))


def _flatten(console: Console, call: Call) -> Switches:
    """Cancels entries and closes every position of one account at market, within a minute.

    Without ``confirm``, or with another name, it answers what would be closed and changes nothing.
    """
    given = call.given
    name = given.account(required=True)
    confirm = given.words("confirm", "", LONGEST_NAME)
    reason = given.words("reason", "flattened on the page", LONGEST_REASON)
    given.done()
    (found,) = console.sources.accounts(AccountId(str(name)))
    if confirm != found.id:
        raise _ask(found, closing(console.sources, found))
    return switches([console.set_switch.tighten(found.id, Switch.FLATTEN, call.by, reason)])


def _ask(account: Account, what: Closing) -> Problem:
    pnl = what["unrealized_pnl"]
    detail = (
        f"This closes {len(what['positions'])} position(s) of {account.id} ({account.mode.value}) at market: "
        f"notional {what['notional']} USDT, unrealised {'not known' if pnl is None else pnl + ' USDT'}. "
        "Give the account's name as confirm."
    )
    return Problem(409, "confirmation_needed", "Close everything?", detail, closing=what)


def _resume(console: Console, call: Call) -> Switches:
    """Needs the account's name and the version of the switch that the person has seen."""
    given = call.given
    name = given.account(required=True)
    seen = given.whole("version", None, 0, MOST_VERSIONS)
    reason = given.words("reason", "resumed on the page", LONGEST_REASON)
    given.done()
    (found,) = console.sources.accounts(AccountId(str(name)))
    return switches([console.resume(found, seen, call.by, reason)])


ANSWERS: Final[Mapping[str, Answer]] = {
    "pause": _pause,
    "close_only": _close_only,
    "flatten": _flatten,
    "resume": _resume,
}
