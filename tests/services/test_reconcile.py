from dataclasses import replace

import pytest
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d

from undertow.domain.account import MarginType, Switch, VenuePosition
from undertow.domain.ids import TradeId, VenueOrderId
from undertow.domain.market import PositionSide
from undertow.domain.order import OrderState, Purpose
from undertow.domain.outcome import Unconfirmed, VenueBlocked, VenueReadFailed
from undertow.risk.approval import ApprovedOrder


def leg(quantity: str, side: PositionSide = PositionSide.LONG) -> VenuePosition:
    return VenuePosition(
        BTC, side, d(quantity), d("100000"), d("100000"), d("0"), 10, MarginType.ISOLATED, None, updated_at_ms=0
    )


def test_an_entry_whose_process_died_after_the_venue_took_it_is_found_booked_and_protected(world: World) -> None:
    def dies_after_the_venue_took_it(order: ApprovedOrder) -> Unconfirmed:
        world.venue.take(order)
        raise KeyboardInterrupt

    world.venue.answers = [dies_after_the_venue_took_it]
    with pytest.raises(KeyboardInterrupt):
        world.entered()
    (entry,) = world.venue.standing
    world.venue.fill(entry, d("0.009"), d("100000"))
    world.venue.positions = [leg("0.009")]
    world.clock.advance(60_000)
    report = world.desk.reconcile(ACCOUNT)
    assert report.differences == 0
    assert world.position.quantity == d("0.009")
    assert world.position.unprotected_since_ms is None
    assert world.order(entry).state is OrderState.FILLED
    assert len([o for o in world.venue.submitted if o.intent.purpose is Purpose.ENTRY]) == 1


def test_an_entry_whose_process_died_before_the_post_is_lost_after_three_questions_and_still_reserved(
    world: World,
) -> None:
    def dies(_order: ApprovedOrder) -> Unconfirmed:
        raise KeyboardInterrupt

    world.venue.answers = [dies]
    with pytest.raises(KeyboardInterrupt):
        world.entered()
    (order,) = world.desk.repositories.orders.unfinished(ACCOUNT.id)
    for _ in range(3):
        world.clock.advance(60_000)
        world.desk.reconcile(ACCOUNT)
    assert world.order(order.client_order_id).state is OrderState.LOST
    assert order.client_order_id in world.slot.reserved
    assert f"order_lost#{order.client_order_id}" in world.alerts


def test_a_lost_order_gives_its_reservation_back_after_35_minutes_of_not_found(world: World) -> None:
    world.venue.answers = [lambda _order: Unconfirmed("503")]
    order = world.entered()
    for _ in range(40):
        world.clock.advance(60_000)
        world.desk.reconcile(ACCOUNT)
    assert world.order(order).state is OrderState.ABANDONED
    assert world.slot.reserved == {}


def test_a_fill_of_an_order_that_was_given_up_is_still_booked_and_reserved(world: World) -> None:
    world.venue.answers = [lambda _order: Unconfirmed("503")]
    order = world.entered()
    for _ in range(40):
        world.clock.advance(60_000)
        world.desk.reconcile(ACCOUNT)
    world.venue.take(world.venue.submitted[0])
    world.desk.track(ACCOUNT, world.venue.fill(order, d("0.009"), d("100000")))
    assert world.position.quantity == d("0.009")
    assert world.slot.reserved_notional == d("900")
    assert world.order(order).state is OrderState.FILLED


def test_a_read_that_failed_is_not_an_empty_account(world: World) -> None:
    world.holding()
    world.venue.read_failure = VenueReadFailed("time-out")
    with pytest.raises(VenueReadFailed):
        world.desk.reconcile(ACCOUNT)
    assert world.position.quantity == d("0.009")


