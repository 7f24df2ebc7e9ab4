"""What the worker measures beside liquidation windows, drawn: ladders ask for it."""

from collections.abc import Callable
from decimal import Decimal
from random import Random

from undertow.adapters.sqs.conditions_text import conditions_text
from undertow.domain.conditions import (
    AggregateCascade,
    Atr,
    Bias,
    CascadeFormula,
    CascadeReading,
    Colour,
    Conditions,
    PercentileRank,
    ReversalQuality,
    Vwap,
)
from undertow.domain.ids import Symbol

_FORMULA = CascadeFormula.MAGNITUDE


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
        reading = CascadeReading(
            formula=_FORMULA,
            colour=colour,
            points=Decimal("1.5"),
            liquidations=Decimal("4.2"),
            returns=Decimal("1.1"),
            open_interest=None,
            counted=("liquidations", "returns"),
            reversal=ReversalQuality.OK,
            since_ms=now_ms - 9_000,
            measured_at_ms=now_ms - 500,
        )
        atr = Decimal(random.randint(20, 120)) / 100
        return Conditions(
            atrs={300: Atr(atr, atr + Decimal("0.1"), 300, now_ms - 60_000)},
            vwaps={240: Vwap(price_of(symbol), 240, now_ms - 30_000)},
            cascades={_FORMULA: reading},
            aggregates={_FORMULA: AggregateCascade(False, 1, 10, 12, now_ms - 60_000, now_ms - 500)},
            bias=Bias(Decimal("0.2"), Decimal("-0.1"), Decimal("0.05")),
        )

    return draw
