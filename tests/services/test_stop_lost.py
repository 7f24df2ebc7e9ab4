"""A stop that stood and is gone. Until another stands, the time without one counts as after a fill."""

from collections.abc import Callable
from dataclasses import replace

from tests.services.world import ACCOUNT, World
from tests.unit.builders import d

from undertow.domain.event import OrderChanged
from undertow.domain.order import OrderState, Purpose
from undertow.domain.outcome import Rejected, SubmitOutcome
from undertow.risk.approval import ApprovedOrder


def stop_gone(world: World) -> OrderChanged:
    """The venue ends the stop without a trade (as it does when -4131 keeps a market order from going)."""
    stop = world.position.stop_order
    assert stop is not None
    ended = replace(world.venue.standing.pop(stop), state=OrderState.EXPIRED, time_ms=world.clock.now_ms())
    world.venue.ended[stop] = ended
    return OrderChanged(ACCOUNT.id, ended, None, "", world.clock.now_ms())


def no_stops(world: World) -> Callable[[ApprovedOrder], SubmitOutcome]:
    def answer(order: ApprovedOrder) -> SubmitOutcome:
        if order.intent.purpose is Purpose.STOP_LOSS:
            return Rejected(-4045, "Reach max stop order limit.")
        return world.venue.take(order)

    return answer


def test_a_position_whose_stop_is_gone_and_cannot_be_replaced_is_closed_in_time(world: World) -> None:
    world.holding()
    gone = stop_gone(world)
    world.venue.answers = [no_stops(world)] * 100
    world.desk.track(ACCOUNT, gone)
    assert world.position.unprotected_since_ms == world.clock.now_ms()
    for _ in range(4):
        world.clock.advance(5_000)
        world.follow_up()
    exits = [order.intent for order in world.venue.submitted if order.intent.purpose is Purpose.EXIT]
    assert [order.quantity for order in exits] == [d("0.009")]
    assert any(key.startswith("unprotected_for_long#") for key in world.alerts)


def test_a_position_whose_stop_could_not_be_moved_keeps_the_old_one_and_is_not_closed(world: World) -> None:
    world.holding()
    old = world.position.stop_order
    world.clock.advance(31_000)
    second = world.entered(2)
    world.venue.answers = [no_stops(world)] * 100
    world.desk.track(ACCOUNT, world.venue.fill(second, world.venue.standing[second].quantity, d("99000")))
    for _ in range(5):
        world.clock.advance(60_000)
        world.desk.manage(ACCOUNT)
    assert world.position.stop_order == old
    assert old in world.venue.standing
    assert world.position.unprotected_since_ms is None
    assert not [order for order in world.venue.submitted if order.intent.purpose is Purpose.EXIT]
