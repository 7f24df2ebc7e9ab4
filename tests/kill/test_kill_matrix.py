"""A part of the kill matrix: after the calls that the two halves of an entry make, each once. `make kill-matrix` tries
all of them."""

import pytest
from tests.kill.calls import Calls, Place, places
from tests.kill.matrix import points, try_point
from tests.kill.scenarios import SCENARIOS, Scenario
from tests.kill.station import Station

MAIN = SCENARIOS[:2]
FEWEST_CALLS = 10


@pytest.mark.parametrize("scenario", MAIN, ids=lambda scenario: scenario.name)
def test_killed_after_any_call_of_the_order_path_everything_is_mended(station: Station, scenario: Scenario) -> None:
    # To die before a call is, for everybody outside, to die after the one before it.
    tried = [point for point in points(station, scenario) if point.place.after and point.place.hit == 1]
    assert len(tried) >= FEWEST_CALLS
    for point in tried:
        try_point(station, point)


def test_the_scenarios_are_told_apart_by_their_names() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


def test_a_call_is_a_place_before_and_after_up_to_its_third_time() -> None:
    assert places(["a", "b", "a", "a", "a"]) == [
        *(Place("a", 1, after) for after in (False, True)),
        *(Place("b", 1, after) for after in (False, True)),
        *(Place("a", 2, after) for after in (False, True)),
        *(Place("a", 3, after) for after in (False, True)),
    ]


def test_calls_are_remembered_in_their_order_while_nothing_is_fatal() -> None:
    calls = Calls()
    for name in ("b", "a", "b"):
        calls.leaves(name)
        calls.is_answered(name)
    assert calls.made == ["b", "a", "b"]
