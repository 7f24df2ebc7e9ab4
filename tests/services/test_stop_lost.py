"""A stop that stood and is gone. Until another stands, the time without one counts as after a fill."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.services.test_reconcile import leg
from tests.services.world import ACCOUNT, FakeVenue, World
from tests.unit.builders import BTC, d

from undertow.domain.event import OrderChanged
from undertow.domain.follow_up import FollowUp, FollowUpKind
from undertow.domain.market import PositionSide
from undertow.domain.order import OrderNews, OrderState, Purpose
from undertow.domain.outcome import Rejected, SubmitOutcome, Unconfirmed
from undertow.ports import LedgerEntry, WriteOutcome
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


def through_its_trigger(venue: FakeVenue, *, exits_refused: int) -> Callable[[ApprovedOrder], SubmitOutcome]:
    """The price is through every stop that is tried, and the venue refuses the first exits too (-4131, say)."""
    left = [exits_refused]

    def answer(order: ApprovedOrder) -> SubmitOutcome:
        if order.intent.purpose is Purpose.STOP_LOSS:
            return Rejected(-2021, "Order would immediately trigger.")
        if order.intent.purpose is Purpose.EXIT and left[0]:
            left[0] -= 1
            return Rejected(-4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit.")
        return venue.take(order)

    return answer


def test_an_exit_that_is_refused_is_tried_again_within_seconds(world: World) -> None:
    """Seed 94: the stop expired in a wick, the exit that followed was refused, and nobody looked for 20 s."""
    world.holding()
    gone = stop_gone(world)
    world.venue.answers = [through_its_trigger(world.venue, exits_refused=2)] * 100
    world.desk.track(ACCOUNT, gone)
    assert world.position.unprotected_since_ms == world.clock.now_ms()
    for _ in range(2):
        world.clock.advance(1_000)
        world.follow_up()
    (standing,) = [news for order, news in world.venue.standing.items() if order.startswith("ut-x-")]
    assert standing.quantity == world.position.quantity


def vanished(world: World) -> OrderNews:
    """The venue has lost the stop: it is on no list, no query finds it, and no event told of it."""
    stop = world.position.stop_order
    assert stop is not None
    return world.venue.standing.pop(stop)


def test_a_stop_that_the_venue_knows_no_more_is_placed_again_by_the_next_pass(world: World) -> None:
    world.holding()
    world.venue.positions = [leg("0.009")]
    lost = vanished(world)
    world.clock.advance(60_000)
    world.desk.reconcile(ACCOUNT)
    assert world.position.stop_order != lost.client_order_id
    assert world.position.stop_order in world.venue.standing
    assert world.venue.standing[world.position.stop_order].stop_price == lost.stop_price
    assert f"order_unknown#{lost.client_order_id}" in world.alerts


def test_a_stop_that_turns_up_again_after_another_was_placed_is_cancelled(world: World) -> None:
    world.holding()
    world.venue.positions = [leg("0.009")]
    lost = vanished(world)
    world.clock.advance(60_000)
    world.desk.reconcile(ACCOUNT)
    world.venue.standing[lost.client_order_id] = lost
    for _ in range(2):
        world.clock.advance(60_000)
        world.desk.reconcile(ACCOUNT)
    (standing,) = world.venue.of_purpose("s")
    assert standing.client_order_id == world.position.stop_order


def test_a_young_stop_that_lists_and_queries_do_not_have_yet_is_no_missing_one(world: World) -> None:
    world.holding()
    world.venue.positions = [leg("0.009")]
    late = vanished(world)
    world.clock.advance(44_999)
    world.desk.reconcile(ACCOUNT)
    assert world.position.stop_order == late.client_order_id


class NamedAgain:
    """Stands before the ledger. Right after a write that names another stop, somebody names the one before again."""

    def __init__(self, world: World) -> None:
        self._ledger = world.desk.repositories.ledger

    def write(self, entry: LedgerEntry) -> WriteOutcome:
        outcome = self._ledger.write(entry)
        before, after = entry.slot_before.position, entry.slot_after.position
        if before is not None and after is not None and before.stop_order not in (None, after.stop_order):
            now = self._ledger.slot(entry.slot_after.account, after.symbol, after.side)
            back = replace(after, stop_order=before.stop_order, stop_price=before.stop_price)
            assert self._ledger.write(LedgerEntry(now, now.with_position(back))) is WriteOutcome.WRITTEN
        return outcome

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)


def test_a_stop_that_is_the_position_s_again_by_now_is_not_cancelled_as_replaced(world: World) -> None:
    """Seed 206: of two who looked at once one replaced the stop, the other found it standing and named it again."""
    world.holding()
    stop = world.order(world.position.stop_order)  # type: ignore[arg-type]
    world.desk.resolve.record.not_found(stop)
    replace(world.desk.protect, ledger=NamedAgain(world))(ACCOUNT, BTC, PositionSide.LONG)  # type: ignore[arg-type]
    assert len(world.venue.of_purpose("s")) == 2
    assert world.position.stop_order == stop.client_order_id
    assert world.position.stop_order in world.venue.standing


def looks(world: World) -> list[FollowUp]:
    return [item for item in world.follow_ups.waiting() if item.kind is FollowUpKind.CHECK_PROTECTION]


def test_a_position_that_is_being_closed_is_looked_at_until_it_is_gone(world: World) -> None:
    world.holding()
    gone = stop_gone(world)
    world.venue.answers = [through_its_trigger(world.venue, exits_refused=0)] * 100
    world.desk.track(ACCOUNT, gone)
    (leaving,) = [order for order in world.venue.standing if order.startswith("ut-x-")]
    assert looks(world)
    world.desk.track(ACCOUNT, world.venue.fill(leaving, world.position.quantity, d("98000")))
    for _ in range(4):
        world.clock.advance(5_000)
        world.follow_up()
    assert world.slot.position is None
    assert not looks(world)


def test_an_exit_that_has_filled_and_is_not_booked_yet_is_not_followed_by_another_one(world: World) -> None:
    world.holding()
    gone = stop_gone(world)
    world.venue.answers = [through_its_trigger(world.venue, exits_refused=0)] * 100
    world.desk.track(ACCOUNT, gone)
    (leaving,) = [order for order in world.venue.standing if order.startswith("ut-x-")]
    filled = world.venue.fill(leaving, world.position.quantity, d("98000"))
    world.desk.resolve.record.news(world.order(leaving), filled.news)
    for _ in range(2):
        world.clock.advance(1_000)
        world.follow_up()
    exits = [order.intent for order in world.venue.submitted if order.intent.purpose is Purpose.EXIT]
    assert [intent.client_order_id for intent in exits] == [leaving]


def test_a_stop_that_another_process_may_be_waiting_for_is_no_alert_yet(world: World) -> None:
    def lost(_order: ApprovedOrder) -> SubmitOutcome:
        return Unconfirmed("no answer")

    entry = world.entered()
    world.venue.answers = [lost] * 100
    world.desk.track(ACCOUNT, world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001")))
    for seconds in range(1, 4):
        assert not [key for key in world.alerts if key.startswith("unprotected#")], seconds
        world.clock.advance(1_000)
        world.follow_up()
    assert [key for key in world.alerts if key.startswith("unprotected#")]
