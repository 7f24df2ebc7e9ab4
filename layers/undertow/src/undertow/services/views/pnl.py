"""Profit and loss of each account, what its capital did, and whether the records explain the wallet."""

from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import TypedDict

from undertow.domain.account import Account, Balance, Mode
from undertow.domain.accounting.capital import capital, simple_return_pct
from undertow.domain.accounting.profit import QUOTE, Grouping, Line, grouped, total, within
from undertow.domain.accounting.returns import Drawdown, NoReturn, drawdown, sharpe
from undertow.domain.accounting.trips import RoundTrip, record_of
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.numbers import ZERO, plain
from undertow.domain.session import SessionId
from undertow.domain.times import utc_text
from undertow.services.check_books import settled_balance, wallet_check
from undertow.services.read_books import AccountBooks, read_books
from undertow.services.views import render
from undertow.services.views.equity import equity_history
from undertow.services.views.money import (
    OverRange,
    Reach,
    RoundTrips,
    Sums,
    outcomes,
    over_range,
    percent,
    ratio,
    reach,
    sums,
    utc,
)
from undertow.services.views.render import Aged, EpochMs, Figure
from undertow.services.views.sources import Sources


class PnlGroup(Sums):
    """The sums of one day, symbol, side, strategy, ...; ``key`` is null for what belongs to none."""

    key: str | None


class Cutoff(TypedDict):
    """Entries without a time stand for what was before the account's first record, and count before it only."""

    cutoff: str | None
    cutoff_ms: EpochMs | None
    entries_before_counted: bool


class Capital(TypedDict):
    """Of the account's whole life, whatever the range."""

    deposited: Figure
    deposited_apart: dict[str, Figure]
    wallet: Figure | None
    unrealized: Figure | None
    equity: Figure | None
    simple_return_pct: Figure | None
    balance: Aged | None


class Fall(TypedDict):
    """The deepest fall of equity from a peak."""

    pct: Figure | None
    amount: Figure
    peak: str
    peak_ms: EpochMs
    trough: str
    trough_ms: EpochMs


class Readings(TypedDict):
    readings: int
    step_ms: int | None
    first: str | None
    first_ms: EpochMs | None
    last: str | None
    last_ms: EpochMs | None


class Returns(Readings):
    """From the readings of the balance within the range, net of deposits and withdrawals; ``reason`` says why not."""

    time_weighted_pct: Figure | None
    drawdown: Fall | None
    sharpe: Figure | None
    reason: str | None


class Unexplained(TypedDict):
    """What of the wallet the records do not explain, of the last moment up to which everything is imported."""

    amount: Figure | None
    tolerance: Figure | None
    alarms: bool | None
    as_of: str | None
    as_of_ms: EpochMs | None
    reason: str | None


class AccountPnl(Sums):
    """``capital``, ``returns`` and ``unexplained`` are null for a part of an account: they are of a whole one."""

    account: str
    mode: Mode
    round_trips: RoundTrips
    groups: list[PnlGroup]
    capital: Capital | None
    returns: Returns | None
    unexplained: Unexplained | None
    cutoff: Cutoff
    imports: Reach


class Pnl(OverRange):
    quote: str
    by: Grouping | None
    accounts: list[AccountPnl]


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


def pnl(sources: Sources, query: PnlQuery) -> Pnl:
    """Account by account: the money of different accounts and modes is never added up."""
    now_ms = sources.clock.now_ms()
    return {
        **over_range(now_ms, query.from_ms, query.to_ms),
        "quote": QUOTE,
        "by": query.by,
        "accounts": [_account(sources, found, query, now_ms) for found in sources.accounts(query.account)],
    }


def _account(sources: Sources, account: Account, query: PnlQuery, now_ms: int) -> AccountPnl:
    read = read_books(sources.kept, account, now_ms)
    lines = query.lines(read)
    return {
        "account": account.id,
        "mode": account.mode,
        **sums(total(lines)),
        "round_trips": outcomes(record_of(query.trips(read))),
        "groups": [] if query.by is None else _groups(lines, query.by),
        "capital": _capital(sources, read, now_ms) if query.is_whole else None,
        "returns": _returns(sources, read, query) if query.is_whole else None,
        "unexplained": _unexplained(sources, read) if query.is_whole else None,
        "cutoff": _cutoff(read, query),
        "imports": reach(read, now_ms),
    }


def _groups(lines: Sequence[Line], by: Grouping) -> list[PnlGroup]:
    """The key is null for what belongs to none: external positions, income without a symbol."""
    return [{"key": key or None, **sums(profit)} for key, profit in grouped(lines, by).items()]


def _cutoff(read: AccountBooks, query: PnlQuery) -> Cutoff:
    cutoff_ms = read.books.cutoff_ms
    counted = cutoff_ms is not None and query.from_ms < cutoff_ms
    return {"cutoff": utc(cutoff_ms), "cutoff_ms": cutoff_ms, "entries_before_counted": counted}


def _capital(sources: Sources, read: AccountBooks, now_ms: int) -> Capital:
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


def _returns(sources: Sources, read: AccountBooks, query: PnlQuery) -> Returns:
    first_ms = query.from_ms if read.books.cutoff_ms is None else max(query.from_ms, read.books.cutoff_ms)
    history = equity_history(
        sources.kept.balances, read.account.id, min(first_ms, query.to_ms), query.to_ms, read.books.flows
    )
    first_read_ms, last_read_ms = _time_of(history.balances[:1]), _time_of(history.balances[-1:])
    told: Readings = {
        "readings": len(history.balances),
        "step_ms": history.step_ms,
        "first": utc(first_read_ms),
        "first_ms": first_read_ms,
        "last": utc(last_read_ms),
        "last_ms": last_read_ms,
    }
    try:
        found = history.curve(read.books.flows)
    except NoReturn as error:
        return _no_returns(told, str(error))
    if len(history.balances) < 2:
        return _no_returns(told, "the balance was read less than twice in this range")
    return {
        **told,
        "time_weighted_pct": percent(found.time_weighted_pct),
        "drawdown": _fall(drawdown(found)),
        "sharpe": ratio(sharpe(found)),
        "reason": None,
    }


def _no_returns(told: Readings, reason: str) -> Returns:
    return {**told, "time_weighted_pct": None, "drawdown": None, "sharpe": None, "reason": reason}


def _fall(fall: Drawdown | None) -> Fall | None:
    if fall is None:
        return None
    return {
        "pct": percent(fall.pct),
        "amount": plain(fall.amount),
        "peak": utc_text(fall.peak_ms),
        "peak_ms": fall.peak_ms,
        "trough": utc_text(fall.trough_ms),
        "trough_ms": fall.trough_ms,
    }


def _time_of(some: Sequence[Balance]) -> int | None:
    return some[0].time_ms if some else None


def _unexplained(sources: Sources, read: AccountBooks) -> Unexplained:
    """Of the last moment up to which everything is imported, as the scheduled check has it."""
    balance = settled_balance(sources.kept.balances, read.account, read.complete_to_ms)
    if balance is None:
        reason = (
            "nothing is imported yet" if read.complete_to_ms is None else "no balance was read before the last import"
        )
        return {"amount": None, "tolerance": None, "alarms": None, "as_of": None, "as_of_ms": None, "reason": reason}
    found = wallet_check(read, balance)
    check = found.check
    return {
        "amount": plain(check.unexplained),
        "tolerance": plain(check.tolerance),
        "alarms": check.alarms,
        "as_of": utc_text(found.as_of_ms),
        "as_of_ms": found.as_of_ms,
        "reason": None,
    }
