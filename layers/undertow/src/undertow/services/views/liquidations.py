"""The liquidation tape."""

from collections import deque
from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.ids import Symbol
from undertow.domain.json_text import Json
from undertow.domain.market import Liquidation, PositionSide, Side, Venue
from undertow.domain.numbers import ZERO, plain
from undertow.services.views.sources import Sources


@dataclass(frozen=True, slots=True)
class TapeFilter:
    """``liquidated`` is the side of the positions that were liquidated; ``min_value`` is in quote units."""

    from_ms: int
    to_ms: int
    limit: int
    symbol: Symbol | None = None
    liquidated: PositionSide | None = None
    min_value: Decimal = ZERO

    def admits(self, liquidation: Liquidation) -> bool:
        return (
            self.symbol in (None, liquidation.symbol)
            and self.liquidated in (None, liquidated_side(liquidation))
            and liquidation.notional >= self.min_value
        )


def liquidated_side(liquidation: Liquidation) -> PositionSide:
    """A SELL order liquidates a long."""
    return PositionSide.LONG if liquidation.side is Side.SELL else PositionSide.SHORT


def liquidations(sources: Sources, venue: Venue, wanted: TapeFilter) -> dict[str, Json]:
    """Newest first. When there are more than the limit, the newest ones."""
    watched = sources.params.current().watched_symbols(venue)
    admitted = 0
    newest: deque[Liquidation] = deque(maxlen=wanted.limit)
    for liquidation in sources.kept.liquidations.between(venue, wanted.from_ms, wanted.to_ms):
        if wanted.admits(liquidation):
            admitted += 1
            newest.append(liquidation)
    return {
        "time_ms": sources.clock.now_ms(),
        "from_ms": wanted.from_ms,
        "to_ms": wanted.to_ms,
        "sampled": "the venue reports at most one liquidation per symbol per second: sums are lower bounds",
        "count": admitted,
        "truncated": admitted > len(newest),
        "liquidations": [_row(liquidation, liquidation.symbol in watched) for liquidation in reversed(newest)],
    }


def _row(liquidation: Liquidation, watched: bool) -> dict[str, Json]:
    return {
        "id": liquidation.id,
        "symbol": liquidation.symbol,
        "side": liquidation.side.value,
        "liquidated": liquidated_side(liquidation).value.lower(),
        "quantity": plain(liquidation.quantity),
        "price": plain(liquidation.price),
        "value": plain(liquidation.notional),
        "event_time_ms": liquidation.event_time_ms,
        "watched": watched,
    }
