"""The move of the last minute against what is usual, and open interest. Algorithms, section 5.4."""

from itertools import pairwise
from math import exp, log, sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undertow.signals.open_interest import OpenInterestTrail
from undertow.signals.returns import MEMORY_S, Returns

START_MS = 1_765_417_000_000


def walk(seed: int, seconds: int, sigma: float = 2e-4) -> list[float]:
    random, price, prices = Random(seed), 100.0, []
    for _ in range(seconds):
        price *= exp(random.gauss(0, sigma))
        prices.append(price)
    return prices


def returns_of(prices: list[float]) -> Returns:
    returns = Returns()
    for second, price in enumerate(prices):
        returns.add(price, START_MS + second * 1000)
    return returns


def end_ms(prices: list[float]) -> int:
    return START_MS + (len(prices) - 1) * 1000


seeds = st.integers(0, 10**6)


@given(seeds, st.integers(200, 400))
def test_the_move_is_measured_against_the_weighted_squares_of_all_but_the_last_minute(seed: int, seconds: int) -> None:
    prices = walk(seed, seconds)
    moves = [log(after / before) for before, after in pairwise(prices)][:-60]
    weights = [exp(-(len(moves) - 1 - number) / MEMORY_S) for number in range(len(moves))]
    variance = sum(weight * move**2 for weight, move in zip(weights, moves, strict=True)) / sum(weights)
    expected = log(prices[-1] / prices[-61]) / (sqrt(variance) * sqrt(60))
    assert returns_of(prices).deviations() == pytest.approx(expected)


@given(seeds, st.floats(1e-6, 1e6))
def test_the_unit_of_the_price_does_not_matter(seed: int, factor: float) -> None:
    prices = walk(seed, 250)
    other = returns_of([price * factor for price in prices])
    assert other.deviations() == pytest.approx(returns_of(prices).deviations(), rel=1e-6, abs=1e-9)


@given(seeds)
def test_a_mirrored_market_moves_the_other_way(seed: int) -> None:
    prices = walk(seed, 250)
    mirrored = [10_000 / price for price in prices]
    assert returns_of(mirrored).deviations() == pytest.approx(-returns_of(prices).deviations())


@given(seeds, st.floats(0.001, 0.2))
def test_a_fall_is_not_measured_against_itself(seed: int, fall: float) -> None:
    prices = walk(seed, 300)
    fallen = [*prices[:-1], prices[-1] * (1 - fall)]
    drop = returns_of(prices).deviations() - returns_of(fallen).deviations()
    twice = returns_of([*prices[:-1], prices[-1] * (1 - fall) ** 2])
    assert returns_of(prices).deviations() - twice.deviations() == pytest.approx(2 * drop)


@given(st.integers(0, 179))
def test_without_three_minutes_of_prices_the_move_cannot_be_told(seconds: int) -> None:
    prices = walk(1, seconds + 1)
    reason = returns_of(prices).stale(end_ms(prices))
    assert reason == ("" if seconds >= 180 else f"mark prices of {seconds} s, 180 s are needed")


def test_a_two_percent_fall_stands_far_out() -> None:
    """Section 5.4: the published statistic falls from 49 to 10 on it; this one rises above every band."""
    prices = walk(7, 600, sigma=1.25e-4)
    assert abs(returns_of(prices).deviations()) < 4
    assert returns_of([*prices[:-1], prices[-1] * 0.98]).deviations() < -15


def test_after_ten_seconds_without_a_price_the_move_cannot_be_told() -> None:
    prices = walk(3, 300)
    returns = returns_of(prices)
    assert returns.stale(end_ms(prices) + 10_000) == ""
    assert returns.stale(end_ms(prices) + 12_000) == "no mark price for 12 s"
    assert Returns().stale(START_MS) == "no mark price yet"


def test_a_move_across_a_gap_is_no_move_of_a_minute() -> None:
    prices = walk(3, 300)
    returns = returns_of(prices)
    resumed_ms = end_ms(prices) + 40_000
    for second in range(100):
        returns.add(100.0, resumed_ms + second * 1000)
    # A minute before lies in the gap: the price of 60 s ago is not known until it has passed.
    assert returns.stale(resumed_ms + 99_000) == ""
    returns = returns_of(prices)
    for second in range(30):
        returns.add(100.0, resumed_ms + second * 1000)
    returns.add(100.0, resumed_ms + 55_000)
    assert returns.stale(resumed_ms + 55_000) == "no mark price of a minute ago"


def test_one_return_across_a_long_gap_does_not_tell_what_is_usual() -> None:
    returns = Returns()
    for second in (0, 3_600, *range(3_601, 3_671)):
        returns.add(100.0, START_MS + second * 1000)
    assert returns.stale(START_MS + 3_670_000) == "mark prices of 80 s, 180 s are needed"


def test_a_price_from_the_future_is_not_believed_and_not_waited_for() -> None:
    prices = walk(3, 300)
    returns, now_ms = returns_of(prices), end_ms(prices)
    assert returns.add(1.0, now_ms + 86_400_000)
    assert returns.stale(now_ms) == "a mark price of 86400 s ahead of our clock"
    for second in range(60):
        assert returns.add(100.0, now_ms + second * 1000)
        assert returns.stale(now_ms + second * 1000) == "no mark price of a minute ago"
    assert returns.add(100.0, now_ms + 60_000)
    assert returns.stale(now_ms + 60_000) == ""
    assert returns.deviations() == 0


def test_a_market_that_stands_still_makes_nothing_of_one_basis_point() -> None:
    prices = [100.0] * 300
    assert returns_of(prices).deviations() == 0.0
    assert returns_of([*prices, 100.01]).deviations() == pytest.approx(1.0, rel=1e-3)


def test_one_price_a_second_is_held_for_little_more_than_a_minute() -> None:
    returns = Returns()
    for step in range(10_000):
        returns.add(100.0, START_MS + step * 100)
    assert len(returns._prices) <= 62


samples = st.lists(st.floats(0.001, 1e9), min_size=1, max_size=16)


@given(samples)
def test_the_drop_is_from_the_largest_sample_of_five_minutes(quantities: list[float]) -> None:
    trail = OpenInterestTrail()
    for number, quantity in enumerate(quantities):
        trail.add(quantity, START_MS + number * 20_000)
    held = quantities[-15:]
    assert trail.drop_pct() == pytest.approx(100 * (1 - held[-1] / max(held)), abs=1e-9)
    assert 0 <= trail.drop_pct() <= 100


def test_open_interest_older_than_a_minute_is_stale() -> None:
    trail = OpenInterestTrail()
    assert not trail.served
    trail.add(1_000.0, START_MS)
    assert trail.served
    assert trail.stale(START_MS + 59_999) == ""
    assert trail.stale(START_MS + 61_000) == "no sample for 61 s"
    assert trail.stale(START_MS - 61_000) == "a sample of 61 s ahead of our clock"
    trail.add(900.0, START_MS - 1_000_000)
    assert trail.stale(START_MS - 1_000_000) == ""
    assert trail.drop_pct() == 0


def test_a_change_needs_a_sample_of_then() -> None:
    trail = OpenInterestTrail()
    trail.add(1_000.0, START_MS)
    assert trail.change_pct(60) is None
    trail.add(990.0, START_MS + 70_000)
    assert trail.change_pct(60) == pytest.approx(-1.0)
    trail.add(980.0, START_MS + 200_000)
    assert trail.change_pct(60) is None
