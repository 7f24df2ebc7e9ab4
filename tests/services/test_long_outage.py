"""A venue that does not let us in for long, and a position that has no stop."""

from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d

from undertow.domain.market import PositionSide
from undertow.domain.order import OrderState, Purpose
from undertow.domain.outcome import Rejected, SubmitOutcome, VenueUnreachable
from undertow.risk.approval import ApprovedOrder
from undertow.services.protect import Protection


def let_nobody_in(order: ApprovedOrder) -> SubmitOutcome:
    raise VenueUnreachable("no connection (ConnectError)")


def naked_through_an_outage(world: World, looks: int) -> None:
    """A position whose stop could never be sent, looked at ``looks`` times a minute apart."""
    entry = world.entered()
    event = world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001"))
    world.venue.answers = [let_nobody_in] * 1_000
    world.desk.track(ACCOUNT, event)
    for _ in range(looks):
        world.clock.advance(60_000)
        world.desk.manage(ACCOUNT)
    world.venue.answers = []


def test_a_stop_is_placed_after_an_outage_however_long_it_was(world: World) -> None:
    naked_through_an_outage(world, looks=120)
    assert world.desk.protect(ACCOUNT, BTC, PositionSide.LONG) is Protection.PROTECTED
    assert world.position.stop_order in world.venue.standing
    assert len(world.venue.of_purpose("s")) == 1


def test_a_position_can_still_be_closed_after_an_outage_however_long_it_was(world: World) -> None:
    naked_through_an_outage(world, looks=120)
    world.venue.answers = [lambda _order: Rejected(-2021, "Order would immediately trigger.")]
    assert world.desk.protect(ACCOUNT, BTC, PositionSide.LONG) is Protection.CLOSING
    exit_order = world.venue.submitted[-1].intent
    assert (exit_order.purpose, exit_order.quantity) == (Purpose.EXIT, d("0.009"))
    assert world.order(exit_order.client_order_id).state is OrderState.OPEN


def test_a_venue_that_rejects_for_long_is_asked_to_close_again_every_minute(world: World) -> None:
    entry = world.entered()
    event = world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001"))
    world.venue.answers = [lambda _order: Rejected(-4131, "The counterparty's best price does not meet.")] * 1_000
    world.desk.track(ACCOUNT, event)
    for _ in range(90):
        world.clock.advance(60_000)
        world.desk.manage(ACCOUNT)
    sent = len(world.venue.submitted)
    world.venue.answers = []
    world.desk.guard.close(ACCOUNT, world.position, "again in the same minute")
    assert len(world.venue.submitted) == sent
    world.clock.advance(60_000)
    assert world.desk.protect(ACCOUNT, BTC, PositionSide.LONG) is Protection.PROTECTED
    (exit_order,) = world.desk.guard.close(ACCOUNT, world.position, "a minute later")
    assert exit_order.state is OrderState.OPEN
