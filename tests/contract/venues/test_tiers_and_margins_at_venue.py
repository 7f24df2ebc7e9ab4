"""Leverage tiers and margins as the desk reads them from a venue over the wire."""

from itertools import pairwise

import pytest
from tests.contract.venues.desk_at_venue import DeskAtVenue, open_desk
from tests.services.world import ACCOUNT

from undertow.domain.market import Venue


@pytest.fixture(params=[1, 3], ids=["hmac", "agent key"])
def at_venue(request: pytest.FixtureRequest) -> DeskAtVenue:
    return open_desk(generation=request.param)


def test_every_instrument_has_its_tiers_from_zero_without_a_gap(at_venue: DeskAtVenue) -> None:
    kept = at_venue.desk.repositories.instruments.all(Venue.ASTER)
    assert kept
    for instrument in kept:
        tiers = instrument.brackets
        assert tiers[0].notional_floor == 0
        for lower, upper in pairwise(tiers):
            assert upper.notional_floor == lower.notional_cap
            assert upper.maintenance_ratio > lower.maintenance_ratio
            owed = upper.notional_floor * (upper.maintenance_ratio - lower.maintenance_ratio)
            assert upper.cumulative == lower.cumulative + owed, "margin does not jump where tiers meet"


def test_a_balance_tells_the_margins_that_a_position_costs(at_venue: DeskAtVenue) -> None:
    before = at_venue.desk.repositories.balances.latest(ACCOUNT.id)
    assert before is not None
    assert (before.initial_margin, before.maintenance_margin) == (0, 0)
    for number, symbol in enumerate(at_venue.symbols()[:4]):
        at_venue.desk.evaluate(at_venue.signal(symbol, number))
        at_venue.pass_time(10)
    assert at_venue.ledger_quantities()
    at_venue.desk.reconcile(ACCOUNT)
    after = at_venue.desk.repositories.balances.latest(ACCOUNT.id)
    assert after is not None
    assert after.initial_margin is not None
    assert after.maintenance_margin is not None
    assert 0 < after.maintenance_margin < after.initial_margin
