"""Our liquidation prices against the venue's own, pass by pass."""

from dataclasses import replace
from typing import Any

import pytest
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BRACKETS, BTC, d, instrument

from undertow.domain.account import MarginType, VenuePosition
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide
from undertow.risk.liquidation import Leg, cross_liquidation_price, hedge_liquidation_prices, isolated_liquidation_price

ETH = Symbol("ETHUSDT")
LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
ALERT = "liquidation_price#main#BTCUSDT#LONG"


def held(**changes: Any) -> VenuePosition:
    """A long of 0.5 at 100,000 with an isolated margin of 5,000 and no liquidation price named."""
    usual = VenuePosition(
        BTC, LONG, d("0.5"), d("100000"), d("100000"), d("0"), 10, MarginType.ISOLATED, None, 0, d("5000")
    )
    return replace(usual, **changes)


def alerted(world: World, *positions: VenuePosition) -> bool:
    world.venue.positions = list(positions)
    world.desk.reconcile(ACCOUNT)
    return ALERT in world.alerts


ISOLATED = isolated_liquidation_price(LONG, d("0.5"), d("100000"), d("5000"), BRACKETS)


@pytest.mark.parametrize(("factor", "told"), [("1", False), ("1.004", False), ("0.996", False), ("1.006", True)])
def test_more_than_half_a_percent_apart_is_told(factor: str, told: bool, world: World) -> None:
    assert ISOLATED is not None
    assert alerted(world, held(liquidation_price=ISOLATED * d(factor))) is told
    assert world.meter.counts["liquidation_prices_apart"] == told


def test_a_venue_that_names_no_price_is_not_compared(world: World) -> None:
    assert not alerted(world, held())


def test_a_position_whose_own_margin_is_not_told_is_not_compared(world: World) -> None:
    assert not alerted(world, held(liquidation_price=d("1"), isolated_wallet=None))


def test_a_symbol_without_known_tiers_is_not_compared(world: World) -> None:
    world.desk.repositories.instruments.save([instrument(brackets=())])
    assert not alerted(world, held(liquidation_price=d("1")))


@pytest.mark.parametrize(("factor", "told"), [("1", False), ("1.01", True)])
def test_a_cross_position_shares_the_wallet_that_isolated_ones_leave_with_what_else_is_held(
    factor: str, told: bool, world: World
) -> None:
    world.desk.repositories.instruments.save([instrument(symbol=ETH)])
    locked = held(symbol=ETH, side=SHORT, isolated_wallet=d("2000"))
    other = held(symbol=ETH, margin_type=MarginType.CROSS, unrealized=d("-300"), isolated_wallet=None)
    # Of the wallet of 10,000 are 2,000 locked; the other long needs 0.5 % of 50,000.
    ours = cross_liquidation_price(LONG, d("0.5"), d("100000"), d("8000"), BRACKETS, d("250"), d("-300"))
    assert ours is not None
    own = held(margin_type=MarginType.CROSS, liquidation_price=ours * d(factor), isolated_wallet=None)
    assert alerted(world, own, locked, other) is told


def test_a_hedged_pair_is_compared_with_either_of_its_ends(world: World) -> None:
    long, short = Leg(LONG, d("0.5"), d("100000")), Leg(SHORT, d("0.2"), d("101000"))
    ends = hedge_liquidation_prices(long, short, d("10000"), BRACKETS)
    assert ends
    cross: dict[str, Any] = {"margin_type": MarginType.CROSS, "isolated_wallet": None}
    pair = held(side=SHORT, quantity=d("0.2"), entry_price=d("101000"), **cross)
    for end in ends:
        assert not alerted(world, held(liquidation_price=end, **cross), pair)
    assert alerted(world, held(liquidation_price=ends[0] * d("0.9"), **cross), pair)
