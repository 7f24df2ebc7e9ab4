"""The last days' profit and loss at a glance: by day and by symbol, and what is not realised yet.

Cheap enough to be asked every few seconds: it reads the range and nothing before it. ``/api/pnl`` tells the rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.account import Account
from undertow.domain.accounting.books import History, books_of
from undertow.domain.accounting.legs import union
from undertow.domain.accounting.profit import QUOTE, Grouping, Line, Profit, grouped, total
from undertow.domain.accounting.trips import RoundTrip, record_of
from undertow.domain.ids import AccountId
from undertow.domain.numbers import ZERO, plain
from undertow.domain.position import Position
from undertow.services.read_books import FOR_PROFIT, quotes_of
from undertow.services.views import render
from undertow.services.views.marks import still_tells
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.sources import Sources

MOST_FILLS: Final = 5_000
MOST_POSITIONS: Final = 1_000


class Money(TypedDict):
    """What moved in another asset than the quote is shown beside, never added up with it."""

    realized_pnl: Figure
    fees: Figure
    funding: Figure
    other_income: Figure
    other_fees: dict[str, Figure]
    net_pnl: Figure
    volume: Figure
    fills: int


class MoneyOfDay(Money):
    day: str


class MoneyOfSymbol(Money):
    symbol: str


class Outcomes(TypedDict):
    """Of the ledger's positions, by what their fills tell: funding is told beside."""

    closed_positions: int
    wins: int
    losses: int
    win_rate_pct: Figure | None
    best: Figure | None
    worst: Figure | None


class Stats(Money, Outcomes):
    time_ms: EpochMs
    from_ms: EpochMs
    to_ms: EpochMs
    quote: str
    excludes: list[str]
    unrealized_pnl: Figure | None
    open_positions: int
    by_day: list[MoneyOfDay]
    by_symbol: list[MoneyOfSymbol]
    truncated: bool


@dataclass(frozen=True, slots=True)
class _Recent:
    """What one account did in the range."""

    lines: Sequence[Line]
    closed: Sequence[Position]
    unrealized: Decimal | None
    open_positions: int
    truncated: bool


def stats(sources: Sources, only: AccountId | None, from_ms: int, to_ms: int) -> Stats:
    recent = [_recent(sources, account, from_ms, to_ms) for account in sources.accounts(only)]
    lines = [line for one in recent for line in one.lines]
    known = [one.unrealized for one in recent]
    return {
        "time_ms": sources.clock.now_ms(),
        "from_ms": from_ms,
        "to_ms": to_ms,
        "quote": QUOTE,
        "excludes": ["entries by hand"],
        **_money(total(lines)),
        "unrealized_pnl": None if None in known else plain(sum((some for some in known if some is not None), ZERO)),
        "open_positions": sum(one.open_positions for one in recent),
        **_outcomes(position for one in recent for position in one.closed),
        "by_day": [{"day": day, **_money(one)} for day, one in _newest_first(grouped(lines, Grouping.DAY))],
        "by_symbol": [{"symbol": name, **_money(one)} for name, one in grouped(lines, Grouping.SYMBOL).items()],
        "truncated": any(one.truncated for one in recent),
    }


def _recent(sources: Sources, account: Account, from_ms: int, to_ms: int) -> _Recent:
    kept = sources.kept
    held = [slot.position for slot in kept.ledger.slots_in_use(account.id) if slot.position is not None]
    now_ms, found = sources.clock.now_ms(), sources.marks.of(account.venue, (position.symbol for position in held))
    marks = {symbol: mark for symbol, mark in found.items() if still_tells(mark, now_ms)}
    known = [position.unrealized_pnl(marks[position.symbol].price) for position in held if position.symbol in marks]
    booked = kept.fills.recent(account.id, from_ms, to_ms, MOST_FILLS)
    closed = kept.ledger.closed_positions(account.id, from_ms, to_ms, MOST_POSITIONS)
    history = History(
        trades=union(kept.trades.between(account.id, from_ms, to_ms), booked),
        incomes=list(kept.incomes.between(account.id, from_ms, to_ms, FOR_PROFIT)),
        quotes=quotes_of(kept, account),
    )
    return _Recent(
        lines=books_of(history).lines,
        closed=closed,
        unrealized=sum(known, ZERO) if len(known) == len(held) else None,
        open_positions=len(held),
        truncated=len(booked) >= MOST_FILLS or len(closed) >= MOST_POSITIONS,
    )


def _money(profit: Profit) -> Money:
    return {
        "realized_pnl": plain(profit.realized),
        "fees": plain(profit.commission),
        "funding": plain(profit.funding),
        "other_income": plain(profit.other),
        "other_fees": {asset: plain(-amount) for asset, amount in profit.apart.items()},
        "net_pnl": plain(profit.net),
        "volume": plain(profit.volume),
        "fills": profit.trades,
    }


def _outcomes(closed: Iterable[Position]) -> Outcomes:
    record = record_of([_trip(position) for position in closed])
    return {
        "closed_positions": record.closed,
        "wins": record.wins,
        "losses": record.losses,
        "win_rate_pct": render.percent(Decimal(record.wins) / record.closed) if record.closed else None,
        "best": render.figure(record.best),
        "worst": render.figure(record.worst),
    }


def _trip(position: Position) -> RoundTrip:
    return RoundTrip(
        position.symbol,
        position.side,
        opened_at_ms=position.opened_at_ms,
        closed_at_ms=position.closed_at_ms,
        realized=position.realized_pnl,
        commission=position.commission,
    )


def _newest_first(days: Mapping[str, Profit]) -> list[tuple[str, Profit]]:
    return sorted(days.items(), reverse=True)
