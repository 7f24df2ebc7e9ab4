"""When cascades of single symbols block everything. Algorithms, section 5.4 [rec]."""

from collections.abc import Iterable
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from undertow.domain.conditions import CascadeFormula, CascadeReading, Colour, ReversalQuality
from undertow.signals.cascade import AggregateDetector

COLOURS = st.sampled_from(Colour)


def readings_of(colours: Iterable[Colour]) -> list[CascadeReading]:
    return [
        CascadeReading(CascadeFormula.MAGNITUDE, colour, Decimal(0), None, None, None, (), ReversalQuality.POOR, 1, 1)
        for colour in colours
    ]


def mixed(blocked: int, of: int, unknown: int = 0) -> list[CascadeReading]:
    calm = of - blocked - unknown
    return readings_of([Colour.RED] * blocked + [Colour.UNKNOWN] * unknown + [Colour.GREEN] * calm)


def test_half_of_the_symbols_block_everything_and_less_than_thirty_five_percent_release_it() -> None:
    detector = AggregateDetector()
    assert not detector.update(mixed(9, 20), 1).blocked
    assert detector.update(mixed(10, 20), 2).blocked
    assert detector.update(mixed(9, 20), 3).blocked
    assert detector.update(mixed(7, 20), 4).blocked
    released = detector.update(mixed(6, 20), 5)
    assert (released.blocked, released.since_ms, released.share_pct) == (False, 5, 30)
    assert not detector.update(mixed(9, 20), 6).blocked


def test_with_fewer_than_four_symbols_two_must_be_blocked() -> None:
    for monitored in (1, 2, 3):
        assert not AggregateDetector().update(mixed(1, monitored), 1).blocked
    for monitored in (2, 3):
        assert AggregateDetector().update(mixed(2, monitored), 1).blocked


def test_unknown_symbols_are_blocked_and_leave_the_denominator() -> None:
    found = AggregateDetector().update(mixed(1, 10, unknown=3), 1)
    assert (found.blocked, found.blocked_symbols, found.fresh_symbols, found.monitored_symbols) == (True, 4, 7, 10)
    assert not AggregateDetector().update(mixed(0, 10, unknown=3), 1).blocked
    assert AggregateDetector().update(mixed(0, 9, unknown=3), 1).blocked


def test_where_nothing_is_fresh_everything_is_blocked_and_where_nothing_is_monitored_nothing_is() -> None:
    assert AggregateDetector().update(mixed(0, 5, unknown=5), 1).blocked
    detector = AggregateDetector()
    assert not detector.update([], 1).blocked
    detector.update(mixed(5, 5), 2)
    assert not detector.update([], 3).blocked


@given(st.lists(st.lists(COLOURS, max_size=8), min_size=1, max_size=12))
def test_the_aggregate_follows_its_two_bounds(history: list[list[Colour]]) -> None:
    detector, blocked, since_ms = AggregateDetector(), False, 1
    for now_ms, colours in enumerate(history, 1):
        blocking = sum(colour.blocks for colour in colours)
        fresh = sum(colour is not Colour.UNKNOWN for colour in colours)
        share = 100 * blocking / fresh if fresh else 100 if blocking else 0
        expected = share >= 35 if blocked else share >= 50 and blocking >= (2 if len(colours) < 4 else 1)
        if expected is not blocked:
            blocked, since_ms = expected, now_ms
        found = detector.update(readings_of(colours), now_ms)
        assert (found.blocked, found.since_ms, found.measured_at_ms) == (blocked, since_ms, now_ms)
        assert (found.blocked_symbols, found.fresh_symbols, found.monitored_symbols) == (blocking, fresh, len(colours))


@given(st.lists(COLOURS, min_size=1, max_size=10), st.data())
def test_losing_sight_of_a_symbol_never_unblocks(colours: list[Colour], data: st.DataObject) -> None:
    lost = data.draw(st.integers(0, len(colours) - 1))
    fewer = [Colour.UNKNOWN if number == lost else colour for number, colour in enumerate(colours)]
    before = AggregateDetector().update(readings_of(colours), 1).blocked
    assert AggregateDetector().update(readings_of(fewer), 1).blocked >= before
