"""When a position without a stop is looked at, told of and closed: to the millisecond of its settings."""

from dataclasses import replace

import pytest
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, LONG, d

from undertow.adapters.memory.recorders import Alert
from undertow.domain.follow_up import FollowUp, FollowUpKind
from undertow.domain.order import Purpose
from undertow.domain.outcome import Rejected, SubmitOutcome
from undertow.ports import AlertLevel
from undertow.risk.approval import ApprovedOrder
from undertow.services.protect import Protection

FOR_LONG = "unprotected_for_long#main#BTCUSDT#LONG"


@pytest.fixture(name="naked")
def _naked(world: World) -> World:
    """A position of which every stop is refused, the first one at the moment of its fill; nothing else is due."""

    def no_stops(order: ApprovedOrder) -> SubmitOutcome:
        if order.intent.purpose is Purpose.STOP_LOSS:
            return Rejected(-4045, "Reach max stop order limit.")
        return world.venue.take(order)

    entry = world.entered()
    world.venue.answers = [no_stops] * 1_000
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.009"), d("100001")))
    while world.follow_ups.next_due_ms() is not None:
        world.clock.advance(1_000)
        world.follow_ups.due()
    naked = replace(world.position, unprotected_since_ms=world.clock.now_ms())
    world.store.slots[ACCOUNT.id, BTC, LONG] = world.slot.with_position(naked)
    world.notifier.alerts.clear()
    return world


def delays_s(world: World, looks: int) -> list[int]:
    """How long each look waits after the one before it. None of them finds the position too long without a stop."""
    settings = world.params.current().globals
    patient = replace(settings, unprotected_alert_s=10_000, unprotected_close_s=10_000)
    world.params.replace(replace(world.params.current(), globals=patient))
    found = []
    for _ in range(looks):
        next_ms = world.follow_ups.next_due_ms()
        if next_ms is None:
            break
        found.append((next_ms - world.clock.now_ms()) // 1_000)
        world.clock.advance(next_ms - world.clock.now_ms())
        (item,) = world.follow_ups.due()
        world.desk.guard(ACCOUNT, item.symbol, item.position_side, item.attempt)
    return found


def test_it_is_looked_at_every_second_for_3_s_then_at_5_s_and_every_5_s_for_two_minutes(naked: World) -> None:
    naked.desk.guard.watch(ACCOUNT, BTC, LONG)
    assert naked.follow_ups.waiting() == [
        FollowUp(FollowUpKind.CHECK_PROTECTION, ACCOUNT.id, BTC, LONG, None, 0, naked.clock.now_ms())
    ]
    assert delays_s(naked, 100) == [1, 1, 1, 2, *[5] * 22]


def test_a_look_of_the_schedule_puts_nothing_off(naked: World) -> None:
    assert naked.desk.guard(ACCOUNT, BTC, LONG) is Protection.UNPROTECTED
    assert naked.follow_ups.waiting() == []


@pytest.mark.parametrize(
    ("after_ms", "told", "closed"),
    [(4_999, False, False), (5_000, True, False), (14_999, True, False), (15_000, True, True)],
)
def test_it_is_told_from_its_first_setting_on_and_closed_from_its_second_on(
    naked: World, after_ms: int, told: bool, closed: bool
) -> None:
    naked.clock.advance(after_ms)
    protection = naked.desk.guard(ACCOUNT, BTC, LONG)
    facts = {"symbol": "BTCUSDT", "side": "LONG", "unprotected_for_ms": str(after_ms)}
    alert = Alert(AlertLevel.CRITICAL, FOR_LONG, "a position has been without a stop for too long", facts)
    assert (alert in naked.notifier.alerts) is told
    assert (FOR_LONG in naked.alerts) is told
    assert (protection is Protection.CLOSING) is closed
    sent = [order.intent for order in naked.venue.submitted if order.intent.purpose is Purpose.EXIT]
    assert [intent.quantity for intent in sent] == [d("0.009")] * closed


def test_one_that_is_being_closed_is_looked_at_again_for_the_exit_may_be_refused(naked: World) -> None:
    naked.clock.advance(15_000)
    assert naked.desk.guard(ACCOUNT, BTC, LONG, attempt=5) is Protection.CLOSING
    (again,) = naked.follow_ups.waiting()
    assert (again.kind, again.attempt) == (FollowUpKind.CHECK_PROTECTION, 6)


def test_one_that_stands_protected_without_entries_under_way_is_not_looked_at_again(world: World) -> None:
    world.holding()
    before = world.follow_ups.waiting()
    assert world.desk.guard(ACCOUNT, BTC, LONG, attempt=3) is Protection.PROTECTED
    assert world.follow_ups.waiting() == before


def test_a_side_where_nothing_is_held_is_flat(world: World) -> None:
    assert world.desk.guard(ACCOUNT, BTC, LONG, attempt=3) is Protection.FLAT
    assert world.follow_ups.waiting() == []
