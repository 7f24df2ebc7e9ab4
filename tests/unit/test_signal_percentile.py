"""The sketch of liquidation sizes against the exact rank, which keeps every event. Algorithms, section 5.3."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from undertow.signals.percentile import BUCKETS, DAY_MS, DAYS, WIDTH, PercentileSketch, bucket_of

NOON_MS = 20_000 * DAY_MS + DAY_MS // 2

Event = tuple[float, int]


def sketch_of(events: Sequence[Event]) -> PercentileSketch:
    sketch = PercentileSketch()
    for value, time_ms in events:
        sketch.add(value, time_ms)
    return sketch


@dataclass
class Exact:
    """Every event of the window's 30 days."""

    events: Sequence[Event]
    at_ms: int
    held: list[float] = field(init=False)

    def __post_init__(self) -> None:
        newest = max(time_ms // DAY_MS for time_ms in [self.at_ms, *(time_ms for _, time_ms in self.events)])
        self.held = [value for value, time_ms in self.events if time_ms // DAY_MS > newest - DAYS]

    def rank(self, value: float) -> Fraction:
        below = sum(one < value for one in self.held)
        same = sum(one == value for one in self.held)
        return Fraction(100 * (2 * below + same), 2 * len(self.held))

    def share_near(self, value: float) -> Fraction:
        return Fraction(sum(bucket_of(one) == bucket_of(value) for one in self.held), len(self.held))


values = st.one_of(
    st.floats(0.02, 1e8, allow_subnormal=False),
    st.sampled_from([100.0, 100.5, 101.0, 250.0, 1_000.0]),
    st.floats(95.0, 105.0),
)
times_ms = st.integers(NOON_MS - 40 * DAY_MS, NOON_MS)
histories = st.lists(st.tuples(values, times_ms), max_size=80)
CUT = Fraction(1, 10**6)
"""Ranks are cut off after six decimals."""


@given(histories, values)
def test_a_rank_is_off_by_at_most_half_of_the_share_that_lies_in_its_bucket(history: list[Event], value: float) -> None:
    exact = Exact(history, NOON_MS)
    found = sketch_of(history).rank(value, NOON_MS)
    assert found.events == len(exact.held)
    if exact.held:
        assert abs(Fraction(found.rank) - exact.rank(value)) <= 50 * exact.share_near(value) + CUT


@given(histories, values)
def test_a_rank_is_the_exact_one_of_a_value_at_most_one_percent_away(history: list[Event], value: float) -> None:
    exact = Exact(history, NOON_MS)
    found = Fraction(sketch_of(history).rank(value, NOON_MS).rank)
    if exact.held:
        below, above = value / (WIDTH * 1.000001), value * WIDTH * 1.000001
        assert exact.rank(below) - CUT <= found <= exact.rank(above)


@given(histories, values, st.randoms())
def test_the_order_in_which_events_are_counted_does_not_matter(
    history: list[Event], value: float, random: Random
) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)
    assert sketch_of(shuffled).rank(value, NOON_MS) == sketch_of(history).rank(value, NOON_MS)


@given(histories, values, values)
def test_a_larger_liquidation_never_ranks_lower(history: list[Event], one: float, other: float) -> None:
    sketch = sketch_of(history)
    assert sketch.rank(min(one, other), NOON_MS).rank <= sketch.rank(max(one, other), NOON_MS).rank


@given(st.lists(st.sampled_from([5.0, 20.0, 100.0, 3_000.0, 1e6]), min_size=1, max_size=60))
def test_lots_that_repeat_are_ranked_exactly(sizes: list[float]) -> None:
    history = [(size, NOON_MS) for size in sizes]
    for size in set(sizes):
        found = Fraction(sketch_of(history).rank(size, NOON_MS).rank)
        assert 0 <= Exact(history, NOON_MS).rank(size) - found < CUT


@given(histories, histories)
def test_what_is_older_than_the_window_changes_nothing(history: list[Event], old: list[Event]) -> None:
    long_ago = [(value, time_ms - 100 * DAY_MS) for value, time_ms in old]
    now = [*history, (7.0, NOON_MS)]
    before, after = sketch_of([*long_ago, *now]), sketch_of([*now, *long_ago])
    assert before.rank(50.0, NOON_MS) == after.rank(50.0, NOON_MS) == sketch_of(now).rank(50.0, NOON_MS)


@given(histories, st.integers(0, 60))
def test_as_time_passes_the_sketch_forgets_as_if_the_old_had_never_been(history: list[Event], days: int) -> None:
    later_ms = NOON_MS + days * DAY_MS
    kept = [one for one in history if one[1] // DAY_MS > later_ms // DAY_MS - DAYS]
    assert sketch_of(history).rank(100.0, later_ms) == sketch_of(kept).rank(100.0, later_ms)
    assert len(kept) == sketch_of(history).rank(100.0, later_ms).events


@given(values, st.floats(1.0, 1e6))
def test_values_in_one_bucket_are_at_most_one_percent_apart(value: float, factor: float) -> None:
    other = value * factor
    if bucket_of(value) == bucket_of(other) < BUCKETS - 1:
        assert other <= value * WIDTH * 1.000001


def test_the_first_liquidation_has_no_rank_where_the_published_formula_gave_it_one_hundred() -> None:
    """Section 5.3: the current event counted itself, so n = 1 gave 100."""
    found = PercentileSketch().rank(1_000.0, NOON_MS)
    assert (found.rank, found.events, found.days) == (0, 0, 0)


def test_ties_count_half() -> None:
    """Section 5.3, mid-rank: on repeated small lots the median lot must not score high."""
    history = [(100.0, NOON_MS)] * 8 + [(50.0, NOON_MS), (5_000.0, NOON_MS)]
    assert sketch_of(history).rank(100.0, NOON_MS).rank == 50


def test_a_rank_is_never_rounded_up_to_a_threshold() -> None:
    history = [(1.0, NOON_MS)] * 2 + [(1_000.0, NOON_MS)]
    assert sketch_of(history).rank(100.0, NOON_MS).rank == Decimal("66.666666")


def test_days_say_over_how_long_a_time_the_events_lie() -> None:
    history = [(10.0, NOON_MS - 12 * DAY_MS), (20.0, NOON_MS - DAY_MS)]
    assert sketch_of(history).rank(15.0, NOON_MS).days == 12
    assert sketch_of(history).rank(15.0, NOON_MS + DAY_MS // 4).days == Decimal("12.25")


def test_a_rank_is_complete_once_the_past_was_read() -> None:
    sketch = sketch_of([(10.0, NOON_MS)])
    assert not sketch.rank(10.0, NOON_MS).complete
    sketch.complete = True
    assert sketch.rank(10.0, NOON_MS).complete


def test_a_day_takes_six_bytes_for_each_bucket_it_used_however_many_events_it_had() -> None:
    sketch = PercentileSketch()
    for number in range(20_000):
        sketch.add(1.1 ** (number % 180), NOON_MS + number)
    (day,) = sketch._days.values()
    assert len(day.buckets) == len(day.counts) <= 180
    assert day.buckets.itemsize + day.counts.itemsize == 6
    assert len(sketch) == 20_000


def test_what_lies_outside_all_buckets_is_counted_in_the_first_or_the_last() -> None:
    assert bucket_of(0.0) == bucket_of(0.01) == 0
    assert bucket_of(1e12) == BUCKETS - 1
    assert bucket_of(2.0e8) < BUCKETS - 1
