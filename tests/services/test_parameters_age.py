"""Parameters that could not be read for ten minutes open nothing more, and hold no exit back."""

from dataclasses import replace

from tests.services.world import ACCOUNT, World
from tests.unit.builders import d

from undertow.domain.decision import Outcome
from undertow.risk.limits import HARD_MAX_PARAMS_AGE_MS


def read_before(world: World, age_ms: int) -> None:
    world.params.replace(replace(world.params.current(), read_at_ms=world.clock.now_ms() - age_ms))


def test_parameters_of_ten_minutes_still_open_positions(world: World) -> None:
    read_before(world, HARD_MAX_PARAMS_AGE_MS)
    (decision,) = world.desk.evaluate(world.liquidation_batch())
    assert decision.outcome is Outcome.TAKEN


def test_older_parameters_open_nothing_and_the_decision_says_how_old_they_are(world: World) -> None:
    read_before(world, HARD_MAX_PARAMS_AGE_MS + 1)
    (decision,) = world.desk.evaluate(world.liquidation_batch())
    assert (decision.outcome, decision.gate) == (Outcome.REFUSED, "parameters_age")
    assert decision.inputs["parameters_age_ms"] == "600001"
    assert world.venue.submitted == []


def test_a_fill_is_protected_however_old_the_parameters_are(world: World) -> None:
    entry = world.entered()
    read_before(world, 24 * 3_600_000)
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.009"), d("100001")))
    assert len(world.venue.of_purpose("s")) == 1
    assert len(world.venue.of_purpose("t")) == 1
    assert world.position.unprotected_since_ms is None
