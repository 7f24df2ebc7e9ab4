"""A process that ends without a word, and what the next delivery, look or schedule makes of what it left behind.

The kill tests do the same to real processes; here is why each of them comes out well.
"""

import pytest
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d

from undertow.domain.account import MarginType, VenuePosition
from undertow.domain.event import OrderChanged
from undertow.domain.follow_up import FollowUpKind
from undertow.domain.market import PositionSide
from undertow.domain.order import OrderState, Purpose
from undertow.domain.outcome import Rejected, SubmitOutcome, Unconfirmed
from undertow.risk.approval import ApprovedOrder


class Died(BaseException):
    """Not an error that anything in the program may handle."""


def dies(order: ApprovedOrder) -> SubmitOutcome:
    raise Died


def opened_by_a_process_that_dies_before_it_sends_the_stop(world: World) -> OrderChanged:
    entry = world.entered()
    event = world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001"))
    world.venue.answers = [dies]
    with pytest.raises(Died):
        world.desk.track(ACCOUNT, event)
    return event


def test_an_entry_that_filled_unheard_is_protected_when_its_message_comes_again(world: World) -> None:
    batch = world.liquidation_batch()

    def takes_fills_and_dies(order: ApprovedOrder) -> SubmitOutcome:
        world.venue.take(order)
        assert order.intent.quantity is not None
        world.venue.fill(order.intent.client_order_id, order.intent.quantity, d("100001"))
        raise Died

    world.venue.answers = [takes_fills_and_dies]
    with pytest.raises(Died):
        world.desk.evaluate(batch)
    world.clock.advance(90_000)
    world.desk.evaluate(batch, redelivered=True)
    assert world.position.quantity == d("0.009")
    assert world.position.stop_order in world.venue.standing
    assert world.position.target_order in world.venue.standing


def test_a_stop_that_was_written_down_and_never_sent_is_replaced_within_two_seconds(world: World) -> None:
    opened_by_a_process_that_dies_before_it_sends_the_stop(world)
    for _ in range(2):
        world.clock.advance(1_000)
        world.follow_up()
    assert world.position.stop_order in world.venue.standing
    assert world.position.unprotected_since_ms is None
    assert len(world.venue.of_purpose("s")) == 1


def test_a_look_that_dies_has_put_off_the_next_one_and_once_only(world: World) -> None:
    """The queue hides what a process died with for three minutes."""
    opened_by_a_process_that_dies_before_it_sends_the_stop(world)
    world.clock.advance(2_000)
    (look,) = [item for item in world.follow_ups.due() if item.kind is FollowUpKind.CHECK_PROTECTION]
    for is_repeated in (False, True):
        world.venue.answers = [dies]
        with pytest.raises(Died):
            world.desk.take_up(ACCOUNT, look, is_repeated=is_repeated)
        world.clock.advance(2_000)
    looks = [item for item in world.follow_ups.waiting() if item.kind is FollowUpKind.CHECK_PROTECTION]
    assert [item.attempt for item in looks] == [1]
    world.follow_up()
    assert world.position.stop_order in world.venue.standing


def test_a_stop_that_is_on_its_way_is_waited_for(world: World) -> None:
    event = opened_by_a_process_that_dies_before_it_sends_the_stop(world)
    sent = len(world.venue.submitted)
    world.clock.advance(1_000)
    world.desk.track(ACCOUNT, event)
    assert len(world.venue.submitted) == sent
    assert world.position.unprotected_since_ms is not None


def test_a_stop_that_arrives_after_it_was_replaced_is_cancelled_by_reconciliation(world: World) -> None:
    opened_by_a_process_that_dies_before_it_sends_the_stop(world)
    late = world.venue.submitted[-1]
    world.clock.advance(5_000)
    world.follow_up()
    world.venue.take(late)
    world.venue.positions = [
        VenuePosition(
            BTC,
            PositionSide.LONG,
            world.position.quantity,
            d("100001"),
            d("100000"),
            d("0"),
            10,
            MarginType.ISOLATED,
            None,
            updated_at_ms=0,
        )
    ]
    for _ in range(2):  # found by the first, cancelled by the second
        world.clock.advance(60_000)
        world.desk.reconcile(ACCOUNT)
    assert late.intent.client_order_id in world.venue.canceled
    assert world.order(late.intent.client_order_id).state is OrderState.CANCELED
    assert world.position.stop_order in world.venue.standing


def test_a_target_that_was_written_down_and_never_sent_is_replaced(world: World) -> None:
    entry = world.entered()
    event = world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001"))
    world.venue.answers = [world.venue.take, dies]
    with pytest.raises(Died):
        world.desk.track(ACCOUNT, event)
    world.clock.advance(5_000)
    world.follow_up()
    assert world.position.target_order in world.venue.standing
    assert len(world.venue.of_purpose("s")) == 1


def test_an_exit_that_was_written_down_and_never_sent_is_followed_by_another_one(world: World) -> None:
    entry = world.entered()
    quantity = world.venue.standing[entry].quantity
    event = world.venue.fill(entry, quantity, d("100001"))
    through = lambda _order: Rejected(-2021, "Order would immediately trigger.")  # noqa: E731
    world.venue.answers = [through, dies]
    with pytest.raises(Died):
        world.desk.track(ACCOUNT, event)
    dead = world.venue.submitted[-1].intent.client_order_id
    world.clock.advance(5_000)
    world.venue.answers = [through]
    world.follow_up()
    again = next(order.intent for order in reversed(world.venue.submitted) if order.intent.purpose is Purpose.EXIT)
    assert again.quantity == quantity
    assert again.client_order_id != dead
    assert again.client_order_id in world.venue.standing


def test_a_lost_order_is_told_even_if_the_process_that_lost_it_died_before_it_could(world: World) -> None:
    world.venue.answers = [lambda _order: Unconfirmed("no answer")]
    order = world.order(world.entered())
    for _ in range(2):
        order = world.desk.resolve.ask(ACCOUNT, order)
    lost = world.desk.resolve.record.state(order, OrderState.LOST, "not found 3 times")
    world.desk.resolve.ask(ACCOUNT, lost)
    assert world.alerts == []
    world.clock.advance(5_000)
    world.desk.reconcile(ACCOUNT)
    assert world.alerts == [f"order_lost#{order.client_order_id}"]


def test_a_fill_whose_message_is_held_back_is_protected_within_five_seconds(world: World) -> None:
    """The process that read the message died, and the queue keeps it hidden for three minutes."""
    entry = world.entered()
    world.clock.advance(1_000)
    world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001"))
    world.clock.advance(3_000)
    world.follow_up()
    assert world.position.stop_order in world.venue.standing
    assert world.position.target_order in world.venue.standing


def test_an_entry_is_asked_about_until_it_has_ended_and_never_again_once_it_is_booked(world: World) -> None:
    entry = world.entered()
    for _ in range(3):
        world.clock.advance(4_000)
        world.follow_up()
    assert world.venue.questions == [entry] * 3
    world.desk.track(ACCOUNT, world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001")))
    for _ in range(8):
        world.clock.advance(4_000)
        world.follow_up()
    assert world.venue.questions == [entry] * 3
