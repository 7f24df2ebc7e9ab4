from dataclasses import replace

import pytest
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d

from undertow.domain.market import PositionSide
from undertow.domain.order import OrderState, OrderType, Purpose
from undertow.domain.outcome import Rejected, Unconfirmed, VenueReadFailed
from undertow.risk.approval import ApprovedOrder
from undertow.services.protect import Protection


def test_a_fill_is_protected_at_once_stop_before_target(world: World) -> None:
    world.holding()
    _, stop, target = (order.intent for order in world.venue.submitted)
    assert (stop.purpose, stop.type, stop.stop_price) == (Purpose.STOP_LOSS, OrderType.STOP_MARKET, d("99000.9"))
    assert (target.purpose, target.stop_price) == (Purpose.TAKE_PROFIT, d("102001.1"))
    assert stop.close_position
    assert world.position.unprotected_since_ms is None
    assert world.position.stop_order == stop.client_order_id


def test_protecting_a_protected_position_again_sends_nothing(world: World) -> None:
    world.holding()
    sent = len(world.venue.submitted)
    assert _protect(world) is Protection.PROTECTED
    assert len(world.venue.submitted) == sent


def test_a_changed_average_replaces_the_stop_new_before_old(world: World) -> None:
    world.holding()
    old = world.position.stop_order
    world.clock.advance(31_000)
    second = world.entered(2)
    world.desk.track(ACCOUNT, world.venue.fill(second, world.venue.standing[second].quantity, d("99000")))
    assert world.position.stop_order != old
    assert world.position.stop_order in world.venue.standing
    assert old in world.venue.canceled
    assert len(world.venue.of_purpose("s")) == 1
    assert len(world.venue.of_purpose("t")) == 1


def test_a_rejected_target_leaves_the_stop_alone_and_the_position_protected(world: World) -> None:
    entry = world.entered()
    world.venue.answers = [world.venue.take, lambda _order: Rejected(-4045, "Reach max stop order limit.")]
    world.desk.track(ACCOUNT, world.venue.fill(entry, world.venue.standing[entry].quantity, d("100000")))
    assert world.position.stop_order in world.venue.standing
    assert world.position.target_order is None
    assert world.position.unprotected_since_ms is None


def test_a_stop_that_would_trigger_at_once_closes_the_position_at_market(world: World) -> None:
    entry = world.entered()
    world.venue.answers = [lambda _order: Rejected(-2021, "Order would immediately trigger.")]
    quantity = world.venue.standing[entry].quantity
    world.desk.track(ACCOUNT, world.venue.fill(entry, quantity, d("100000")))
    exit_order = world.venue.submitted[-1].intent
    assert (exit_order.purpose, exit_order.type, exit_order.quantity) == (Purpose.EXIT, OrderType.MARKET, quantity)


def test_a_venue_with_one_closing_order_per_direction_gets_a_stop_for_the_quantity(world: World) -> None:
    entry = world.entered()
    quantity = world.venue.standing[entry].quantity
    world.venue.answers = [lambda _order: Rejected(-4130, "An open stop order exists.")]
    world.desk.track(ACCOUNT, world.venue.fill(entry, quantity, d("100000")))
    stop = world.venue.submitted[2].intent
    assert (stop.purpose, stop.close_position, stop.quantity) == (Purpose.STOP_LOSS, False, quantity)
    assert world.position.unprotected_since_ms is None
    assert _protect(world) is Protection.PROTECTED
    assert len(world.venue.of_purpose("s")) == 1


def test_an_unconfirmed_stop_is_asked_about_and_not_sent_twice(world: World) -> None:
    entry = world.entered()

    def taken_but_503(order: ApprovedOrder) -> Unconfirmed:
        world.venue.take(order)
        return Unconfirmed("503")

    world.venue.answers = [taken_but_503]
    world.desk.track(ACCOUNT, world.venue.fill(entry, world.venue.standing[entry].quantity, d("100000")))
    assert world.position.unprotected_since_ms is not None
    world.clock.advance(2_000)
    world.follow_up()
    assert world.position.unprotected_since_ms is None
    assert len(world.venue.of_purpose("s")) == 1
    assert len(world.venue.of_purpose("t")) == 1


