"""The trailing minute and the usual minute against sums from the beginning. Algorithms, section 5.4."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undertow.signals.flow import MINUTE_MS, MINUTES, Flow

MIDNIGHT_MS = 20_000 * 86_400_000

events = st.lists(st.tuples(st.integers(1, 10**6).map(float), st.integers(-30 * 3_600_000, 0)), max_size=60)


def flow_of(given_events: list[tuple[float, int]]) -> Flow:
    flow = Flow()
    for usdt, before_ms in given_events:
        flow.add(usdt, MIDNIGHT_MS + before_ms)
    return flow


@given(st.lists(st.tuples(st.integers(1, 10**6).map(float), st.integers(-150_000, 5_000)), max_size=60))
def test_the_trailing_minute_is_the_sum_of_its_seconds(given_events: list[tuple[float, int]]) -> None:
    expected = sum(usdt for usdt, before_ms in given_events if before_ms // 1000 > -60)
    assert flow_of(given_events).trailing(MIDNIGHT_MS) == pytest.approx(expected)


@given(events, st.randoms())
def test_the_usual_minute_is_the_360th_largest_of_1440_in_whatever_order_they_came(
    given_events: list[tuple[float, int]], random: Random
) -> None:
    minutes = [0.0] * MINUTES
    for usdt, before_ms in given_events:
        if -MINUTES * MINUTE_MS <= before_ms < 0:
            minutes[before_ms // MINUTE_MS] += usdt
    shuffled = list(given_events)
    random.shuffle(shuffled)
    assert flow_of(shuffled).usual(MIDNIGHT_MS) == pytest.approx(sorted(minutes)[-360])


@given(st.integers(0, MINUTES), st.integers(1, 10**6).map(float))
def test_a_minute_is_usual_when_a_quarter_of_the_day_had_it(busy: int, usdt: float) -> None:
    flow = flow_of([(usdt, -number * MINUTE_MS) for number in range(1, busy + 1)])
    assert flow.usual(MIDNIGHT_MS) == (usdt if busy >= MINUTES // 4 else 0.0)


@given(events)
def test_after_a_day_of_silence_nothing_is_usual(given_events: list[tuple[float, int]]) -> None:
    flow = flow_of(given_events)
    assert flow.usual(MIDNIGHT_MS + 25 * 3_600_000) == 0.0
    assert flow.trailing(MIDNIGHT_MS + 25 * 3_600_000) == 0.0


def test_the_minute_that_is_still_running_is_not_part_of_what_is_usual() -> None:
    flow = flow_of([(10.0, -number * MINUTE_MS) for number in range(1, 360)])
    flow.add(10.0, MIDNIGHT_MS + 1)
    assert flow.usual(MIDNIGHT_MS + 2) == 0.0
    assert flow.usual(MIDNIGHT_MS + MINUTE_MS) == 10.0


def test_what_is_remembered_later_changes_what_is_usual_at_once() -> None:
    flow = flow_of([(10.0, -number * MINUTE_MS) for number in range(1, 360)])
    assert flow.usual(MIDNIGHT_MS) == 0.0
    flow.add(10.0, MIDNIGHT_MS - 20 * 3_600_000)
    assert flow.usual(MIDNIGHT_MS) == 10.0


def test_a_flood_that_nobody_asks_about_is_not_held_event_by_event() -> None:
    flow = flow_of([(1.0, before_ms) for before_ms in range(-3_600_000, 0, 100)])
    assert len(flow._seconds) <= 121
    assert flow.trailing(MIDNIGHT_MS) == 590.0
