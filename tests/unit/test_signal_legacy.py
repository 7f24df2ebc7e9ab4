"""The published cascade formula, exactly, and what is wrong with it. Algorithms, section 5.4 [code] and [sim]."""

from math import exp
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undertow.domain.conditions import CascadeFormula, CascadeReading, Colour
from undertow.signals.legacy_cascade import LegacyDetector

START_MS = 1_765_411_200_000


class Ticks:
    def __init__(self) -> None:
        self.detector = LegacyDetector()
        self.price = 100.0
        self.now_ms = START_MS

    def tick(
        self, sell: float = 0.0, buy: float = 0.0, move: float = 0.0, interest: float | None = None
    ) -> CascadeReading:
        self.now_ms += 10_000
        self.price *= 1 + move
        return self.detector.tick(sell, buy, self.price, interest, self.now_ms)


def ret_after(count: int, seed: int, sigma: float = 0.001) -> float:
    random, ticks = Random(seed), Ticks()
    # The first price has no return and counts as one that is zero, until sixty others have pushed it out.
    reading = ticks.tick()
    for _ in range(count):
        reading = ticks.tick(move=random.gauss(0, sigma))
    assert reading.returns is not None
    return float(reading.returns)


@pytest.mark.parametrize(("count", "expected"), [(30, 24.6), (45, 36.6), (60, 48.5)])
def test_ret_counts_ticks_whatever_the_volatility(count: int, expected: float) -> None:
    """Section 5.4: 24.6 at n=30, 36.6 at 45, 48.5 at 60, about 0.8 n."""
    for sigma in (1e-5, 1e-2):
        found = fmean(ret_after(count, seed, sigma) for seed in range(200))
        assert found == pytest.approx(expected, abs=0.35)
        assert found == pytest.approx(0.8 * count, rel=0.04)


@given(st.integers(0, 10**6), st.integers(2, 80), st.floats(0.1, 10))
def test_ret_has_no_scale(seed: int, count: int, factor: float) -> None:
    once, scaled = ret_after(count, seed, 1e-5), ret_after(count, seed, 1e-5 * factor)
    assert scaled == pytest.approx(once, rel=1e-3)


def test_a_two_percent_fall_makes_ret_fall_from_49_to_about_10() -> None:
    """Section 5.4: a genuine -2 % jump makes it fall from 49 to 10."""
    before, after = [], []
    for seed in range(50):
        random, ticks = Random(seed), Ticks()
        for _ in range(61):
            quiet = ticks.tick(move=random.gauss(0, 1.25e-4))
        before.append(float(quiet.returns or 0))
        after.append(float(ticks.tick(sell=1.0, move=-0.02).returns or 0))
    assert fmean(before) == pytest.approx(49, abs=0.75)
    assert fmean(after) == pytest.approx(10, abs=0.5)
    assert max(after) < 25


@given(st.integers(1, 60), st.floats(1, 1e9))
def test_lq_counts_ticks_of_equal_flow(ticks_of_flow: int, usdt: float) -> None:
    """Section 5.4: k ticks of equal flow give LQ = k."""
    ticks = Ticks()
    for _ in range(ticks_of_flow):
        reading = ticks.tick(sell=usdt)
    assert float(reading.liquidations or 0) == pytest.approx(ticks_of_flow)


@given(st.floats(1, 1e9))
def test_one_isolated_liquidation_of_any_size_makes_lq_six(usdt: float) -> None:
    """Section 5.4: each tick counts the trailing 60 s anew, so one liquidation stands in six of them."""
    ticks = Ticks()
    for _ in range(6):
        ticks.tick(sell=usdt)
    for _ in range(53):
        reading = ticks.tick()
    assert float(reading.liquidations or 0) == pytest.approx(6)


def test_lq_forgets_after_sixty_ticks() -> None:
    ticks = Ticks()
    ticks.tick(sell=100.0)
    for _ in range(60):
        reading = ticks.tick()
    assert reading.liquidations == 0


@pytest.mark.parametrize(("sell", "buy", "counted"), [(61, 39, True), (60, 40, False), (50, 50, False), (39, 61, True)])
def test_only_a_side_with_more_than_sixty_percent_is_counted(sell: float, buy: float, counted: bool) -> None:
    assert Ticks().tick(sell, buy).liquidations == (1 if counted else 0)


def test_returns_score_only_when_the_last_one_is_on_the_liquidated_side() -> None:
    random = Random(2)
    for side, move, points in (("sell", -1e-3, 2), ("sell", 1e-3, 0), ("buy", 1e-3, 2), ("buy", -1e-3, 0)):
        ticks = Ticks()
        for _ in range(60):
            ticks.tick(move=random.gauss(0, 1e-3))
        reading = ticks.tick(**{side: 5.0}, move=move)
        assert reading.returns is not None
        assert reading.returns > 35
        assert reading.points == points


@pytest.mark.parametrize(("interest", "points"), [(98.1, 0), (98.0, 1), (96.0, 2), (110.0, 0)])
def test_open_interest_is_measured_from_its_largest_of_three_hundred_ticks(interest: float, points: int) -> None:
    ticks = Ticks()
    ticks.tick(interest=100.0)
    for _ in range(298):
        ticks.tick(interest=97.0)
    reading = ticks.tick(interest=interest)
    assert reading.points == points


def test_the_largest_open_interest_is_forgotten_after_three_hundred_ticks() -> None:
    ticks = Ticks()
    ticks.tick(interest=100.0)
    for _ in range(299):
        before = ticks.tick(interest=97.0)
    assert (before.open_interest, ticks.tick(interest=97.0).open_interest) == (3, 0)


def test_without_open_interest_nothing_is_scaled() -> None:
    ticks = Ticks()
    for _ in range(8):
        reading = ticks.tick(sell=10.0)
    assert (reading.points, reading.colour, reading.counted) == (2, Colour.YELLOW, ("liquidations", "returns"))


def test_it_rises_at_once_and_falls_to_what_is_measured_after_six_quiet_ticks() -> None:
    ticks = Ticks()
    for _ in range(20):
        ticks.tick(sell=10.0, interest=100.0)
    assert ticks.tick(sell=10.0, interest=90.0).colour is Colour.ORANGE
    colours = [ticks.tick(interest=100.0).colour for _ in range(7)]
    # With flow from the last ten minutes LQ still scores 2, down to which an orange one must fall.
    assert colours == [Colour.ORANGE] * 5 + [Colour.YELLOW] * 2


def test_a_tick_without_a_price_is_unknown() -> None:
    reading = LegacyDetector().tick(0.0, 0.0, None, None, START_MS)
    assert (reading.colour, reading.formula) == (Colour.UNKNOWN, CascadeFormula.LEGACY)
    assert (reading.reason, reading.since_ms) == ("returns: no mark price", START_MS)


@given(
    st.lists(st.tuples(st.floats(0, 1e9), st.floats(0, 1e9), st.floats(-0.05, 0.05), st.floats(1, 1e9)), max_size=80)
)
def test_points_are_whole_and_between_zero_and_six(rows: list[tuple[float, float, float, float]]) -> None:
    ticks = Ticks()
    for sell, buy, move, interest in rows:
        reading = ticks.tick(sell, buy, exp(move) - 1, interest)
        assert reading.points in range(7)
        assert reading.liquidations is not None
        assert 0 <= reading.liquidations <= 60 * 10**9
