"""Our liquidation prices are the simulator's, which computes them by an engine of its own."""

import pytest
from tests.contract.venues.desk_at_venue import ACCOUNT, DeskAtVenue, open_desk
from tests.contract.venues.test_desk_at_venue import enter_until_filled

from undertow.domain.account import MarginType
from undertow.domain.market import Side
from undertow.risk.liquidation import disagrees, isolated_liquidation_price


@pytest.fixture
def at_venue() -> DeskAtVenue:
    return open_desk()


@pytest.mark.parametrize("side", [Side.SELL, Side.BUY])
def test_the_price_that_the_venue_names_for_an_isolated_position_is_ours(at_venue: DeskAtVenue, side: Side) -> None:
    enter_until_filled(at_venue, side)
    positions = at_venue.venue_positions().values()
    assert positions
    for position in positions:
        instrument = at_venue.desk.repositories.instruments.get(ACCOUNT.venue, position.symbol)
        assert instrument is not None
        assert position.margin_type is MarginType.ISOLATED
        assert position.isolated_wallet is not None
        assert position.liquidation_price is not None
        ours = isolated_liquidation_price(
            position.side, position.quantity, position.entry_price, position.isolated_wallet, instrument.brackets
        )
        assert not disagrees(ours, position.liquidation_price)


def test_a_pass_over_positions_that_agree_alerts_nothing(at_venue: DeskAtVenue) -> None:
    enter_until_filled(at_venue)
    at_venue.desk.reconcile(ACCOUNT)
    assert at_venue.meter.counts["liquidation_prices_apart"] == 0
    assert not [alert for alert in at_venue.notifier.alerts if alert.key.startswith("liquidation_price")]
