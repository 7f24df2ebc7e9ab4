"""The liquidation tape."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from typing_extensions import TypedDict

from undertow.domain.ids import Symbol
from undertow.domain.market import Liquidation, PositionSide, Side, Venue
from undertow.domain.numbers import ZERO, plain
from undertow.services.views.paging import Mark, page_of
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.sources import Sources

LIQUIDATIONS: Final = "liquidations"
_SHORTEST_MS: Final = 10 * 60_000


class TapeRow(TypedDict):
    """``side`` is the venue's order, ``liquidated`` the side of the position that it closed."""

    id: str
    symbol: str
    side: Side
    liquidated: Literal["long", "short"]
    quantity: Figure
    price: Figure
    value: Figure
    event_time_ms: EpochMs
    watched: bool


class Liquidations(TypedDict):
    time_ms: EpochMs
    from_ms: EpochMs
    to_ms: EpochMs
    sampled: str
    liquidations: list[TapeRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class TapeFilter:
    """``liquidated`` is the side of the positions that were liquidated; ``min_value`` is in quote units."""

    from_ms: int
    to_ms: int
    limit: int
    symbol: Symbol | None = None
    liquidated: PositionSide | None = None
    min_value: Decimal = ZERO
    after: Mark | None = None

    def admits(self, liquidation: Liquidation) -> bool:
        return (
            self.symbol in (None, liquidation.symbol)
            and self.liquidated in (None, liquidated_side(liquidation))
            and liquidation.notional >= self.min_value
        )


def liquidated_side(liquidation: Liquidation) -> PositionSide:
    """A SELL order liquidates a long."""
    return PositionSide.LONG if liquidation.side is Side.SELL else PositionSide.SHORT


def liquidations(sources: Sources, venue: Venue, wanted: TapeFilter) -> Liquidations:
    """Newest first."""
    watched = sources.params.current().watched_symbols(venue)
    page = page_of(_newest(sources, venue, wanted), wanted.limit, wanted.admits)
    return {
        "time_ms": sources.clock.now_ms(),
        "from_ms": wanted.from_ms,
        "to_ms": wanted.to_ms,
        "sampled": "the venue reports at most one liquidation per symbol per second: sums are lower bounds",
        "liquidations": [tape_row(liquidation, liquidation.symbol in watched) for liquidation in page.rows],
        "next_cursor": page.cursor(LIQUIDATIONS),
    }


def _newest(sources: Sources, venue: Venue, wanted: TapeFilter) -> Iterator[tuple[Mark, Liquidation]]:
    """Backwards, in stretches that grow where little is: a first page of a busy market reads a few minutes of it."""
    end_ms = wanted.to_ms if wanted.after is None else min(wanted.to_ms, wanted.after.time_ms)
    width_ms = _SHORTEST_MS
    while end_ms >= wanted.from_ms:
        begin_ms = max(wanted.from_ms, end_ms - width_ms + 1)
        for liquidation in reversed(list(sources.kept.liquidations.between(venue, begin_ms, end_ms))):
            mark = Mark(liquidation.event_time_ms, "", liquidation.id)
            if wanted.after is None or mark < wanted.after:
                yield mark, liquidation
        end_ms, width_ms = begin_ms - 1, width_ms * 4


def tape_row(liquidation: Liquidation, watched: bool) -> TapeRow:
    return {
        "id": liquidation.id,
        "symbol": liquidation.symbol,
        "side": liquidation.side,
        "liquidated": "long" if liquidated_side(liquidation) is PositionSide.LONG else "short",
        "quantity": plain(liquidation.quantity),
        "price": plain(liquidation.price),
        "value": plain(liquidation.notional),
        "event_time_ms": liquidation.event_time_ms,
        "watched": watched,
    }
