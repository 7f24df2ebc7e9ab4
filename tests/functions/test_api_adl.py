"""The rank for auto-deleveraging on the page of positions: a figure with its age, or not known."""

from typing import Any

from tests.functions.api_caller import ApiCaller
from tests.functions.holdings import hold
from tests.services.world import ACCOUNT, START_MS, World
from tests.unit.builders import BTC

from undertow.domain.adl import KNOWN_FOR_MS, AdlRanks
from undertow.domain.market import PositionSide


def adl(api: ApiCaller) -> Any:
    (position,) = api.get("/api/positions").json["positions"]
    return position["adl"]


def test_a_position_that_was_never_asked_about_has_no_rank(api: ApiCaller, world: World) -> None:
    hold(world)
    assert adl(api) == {"rank": None, "asked_ms": None, "reason": ""}


def test_a_rank_is_shown_with_its_time_until_it_is_too_old(api: ApiCaller, world: World) -> None:
    hold(world)
    world.desk.repositories.adl_rankings.save(AdlRanks(ACCOUNT.id, START_MS, {(BTC, PositionSide.LONG): 0}))
    assert adl(api) == {"rank": 0, "asked_ms": START_MS, "reason": ""}
    world.clock.advance(KNOWN_FOR_MS + 1)
    assert adl(api) == {"rank": None, "asked_ms": START_MS, "reason": ""}


def test_a_venue_that_did_not_answer_is_no_rank_of_zero(api: ApiCaller, world: World) -> None:
    hold(world)
    world.desk.repositories.adl_rankings.save(AdlRanks(ACCOUNT.id, START_MS, failure="no answer"))
    assert adl(api) == {"rank": None, "asked_ms": START_MS, "reason": "no answer"}
