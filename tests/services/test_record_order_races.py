"""Records that change while they are written: read again, tried eight times, and never written over."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.services.test_ladder_life import decide, layer, use
from tests.services.world import ACCOUNT, World
from tests.unit.builders import d, news

from undertow.domain.numbers import ZERO
from undertow.domain.order import Order, OrderState
from undertow.domain.outcome import Accepted, Rejected
from undertow.ports import LedgerEntry, WriteOutcome
from undertow.risk.approval import ApprovedOrder
from undertow.services.record_order import LostTooManyRaces, RecordOrder


@dataclass(slots=True)
class Racing:
    """Stands before a store. Somebody else writes before each of the first ``times`` writes through it."""

    store: Any
    interfere: Callable[[], object]
    times: int
    tries: int = 0

    def update(self, order: Order) -> bool:
        self._tried()
        return bool(self.store.update(order))

    def write(self, entry: LedgerEntry) -> WriteOutcome:
        self._tried()
        outcome = self.store.write(entry)
        assert isinstance(outcome, WriteOutcome)
        return outcome

    def _tried(self) -> None:
        self.tries += 1
        if self.tries <= self.times:
            self.interfere()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


def entered(world: World) -> tuple[RecordOrder, Order]:
    return world.desk.place.record, world.order(world.entered())


def order_moves(world: World, order: Order) -> Callable[[], object]:
    orders = world.desk.repositories.orders

    def touch() -> None:
        known = world.order(order.client_order_id)
        assert orders.update(replace(known, reason=f"{known.version}", version=known.version + 1))

    return touch


def slot_moves(world: World) -> Callable[[], object]:
    def touch() -> None:
        slot = world.slot
        world.store.slots[slot.account, slot.symbol, slot.side] = replace(slot, version=slot.version + 1)

    return touch


def partly(world: World, order: Order) -> Any:
    standing = world.venue.standing[order.client_order_id]
    return replace(standing, state=OrderState.PARTIALLY_FILLED, filled_quantity=d("0.001"), average_price=d("100000"))


def test_news_of_an_order_that_moves_meanwhile_is_merged_into_what_it_is_by_then(world: World) -> None:
    record, order = entered(world)
    racing = Racing(record.orders, order_moves(world, order), times=7)
    stored = replace(record, orders=racing).news(order, partly(world, order))
    assert racing.tries == 8
    assert stored == world.order(order.client_order_id)
    assert (stored.state, stored.version) == (OrderState.PARTIALLY_FILLED, order.version + 8)


def test_news_of_an_order_that_never_comes_to_rest_is_given_up_with_a_word(world: World) -> None:
    record, order = entered(world)
    racing = Racing(record.orders, order_moves(world, order), times=8)
    words = f"order {order.client_order_id} changed 8 times while it was being recorded"
    with pytest.raises(LostTooManyRaces, match=words):
        replace(record, orders=racing).news(order, partly(world, order))
    assert world.order(order.client_order_id).filled_quantity == 0


def test_the_end_of_an_entry_whose_slot_moves_meanwhile_is_written_with_the_slot_as_it_is_by_then(
    world: World,
) -> None:
    record, order = entered(world)
    racing = Racing(record.ledger, slot_moves(world), times=2)
    ended = replace(world.venue.standing[order.client_order_id], state=OrderState.CANCELED)
    stored = replace(record, ledger=racing).news(order, ended, world.slot)
    assert (stored.state, racing.tries) == (OrderState.CANCELED, 3)
    assert (world.slot.entries, world.slot.reserved) == ((), {})


class _Untouched:
    """A ledger that must not be asked."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the ledger was asked for {name}")


def test_an_order_that_does_not_end_is_written_without_the_ledger(world: World) -> None:
    record, order = entered(world)
    stored = replace(record, ledger=_Untouched()).news(order, partly(world, order))
    assert stored == world.order(order.client_order_id)


def test_an_exit_that_ends_is_written_without_the_ledger(world: World) -> None:
    world.holding()
    (sent,) = world.desk.guard.close(ACCOUNT, world.position, "a test")
    ended = replace(world.venue.standing[sent.client_order_id], state=OrderState.EXPIRED)
    record = replace(world.desk.place.record, ledger=_Untouched())
    assert record.news(sent, ended).state is OrderState.EXPIRED


def test_an_entry_that_ends_with_its_answer_is_settled_in_the_slot_of_its_claim_without_reading_it(
    world: World,
) -> None:
    class ClaimsAndWrites:
        """A ledger that may be written and not read."""

        claim, write = world.desk.repositories.ledger.claim, world.desk.repositories.ledger.write

        def slot(self, *_asked: object) -> None:
            raise AssertionError("the slot was read")

    evaluate = world.desk.evaluate
    record = replace(world.desk.place.record, ledger=ClaimsAndWrites())
    enter = replace(evaluate.enter, place=replace(evaluate.enter.place, record=record))
    for number, answer in enumerate((expires, rejects)):
        world.venue.answers = [answer]
        (decision,) = replace(evaluate, enter=enter)(world.liquidation_batch(number))
        assert decision.client_order_id is not None
        assert world.order(decision.client_order_id).state.is_final
        assert (world.slot.entries, world.slot.reserved) == ((), {})
        world.clock.advance(31_000)
        world.desk.repositories.balances.save(world.venue.fetch_balance())


