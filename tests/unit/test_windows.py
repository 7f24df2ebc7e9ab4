"""The rolling windows against an oracle that sums from the beginning each time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undertow.domain.ids import LiquidationId, Symbol
from undertow.domain.market import Liquidation, Side, Venue, VolumeWindow
from undertow.signals.windows import SideWindows


def liquidation(number: int, time_ms: int, quantity: str = "1", price: str = "100") -> Liquidation:
    return Liquidation(
        LiquidationId(f"event-{number}"),
        Venue.ASTER,
        Symbol("BTCUSDT"),
        Side.SELL,
        Decimal(quantity),
        Decimal(price),
        time_ms,
        time_ms,
    )


@dataclass
class Oracle:
    """All that was ever seen; each answer is summed afresh, in fractions."""

    lengths_s: Iterable[int]
    seen: list[Liquidation] = field(default_factory=list)

    def add(self, event: Liquidation) -> dict[int, tuple[Fraction, Fraction, Fraction, Fraction, int, int]] | None:
        if any(other.id == event.id for other in self.seen):
            return None
        self.seen.append(event)
        newest_ms = max(other.event_time_ms for other in self.seen)
        return {seconds: self._window(newest_ms, seconds, event) for seconds in self.lengths_s}

    def _window(
        self, newest_ms: int, seconds: int, event: Liquidation
    ) -> tuple[Fraction, Fraction, Fraction, Fraction, int, int]:
        inside = [one for one in self.seen if newest_ms - seconds * 1000 < one.event_time_ms <= newest_ms]
        before = [one for one in inside if one.id != event.id]

        def usdt(events: list[Liquidation]) -> Fraction:
            return sum((Fraction(one.quantity) * Fraction(one.price) for one in events), Fraction(0))

        def tokens(events: list[Liquidation]) -> Fraction:
            return sum((Fraction(one.quantity) for one in events), Fraction(0))

        sampled = len({one.event_time_ms // 1000 for one in inside})
        return usdt(inside), tokens(inside), usdt(before), tokens(before), len(inside), sampled


def measured(windows: dict[int, VolumeWindow]) -> dict[int, tuple[Fraction, Fraction, Fraction, Fraction, int, int]]:
    return {
        seconds: (
            Fraction(window.usdt),
            Fraction(window.tokens),
            Fraction(window.usdt_before),
            Fraction(window.tokens_before),
            window.events,
            window.sampled_seconds,
        )
        for seconds, window in windows.items()
    }


decimals = st.tuples(st.integers(1, 10**27 - 1), st.integers(0, 12)).map(
    lambda parts: format(Decimal(parts[0]).scaleb(-max(parts[1], len(str(parts[0])) - 15)), "f")
)
steps_ms = st.one_of(st.integers(0, 1_500), st.integers(-12_000, 0), st.integers(-90_000, 90_000))
events = st.lists(st.tuples(steps_ms, st.integers(0, 60), decimals, decimals), min_size=1, max_size=60)
lengths = st.sets(st.sampled_from([1, 2, 5, 10, 60, 61]), min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(lengths, events)
def test_every_answer_equals_the_sum_from_the_beginning(
    lengths_s: set[int], history: list[tuple[int, int, str, str]]
) -> None:
    oracle, windows = Oracle(lengths_s), SideWindows(lengths_s)
    time_ms = 1_700_000_000_000
    ids_in_the_longest: dict[str, int] = {}
    for step_ms, number, quantity, price in history:
        time_ms += step_ms
        event = liquidation(number, ids_in_the_longest.setdefault(f"event-{number}", time_ms), quantity, price)
        expected = oracle.add(event)
        answer = windows.add(event)
        if expected is None:
            # A repeated event that is too old to be remembered may be answered, but it is not counted again.
            assert answer is None or all(
                w.usdt == w.usdt_before and w.tokens == w.tokens_before for w in answer.values()
            )
        else:
            assert answer is not None
            assert measured(answer) == expected


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 3_000), min_size=300, max_size=700), st.integers(1, 30))
def test_a_long_life_leaves_neither_rounding_nor_memory_behind(steps: list[int], seconds: int) -> None:
    windows = SideWindows([seconds])
    time_ms = 1_700_000_000_000
    for number, step_ms in enumerate(steps):
        time_ms += step_ms
        windows.add(liquidation(number, time_ms, "0.000000000003", "123456789012345.000000000007"))
    last = windows.add(liquidation(len(steps), time_ms + seconds * 1000, "2", "3"))
    assert last is not None
    assert last[seconds] == VolumeWindow(seconds, Decimal(6), Decimal(2), Decimal(0), Decimal(0), 1, 1)
    assert len(windows) <= 257 + seconds * 1000


def test_a_late_event_inside_the_window_counts() -> None:
    windows = SideWindows([60])
    windows.add(liquidation(1, 100_000))
    windows.add(liquidation(2, 130_000))
    late = windows.add(liquidation(3, 90_000, "2"))
    assert late == {60: VolumeWindow(60, Decimal(400), Decimal(4), Decimal(200), Decimal(2), 3, 3)}


def test_an_event_older_than_the_window_changes_nothing() -> None:
    windows = SideWindows([60])
    windows.add(liquidation(1, 100_000))
    windows.add(liquidation(2, 160_000))
    old = windows.add(liquidation(3, 100_000, "5"))
    assert old is not None
    assert old[60].usdt == old[60].usdt_before == Decimal(100)


def test_the_far_end_of_the_window_is_outside_and_the_near_end_inside() -> None:
    windows = SideWindows([60])
    windows.add(liquidation(1, 100_000))
    exactly = windows.add(liquidation(2, 160_000))
    assert exactly is not None
    assert exactly[60].events == 1
    inside = windows.add(liquidation(3, 100_001))
    assert inside is not None
    assert inside[60].events == 2


def test_an_event_is_counted_once_by_its_id_whenever_it_comes_again() -> None:
    windows = SideWindows([60])
    first = liquidation(1, 100_000)
    windows.add(first)
    assert windows.add(first) is None
    windows.add(liquidation(2, 120_000))
    assert windows.add(first) is None
    third = windows.add(liquidation(3, 130_000))
    assert third is not None
    assert third[60].events == 3


def test_several_events_of_one_second_are_one_sampled_second() -> None:
    windows = SideWindows([60])
    for number, time_ms in enumerate((100_000, 100_500, 100_999, 101_000)):
        answer = windows.add(liquidation(number, time_ms))
    assert answer is not None
    assert answer[60].events == 4
    assert answer[60].sampled_seconds == 2


def test_other_lengths_go_on_over_the_same_events() -> None:
    windows = SideWindows([60])
    windows.add(liquidation(1, 100_000))
    windows.add(liquidation(2, 150_000))
    changed = windows.resized([30, 300])
    assert changed.lengths_s == (30, 300)
    answer = changed.add(liquidation(3, 155_000))
    assert answer is not None
    assert (answer[30].events, answer[300].events) == (2, 3)
    assert answer[30].usdt_before == Decimal(100)
    assert changed.add(liquidation(1, 100_000)) is None


@pytest.mark.parametrize("lengths_s", [[], [0], [60, -1]])
def test_a_window_without_length_is_refused(lengths_s: list[int]) -> None:
    with pytest.raises(ValueError, match="window"):
        SideWindows(lengths_s)
