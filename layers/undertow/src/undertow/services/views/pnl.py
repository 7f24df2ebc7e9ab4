"""Profit and loss of each account, what its capital did, and whether the records explain the wallet."""

from collections.abc import Sequence
from dataclasses import dataclass

from undertow.domain.account import Account, Balance
from undertow.domain.accounting.capital import capital, simple_return_pct
from undertow.domain.accounting.profit import QUOTE, Grouping, Line, grouped, total, within
from undertow.domain.accounting.returns import NoReturn, drawdown, sharpe
from undertow.domain.accounting.trips import RoundTrip, record_of
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.json_text import Json
from undertow.domain.numbers import ZERO, plain
from undertow.domain.session import SessionId
from undertow.services.check_books import settled_balance, wallet_check
from undertow.services.read_books import AccountBooks, read_books
from undertow.services.views import render
from undertow.services.views.equity import equity_history
from undertow.services.views.money import moment, outcomes, percent, ratio, reach, sums
from undertow.services.views.sources import Sources


@dataclass(frozen=True, slots=True)
class PnlQuery:
    """Both ends of the range are included. ``by`` None asks for no groups."""

    from_ms: int
    to_ms: int
    account: AccountId | None = None
    session: SessionId | None = None
    symbol: Symbol | None = None
    by: Grouping | None = None

    @property
    def is_whole(self) -> bool:
        """Capital and returns are of an account: they cannot be told of a part of it."""
        return self.session is None and self.symbol is None

    def lines(self, read: AccountBooks) -> list[Line]:
        found = within(read.books.lines, self.from_ms, self.to_ms)
        return [
            line for line in found if self.session in (None, line.owner.session) and self.symbol in (None, line.symbol)
        ]

    def trips(self, read: AccountBooks) -> list[RoundTrip]:
        found = read.books.closed_trips(self.from_ms, self.to_ms)
        return [
            trip for trip in found if self.session in (None, trip.owner.session) and self.symbol in (None, trip.symbol)
        ]


def pnl(sources: Sources, query: PnlQuery) -> dict[str, Json]:
    """Account by account: the money of different accounts and modes is never added up."""
    now_ms = sources.clock.now_ms()
    return {
        **moment("time", now_ms),
        **moment("from", query.from_ms),
        **moment("to", query.to_ms),
        "quote": QUOTE,
        "by": None if query.by is None else query.by.value,
        "accounts": [_account(sources, found, query, now_ms) for found in sources.accounts(query.account)],
    }


def _account(sources: Sources, account: Account, query: PnlQuery, now_ms: int) -> dict[str, Json]:
    read = read_books(sources.kept, account, now_ms)
    lines = query.lines(read)
    return {
        "account": account.id,
        "mode": account.mode.value,
        **sums(total(lines)),
        "round_trips": outcomes(record_of(query.trips(read))),
        "groups": [] if query.by is None else _groups(lines, query.by),
        "capital": _capital(sources, read, now_ms) if query.is_whole else None,
        "returns": _returns(sources, read, query) if query.is_whole else None,
        "unexplained": _unexplained(sources, read) if query.is_whole else None,
        "cutoff": _cutoff(read, query),
        "imports": reach(read, now_ms),
    }


def _groups(lines: Sequence[Line], by: Grouping) -> list[Json]:
    """The key is null for what belongs to none: external positions, income without a symbol."""
    return [{by.value: key or None, **sums(profit)} for key, profit in grouped(lines, by).items()]


def _cutoff(read: AccountBooks, query: PnlQuery) -> dict[str, Json]:
    """Entries without a time stand for what was before the account's first record, and count before it only."""
    cutoff_ms = read.books.cutoff_ms
    counted = cutoff_ms is not None and query.from_ms < cutoff_ms
    return {**moment("cutoff", cutoff_ms), "entries_before_counted": counted}


def _capital(sources: Sources, read: AccountBooks, now_ms: int) -> dict[str, Json]:
    """Of the account's whole life, whatever the range."""
    balance = sources.kept.balances.latest(read.account.id)
    deposited = capital(read.books.flows)
    in_quote = deposited.get(QUOTE, ZERO)
    return {
        "deposited": plain(in_quote),
        "deposited_apart": {asset: plain(amount) for asset, amount in deposited.items() if asset != QUOTE},
        "wallet": None if balance is None else plain(balance.wallet),
        "unrealized": None if balance is None else plain(balance.unrealized),
        "equity": None if balance is None else plain(balance.equity),
        "simple_return_pct": None if balance is None else percent(simple_return_pct(balance.equity, in_quote)),
        "balance": None if balance is None else render.aged(balance.time_ms, now_ms, "venue, as last reconciled"),
    }


def _returns(sources: Sources, read: AccountBooks, query: PnlQuery) -> dict[str, Json]:
    """Over the range, from the readings of the balance within it, net of deposits and withdrawals."""
    first_ms = query.from_ms if read.books.cutoff_ms is None else max(query.from_ms, read.books.cutoff_ms)
    history = equity_history(
        sources.kept.balances, read.account.id, min(first_ms, query.to_ms), query.to_ms, read.books.flows
    )
    told: dict[str, Json] = {
        "readings": len(history.balances),
        "step_ms": history.step_ms,
        **moment("first", _time_of(history.balances[:1])),
        **moment("last", _time_of(history.balances[-1:])),
    }
    nothing: dict[str, Json] = {"time_weighted_pct": None, "drawdown": None, "sharpe": None}
    try:
        found = history.curve(read.books.flows)
    except NoReturn as error:
        return {**told, **nothing, "reason": str(error)}
    if len(history.balances) < 2:
        return {**told, **nothing, "reason": "the balance was read less than twice in this range"}
    fall = drawdown(found)
    return {
        **told,
        "time_weighted_pct": percent(found.time_weighted_pct),
        "drawdown": None
        if fall is None
        else {
            "pct": percent(fall.pct),
            "amount": plain(fall.amount),
            **moment("peak", fall.peak_ms),
            **moment("trough", fall.trough_ms),
        },
        "sharpe": ratio(sharpe(found)),
        "reason": None,
    }


def _time_of(some: Sequence[Balance]) -> int | None:
    return some[0].time_ms if some else None


def _unexplained(sources: Sources, read: AccountBooks) -> dict[str, Json]:
    """Of the last moment up to which everything is imported, as the scheduled check has it."""
    balance = settled_balance(sources.kept.balances, read.account, read.complete_to_ms)
    if balance is None:
        reason = (
            "nothing is imported yet" if read.complete_to_ms is None else "no balance was read before the last import"
        )
        return {"amount": None, "tolerance": None, "alarms": None, **moment("as_of", None), "reason": reason}
    found = wallet_check(read, balance)
    check = found.check
    return {
        "amount": plain(check.unexplained),
        "tolerance": plain(check.tolerance),
        "alarms": check.alarms,
        **moment("as_of", found.as_of_ms),
        "reason": None,
    }
