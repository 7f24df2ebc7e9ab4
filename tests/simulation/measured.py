"""What the worker measures beside liquidation windows, drawn: ladders ask for it."""

from collections.abc import Callable
from decimal import Decimal
from random import Random

from tests.unit.ladders import MAGNITUDE, aggregate, conditions, reading

from undertow.adapters.sqs.conditions_text import conditions_text
from undertow.domain.conditions import (
    Atr,
    Colour,
    Conditions,
    PercentileRank,
    Vwap,
)
from undertow.domain.ids import Symbol


def rank(random: Random) -> PercentileRank:
    return PercentileRank(Decimal(random.randint(30, 99)), events=900, days=Decimal("29.5"), complete=True)


def measuring(random: Random, price_of: Callable[[Symbol], Decimal]) -> Callable[[Symbol, int], str]:
    """Conditions of a symbol at a time, as a worker sends them."""
    drawn = drawing(random, price_of)
    return lambda symbol, now_ms: conditions_text(drawn(symbol, now_ms))


def drawing(random: Random, price_of: Callable[[Symbol], Decimal]) -> Callable[[Symbol, int], Conditions]:
    """Conditions of a symbol at a time: mostly ones that speak for an entry."""

    def draw(symbol: Symbol, now_ms: int) -> Conditions:
        colour = random.choice((Colour.GREEN, Colour.GREEN, Colour.GREEN, Colour.RED))
        atr = Decimal(random.randint(20, 120)) / 100
        return conditions(
            atrs={300: Atr(atr, atr + Decimal("0.1"), 300, now_ms - 60_000)},
            vwaps={240: Vwap(price_of(symbol), 240, now_ms - 30_000)},
            cascades={MAGNITUDE: reading(colour, since_ms=now_ms - 9_000, measured_at_ms=now_ms - 500)},
            aggregates={MAGNITUDE: aggregate(since_ms=now_ms - 60_000, measured_at_ms=now_ms - 500)},
        )

    return draw
