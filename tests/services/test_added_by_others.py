"""What others add to a position of ours counts against the caps, as a position that they open does."""

from dataclasses import replace

from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d, fill

from undertow.domain.account import MarginType, VenuePosition
from undertow.domain.decision import Outcome
from undertow.domain.ids import ClientOrderId, TradeId, VenueOrderId
from undertow.domain.market import PositionSide, Side
from undertow.domain.order import OrderState
from undertow.risk.budget import loss_at_stop
from undertow.risk.limits import RiskLimits
from undertow.services.added_by_others import with_what_others_added

HAND = VenueOrderId(900)


def by_hand(world: World, quantity: str, number: int = 900, side: Side = Side.BUY) -> None:
    """The owner trades at the venue's own page, at 100,000; after the next pass the ledger knows."""
    world.clock.advance(1_000)
    trade = fill(quantity, "100000", trade_id=TradeId(number), venue_order_id=HAND, side=side)
    world.venue.trades.append(replace(trade, client_order_id=None, time_ms=world.clock.now_ms()))
    sign = 1 if side is Side.BUY else -1
    stand(world, str(world.position.quantity + sign * d(quantity)))
    world.desk.reconcile(ACCOUNT)


def stand(world: World, quantity: str) -> None:
    """The venue holds ``quantity`` long."""
    now_ms = world.clock.now_ms()
    world.venue.positions = [
        VenuePosition(
            BTC,
            PositionSide.LONG,
            d(quantity),
            d("100000"),
            d("100000"),
            d("0"),
            10,
            MarginType.ISOLATED,
            None,
            updated_at_ms=now_ms,
        )
    ]


def test_what_a_person_adds_to_our_position_is_reserved_at_the_stop_that_stands(world: World) -> None:
    world.holding()
    before = world.slot
    by_hand(world, "0.5")
    world.desk.reconcile(ACCOUNT)  # the stop has followed the average by now
    position = world.position
    assert position.quantity == d("0.509")
    assert position.stop_price is not None
    added = world.slot.reserved[ClientOrderId(position.id)]
    assert added.notional == d("0.5") * position.entry_price
    assert added.margin == added.notional / 10
    stop = position.stop_price
    assert added.risk == loss_at_stop(PositionSide.LONG, d("0.5"), position.entry_price, stop, RiskLimits())
    assert {order: held for order, held in world.slot.reserved.items() if order in before.reserved} == before.reserved


def test_no_entry_goes_where_what_a_person_added_has_used_up_the_cap(world: World) -> None:
    world.holding()
    by_hand(world, "0.5")
    world.clock.advance(60_000)
    world.desk.reconcile(ACCOUNT)
    world.prove()
    (decision,) = world.desk.evaluate(world.liquidation_batch(2))
    assert decision.outcome is Outcome.REFUSED
    assert decision.gate == "max_position_margin"


def test_it_goes_back_when_it_is_taken_off_again(world: World) -> None:
    world.holding()
    before = world.desk.repositories.ledger.totals(ACCOUNT.id)
    by_hand(world, "0.5")
    by_hand(world, "0.5", 901, Side.SELL)
    after = world.desk.repositories.ledger.totals(ACCOUNT.id)
    assert (after.notional, after.margin, after.risk) == (before.notional, before.margin, before.risk)


def test_an_entry_that_sold_above_its_price_reserves_no_more(world: World) -> None:
    (decision,) = world.desk.evaluate(world.liquidation_batch(side=Side.BUY))
    assert decision.client_order_id is not None
    entry = world.venue.standing[decision.client_order_id]
    world.desk.track(ACCOUNT, world.venue.fill(decision.client_order_id, entry.quantity, entry.price + 50))
    assert world.order(decision.client_order_id).state is OrderState.FILLED
    slot = world.desk.repositories.ledger.slot(ACCOUNT.id, BTC, PositionSide.SHORT)
    assert slot.position is not None
    assert slot.position.notional > slot.reserved_notional
    seen = VenuePosition(
        BTC, slot.side, entry.quantity, entry.price, entry.price, d("0"), 10, MarginType.ISOLATED, None, updated_at_ms=0
    )
    assert with_what_others_added(slot, seen, world.desk.repositories.orders, RiskLimits()) is slot


def test_of_an_entry_that_still_waits_what_it_brought_is_ours_and_the_rest_of_the_position_is_not(world: World) -> None:
    entry = world.entered()
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.004"), d("100001")))
    stand(world, "0.004")
    world.desk.reconcile(ACCOUNT)
    assert set(world.slot.reserved) == {entry}
    by_hand(world, "0.001")
    assert world.order(entry).state is OrderState.PARTIALLY_FILLED
    assert world.slot.reserved[ClientOrderId(world.position.id)].notional == d("0.001") * world.position.entry_price
