"""What the worker asks of one symbol: everything put together, and readable by whoever gets the message."""

import json
from dataclasses import dataclass
from decimal import Decimal
from math import exp
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from undertow.adapters.sqs.bodies import ConditionsBody
from undertow.adapters.sqs.conditions_text import conditions_text
from undertow.domain.conditions import CascadeFormula, Colour
from undertow.domain.ids import LiquidationId, Symbol
from undertow.domain.market import BestPrices, Candle, Liquidation, MarkPrice, OpenInterest, Side, Venue
from undertow.ports import Measurements
from undertow.signals.cascade import AggregateDetector
from undertow.signals.market import SymbolMarket

START_MS = 1_765_411_200_000
ALL = Measurements(frozenset({60}), True, frozenset({300}), frozenset({240}))
NOTHING = Measurements()


def liquidation(number: int, time_ms: int, side: Side = Side.SELL, quantity: str = "100") -> Liquidation:
    identity = LiquidationId(f"event-{number}")
    return Liquidation(
        identity, Venue.ASTER, Symbol("BTCUSDT"), side, Decimal(quantity), Decimal(100), time_ms, time_ms
    )


def mark(price: float, time_ms: int) -> MarkPrice:
    return MarkPrice(Decimal(f"{price:.6f}"), time_ms, funding_rate=Decimal("0.0001"))


def calm(market: SymbolMarket, seconds: int = 240, seed: int = 1) -> int:
    """Prices of so many seconds; returns when they end."""
    random, price = Random(seed), 100.0
    for second in range(seconds + 1):
        price *= exp(random.gauss(0, 1e-4))
        market.on_mark(mark(price, START_MS + second * 1000))
        market.tick(START_MS + second * 1000)
    return START_MS + seconds * 1000


def feed_candles(market: SymbolMarket, count: int, upto_ms: int) -> None:
    begin_ms = upto_ms // 300_000 * 300_000 - count * 300_000
    for number in range(count):
        open_ms = begin_ms + number * 300_000
        prices = (Decimal(100), Decimal(101), Decimal(99), Decimal(100))
        market.on_candle(300, Candle(open_ms, open_ms + 299_999, *prices, Decimal(7)))


def test_a_liquidation_is_ranked_among_those_of_its_own_side_without_itself() -> None:
    market = SymbolMarket(ALL)
    ranks = [market.on_liquidation(liquidation(number, START_MS + number)) for number in range(3)]
    assert [(rank.events, rank.rank) for rank in ranks if rank] == [(0, 0), (1, 50), (2, 50)]
    other = market.on_liquidation(liquidation(9, START_MS + 9, Side.BUY))
    assert other is not None
    assert other.events == 0


def test_the_past_may_be_remembered_while_new_events_come() -> None:
    market = SymbolMarket(ALL)
    market.on_liquidation(liquidation(1, START_MS))
    for number in range(10):
        market.remember(liquidation(100 + number, START_MS - number * 86_400_000, quantity="1"))
    rank = market.on_liquidation(liquidation(2, START_MS + 1, quantity="50"))
    assert rank is not None
    assert (rank.events, rank.days, rank.complete) == (11, 9, False)
    assert round(rank.rank) == 91
    market.remembered()
    rank = market.on_liquidation(liquidation(3, START_MS + 2))
    assert rank is not None
    assert rank.complete


def test_where_no_percentile_is_asked_for_there_is_none() -> None:
    assert SymbolMarket(NOTHING).on_liquidation(liquidation(1, START_MS)) is None


def test_candles_become_averages_once_there_are_enough() -> None:
    market = SymbolMarket(ALL)
    feed_candles(market, 42, START_MS)
    assert market.conditions(START_MS, {}).atrs == {}
    market = SymbolMarket(ALL)
    feed_candles(market, 48, START_MS)
    conditions = market.conditions(START_MS, {})
    assert (conditions.atrs[300].pct, conditions.vwaps[240].price) == (2, 100)
    assert market.conditions(START_MS + 700_000, {}).atrs == {}
    assert market.conditions(START_MS + 700_000, {}).vwaps == {}


def test_both_formulas_are_told_and_the_published_one_ticks_every_ten_seconds() -> None:
    market = SymbolMarket(NOTHING)
    end_ms = calm(market)
    readings = market.tick(end_ms + 7_000)
    assert set(readings) == set(CascadeFormula)
    assert readings[CascadeFormula.MAGNITUDE].measured_at_ms == end_ms + 7_000
    assert readings[CascadeFormula.LEGACY].measured_at_ms == end_ms
    assert market.tick(end_ms + 10_000)[CascadeFormula.LEGACY].measured_at_ms == end_ms + 10_000


