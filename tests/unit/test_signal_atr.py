"""Average true range over closed candles against an oracle in fractions. Algorithms, section 2."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undertow.domain.market import Candle
from undertow.signals.atr import FAST, SLOW, WARM_UP, AtrOfCandles, atr_of, true_range

BEGIN_MS = 1_765_411_200_000
INTERVAL_S = 300
LENGTH_MS = INTERVAL_S * 1000

Prices = tuple[int, int, int, int]


def candle(number: int, prices: Prices = (100, 101, 99, 100), length_ms: int = LENGTH_MS) -> Candle:
    begin_ms = BEGIN_MS + number * length_ms
    opened, high, low, close = (Decimal(one) for one in prices)
    return Candle(begin_ms, begin_ms + length_ms - 1, opened, high, low, close, Decimal(1))


def candles_of(rows: Sequence[Prices]) -> list[Candle]:
    return [candle(number, prices) for number, prices in enumerate(rows)]


def after(count: int) -> int:
    """The moment when so many candles are closed."""
    return BEGIN_MS + count * LENGTH_MS


def exact(candles: Sequence[Candle]) -> tuple[Fraction, Fraction]:
    """Fast and slow in percent of the last close, from the definitions."""
    ranges = [
        Fraction(max(now.high - now.low, abs(now.high - before.close), abs(now.low - before.close)))
        for before, now in pairwise(candles)
    ]
    slow = sum(ranges[:SLOW], Fraction(0)) / SLOW
    for one in ranges[SLOW:]:
        slow = (slow * (SLOW - 1) + one) / SLOW
    close = Fraction(candles[-1].close)
    return sum(ranges[-FAST:], Fraction(0)) / FAST / close * 100, slow / close * 100


@st.composite
def prices(draw: st.DrawFn) -> Prices:
    low = draw(st.integers(50, 200))
    high = low + draw(st.integers(0, 40))
    return draw(st.integers(low, high)), high, low, draw(st.integers(low, high))


enough = st.lists(prices(), min_size=WARM_UP + 1, max_size=WARM_UP + 30)


@given(enough)
def test_fast_is_the_plain_mean_of_ten_and_slow_is_wilders_average(rows: list[Prices]) -> None:
    candles = candles_of(rows)
    found = atr_of(candles, INTERVAL_S, after(len(rows)))
    assert found is not None
    fast, slow = exact(candles)
    assert abs(Fraction(found.fast_pct) - fast) < Fraction(1, 10**6)
    assert abs(Fraction(found.slow_pct) - slow) < Fraction(1, 10**6)
    assert found.pct == max(found.fast_pct, found.slow_pct)
    assert (found.interval_s, found.closed_at_ms) == (INTERVAL_S, candles[-1].close_time_ms)


@given(enough, st.integers(2, 1_000))
def test_the_unit_of_the_price_does_not_matter(rows: list[Prices], factor: int) -> None:
    larger: list[Prices] = [
        (opened * factor, high * factor, low * factor, close * factor) for opened, high, low, close in rows
    ]
    now_ms = after(len(rows))
    assert atr_of(candles_of(larger), INTERVAL_S, now_ms) == atr_of(candles_of(rows), INTERVAL_S, now_ms)


@given(enough)
def test_both_lie_between_the_smallest_and_the_largest_true_range(rows: list[Prices]) -> None:
    candles = candles_of(rows)
    ranges = [true_range(now, float(before.close)) for before, now in pairwise(candles)]
    found = atr_of(candles, INTERVAL_S, after(len(rows)))
    assert found is not None
    scale = 100 / float(candles[-1].close)
    for pct in (found.fast_pct, found.slow_pct):
        assert min(ranges) * scale - 1e-6 <= float(pct) <= max(ranges) * scale + 1e-6


@given(enough, prices())
def test_the_candle_that_is_still_open_never_counts(rows: list[Prices], newest: Prices) -> None:
    now_ms = after(len(rows)) + LENGTH_MS // 2
    assert atr_of(candles_of([*rows, newest]), INTERVAL_S, now_ms) == atr_of(candles_of(rows), INTERVAL_S, now_ms)


@given(st.integers(1, WARM_UP + 20), st.integers(1, WARM_UP + 20))
def test_after_a_gap_the_warm_up_begins_anew(before: int, behind: int) -> None:
    candles = candles_of([(100, 101, 99, 100)] * (before + 1 + behind))
    del candles[before]
    found = atr_of(candles, INTERVAL_S, after(before + 1 + behind))
    assert (found is not None) == (behind > WARM_UP)


@given(st.integers(0, WARM_UP + 5))
def test_too_few_candles_make_none_and_never_a_default(count: int) -> None:
    """Section 2: missing ATR must block; the published code returned 1.2 % on any error."""
    found = atr_of(candles_of([(100, 101, 99, 100)] * count), INTERVAL_S, after(count))
    assert (found is not None) == (count > WARM_UP)


@pytest.mark.parametrize(
    ("prices", "expected"), [((100, 110, 95, 100), 15), ((118, 120, 110, 115), 20), ((85, 90, 80, 85), 20)]
)
def test_a_true_range_reaches_to_the_close_before(prices: Prices, expected: float) -> None:
    """Section 2: max(H-L, |H-C|, |L-C|) with the close before, here 100."""
    assert true_range(candle(0, prices), 100.0) == expected


def test_ten_true_ranges_of_eleven_candles_are_averaged_and_divided_by_the_last_close() -> None:
    """Section 2: plain mean of ten, divided by the last close, times 100."""
    calm: list[Prices] = [(200, 201, 199, 200)] * (WARM_UP - FAST + 1)
    wild: list[Prices] = [(200, 205, 195, 200)] * FAST
    found = atr_of(candles_of([*calm, *wild]), INTERVAL_S, after(WARM_UP + 1))
    assert found is not None
    assert found.fast_pct == 5
    # 10 of 14 parts of the excess are not there yet: 8 * (13/14)^10 of 8 is missing.
    assert float(found.slow_pct) == pytest.approx((10 - 8 * (13 / 14) ** 10) / 2, abs=1e-6)
    assert found.pct == found.fast_pct


def test_a_lull_right_after_a_burst_does_not_narrow_the_distances() -> None:
    burst: list[Prices] = [(200, 220, 180, 200)] * (WARM_UP + 1)
    lull: list[Prices] = [(200, 200, 200, 200)] * FAST
    found = atr_of(candles_of([*burst, *lull]), INTERVAL_S, after(WARM_UP + 1 + FAST))
    assert found is not None
    assert (found.fast_pct, found.pct) == (0, found.slow_pct)
    assert found.slow_pct > 9


def test_a_late_candle_makes_none() -> None:
    atr = AtrOfCandles(INTERVAL_S)
    for one in candles_of([(100, 101, 99, 100)] * (WARM_UP + 1)):
        atr.add(one)
    last_ms = after(WARM_UP + 1) - 1
    assert atr.value(last_ms + 2 * LENGTH_MS) is not None
    assert atr.value(last_ms + 2 * LENGTH_MS + 1) is None


def test_a_candle_that_comes_twice_counts_once() -> None:
    twice = [one for each in candles_of([(100, 103, 99, 101)] * (WARM_UP + 1)) for one in (each, each)]
    once = candles_of([(100, 103, 99, 101)] * (WARM_UP + 1))
    now_ms = after(WARM_UP + 1)
    assert atr_of(twice, INTERVAL_S, now_ms) == atr_of(once, INTERVAL_S, now_ms)
