"""Whose a position is that stands without a stop, and for how long: a part that somebody else put there is his."""

from decimal import Decimal

import pytest
from tests.simulation.outages import Outages, hidden_ms
from tests.simulation.recovery import part_of_ours, times_of_ours


@pytest.mark.parametrize(
    ("before", "after", "part", "is_by_us", "left"),
    [
        (0, 5, 0, True, 5),
        (0, 5, 0, False, 0),
        (5, 8, 5, True, 8),
        (5, 8, 5, False, 5),
        (8, 3, 5, True, 0),
        (8, 3, 5, False, 3),
        (8, 6, 5, False, 5),
        (5, -2, 5, True, -2),
        (5, -2, 5, False, 0),
        (-5, -8, -5, True, -8),
        (-8, -3, -5, True, 0),
        (5, 0, 5, False, 0),
    ],
)
def test_who_takes_something_off_takes_off_first_what_he_put_there(
    before: int, after: int, part: int, is_by_us: bool, left: int
) -> None:
    assert part_of_ours(Decimal(before), Decimal(after), Decimal(part), is_by_us) == left


def test_time_counts_from_the_moment_on_that_something_of_ours_is_held() -> None:
    holdings = [(100, Decimal(0)), (200, Decimal(5)), (300, Decimal(3)), (400, Decimal(0)), (500, Decimal(2))]
    assert times_of_ours(holdings, 150, 350) == [(200, 300), (300, 350)]
    assert times_of_ours(holdings, 150, 450) == [(200, 300), (300, 400)]
    assert times_of_ours(holdings, 550, 700) == [(550, 700)]
    assert times_of_ours(holdings, 410, 480) == []
    assert times_of_ours((), 0, 100) == []


def test_a_time_that_was_impossible_for_two_reasons_counts_once() -> None:
    down, shut = Outages(), Outages()
    for from_ms in (1_000, 1_500, 4_000):
        down.note(from_ms, from_ms + 500)
    shut.note(1_800, 4_200)
    assert hidden_ms(0, 10_000, (down, shut)) == 3_500
    assert hidden_ms(1_900, 4_100, (down, shut)) == 2_200
    assert hidden_ms(5_000, 10_000, (down, shut)) == 0
    assert hidden_ms(0, 10_000, ()) == 0