def test_a_cascade_turns_the_symbol_red_and_stale_prices_turn_both_formulas_unknown() -> None:
    market = SymbolMarket(NOTHING)
    end_ms = calm(market)
    market.on_liquidation(liquidation(1, end_ms, quantity="900"))
    market.on_mark(mark(97.0, end_ms + 1_000))
    reading = market.tick(end_ms + 1_000)[CascadeFormula.MAGNITUDE]
    assert (reading.colour, reading.counted) == (Colour.RED, ("liquidations", "returns"))
    readings = market.tick(end_ms + 20_000)
    assert [one.colour for one in readings.values()] == [Colour.UNKNOWN, Colour.UNKNOWN]


def test_open_interest_counts_as_soon_as_it_is_served() -> None:
    market = SymbolMarket(NOTHING)
    end_ms = calm(market)
    market.on_open_interest(OpenInterest(Decimal(1000), end_ms - 40_000))
    market.on_open_interest(OpenInterest(Decimal(950), end_ms))
    reading = market.tick(end_ms)[CascadeFormula.MAGNITUDE]
    assert (reading.open_interest, reading.points) == (5, 2)


def test_a_new_wish_forgets_nothing_that_is_still_asked_for() -> None:
    market = SymbolMarket(ALL)
    market.on_liquidation(liquidation(1, START_MS))
    feed_candles(market, 48, START_MS)
    end_ms = calm(market)
    market.measure(Measurements(frozenset({60}), True, frozenset({300, 60}), frozenset()))
    conditions = market.conditions(START_MS, {})
    assert (set(conditions.atrs), set(conditions.vwaps)) == ({300}, set())
    assert market.tick(end_ms)[CascadeFormula.MAGNITUDE].colour is Colour.GREEN
    rank = market.on_liquidation(liquidation(2, end_ms))
    assert rank is not None
    assert rank.events == 1


def test_the_bias_is_of_a_fresh_book_and_a_fresh_mark() -> None:
    market = SymbolMarket(NOTHING)
    market.on_book(BestPrices(Decimal(99), Decimal(3), Decimal(101), Decimal(1), START_MS))
    market.on_mark(mark(100.0, START_MS))
    bias = market.conditions(START_MS + 5_000, {}).bias
    assert bias is not None
    assert (bias.book, bias.funding, bias.combined) == (Decimal("0.5"), Decimal("-0.2"), Decimal("0.22"))
    assert market.conditions(START_MS + 61_000, {}).bias is None


def test_marks_that_come_out_of_order_or_without_a_price_are_left_out() -> None:
    market = SymbolMarket(NOTHING)
    end_ms = calm(market)
    before = market.tick(end_ms)[CascadeFormula.MAGNITUDE]
    market.on_mark(mark(1.0, end_ms - 5_000))
    market.on_mark(MarkPrice(Decimal(0), end_ms + 1_000))
    assert market.tick(end_ms)[CascadeFormula.MAGNITUDE] == before


@dataclass(frozen=True, slots=True)
class Step:
    move: float
    usdt: float
    side: Side
    interest: float | None
    passed_ms: int


steps = st.lists(
    st.builds(
        Step,
        st.floats(-0.3, 0.3),
        st.floats(0.001, 1e9),
        st.sampled_from(Side),
        st.none() | st.floats(1, 1e12),
        st.integers(0, 30_000),
    ),
    max_size=40,
)


@settings(max_examples=60)
@given(steps, st.booleans())
def test_whatever_happens_the_conditions_can_be_read_where_they_arrive(happened: list[Step], calm_before: bool) -> None:
    market, price = SymbolMarket(ALL), 100.0
    now_ms = calm(market) if calm_before else START_MS
    detectors = {formula: AggregateDetector() for formula in CascadeFormula}
    for number, step in enumerate(happened):
        now_ms += step.passed_ms
        price = min(1e9, max(1e-5, price * exp(step.move)))
        market.on_mark(mark(price, now_ms))
        market.on_liquidation(liquidation(number, now_ms, step.side, f"{step.usdt:.6f}"))
        if step.interest is not None:
            market.on_open_interest(OpenInterest(Decimal(f"{step.interest:.3f}"), now_ms))
        readings = market.tick(now_ms)
        aggregates = {formula: one.update([readings[formula]], now_ms) for formula, one in detectors.items()}
        conditions = market.conditions(now_ms, aggregates)
        read = ConditionsBody.model_validate_json(json.dumps(json.loads(conditions_text(conditions))))
        assert read.to_domain() == conditions