def test_a_position_closed_while_nobody_listened_is_closed_with_its_real_trades(world: World) -> None:
    world.holding()
    target = world.position.target_order
    assert target is not None
    world.clock.advance(10_000)
    world.venue.fill(target, d("0.009"), d("102000"))
    report = world.desk.reconcile(ACCOUNT)
    assert report.fills_imported >= 1 or world.slot.position is None
    assert world.slot.position is None
    assert world.venue.of_purpose("s") == []


def test_a_difference_that_no_trade_explains_is_doubted_once_and_then_believed(world: World) -> None:
    world.holding()
    world.clock.advance(10_000)
    first = world.desk.reconcile(ACCOUNT)
    assert first.differences == 1
    assert world.position.quantity == d("0.009")
    world.clock.advance(60_000)
    second = world.desk.reconcile(ACCOUNT)
    assert second.adjusted == 1
    assert world.slot.position is None
    assert "difference#main#BTCUSDT#LONG" in world.alerts


def owner_buys(world: World, quantity: str) -> None:
    """By hand, and listed: the ledger learns of it with the next pass."""
    last = world.venue.trades[-1]
    own = replace(last, trade_id=TradeId(last.trade_id + 100), venue_order_id=VenueOrderId(9_999), client_order_id=None)
    world.venue.trades.append(replace(own, quantity=d(quantity), time_ms=world.clock.now_ms()))


def passes_while_the_owner_buys(world: World, *held_at_venue: str) -> int:
    """A pass a minute, and 0.001 bought before each; how many legs the last one adjusted."""
    adjusted = 0
    for held in held_at_venue:
        world.clock.advance(10_000)
        owner_buys(world, "0.001")
        world.clock.advance(50_000)
        world.venue.positions = [leg(held)]
        adjusted = world.desk.reconcile(ACCOUNT).adjusted
    return adjusted


def test_a_difference_is_settled_in_a_symbol_that_trades_every_minute(world: World) -> None:
    """Seed 797: what both sides know of was booked between two readings, and the doubt began anew each time."""
    world.holding()
    assert passes_while_the_owner_buys(world, "0.006", "0.007") == 1
    assert (world.position.quantity, world.position.unexplained) == (d("0.007"), d("-0.004"))
    assert world.position.questioned_by is None


def test_a_difference_that_changed_with_a_trade_is_doubted_anew(world: World) -> None:
    world.holding()
    assert passes_while_the_owner_buys(world, "0.006", "0.006") == 0
    assert (world.position.quantity, world.position.questioned_by) == (d("0.011"), d("0.005"))


def test_a_doubt_that_went_away_is_forgotten(world: World) -> None:
    world.holding()
    world.clock.advance(10_000)
    world.desk.reconcile(ACCOUNT)
    world.venue.positions = [leg("0.009")]
    world.desk.reconcile(ACCOUNT)
    assert world.position.questioned_at_ms is None


def test_a_position_found_only_at_the_venue_is_adopted_protected_and_alerted(world: World) -> None:
    world.venue.positions = [leg("0.5", PositionSide.SHORT)]
    report = world.desk.reconcile(ACCOUNT)
    slot = world.desk.repositories.ledger.slot(ACCOUNT.id, BTC, PositionSide.SHORT)
    assert report.adopted == 1
    assert slot.position is not None
    assert slot.position.is_external
    assert slot.position.stop_order in world.venue.standing
    assert "difference#main#BTCUSDT#SHORT" in world.alerts


def test_a_stop_cancelled_by_hand_while_nobody_listened_is_placed_again(world: World) -> None:
    world.holding()
    stop = world.position.stop_order
    assert stop is not None
    world.venue.ended[stop] = replace(world.venue.standing.pop(stop), state=OrderState.CANCELED)
    world.venue.positions = [leg("0.009")]
    world.clock.advance(60_000)
    world.desk.reconcile(ACCOUNT)
    assert len(world.venue.of_purpose("s")) == 1


