"""What people are told of a position without a stop or a target is true when they are told it, and ends with it."""

from dataclasses import replace

from tests.services.test_acts_before_it_tells import naked
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, LONG, d

from undertow.adapters.memory import RecordingNotifier
from undertow.domain.ids import ClientOrderId, PositionId
from undertow.domain.outcome import Rejected
from undertow.domain.position import Position
from undertow.ports import AlertLevel
from undertow.services.tell_later import TellLater
from undertow.services.tell_of_position import WORTH_TELLING_MS, TellOfPosition

SIDE = f"main#{BTC}#{LONG}"


def becomes(world: World, position: Position | None) -> None:
    """As another process leaves it."""
    world.store.slots[ACCOUNT.id, BTC, LONG] = world.slot.with_position(position)


def told_when(world: World, looked_at: Position, now: Position | None) -> list[str]:
    notifier = RecordingNotifier()
    later = TellLater(notifier)
    tell = TellOfPosition(world.desk.repositories.ledger, later, world.clock)
    with later.after_this():
        tell.no_stop(looked_at, "no stop")
        tell.no_stop_for_long(looked_at, 6_000)
        becomes(world, now)
    return notifier.keys()


BOTH = [f"unprotected#{SIDE}", f"unprotected_for_long#{SIDE}"]


def test_a_position_that_is_still_without_a_stop_is_told_of(world: World) -> None:
    position = naked(world, for_ms=6_000)
    assert told_when(world, position, position) == BOTH


def test_a_position_whose_time_began_to_count_meanwhile_is_told_of(world: World) -> None:
    position = naked(world, for_ms=6_000)
    assert told_when(world, replace(position, unprotected_since_ms=None), position) == BOTH


def test_a_position_whose_stop_was_not_replaced_is_told_of(world: World) -> None:
    world.holding()
    assert told_when(world, world.position, world.position) == BOTH


def test_a_position_that_closed_meanwhile_is_not_told_of(world: World) -> None:
    """Seed 64: told after its end, such an alert stayed open for a minute."""
    assert told_when(world, naked(world, for_ms=6_000), None) == []


def test_a_position_that_another_one_followed_is_not_told_of(world: World) -> None:
    position = naked(world, for_ms=6_000)
    assert told_when(world, position, replace(position, id=PositionId("the-next"))) == []


def test_a_position_that_got_its_stop_meanwhile_is_not_told_of(world: World) -> None:
    position = naked(world, for_ms=6_000)
    assert told_when(world, position, replace(position, unprotected_since_ms=None)) == []
    unseen = replace(position, unprotected_since_ms=None)
    assert told_when(world, unseen, replace(unseen, stop_order=ClientOrderId("another"))) == []


def test_what_closes_a_position_without_a_stop_ends_its_alerts(world: World) -> None:
    position = naked(world, for_ms=6_000)
    assert position.target_order is not None
    world.desk.track(ACCOUNT, world.venue.fill(position.target_order, position.quantity, d("102001.1")))
    assert world.slot.position is None
    assert world.notifier.ended == [(key, "the position is closed") for key in BOTH]


def test_what_closes_a_position_with_a_stop_has_nothing_to_end(world: World) -> None:
    world.holding()
    position = world.position
    assert position.target_order is not None
    world.desk.track(ACCOUNT, world.venue.fill(position.target_order, position.quantity, d("102001.1")))
    assert world.notifier.ended == []


def test_a_stop_that_came_soon_ends_nothing_and_one_that_came_late_does(world: World) -> None:
    tell = TellOfPosition(world.desk.repositories.ledger, TellLater(world.notifier), world.clock)
    tell.has_its_stop(naked(world, for_ms=WORTH_TELLING_MS - 1))
    assert world.notifier.ended == []
    tell.has_its_stop(replace(world.position, unprotected_since_ms=world.clock.now_ms() - WORTH_TELLING_MS))
    assert world.notifier.ended == [(key, "the position has its stop") for key in BOTH]


def test_a_refused_target_is_told_as_what_it_is(world: World) -> None:
    entry = world.entered()
    world.venue.answers = [world.venue.take, lambda _order: Rejected(-4045, "Reach max stop order limit.")]
    world.desk.track(ACCOUNT, world.venue.fill(entry, world.venue.standing[entry].quantity, d("100000")))
    (alert,) = world.notifier.alerts
    assert (alert.level, alert.key) == (AlertLevel.HIGH, f"no_target#{SIDE}")
    assert alert.message == "the venue rejected the take profit: -4045: Reach max stop order limit."
    assert alert.facts == {"account": "main", "symbol": BTC, "side": "LONG"}
    world.clock.advance(1)
    world.desk.protect(ACCOUNT, BTC, LONG)
    assert world.position.target_order is not None
