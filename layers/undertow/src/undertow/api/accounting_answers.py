"""Profit and loss, what it is made of, and what people add to it."""

from collections.abc import Callable, Mapping
from typing import Final

from undertow.api.call import DAY_MS, LONGEST_REASON, Answer, Call, moments
from undertow.domain.accounting.profit import Grouping
from undertow.domain.ids import AccountId
from undertow.domain.income import IncomeKind
from undertow.domain.json_text import Json
from undertow.services.console import Console
from undertow.services.views.adjustments import adjustment_row, adjustments
from undertow.services.views.balance_history import balance_history
from undertow.services.views.cash import CashQuery, commissions, funding_fees, transfers
from undertow.services.views.imports import imports
from undertow.services.views.pnl import PnlQuery, pnl
from undertow.services.views.sources import Sources

LONGEST_MS: Final = 10 * 366 * DAY_MS
"""Ten years: whoever asks for more has mistaken seconds for milliseconds."""
_USUAL_MS: Final = 30 * DAY_MS
_LONGEST_CURVE_MS: Final = 2 * 366 * DAY_MS


def _pnl(console: Console, call: Call) -> dict[str, Json]:
    given = call.given
    from_ms, to_ms = moments(console, given, _USUAL_MS, LONGEST_MS)
    query = PnlQuery(
        from_ms=from_ms,
        to_ms=to_ms,
        account=given.account(),
        session=given.session(),
        symbol=given.symbol(),
        by=given.choice("by", Grouping),
    )
    given.done()
    return pnl(console.sources, query)


def _cash(view: Callable[[Sources, CashQuery], dict[str, Json]], by_symbol: bool) -> Answer:
    def answer(console: Console, call: Call) -> dict[str, Json]:
        given = call.given
        from_ms, to_ms = moments(console, given, _USUAL_MS, LONGEST_MS)
        limit = given.whole("limit", 200, 1, 1_000)
        query = CashQuery(from_ms, to_ms, limit, given.account(), given.symbol() if by_symbol else None)
        given.done()
        return view(console.sources, query)

    return answer


def _balance_history(console: Console, call: Call) -> dict[str, Json]:
    from_ms, to_ms = moments(console, call.given, 7 * DAY_MS, _LONGEST_CURVE_MS)
    only = call.given.account()
    call.given.done()
    return balance_history(console.sources, only, from_ms, to_ms)


def _imports(console: Console, call: Call) -> dict[str, Json]:
    only = call.given.account()
    call.given.done()
    return imports(console.sources, only)


def _adjustments(console: Console, call: Call) -> dict[str, Json]:
    only = call.given.account()
    call.given.done()
    return adjustments(console.sources, only)


def _add_adjustment(console: Console, call: Call) -> dict[str, Json]:
    """``at`` is when it counts; without it, it stands for everything before the account's first record."""
    given = call.given
    account = given.account(required=True)
    kind = given.chosen("kind", IncomeKind)
    amount = given.sum("amount")
    at_ms = given.moment("at", None)
    note = given.words("note", None, LONGEST_REASON)
    given.done()
    (found,) = console.sources.accounts(AccountId(str(account)))
    entered = console.adjust.add(found.id, kind, amount, at_ms, note, call.by)
    return {"adjustment": adjustment_row(entered)}


def _revoke_adjustment(console: Console, call: Call) -> dict[str, Json]:
    account = call.given.account(required=True)
    call.given.done()
    (found,) = console.sources.accounts(AccountId(str(account)))
    revoked = console.adjust.revoke(found.id, call.path["adjustment_id"], call.by)
    return {"adjustment": adjustment_row(revoked)}


ANSWERS: Final[Mapping[str, Answer]] = {
    "pnl": _pnl,
    "commissions": _cash(commissions, by_symbol=True),
    "funding_fees": _cash(funding_fees, by_symbol=True),
    "transfers": _cash(transfers, by_symbol=False),
    "balance_history": _balance_history,
    "imports": _imports,
    "adjustments": _adjustments,
    "add_adjustment": _add_adjustment,
    "revoke_adjustment": _revoke_adjustment,
}