def test_a_stop_left_behind_by_a_closed_position_is_cancelled_and_others_orders_are_not(world: World) -> None:
    world.holding()
    stop, target = world.position.stop_order, world.position.target_order
    assert stop is not None
    assert target is not None
    foreign = replace(world.venue.standing[stop], client_order_id="web_7")
    left_behind = world.venue.standing[stop]
    world.desk.track(ACCOUNT, world.venue.fill(target, d("0.009"), d("102000")))
    order = world.order(stop)
    assert world.desk.repositories.orders.update(replace(order, state=OrderState.OPEN, version=order.version + 1))
    world.venue.standing = {stop: left_behind, "web_7": foreign}
    world.clock.advance(60_000)
    report = world.desk.reconcile(ACCOUNT)
    assert report.orphans_canceled == 1
    assert list(world.venue.standing) == ["web_7"]


def test_reconciling_twice_changes_nothing_the_second_time(world: World) -> None:
    world.holding()
    world.venue.positions = [leg("0.009")]
    world.clock.advance(60_000)
    world.desk.reconcile(ACCOUNT)
    before = world.slot
    sent = len(world.venue.submitted)
    world.desk.reconcile(ACCOUNT)
    assert world.slot == before
    assert len(world.venue.submitted) == sent


def test_close_only_cancels_the_entries_and_keeps_the_protection(world: World) -> None:
    world.holding()
    world.clock.advance(31_000)
    second = world.entered(2)
    world.switch(Switch.CLOSE_ONLY)
    world.desk.manage(ACCOUNT)
    assert second in world.venue.canceled
    assert len(world.venue.of_purpose("s")) == 1


def test_flatten_cancels_the_entries_and_closes_every_position_once(world: World) -> None:
    world.holding()
    world.clock.advance(31_000)
    world.entered(2)
    world.switch(Switch.FLATTEN)
    world.desk.manage(ACCOUNT)
    world.desk.manage(ACCOUNT)
    exits = [order.intent for order in world.venue.submitted if order.intent.purpose is Purpose.EXIT]
    assert [intent.quantity for intent in exits] == [d("0.009")]
    assert world.venue.of_purpose("e") == []


def test_an_entry_past_its_time_to_live_is_cancelled_by_the_schedule_even_if_its_follow_up_was_lost(
    world: World,
) -> None:
    entry = world.entered()
    world.clock.advance(61_000)
    world.desk.manage(ACCOUNT)
    assert world.order(entry).state is OrderState.CANCELED
    assert world.slot.entries == ()


@pytest.mark.parametrize(
    ("offset_ms", "told", "entered"), [(400, False, True), (-700, True, True), (1_500, True, False)]
)
def test_clocks_that_are_apart_are_told_and_far_apart_block_entries(
    world: World, offset_ms: int, told: bool, entered: bool
) -> None:
    world.venue.clock_offset_ms = offset_ms
    world.desk.reconcile(ACCOUNT)
    assert ("clock#aster" in world.alerts) is told
    (decision,) = world.desk.evaluate(world.liquidation_batch())
    assert (decision.gate != "venue_health") is entered


def test_a_ban_stops_reconciliation_from_asking_until_it_is_over(world: World) -> None:
    until_ms = world.clock.now_ms() + 120_000
    world.venue.read_failure = VenueBlocked(until_ms, "418")
    with pytest.raises(VenueBlocked):
        world.desk.reconcile(ACCOUNT)
    world.venue.read_failure = None
    with pytest.raises(VenueBlocked):
        world.desk.reconcile(ACCOUNT)
    world.clock.set(until_ms)
    world.desk.reconcile(ACCOUNT)


def test_an_entry_that_was_given_up_and_stands_after_all_is_cancelled(world: World) -> None:
    world.venue.answers = [lambda _order: Unconfirmed("503")]
    order = world.entered()
    for _ in range(40):
        world.clock.advance(60_000)
        world.desk.reconcile(ACCOUNT)
    world.venue.take(world.venue.submitted[0])
    world.desk.reconcile(ACCOUNT)
    assert order in world.venue.canceled
