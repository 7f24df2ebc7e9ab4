"""Commissions, funding and transfers, one by one and in sums."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.account import Account
from undertow.domain.accounting.capital import Flow, capital
from undertow.domain.accounting.profit import QUOTE, Grouping, grouped, total, within
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.income import Income, IncomeKind
from undertow.domain.json_text import Json
from undertow.domain.numbers import ZERO, plain
from undertow.services.read_books import FOR_PROFIT, AccountBooks, read_books
from undertow.services.views.money import amounts, moment, reach
from undertow.services.views.sources import Sources


@dataclass(frozen=True, slots=True)
class CashQuery:
    """``limit`` bounds the rows that are listed one by one, newest first; sums are of the whole range."""

    from_ms: int
    to_ms: int
    limit: int
    account: AccountId | None = None
    symbol: Symbol | None = None

    def holds(self, time_ms: int) -> bool:
        return self.from_ms <= time_ms <= self.to_ms


_Part = Callable[[AccountBooks, CashQuery], dict[str, Json]]


def commissions(sources: Sources, query: CashQuery) -> dict[str, Json]:
    """Costs are positive. They are counted from the trades; what the venue lists as commission is the cross-check."""
    return _answer(sources, query, _commissions_of, IncomeKind.COMMISSION)


def funding_fees(sources: Sources, query: CashQuery) -> dict[str, Json]:
    """Positive was received. Each payment is shared once among the sides that were open at its moment."""
    return _answer(sources, query, _funding_of)


def transfers(sources: Sources, query: CashQuery) -> dict[str, Json]:
    """Deposits (positive), withdrawals, and what people entered as either."""
    return _answer(sources, query, _transfers_of)


def _answer(sources: Sources, query: CashQuery, of: _Part, *more: IncomeKind) -> dict[str, Json]:
    now_ms = sources.clock.now_ms()
    rows: list[Json] = []
    for account in sources.accounts(query.account):
        read = read_books(sources.kept, account, now_ms, FOR_PROFIT | {*more})
        rows.append({**_heading(account), **of(read, query), "imports": reach(read, now_ms)})
    return {
        **moment("time", now_ms),
        **moment("from", query.from_ms),
        **moment("to", query.to_ms),
        "quote": QUOTE,
        "accounts": rows,
    }


def _heading(account: Account) -> dict[str, Json]:
    return {"account": account.id, "mode": account.mode.value}


# --- commissions ----------------------------------------------------------------------------------------------------


def _commissions_of(read: AccountBooks, query: CashQuery) -> dict[str, Json]:
    fills = [fill for fill in read.trades if query.holds(fill.time_ms) and query.symbol in (None, fill.symbol)]
    listed = _incomes(read, query, IncomeKind.COMMISSION)
    paid = _by_asset((fill.commission_asset, fill.commission) for fill in fills)
    lines = [
        line for line in within(read.books.lines, query.from_ms, query.to_ms) if query.symbol in (None, line.symbol)
    ]
    by_symbol = grouped((line for line in lines if line.trades or line.commission), Grouping.SYMBOL)
    return {
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


def _funding_of(read: AccountBooks, query: CashQuery) -> dict[str, Json]:
    rows = _incomes(read, query, IncomeKind.FUNDING)
    lines = [
        line
        for line in within(read.books.lines, query.from_ms, query.to_ms)
        if line.funding and query.symbol in (None, line.symbol)
    ]
    return {
        "funding": plain(total(lines).funding),
        "received": plain(sum((line.funding for line in lines if line.funding > 0), ZERO)),
        "paid": plain(-sum((line.funding for line in lines if line.funding < 0), ZERO)),
        "apart": amounts(_by_asset((row.asset, row.amount) for row in rows if row.asset != QUOTE)),
        "payments": len(rows),
        **{
            f"by_{by.value}": [
                {by.value: name or None, "funding": plain(one.funding)} for name, one in grouped(lines, by).items()
            ]
            for by in (Grouping.SYMBOL, Grouping.SIDE, Grouping.STRATEGY, Grouping.DAY)
        },
        "rows": [_income_row(row) for row in reversed(rows[-query.limit :])],
        "truncated": len(rows) > query.limit,
    }


def _income_row(row: Income) -> dict[str, Json]:
    return {
        **moment("time", row.time_ms),
        "id": row.id,
        "symbol": row.symbol,
        "kind": row.kind.value,
        "venue_kind": row.venue_kind,
        "asset": row.asset,
        "amount": plain(row.amount),
        "info": row.info,
    }


# --- transfers ------------------------------------------------------------------------------------------------------


def _transfers_of(read: AccountBooks, query: CashQuery) -> dict[str, Json]:
    flows = [flow for flow in read.books.flows if query.holds(flow.time_ms)]
    coming = [flow for flow in flows if flow.amount > 0]
    going = [flow for flow in flows if flow.amount < 0]
    return {
        "deposits": amounts(capital(coming)),
        "withdrawals": amounts({asset: -amount for asset, amount in capital(going).items()}),
        "deposited_ever": amounts(capital(read.books.flows)),
        "rows": [flow_row(flow) for flow in reversed(flows[-query.limit :])],
        "truncated": len(flows) > query.limit,
    }


def flow_row(flow: Flow) -> dict[str, Json]:
    return {
        **moment("time", flow.time_ms),
        "amount": plain(flow.amount),
        "asset": flow.asset,
        "source": "entered by hand" if flow.adjustment else "venue",
        "adjustment": flow.adjustment or None,
        "note": flow.note,
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