def test_a_position_without_a_stop_is_told_after_5_s_and_closed_after_15_s(world: World) -> None:
    entry = world.entered()

    def refuse(order: ApprovedOrder) -> Rejected:
        return Rejected(-4045, "Reach max stop order limit.")

    world.venue.answers = [refuse] * 4
    world.desk.track(ACCOUNT, world.venue.fill(entry, world.venue.standing[entry].quantity, d("100000")))
    for _ in range(2):
        world.clock.advance(5_000)
        world.follow_up()
    assert any(key.startswith("unprotected_for_long") for key in world.alerts)
    assert world.venue.submitted[-1].intent.purpose is Purpose.STOP_LOSS
    world.venue.answers = [refuse]
    world.clock.advance(5_000)
    world.follow_up()
    assert world.venue.submitted[-1].intent.purpose is Purpose.EXIT


def test_a_stop_cancelled_by_hand_is_placed_again(world: World) -> None:
    world.holding()
    stop = world.position.stop_order
    assert stop is not None
    news = replace(world.venue.standing.pop(stop), state=OrderState.CANCELED)
    world.venue.ended[stop] = news
    world.clock.advance(1_000)
    from undertow.domain.event import OrderChanged

    world.desk.track(ACCOUNT, OrderChanged(ACCOUNT.id, news, None, "", world.clock.now_ms()))
    assert world.position.stop_order != stop
    assert len(world.venue.of_purpose("s")) == 1


def test_when_the_target_closes_the_position_the_stop_is_cancelled_and_everything_is_released(world: World) -> None:
    world.holding()
    target, stop = world.position.target_order, world.position.stop_order
    assert target is not None
    quantity = world.position.quantity
    world.desk.track(ACCOUNT, world.venue.fill(target, quantity, d("102001.1")))
    assert world.slot.position is None
    assert world.slot.reserved == {}
    assert stop in world.venue.canceled
    assert world.desk.repositories.ledger.totals(ACCOUNT.id).margin == 0
    closed = world.desk.repositories.ledger.closed_positions(ACCOUNT.id, 0, world.clock.now_ms(), 10)
    assert [position.max_quantity for position in closed] == [quantity]


def test_a_stop_whose_placing_was_interrupted_is_found_and_not_doubled(world: World) -> None:
    entry = world.entered()

    def dies_after_the_venue_took_it(order: ApprovedOrder) -> Rejected:
        world.venue.take(order)
        raise KeyboardInterrupt

    world.venue.answers = [dies_after_the_venue_took_it]
    event = world.venue.fill(entry, world.venue.standing[entry].quantity, d("100000"))
    with pytest.raises(KeyboardInterrupt):
        world.desk.track(ACCOUNT, event)
    world.clock.advance(180_000)
    world.desk.track(ACCOUNT, event)
    assert world.position.unprotected_since_ms is None
    assert len(world.venue.of_purpose("s")) == 1
    assert len(world.venue.of_purpose("t")) == 1


def test_a_failed_cancel_of_the_old_stop_leaves_the_new_one_standing(world: World) -> None:
    world.holding()
    world.clock.advance(31_000)
    second = world.entered(2)
    world.venue.cancel_failure = VenueReadFailed("time-out")
    world.desk.track(ACCOUNT, world.venue.fill(second, world.venue.standing[second].quantity, d("99000")))
    assert world.position.stop_order in world.venue.standing


def _protect(world: World) -> Protection:
    return world.desk.protect(ACCOUNT, BTC, PositionSide.LONG)


def test_a_stop_for_a_fixed_quantity_is_replaced_when_the_position_outgrows_it(world: World) -> None:
    def one_closing_order_only(order: ApprovedOrder) -> object:
        if order.intent.close_position:
            return Rejected(-4130, "An open stop order exists.")
        return world.venue.take(order)

    entry = world.entered()
    world.venue.answers = [one_closing_order_only] * 20  # type: ignore[list-item]
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.003"), d("100000")))
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.006"), d("100000")))
    (stop,) = world.venue.of_purpose("s")
    assert stop.quantity == world.position.quantity == d("0.009")
