"""Lists of orders come from indexes, which lag behind by up to a second. Nothing may be decided by that."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.services.world import ACCOUNT, OneVenue, World, new_world
from tests.unit.builders import HUNTER, d

from undertow.desk import Outside, assemble
from undertow.domain.ids import AccountId, ClientOrderId
from undertow.domain.order import Order, OrderState
from undertow.domain.outcome import SubmitOutcome, Unconfirmed
from undertow.ports import Orders, Place
from undertow.risk.approval import ApprovedOrder


@dataclass
class LaggingOrders:
    """Lists every order as it was when it was first written."""

    kept: Orders
    first: dict[ClientOrderId, Order] = field(default_factory=dict)

    def get(self, account: AccountId, order: ClientOrderId) -> Order | None:
        return self.kept.get(account, order)

    def add(self, order: Order) -> bool:
        return self.kept.add(order)

    def update(self, order: Order) -> bool:
        return self.kept.update(order)

    def unfinished(self, account: AccountId) -> Sequence[Order]:
        return [self._as_it_was(order) for order in self.kept.unfinished(account)]

    def recent(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[Order]:
        return [self._as_it_was(order) for order in self.kept.recent(account, from_ms, to_ms, limit, after)]

    def _as_it_was(self, order: Order) -> Order:
        return Order(order.intent, OrderState.IN_FLIGHT, order.created_at_ms, order.created_at_ms, version=1)


@pytest.fixture
def world() -> World:
    """As ever, but all that the desk is told in lists is old."""
    made = new_world()
    kept = made.desk.repositories
    lagging = replace(kept, orders=LaggingOrders(kept.orders))
    venues: Any = OneVenue(made.venue)
    made.desk = assemble(Outside(lagging, made.params, venues, made.follow_ups, made.notifier, made.meter, made.clock))
    return made


def taken_and_filled_without_an_answer(world: World) -> ClientOrderId:
    def take(order: ApprovedOrder) -> SubmitOutcome:
        world.venue.take(order)
        assert order.intent.quantity is not None
        world.venue.fill(order.intent.client_order_id, order.intent.quantity, d("100001"))
        return Unconfirmed("503")

    world.venue.answers = [take]
    return world.entered()


def test_a_fill_found_with_its_order_belongs_to_the_order_although_lists_do_not_know_its_number(world: World) -> None:
    entry = taken_and_filled_without_an_answer(world)
    world.clock.advance(2_000)
    world.follow_up()
    assert world.order(entry).state is OrderState.FILLED
    assert world.position.strategy == HUNTER
    assert world.slot.entries == ()
    assert world.position.stop_order in world.venue.standing


def test_a_reconciliation_finds_the_owner_too(world: World) -> None:
    entry = taken_and_filled_without_an_answer(world)
    world.clock.advance(60_000)
    world.desk.reconcile(ACCOUNT)
    assert world.order(entry).state is OrderState.FILLED
    assert world.position.strategy == HUNTER
