"""The ways of the order path that are seldom taken: races for a slot, full queues, and what cannot be done at all."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.services.test_ladder_life import decide, layer, use
from tests.services.test_record_order_races import Racing, slot_moves
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, LONG, d, fill, intent, order

from undertow.domain.fill import Fill
from undertow.domain.follow_up import FollowUp, FollowUpKind
from undertow.domain.ids import ClientOrderId, LadderId, PositionId
from undertow.domain.order import OrderState, Purpose
from undertow.domain.outcome import Rejected, SubmitOutcome, Unconfirmed
from undertow.ports import Ledger, NotScheduled
from undertow.risk.approval import ApprovedOrder
from undertow.services.place_order import ENTRY_LOOK_S, EntryTerms
from undertow.services.protect import Protection
from undertow.services.record_order import LostTooManyRaces


def no_stops(_order: ApprovedOrder) -> SubmitOutcome:
    return Rejected(-4045, "Reach max stop order limit.")


def filled(world: World, answer: Callable[[ApprovedOrder], SubmitOutcome]) -> None:
    """A long of 0.009 whose first stop is answered so."""
    entry = world.entered()
    world.venue.answers = [answer]
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.009"), d("100001")))


def protecting(world: World, times: int) -> Protection:
    racing = Racing(world.desk.protect.ledger, slot_moves(world), times)
    return replace(world.desk.protect, ledger=racing)(ACCOUNT, BTC, LONG)


# --- a stop and its slot --------------------------------------------------------------------------------------------


def test_a_stop_is_noted_on_a_slot_that_moves_meanwhile(world: World) -> None:
    filled(world, no_stops)
    assert protecting(world, times=7) is Protection.PROTECTED
    assert world.position.stop_order in world.venue.standing


def test_a_stop_whose_slot_never_comes_to_rest_stands_and_is_noted_later(world: World) -> None:
    filled(world, no_stops)
    words = "slot BTCUSDT LONG kept changing while a stop was noted"
    with pytest.raises(LostTooManyRaces, match=words):
        protecting(world, times=8)
    assert world.desk.protect(ACCOUNT, BTC, LONG) is Protection.PROTECTED
    assert len(world.venue.of_purpose("s")) == 1


def stop_gone(world: World) -> None:
    """The stop of a protected position has ended, and no other one is admitted."""
    stop = world.position.stop_order
    assert stop is not None
    del world.venue.standing[stop]
    orders = world.desk.repositories.orders
    assert orders.update(world.order(stop).revised(OrderState.EXPIRED, world.clock.now_ms()))
    world.venue.answers = [no_stops] * 100


def test_that_a_stop_is_missed_is_noted_on_a_slot_that_moves_meanwhile(world: World) -> None:
    world.holding()
    stop_gone(world)
    assert protecting(world, times=7) is Protection.UNPROTECTED
    assert world.position.unprotected_since_ms == world.clock.now_ms()


def test_that_a_stop_is_missed_is_given_up_with_a_word_when_the_slot_never_comes_to_rest(world: World) -> None:
    world.holding()
    stop_gone(world)
    with pytest.raises(LostTooManyRaces, match="slot BTCUSDT LONG kept changing while its stop was missed"):
        protecting(world, times=8)


@dataclass(slots=True)
class Later:
    """A ledger whose slot is another one from the second reading on."""

    ledger: Ledger
    change: Callable[[Any], Any]
    readings: list[object] = field(default_factory=list)

    def slot(self, *asked: Any) -> Any:
        found = self.ledger.slot(*asked)
        self.readings.append(found)
        return found if len(self.readings) == 1 else self.change(found)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)


@pytest.mark.parametrize(
    "change",
    [
        lambda slot: slot.with_position(None),
        lambda slot: slot.with_position(replace(slot.position, id=PositionId("later"))),
        lambda slot: slot.with_position(replace(slot.position, stop_order=ClientOrderId("ut-s-other"))),
    ],
    ids=["closed", "another one", "another stop"],
)
def test_a_position_that_changed_meanwhile_is_not_counted_as_naked(world: World, change: Callable[[Any], Any]) -> None:
    world.holding()
    stop_gone(world)
    protect = replace(world.desk.protect, ledger=Later(world.desk.protect.ledger, change))
    assert protect(ACCOUNT, BTC, LONG) is Protection.UNPROTECTED
    assert world.position.unprotected_since_ms is None


# --- looks at an entry ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class FullOnce:
    """A queue that takes nothing the first ``times`` times."""

    times: int
    taken: list[tuple[FollowUp, int]] = field(default_factory=list)

    def schedule(self, item: FollowUp, delay_s: int) -> None:
        self.times -= 1
        if self.times >= 0:
            raise NotScheduled("the queue is full")
        self.taken.append((item, delay_s))


def test_a_look_that_the_queue_did_not_take_is_offered_once_more(world: World) -> None:
    entry = world.entered()
    queue = FullOnce(times=1)
    replace(world.desk.take_up.check_entry, follow_ups=queue)(ACCOUNT, entry, attempt=4)
    again = FollowUp(FollowUpKind.CHECK_ENTRY, ACCOUNT.id, BTC, LONG, entry, 5, world.clock.now_ms())
    assert queue.taken == [(again, ENTRY_LOOK_S)]


def test_a_look_that_cannot_be_put_off_comes_back_by_its_own_message(world: World) -> None:
    entry = world.entered()
    with pytest.raises(NotScheduled):
        replace(world.desk.take_up.check_entry, follow_ups=FullOnce(times=2))(ACCOUNT, entry, attempt=4)


@pytest.mark.parametrize(("attempt", "looks"), [(28, [29]), (29, [])])
def test_an_entry_is_looked_at_thirty_times_at_most(world: World, attempt: int, looks: list[int]) -> None:
    entry = world.entered()
    queue = FullOnce(times=0)
    replace(world.desk.take_up.check_entry, follow_ups=queue)(ACCOUNT, entry, attempt=attempt)
    assert [item.attempt for item, _ in queue.taken] == looks


def test_an_entry_in_doubt_or_unknown_is_not_looked_at_here(world: World) -> None:
    world.venue.answers = [lambda _order: Unconfirmed("503")]
    entry = world.entered()
    check = replace(world.desk.take_up.check_entry, follow_ups=FullOnce(times=9))
    check(ACCOUNT, entry, attempt=0)
    check(ACCOUNT, ClientOrderId("ut-e-unknown"), attempt=0)
    assert world.venue.questions == []


def test_each_entry_of_a_flat_side_is_asked_about_in_doubt_or_not(world: World) -> None:
    first = world.entered(1)
    world.clock.advance(31_000)
    world.venue.answers = [lambda _order: Unconfirmed("503")]
    second = world.entered(2)
    world.clock.advance(31_000)
    third = world.entered(3)
    del world.store.orders[ACCOUNT.id][third]
    world.desk.take_up.check_entry.of_side(ACCOUNT, BTC, LONG)
    assert world.venue.questions == [first, second]
    assert world.order(second).not_found == 1


def test_the_entries_of_a_side_that_holds_a_position_are_not_asked_about(world: World) -> None:
    world.holding()
    world.clock.advance(31_000)
    world.entered(2)
    world.desk.take_up.check_entry.of_side(ACCOUNT, BTC, LONG)
    assert world.venue.questions == []


# --- what cannot be done --------------------------------------------------------------------------------------------


def test_an_entry_of_no_strategy_is_never_claimed(world: World) -> None:
    world.entered()
    (sent,) = world.venue.submitted
    stray = replace(sent, intent=replace(sent.intent, strategy=None, client_order_id=ClientOrderId("ut-e-stray")))
    (decision,) = world.store.decisions[ACCOUNT.id].values()
    terms = EntryTerms(world.slot, False, 30, world.params.current().globals.limits[ACCOUNT.id], d("100"))
    with pytest.raises(ValueError, match="an entry belongs to a strategy"):
        world.desk.place.entry(stray, ACCOUNT, decision, terms)
    assert len(world.venue.submitted) == 1


def test_a_signal_without_any_price_is_no_entry(world: World) -> None:
    batch = replace(world.liquidation_batch(), book=None, mark=None)
    (decision,) = world.desk.evaluate(batch)
    assert decision.client_order_id is None
    assert decision.gate == "price"
    assert world.venue.submitted == []


def test_layers_of_another_ladder_are_left_on_the_book(world: World) -> None:
    use(world)
    layer(world, 1, "100000")
    world.clock.advance(61_000)
    world.prove()
    waiting = decide(world, 2, "99600").client_order_id
    assert waiting is not None
    frozen = world.slot.with_frozen_ladder(world.clock.now_ms())
    strange = tuple(replace(entry, ladder=LadderId("other")) for entry in frozen.entries)
    world.desk.manage.cancel_layers(ACCOUNT, replace(frozen, entries=strange))
    unknown = tuple(replace(entry, client_order_id=ClientOrderId("ut-e-unknown")) for entry in frozen.entries)
    world.desk.manage.cancel_layers(ACCOUNT, replace(frozen, entries=unknown))
    assert world.venue.canceled == []


def test_a_trade_that_only_explains_reserves_nothing_for_an_entry_that_is_settled(world: World) -> None:
    trade: Fill = fill("0.1")
    world.store.slots[ACCOUNT.id, BTC, LONG] = replace(world.slot, counted_until_ms=trade.time_ms)
    ended = order(OrderState.CANCELED, of=intent(purpose=Purpose.ENTRY), filled_quantity=d("0.1"))
    world.desk.expire.import_fills.book(trade, ended, None)
    assert (world.slot.position, world.slot.reserved) == (None, {})
