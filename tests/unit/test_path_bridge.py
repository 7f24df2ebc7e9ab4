"""A price path runs exactly through its prints, stays inside its candles, and needs no history to be known."""

import math
import statistics
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local.venue.path import BrownianMotion, PricePath
from local.venue.tape import Tape, TapeCandle
from tests.unit.taped import busiest, tapes

from undertow.domain.ids import Symbol

BTC = Symbol("BTCUSDT")
MINUTE = 60_000
prices = st.decimals("0.0001", "100000", places=4)
prints = st.dictionaries(st.integers(0, 10**7), prices, min_size=1, max_size=20)


def path(given_prints: dict[int, Decimal], candles: list[TapeCandle] | None = None, seed: int = 1) -> PricePath:
    return PricePath(BTC, given_prints, candles or [], 0.002, seed)


@given(prints, st.integers(0, 2**40))
def test_it_passes_exactly_through_every_print(given_prints: dict[int, Decimal], seed: int) -> None:
    drawn = path(given_prints, seed=seed)
    for time, price in given_prints.items():
        assert drawn.exact(time) == price
        assert drawn.at(time) == pytest.approx(float(price), rel=1e-9)


@given(prints, st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=10))
def test_a_time_has_one_price_in_whatever_order_times_are_asked(
    given_prints: dict[int, Decimal], times: list[int]
) -> None:
    forward = path(given_prints)
    expected = [forward.at(time) for time in times]
    backward = path(given_prints)
    assert [backward.at(time) for time in reversed(times)] == expected[::-1]


def test_seeds_and_symbols_have_paths_of_their_own() -> None:
    start = {0: Decimal(100)}
    ours = path(start).at(50 * MINUTE)
    assert path(start, seed=2).at(50 * MINUTE) != ours
    assert PricePath(Symbol("ETHUSDT"), start, [], 0.002, 1).at(50 * MINUTE) != ours


@st.composite
def minutes(draw: st.DrawFn) -> list[TapeCandle]:
    candles = []
    for number in range(draw(st.integers(1, 4))):
        low = draw(st.decimals("90", "100", places=2))
        high = low + draw(st.decimals("0", "5", places=2))
        inside = st.decimals(low, high, places=2)
        candles.append(TapeCandle(number * MINUTE, draw(inside), high, low, draw(inside)))
    return candles


@given(minutes(), st.integers(0, 2**30))
@settings(max_examples=50)
def test_it_stays_inside_its_candles_and_touches_their_prices(candles: list[TapeCandle], seed: int) -> None:
    drawn = PricePath(BTC, {}, candles, 0.02, seed)
    for candle in candles:
        low, high = float(candle.low), float(candle.high)
        whole = [drawn.at(candle.open_time_ms + step * 250) for step in range(240)]
        assert low * (1 - 1e-9) <= min(whole)
        assert max(whole) <= high * (1 + 1e-9)
        assert drawn.exact(candle.open_time_ms) == candle.open
        assert drawn.exact(candle.open_time_ms + MINUTE - 1) == candle.close
        taken = {drawn.exact(candle.open_time_ms + step) for step in range(MINUTE)}
        assert {candle.low, candle.high} <= taken


def test_a_print_outside_its_candle_widens_the_candle() -> None:
    candle = TapeCandle(0, Decimal(100), Decimal(101), Decimal(99), Decimal(100))
    drawn = PricePath(BTC, {30_000: Decimal(98)}, [candle], 0.002, 1)
    assert drawn.at(30_000) == pytest.approx(98)
    assert drawn.bounds(10_000) == (Decimal(98), Decimal(101))


def test_before_the_first_print_and_after_the_last_the_price_keeps_moving() -> None:
    drawn = path({0: Decimal(100), MINUTE: Decimal(101)})
    for side in (-1, 1):
        steps = [drawn.at(side * (2 + number) * MINUTE) for number in range(60)]
        assert len(set(steps)) == 60
        assert statistics.pstdev(math.log(price) for price in steps) > 0.001


def test_a_price_without_prints_for_a_month_neither_dies_nor_explodes() -> None:
    drawn = path({0: Decimal(100)})
    far = [drawn.at(hour * 60 * MINUTE) for hour in range(0, 24 * 30 * 20, 37)]
    assert 100 / 3 < min(far) <= max(far) < 300


def test_one_percent_either_way_is_reached_within_some_hours_of_tape() -> None:
    for seed in range(20):
        drawn = PricePath(BTC, {0: Decimal(100)}, [], 0.0015, seed)
        logs = [math.log(drawn.at(step * 5_000) / 100) for step in range(12 * 60 * 8)]
        assert min(logs) < -0.01 or max(logs) > 0.01


def test_the_motion_is_brownian_over_minutes_and_hours() -> None:
    motion = BrownianMotion(5)
    for span in (1, 10, 60):
        steps = [motion.at((start + span) * MINUTE) - motion.at(start * MINUTE) for start in range(0, 40_000, span)]
        assert statistics.pstdev(steps) == pytest.approx(math.sqrt(span), rel=0.15)
        assert statistics.fmean(steps) == pytest.approx(0, abs=4 * math.sqrt(span / len(steps)) + 0.2)


def test_a_path_without_any_price_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one price"):
        path({})


@pytest.mark.parametrize("tape", tapes(), ids=lambda tape: tape.name)
def test_it_passes_through_the_prints_of_a_whole_tape(tape: Tape) -> None:
    for symbol in [*busiest(tape), *tape.candles]:
        taped = {frame.trade_ms: frame.price for frame in tape.frames if frame.symbol == symbol}
        drawn = PricePath(symbol, taped, tape.candles.get(symbol, ()), 0.002, 1)
        for time, price in taped.items():
            assert drawn.exact(time) == price
            assert drawn.at(time) == pytest.approx(float(price), rel=1e-9)
