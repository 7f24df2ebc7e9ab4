"""Profit and loss: realised by fills, unrealised by marks, by day and by symbol. Funding is not among the fills."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from undertow.domain.account import Account
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId
from undertow.domain.json_text import Json
from undertow.domain.numbers import ZERO, plain
from undertow.domain.position import Position
from undertow.services.views import render
from undertow.services.views.sources import Sources

MOST_FILLS: Final = 5_000
MOST_POSITIONS: Final = 1_000
QUOTE: Final = "USDT"


@dataclass(frozen=True, slots=True)
class _Books:
    """What one account did in the period."""

    fills: Sequence[Fill]
    closed: Sequence[Position]
    unrealized: Decimal | None
    open_positions: int


def stats(sources: Sources, only: AccountId | None, from_ms: int, to_ms: int) -> dict[str, Json]:
    books = [_books(sources, account, from_ms, to_ms) for account in sources.accounts(only)]
    fills = [fill for book in books for fill in book.fills]
    closed = [position for book in books for position in book.closed]
    known = [book.unrealized for book in books]
    return {
        "time_ms": sources.clock.now_ms(),
        "from_ms": from_ms,
        "to_ms": to_ms,
        "quote": QUOTE,
        "excludes": ["funding"],
        **_money(fills),
        "unrealized_pnl": None if None in known else plain(sum((some for some in known if some is not None), ZERO)),
        "open_positions": sum(book.open_positions for book in books),
        **_outcomes(closed),
        "by_day": [{"day": day, **_money(some)} for day, some in sorted(_grouped(fills, _day).items(), reverse=True)],
        "by_symbol": [{"symbol": name, **_money(some)} for name, some in sorted(_grouped(fills, _symbol).items())],
        "truncated": any(len(book.fills) >= MOST_FILLS or len(book.closed) >= MOST_POSITIONS for book in books),
    }


def _books(sources: Sources, account: Account, from_ms: int, to_ms: int) -> _Books:
    held = [slot.position for slot in sources.kept.ledger.slots_in_use(account.id) if slot.position is not None]
    marks = sources.marks.of(account.venue, (position.symbol for position in held))
    known = [position.unrealized_pnl(marks[position.symbol].price) for position in held if position.symbol in marks]
    return _Books(
        fills=sources.kept.fills.recent(account.id, from_ms, to_ms, MOST_FILLS),
        closed=sources.kept.ledger.closed_positions(account.id, from_ms, to_ms, MOST_POSITIONS),
        unrealized=sum(known, ZERO) if len(known) == len(held) else None,
        open_positions=len(held),
    )


def _money(fills: Sequence[Fill]) -> dict[str, Json]:
    """Fees in another asset than the quote are shown beside, never added up with it."""
    realized = sum((fill.realized_pnl for fill in fills), ZERO)
    fees = {
        asset: sum((fill.commission for fill in some), ZERO)
        for asset, some in _grouped(fills, lambda fill: fill.commission_asset).items()
    }
    quote_fees = fees.pop(QUOTE, ZERO)
    return {
        "realized_pnl": plain(realized),
        "fees": plain(quote_fees),
        "other_fees": {asset: plain(amount) for asset, amount in fees.items()},
        "net_pnl": plain(realized - quote_fees),
        "volume": plain(sum((fill.notional for fill in fills), ZERO)),
        "fills": len(fills),
    }


def _outcomes(closed: Iterable[Position]) -> dict[str, Json]:
    results = [position.realized_pnl - position.commission for position in closed]
    wins = sum(1 for result in results if result > 0)
    return {
        "closed_positions": len(results),
        "wins": wins,
        "losses": sum(1 for result in results if result < 0),
        "win_rate_pct": render.percent(Decimal(wins) / len(results)) if results else None,
        "best": render.figure(max(results, default=None)),
        "worst": render.figure(min(results, default=None)),
    }


def _day(fill: Fill) -> str:
    return datetime.fromtimestamp(fill.time_ms // 1000, UTC).date().isoformat()


def _symbol(fill: Fill) -> str:
    return fill.symbol


def _grouped(fills: Iterable[Fill], key: Callable[[Fill], str]) -> Mapping[str, list[Fill]]:
    groups: dict[str, list[Fill]] = defaultdict(list)
    for fill in fills:
        groups[key(fill)].append(fill)
    return groups
