"""Profit and loss, what it is made of, and what people add to it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from typing_extensions import TypedDict

from undertow.api.call import DAY_MS, LONGEST_REASON, Answer, Call, moments
from undertow.api.given import Given
from undertow.api.pages import wanted_page
from undertow.domain.accounting.profit import Grouping
from undertow.domain.ids import AccountId
from undertow.domain.income import IncomeKind
from undertow.services.console import Console
from undertow.services.views.adjustments import (
    ADJUSTMENTS,
    AdjustmentQuery,
    AdjustmentRow,
    Adjustments,
    adjustment_row,
    adjustments,
)
from undertow.services.views.balance_history import BalanceHistory, balance_history
from undertow.services.views.cash import FUNDING, TRANSFERS, CashQuery, commissions, funding_fees, transfers
from undertow.services.views.cash_rows import Commissions, FundingFees, Transfers
from undertow.services.views.imports import Imports, imports
from undertow.services.views.pnl import Pnl, PnlQuery, pnl

LONGEST_MS: Final = 10 * 366 * DAY_MS
"""Ten years: whoever asks for more has mistaken seconds for milliseconds."""
_USUAL_MS: Final = 30 * DAY_MS
_LONGEST_CURVE_MS: Final = 2 * 366 * DAY_MS


class EnteredAdjustment(TypedDict):
    adjustment: AdjustmentRow


def _pnl(console: Console, call: Call) -> Pnl:
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


def _commissions(console: Console, call: Call) -> Commissions:
    """Costs, counted from the trades, beside what the venue lists as commission."""
    given = call.given
    from_ms, to_ms = moments(console, given, _USUAL_MS, LONGEST_MS)
    query = CashQuery(from_ms, to_ms, 0, given.account(), given.symbol())
    given.done()
    return commissions(console.sources, query)


def _funding_fees(console: Console, call: Call) -> FundingFees:
    """Funding, positive where it was received. Each account has a ``next_cursor``: give the account's name with it."""
    given = call.given
    from_ms, to_ms = moments(console, given, _USUAL_MS, LONGEST_MS)
    query = _of_one_account(given, FUNDING, CashQuery(from_ms, to_ms, 0, given.account(), given.symbol()))
    given.done()
    return funding_fees(console.sources, query)


def _transfers(console: Console, call: Call) -> Transfers:
    """What came in and went out. Each account has a ``next_cursor``: give the account's name with it."""
    given = call.given
    from_ms, to_ms = moments(console, given, _USUAL_MS, LONGEST_MS)
    query = _of_one_account(given, TRANSFERS, CashQuery(from_ms, to_ms, 0, given.account()))
    given.done()
    return transfers(console.sources, query)


def _of_one_account(given: Given, name: str, query: CashQuery) -> CashQuery:
    page = wanted_page(given, name, 200, 1_000)
    if page.after is not None and page.after.account != query.account:
        given.complain("account", f"the account whose page ended with the cursor: {page.after.account[:40]}")
    return replace(query, limit=page.limit, after=page.after)


def _balance_history(console: Console, call: Call) -> BalanceHistory:
    from_ms, to_ms = moments(console, call.given, 7 * DAY_MS, _LONGEST_CURVE_MS)
    only = call.given.account()
    call.given.done()
    return balance_history(console.sources, only, from_ms, to_ms)


def _imports(console: Console, call: Call) -> Imports:
    only = call.given.account()
    call.given.done()
    return imports(console.sources, only)


def _adjustments(console: Console, call: Call) -> Adjustments:
    """What people entered into the books, oldest first, revoked entries too."""
    given = call.given
    only, page = given.account(), wanted_page(given, ADJUSTMENTS, 200, 1_000)
    given.done()
    return adjustments(console.sources, AdjustmentQuery(only, page.limit, page.after))


def _add_adjustment(console: Console, call: Call) -> EnteredAdjustment:
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


def _revoke_adjustment(console: Console, call: Call) -> EnteredAdjustment:
    account = call.given.account(required=True)
    call.given.done()
    (found,) = console.sources.accounts(AccountId(str(account)))
    revoked = console.adjust.revoke(found.id, call.path["adjustment_id"], call.by)
    return {"adjustment": adjustment_row(revoked)}


ANSWERS: Final[Mapping[str, Answer]] = {
    "pnl": _pnl,
    "commissions": _commissions,
    "funding_fees": _funding_fees,
    "transfers": _transfers,
    "balance_history": _balance_history,
    "imports": _imports,
    "adjustments": _adjustments,
    "add_adjustment": _add_adjustment,
    "revoke_adjustment": _revoke_adjustment,
}