def expires(order: ApprovedOrder) -> Accepted:
    intent = order.intent
    told = news(OrderState.EXPIRED, client_order_id=intent.client_order_id, quantity=intent.quantity)
    return Accepted(told)


def rejects(_order: ApprovedOrder) -> Rejected:
    return Rejected(-2019, "Margin is insufficient.")


def test_giving_back_what_an_ended_entry_reserved_is_tried_eight_times(world: World) -> None:
    record, order = entered(world)
    ended = order.revised(OrderState.CANCELED, world.clock.now_ms())
    racing = Racing(record.ledger, slot_moves(world), times=7)
    replace(record, ledger=racing).settled(ended, ZERO)
    assert (world.slot.entries, racing.tries) == ((), 8)


def test_giving_back_is_given_up_with_a_word_when_the_slot_never_comes_to_rest(world: World) -> None:
    record, order = entered(world)
    ended = order.revised(OrderState.CANCELED, world.clock.now_ms())
    racing = Racing(record.ledger, slot_moves(world), times=8)
    words = f"slot of {order.client_order_id} changed 8 times while it was being settled"
    with pytest.raises(LostTooManyRaces, match=words):
        replace(record, ledger=racing).settled(ended, ZERO)


def test_an_order_of_which_more_is_known_by_now_is_not_put_back(world: World) -> None:
    record, order = entered(world)
    assert record.state(order, OrderState.UNCONFIRMED, "503") == order
    assert world.order(order.client_order_id).state is OrderState.OPEN


@pytest.mark.parametrize("known", [OrderState.IN_FLIGHT, OrderState.UNCONFIRMED, OrderState.LOST])
def test_an_order_in_doubt_is_moved_with_its_reason(world: World, known: OrderState) -> None:
    record, order = entered(world)
    doubtful = replace(order, state=known, version=order.version + 1)
    assert world.desk.repositories.orders.update(doubtful)
    world.clock.advance(9)
    moved = record.state(doubtful, OrderState.ABANDONED, "the venue never knew the order")
    assert moved == world.order(order.client_order_id)
    assert (moved.state, moved.reason) == (OrderState.ABANDONED, "the venue never knew the order")
    assert (moved.updated_at_ms, world.slot.reserved) == (world.clock.now_ms(), {})


def test_each_miss_is_counted_with_its_time(world: World) -> None:
    record, order = entered(world)
    world.clock.advance(9)
    missed = record.not_found(record.not_found(order))
    assert (missed.not_found, missed.updated_at_ms) == (2, world.clock.now_ms())
    assert missed == world.order(order.client_order_id)


@pytest.mark.parametrize("asked_in", [OrderState.IN_FLIGHT, OrderState.UNCONFIRMED, OrderState.LOST])
def test_a_miss_of_before_the_venue_confirmed_the_order_counts_for_nothing(world: World, asked_in: OrderState) -> None:
    """Seed 206: a stop that was being placed was asked about, confirmed, and then held to be missing."""
    record, order = entered(world)
    asked = replace(order, state=asked_in, version=order.version - 1)
    assert record.not_found(asked) == order == world.order(order.client_order_id)


def test_a_miss_of_before_the_order_turned_up_again_or_ended_counts_for_nothing(world: World) -> None:
    record, order = entered(world)
    missed = record.not_found(order)
    found = record.news(missed, world.venue.standing[order.client_order_id])
    assert (found.not_found, record.not_found(missed)) == (0, found)
    ended = record.news(found, replace(world.venue.standing[order.client_order_id], state=OrderState.EXPIRED))
    assert record.not_found(found) == ended


def test_misses_of_two_who_asked_at_once_both_count(world: World) -> None:
    record, order = entered(world)
    record.not_found(order)
    assert record.not_found(order).not_found == 2


def test_an_exit_gives_nothing_back_when_it_ends(world: World) -> None:
    world.holding()
    version = world.slot.version
    (sent,) = world.desk.guard.close(ACCOUNT, world.position, "a test")
    world.desk.place.record.settled(sent.revised(OrderState.FILLED, world.clock.now_ms()), ZERO)
    assert world.slot.version == version


def test_the_layers_of_a_ladder_that_may_grow_stay_and_those_of_one_that_may_not_are_taken_back(world: World) -> None:
    use(world)
    layer(world, 1, "100000")
    world.clock.advance(61_000)
    world.prove()
    waiting = decide(world, 2, "99600").client_order_id
    assert waiting is not None
    cancel = world.desk.manage.cancel_layers
    cancel(ACCOUNT, world.slot)
    assert world.venue.canceled == []
    frozen = world.slot.with_frozen_ladder(world.clock.now_ms())
    cancel(ACCOUNT, frozen)
    cancel(ACCOUNT, frozen)
    assert world.venue.canceled == [waiting]
    assert world.order(waiting).state is OrderState.CANCELED
