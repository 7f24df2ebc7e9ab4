"""A book with depth, made from best bid and ask: what a market order sweeps and what the depth endpoints show.

The recorded and generated markets know their best prices only. Deeper levels follow from them without chance, so that
the engine, the REST depth and the depth stream always show one and the same book.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from undertow.domain.market import Side
from undertow.domain.numbers import ceil_to

LEVEL_GAP: Final = Decimal("0.0001")
"""Distance of two levels as a fraction of the price, rounded up to whole ticks: one basis point."""


@dataclass(frozen=True, slots=True)
class Level:
    price: Decimal
    quantity: Decimal


def levels(side: Side, best: Decimal, quantity: Decimal, tick_size: Decimal) -> Iterator[Level]:
    """Levels of the bids (BUY) or asks (SELL) from the best outward, each deeper one a little larger.

    Bids end above zero, asks never end.
    """
    gap = _gap(best, tick_size)
    step = -gap if side is Side.BUY else gap
    price, depth = best, 0
    while price > 0:
        yield Level(price, quantity * (1 + depth))
        price += step
        depth += 1


def quantity_at(side: Side, best: Decimal, quantity: Decimal, tick_size: Decimal, price: Decimal) -> Decimal:
    """What `levels` shows at ``price``; zero between two levels and on the other side of the best."""
    distance = best - price if side is Side.BUY else price - best
    depth, rest = divmod(distance, _gap(best, tick_size))
    return quantity * (1 + depth) if rest == 0 and depth >= 0 else Decimal(0)


def _gap(best: Decimal, tick_size: Decimal) -> Decimal:
    return ceil_to(best * LEVEL_GAP, tick_size) or LEVEL_GAP
