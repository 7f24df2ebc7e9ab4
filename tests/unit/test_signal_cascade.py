"""The cascade of one symbol by magnitude. Algorithms, section 5.4 [rec]."""

from decimal import Decimal
from math import exp
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undertow.domain.conditions import CascadeFormula, CascadeReading, Colour, ReversalQuality
from undertow.domain.market import Side
from undertow.signals.cascade import FLOOR_USDT, MagnitudeDetector
from undertow.signals.colours import ASCENDING, SteppingColour, colour_of, points_for, reversal_quality
from undertow.signals.flow import Flow

START_MS = 1_765_411_200_000
CALM_S = 300
"""So many seconds of quiet prices before a scene begins."""


class Scene:
    """A symbol after five quiet minutes, in which the price moved by one basis point a second, to and fro."""

    def __init__(self, calm_s: int = CALM_S) -> None:
        self.flows = {side: Flow() for side in Side}
        self.detector = MagnitudeDetector(self.flows)
        self.price = 100.0
        self.now_ms = START_MS
        self.random = Random(5)
        for _ in range(calm_s):
            self.second()

    def second(self, move: float | None = None, open_interest: float | None = None) -> None:
        self.now_ms += 1000
        self.price *= exp(self.random.choice([-1e-4, 1e-4]) if move is None else move)
        self.detector.on_mark(self.price, self.now_ms)
        if open_interest is not None:
            self.detector.on_open_interest(open_interest, self.now_ms)

    def liquidate(self, usdt: float, side: Side = Side.SELL) -> None:
        self.flows[side].add(usdt, self.now_ms)

    def usual(self, usdt: float, side: Side = Side.SELL) -> None:
        """So much was liquidated in every minute of the last day."""
        for minute in range(1, 1_441):
            self.flows[side].add(usdt, START_MS - minute * 60_000)

    def read(self) -> CascadeReading:
        return self.detector.tick(self.now_ms)


def test_a_quiet_symbol_is_green() -> None:
    reading = Scene().read()
    assert (reading.colour, reading.points, reading.reason) == (Colour.GREEN, 0, "")
    assert (reading.liquidations, reading.returns, reading.open_interest) == (0, 0, None)
    assert reading.formula is CascadeFormula.MAGNITUDE


def test_liquidations_are_measured_against_a_busy_minute_of_the_last_day() -> None:
    scene = Scene()
    scene.usual(50_000)
    scene.liquidate(400_000)
    assert scene.read().liquidations == 8


def test_where_little_is_ever_liquidated_little_is_no_cascade() -> None:
    scene = Scene()
    scene.liquidate(FLOOR_USDT / 2)
    assert scene.read().liquidations == Decimal("0.5")


@pytest.mark.parametrize("side", list(Side))
def test_a_move_scores_only_towards_the_liquidated_side(side: Side) -> None:
    towards = -1 if side is Side.SELL else 1
    scored, ignored = Scene(), Scene()
    for scene, sign in ((scored, towards), (ignored, -towards)):
        scene.liquidate(1_000, side)
        scene.second(0.02 * sign)
    assert (scored.read().returns or 0) > 4
    assert scored.read().points == 3
    assert (ignored.read().returns or 0) < -4
    assert ignored.read().points == 0


def test_a_move_without_any_liquidation_scores_nothing() -> None:
    scene = Scene()
    scene.second(-0.05)
    assert (scene.read().returns, scene.read().points, scene.read().colour) == (0, 0, Colour.GREEN)


def test_of_both_sides_the_one_that_scores_more_counts() -> None:
    scene = Scene()
    scene.liquidate(900_000, Side.BUY)
    scene.liquidate(45_000, Side.SELL)
    scene.usual(200_000, Side.BUY)
    scene.second(-0.02)
    reading = scene.read()
    assert (reading.liquidations, reading.points) == (Decimal("4.5"), Decimal("4.5"))


@pytest.mark.parametrize(
    ("liquidated", "move", "interest", "points", "colour"),
    [
        (0, -0.05, 100, 0, Colour.GREEN),
        (40_000, 0.0, 100, 1, Colour.GREEN),
        (80_000, 0.0, 100, 2, Colour.YELLOW),
        (80_000, 0.0, 98, 3, Colour.YELLOW),
        (80_000, 0.0, 96, 4, Colour.ORANGE),
        (40_000, -0.02, 98, 4, Colour.ORANGE),
        (80_000, -0.02, 97.9, 5, Colour.ORANGE),
        (80_000, -0.02, 95.9, 6, Colour.RED),
    ],
)
def test_points_and_colours_with_open_interest(
    liquidated: float, move: float, interest: float, points: int, colour: Colour
) -> None:
    scene = Scene()
    scene.second(0.0, open_interest=100)
    scene.liquidate(liquidated)
    scene.second(move, open_interest=interest)
    reading = scene.read()
    assert (reading.points, reading.colour) == (points, colour)
    assert reading.counted == ("liquidations", "returns", "open_interest")


@pytest.mark.parametrize(
    ("liquidated", "move", "points", "colour"),
    [
        (40_000, 0.0, "1.5", Colour.GREEN),
        (80_000, 0.0, "3", Colour.YELLOW),
        (40_000, -0.02, "4.5", Colour.ORANGE),
        (80_000, -0.02, "6", Colour.RED),
    ],
)
def test_without_open_interest_the_other_two_count_half_as_much_again(
    liquidated: float, move: float, points: str, colour: Colour
) -> None:
    scene = Scene()
    scene.liquidate(liquidated)
    scene.second(move)
    reading = scene.read()
    assert (reading.points, reading.colour) == (Decimal(points), colour)
    assert (reading.counted, reading.open_interest) == (("liquidations", "returns"), None)


