"""A run in which our own code stumbles is a failed run, however patiently the queue brings the message again."""

import pytest
from tests.simulation.blunders import Blunders

from undertow.domain.outcome import VenueUnreachable


def test_an_error_that_no_outside_world_causes_is_a_violation() -> None:
    blunders = Blunders()

    def door(limit: int) -> int:
        return limit

    with pytest.raises(TypeError):
        blunders.noticed(door)()
    (found,) = blunders.taken()
    assert "missing 1 required positional argument" in found.what
    assert blunders.taken() == []


def test_what_the_world_does_to_a_function_is_none() -> None:
    blunders = Blunders()

    def door() -> None:
        raise VenueUnreachable("no route")

    with pytest.raises(VenueUnreachable):
        blunders.noticed(door)()
    assert blunders.taken() == []
