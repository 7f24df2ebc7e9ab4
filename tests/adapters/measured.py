"""Hypothesis strategies for what the worker measures of the market."""

from decimal import Decimal

from hypothesis import strategies as st

from undertow.domain.cascade import CascadeState
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
from undertow.domain.market import Venue

times_ms = st.integers(1, 10**13 - 1)
counts = st.integers(0, 10**6)
symbols = st.sampled_from(["BTCUSDT", "ETHUSDT", "1000PEPEUSDT", "币安人生USDT"]).map(Symbol)


def figures(low: str, high: str) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=4, allow_nan=False, allow_infinity=False)


signed = figures("-1000000", "1000000")
positive = figures("0.0001", "1000000")
shares = figures("-1", "1")

percentiles = st.builds(PercentileRank, figures("0", "100"), counts, figures("0", "31"), st.booleans())
atrs = st.builds(Atr, positive, positive, st.sampled_from([60, 300, 900]), times_ms)
vwaps = st.builds(Vwap, positive, st.integers(1, 1_440), times_ms)
aggregates = st.builds(AggregateCascade, st.booleans(), counts, counts, counts, times_ms, times_ms)
biases = st.builds(Bias, st.none() | shares, st.none() | shares, st.none() | shares)
COUNTED = ("liquidations", "returns", "open_interest")


@st.composite
def readings(draw: st.DrawFn, formula: CascadeFormula) -> CascadeReading:
    return CascadeReading(
        formula=formula,
        colour=draw(st.sampled_from(Colour)),
        points=draw(figures("0", "6")),
        liquidations=draw(st.none() | signed),
        returns=draw(st.none() | signed),
        open_interest=draw(st.none() | signed),
        counted=tuple(draw(st.lists(st.sampled_from(COUNTED), unique=True))),
        reversal=draw(st.sampled_from(ReversalQuality)),
        since_ms=draw(times_ms),
        measured_at_ms=draw(times_ms),
        reason=draw(st.sampled_from(["", "returns: no mark price for 12 s", 'a "quoted" reason\\ü'])),
    )


@st.composite
def by_formula(draw: st.DrawFn) -> dict[CascadeFormula, CascadeReading]:
    return {formula: draw(readings(formula)) for formula in draw(st.sets(st.sampled_from(CascadeFormula)))}


@st.composite
def conditions(draw: st.DrawFn) -> Conditions:
    return Conditions(
        atrs={one.interval_s: one for one in draw(st.lists(atrs, max_size=3))},
        vwaps={one.minutes: one for one in draw(st.lists(vwaps, max_size=2))},
        cascades=draw(by_formula()),
        aggregates=draw(st.dictionaries(st.sampled_from(CascadeFormula), aggregates)),
        bias=draw(st.none() | biases),
    )


@st.composite
def cascade_states(draw: st.DrawFn) -> CascadeState:
    return CascadeState(
        venue=draw(st.sampled_from(Venue)),
        measured_at_ms=draw(times_ms),
        open_interest_served=draw(st.booleans()),
        aggregates=draw(st.dictionaries(st.sampled_from(CascadeFormula), aggregates)),
        symbols=draw(st.dictionaries(symbols, by_formula(), max_size=4)),
    )
