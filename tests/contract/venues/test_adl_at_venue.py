"""Ranks for auto-deleveraging as the desk reads them from a venue over the wire."""

import pytest
from tests.contract.venues.desk_at_venue import DeskAtVenue, open_desk
from tests.services.world import ACCOUNT

from undertow.domain.adl import HIGHEST_RANK


@pytest.fixture(params=[1, 3], ids=["hmac", "agent key"])
def at_venue(request: pytest.FixtureRequest) -> DeskAtVenue:
    return open_desk(generation=request.param)


def test_every_position_that_is_held_is_ranked(at_venue: DeskAtVenue) -> None:
    for number, symbol in enumerate(at_venue.symbols()[:4]):
        at_venue.desk.evaluate(at_venue.signal(symbol, number))
        at_venue.pass_time(10)
    at_venue.desk.reconcile(ACCOUNT)
    held = {(one.symbol, one.side) for one in at_venue.venues.trading(ACCOUNT).fetch_positions()}
    assert held

    known = at_venue.desk.repositories.adl_rankings.get(ACCOUNT.id)

    assert known.ranks.keys() == held
    assert all(0 <= rank <= HIGHEST_RANK for rank in known.ranks.values())
    assert known.failure == ""