def test_stale_prices_make_the_colour_unknown_and_say_why() -> None:
    scene = Scene()
    scene.now_ms += 12_000
    reading = scene.read()
    assert (reading.colour, reading.reason) == (Colour.UNKNOWN, "returns: no mark price for 12 s")
    assert (reading.points, reading.liquidations, reading.returns, reading.counted) == (0, None, None, ())
    assert reading.colour.blocks


def test_stale_open_interest_makes_the_colour_unknown_once_it_was_served() -> None:
    scene = Scene()
    scene.second(open_interest=100)
    for _ in range(61):
        scene.second()
    assert scene.read().reason == "open interest: no sample for 61 s"
    assert scene.read().colour is Colour.UNKNOWN


def test_after_a_start_the_colour_is_unknown_until_three_minutes_of_prices_are_known() -> None:
    scene = Scene(calm_s=180)
    assert scene.read().colour is Colour.UNKNOWN
    scene.second()
    assert scene.read().colour is Colour.GREEN


def red_scene() -> Scene:
    scene = Scene()
    scene.liquidate(200_000)
    scene.second(-0.05)
    assert scene.read().colour is Colour.RED
    return scene


def test_a_colour_rises_at_once_and_falls_by_one_after_each_minute_below_its_band() -> None:
    scene = red_scene()
    risen_ms = scene.now_ms
    seen = []
    for _ in range(300):
        scene.second()
        reading = scene.read()
        if not seen or seen[-1][0] is not reading.colour:
            seen.append((reading.colour, (scene.now_ms - risen_ms) // 1000, reading.since_ms))
    # The liquidations, a second older than the fall, leave the trailing minute after 59 s: calm begins.
    assert [(colour, second) for colour, second, _ in seen] == [
        (Colour.RED, 1),
        (Colour.ORANGE, 119),
        (Colour.YELLOW, 179),
        (Colour.GREEN, 239),
    ]
    assert seen[0][2] == risen_ms


def test_what_was_red_before_prices_failed_is_red_after() -> None:
    scene = red_scene()
    scene.now_ms += 200_000
    assert scene.read().colour is Colour.UNKNOWN
    for _ in range(62):
        scene.second()
    assert scene.read().colour is Colour.RED


def test_a_reading_says_since_when_its_colour_holds() -> None:
    scene = Scene()
    first_ms = scene.now_ms
    assert scene.read().since_ms == first_ms
    scene.second()
    assert (scene.read().since_ms, scene.read().measured_at_ms) == (first_ms, first_ms + 1000)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(500, 20_000)), max_size=80))
def test_a_shown_colour_is_never_below_the_measured_one_and_never_falls_by_two(steps: list[tuple[int, int]]) -> None:
    stepping, now_ms, shown, fell_at_ms = SteppingColour(), START_MS, 0, START_MS - 10**9
    for measured, passed_ms in steps:
        now_ms += passed_ms
        found = ASCENDING.index(stepping.follow(ASCENDING[measured], now_ms))
        assert measured <= found
        assert found >= shown - 1
        if found < shown:
            assert now_ms - fell_at_ms >= 60_000
            fell_at_ms = now_ms
        shown = found


@given(st.integers(1, 40), st.integers(0, 3), st.integers(1, 3))
def test_calm_that_nobody_looked_at_is_no_calm(looks: int, low: int, high: int) -> None:
    stepping = SteppingColour()
    stepping.follow(ASCENDING[high], START_MS)
    for look in range(1, looks + 1):
        stepping.follow(ASCENDING[min(low, high)], START_MS + look * 11_000)
    assert stepping.colour is ASCENDING[high]


@given(st.floats(0, 6))
def test_colours_begin_at_two_four_and_six_points(points: float) -> None:
    assert ASCENDING.index(colour_of(points)) == int(points // 2)
    assert points_for(points, 2, 4) == min(2, int(points // 2))


@pytest.mark.parametrize(
    ("liquidations", "returned", "one_minute", "three_minutes", "quality"),
    [
        (3.9, False, None, None, ReversalQuality.POOR),
        (4.0, False, None, None, ReversalQuality.POOR),
        (4.0, True, None, None, ReversalQuality.OK),
        (6.0, False, None, None, ReversalQuality.OK),
        (6.0, True, None, None, ReversalQuality.GOOD),
        (6.0, True, -0.5, 0.0, ReversalQuality.EXCELLENT),
        (6.0, True, 0.0, -1.0, ReversalQuality.EXCELLENT),
        (4.0, False, -1.0, 0.0, ReversalQuality.GOOD),
        (0.0, False, 0.0, -1.5, ReversalQuality.OK),
        (6.0, True, 0.6, 0.6, ReversalQuality.POOR),
        (6.0, True, 0.6, 0.5, ReversalQuality.GOOD),
    ],
)
def test_reversal_quality(
    liquidations: float, returned: bool, one_minute: float | None, three_minutes: float | None, quality: ReversalQuality
) -> None:
    assert reversal_quality(liquidations, returned, one_minute, three_minutes) is quality


@given(st.floats(0, 1e7), st.floats(0, 1e7), st.floats(-0.05, 0.05), st.sampled_from(Side))
def test_more_liquidations_never_score_less(one: float, more: float, move: float, side: Side) -> None:
    points = []
    for usdt in (one, one + more):
        scene = Scene(calm_s=181)
        scene.usual(1_000, side)
        scene.liquidate(usdt, side)
        scene.second(move)
        points.append(scene.read().points)
    assert points[0] <= points[1] <= 6
