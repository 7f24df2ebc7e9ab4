"""Commissions, funding and transfers, one by one and in sums."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from undertow.domain.accounting.capital import capital
from undertow.domain.accounting.profit import QUOTE, Grouping, Line, grouped, total, within
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.income import Income, IncomeKind
from undertow.domain.numbers import ZERO, plain
from undertow.ports import Place
from undertow.services.read_books import FOR_PROFIT, AccountBooks, read_books
from undertow.services.views.cash_rows import (
    AccountCommissions,
    AccountFunding,
    AccountTransfers,
    CashAccount,
    CashHead,
    Commissions,
    FundingFees,
    Transfers,
    flow_row,
    income_row,
)
from undertow.services.views.money import amounts, over_range, reach
from undertow.services.views.paging import Mark, page_of
from undertow.services.views.sources import Sources

FUNDING: Final = "funding-fees"
TRANSFERS: Final = "transfers"


@dataclass(frozen=True, slots=True)
class CashQuery:
    """``limit`` bounds the rows that are listed one by one, newest first; sums are of the whole range."""

    from_ms: int
    to_ms: int
    limit: int
    account: AccountId | None = None
    symbol: Symbol | None = None
    after: Mark | None = None

    def holds(self, time_ms: int) -> bool:
        return self.from_ms <= time_ms <= self.to_ms


def commissions(sources: Sources, query: CashQuery) -> Commissions:
    """Costs are positive. They are counted from the trades; what the venue lists as commission is the cross-check."""
    now_ms = sources.clock.now_ms()
    read = _read(sources, query, now_ms, IncomeKind.COMMISSION)
    return {**_head(query, now_ms), "accounts": [_commissions_of(one, query, now_ms) for one in read]}


def funding_fees(sources: Sources, query: CashQuery) -> FundingFees:
    """Positive was received. Each payment is shared once among the sides that were open at its moment."""
    now_ms = sources.clock.now_ms()
    return {
        **_head(query, now_ms),
        "accounts": [_funding_of(one, query, now_ms) for one in _read(sources, query, now_ms)],
    }


def transfers(sources: Sources, query: CashQuery) -> Transfers:
    """Deposits (positive), withdrawals, and what people entered as either."""
    now_ms = sources.clock.now_ms()
    read = _read(sources, query, now_ms)
    return {**_head(query, now_ms), "accounts": [_transfers_of(one, query, now_ms) for one in read]}


def _head(query: CashQuery, now_ms: int) -> CashHead:
    return {**over_range(now_ms, query.from_ms, query.to_ms), "quote": QUOTE}


def _read(sources: Sources, query: CashQuery, now_ms: int, *more: IncomeKind) -> Iterator[AccountBooks]:
    for account in sources.accounts(query.account):
        yield read_books(sources.kept, account, now_ms, FOR_PROFIT | {*more})


def _heading(read: AccountBooks, now_ms: int) -> CashAccount:
    return {"account": read.account.id, "mode": read.account.mode, "imports": reach(read, now_ms)}


# --- commissions ----------------------------------------------------------------------------------------------------


def _commissions_of(read: AccountBooks, query: CashQuery, now_ms: int) -> AccountCommissions:
    fills = [fill for fill in read.trades if query.holds(fill.time_ms) and query.symbol in (None, fill.symbol)]
    listed = _incomes(read, query, IncomeKind.COMMISSION)
    paid = _by_asset((fill.commission_asset, fill.commission) for fill in fills)
    lines = [
        line for line in within(read.books.lines, query.from_ms, query.to_ms) if query.symbol in (None, line.symbol)
    ]
    by_symbol = grouped((line for line in lines if line.trades or line.commission), Grouping.SYMBOL)
    return {
        **_heading(read, now_ms),
        "commissions": amounts(paid),
        "maker": amounts(_by_asset((fill.commission_asset, fill.commission) for fill in fills if fill.maker)),
        "taker": amounts(_by_asset((fill.commission_asset, fill.commission) for fill in fills if not fill.maker)),
        "by_symbol": [
            {"symbol": name or None, "commissions": plain(one.commission), "volume": plain(one.volume)}
            for name, one in by_symbol.items()
        ],
        "listed_by_venue": amounts(_costs(listed)),
        "difference": amounts(_difference(paid, _costs(listed))),
    }


def _costs(listed: Iterable[Income]) -> dict[str, Decimal]:
    return _by_asset((row.asset, -row.amount) for row in listed)


def _difference(counted: Mapping[str, Decimal], listed: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """By asset; what agrees is not in it."""
    apart = {asset: counted.get(asset, ZERO) - listed.get(asset, ZERO) for asset in counted.keys() | listed.keys()}
    return {asset: amount for asset, amount in apart.items() if amount}


# --- funding --------------------------------------------------------------------------------------------------------


def _funding_of(read: AccountBooks, query: CashQuery, now_ms: int) -> AccountFunding:
    rows = _incomes(read, query, IncomeKind.FUNDING)
    lines = [
        line
        for line in within(read.books.lines, query.from_ms, query.to_ms)
        if line.funding and query.symbol in (None, line.symbol)
    ]
    page = page_of(_newest(read, query, [(Place(row.time_ms, row.key), row) for row in rows]), query.limit)
    return {
        **_heading(read, now_ms),
        "funding": plain(total(lines).funding),
        "received": plain(sum((line.funding for line in lines if line.funding > 0), ZERO)),
        "paid": plain(-sum((line.funding for line in lines if line.funding < 0), ZERO)),
        "apart": amounts(_by_asset((row.asset, row.amount) for row in rows if row.asset != QUOTE)),
        "payments": len(rows),
        "by_symbol": [{"symbol": name, "funding": paid} for name, paid in _funding_by(lines, Grouping.SYMBOL)],
        "by_side": [{"side": name, "funding": paid} for name, paid in _funding_by(lines, Grouping.SIDE)],
        "by_strategy": [{"strategy": name, "funding": paid} for name, paid in _funding_by(lines, Grouping.STRATEGY)],
        "by_day": [{"day": name, "funding": paid} for name, paid in _funding_by(lines, Grouping.DAY)],
        "rows": [income_row(row) for row in page.rows],
        "next_cursor": page.cursor(FUNDING),
    }


def _funding_by(lines: Iterable[Line], by: Grouping) -> Iterator[tuple[str | None, str]]:
    return ((name or None, plain(one.funding)) for name, one in grouped(lines, by).items())


Row = TypeVar("Row")


def _newest(read: AccountBooks, query: CashQuery, rows: Iterable[tuple[Place, Row]]) -> Iterator[tuple[Mark, Row]]:
    """From where the page before ended, newest first."""
    account = read.account.id
    for place, row in sorted(rows, key=lambda found: found[0], reverse=True):
        mark = Mark(place.time_ms, account, place.key)
        if query.after is None or mark < query.after:
            yield mark, row


# --- transfers ------------------------------------------------------------------------------------------------------


def _transfers_of(read: AccountBooks, query: CashQuery, now_ms: int) -> AccountTransfers:
    flows = [flow for flow in read.books.flows if query.holds(flow.time_ms)]
    coming = [flow for flow in flows if flow.amount > 0]
    going = [flow for flow in flows if flow.amount < 0]
    page = page_of(_newest(read, query, [(Place(flow.time_ms, flow.id), flow) for flow in flows]), query.limit)
    return {
        **_heading(read, now_ms),
        "deposits": amounts(capital(coming)),
        "withdrawals": amounts({asset: -amount for asset, amount in capital(going).items()}),
        "deposited_ever": amounts(capital(read.books.flows)),
        "rows": [flow_row(flow) for flow in page.rows],
        "next_cursor": page.cursor(TRANSFERS),
    }


def _incomes(read: AccountBooks, query: CashQuery, kind: IncomeKind) -> list[Income]:
    return [
        row
        for row in read.incomes
        if row.kind is kind and query.holds(row.time_ms) and query.symbol in (None, row.symbol)
    ]


def _by_asset(rows: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for asset, amount in rows:
        sums[asset] += amount
    return dict(sums)
