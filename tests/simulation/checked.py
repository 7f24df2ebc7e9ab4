"""A small whole: a desk that trades at the simulator, watched by every checker. Tests break it by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from tests.contract.venues.desk_at_venue import DeskAtVenue, open_desk
from tests.services.world import ACCOUNT
from tests.simulation.invariants import Invariants
from tests.simulation.universe import Universe
from tests.simulation.violation import Violation

from undertow.adapters.memory import MemoryStore, memory_repositories
from undertow.adapters.paper.events import Leg
from undertow.adapters.paper.orders import EngineOrder, OrderRequest
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide, Side
from undertow.domain.order import Order, OrderType, Purpose
from undertow.domain.position import Position, Slot
from undertow.ports import Clock, Repositories


@dataclass(slots=True, repr=False)
class Checked:
    desk: DeskAtVenue
    universe: Universe
    invariants: Invariants

    @property
    def store(self) -> MemoryStore:
        return self.universe.store

    # --- what it judges ---------------------------------------------------------------------------------------------

    def step(self) -> Sequence[str]:
        """The names of the invariants that are found broken."""
        return _names(self.invariants.after_step(self.universe.now_ms))

    def rest(self) -> Sequence[str]:
        return _names(self.invariants.at_rest(self.universe.now_ms))

    def broken(self) -> list[Violation]:
        return self.invariants.after_step(self.universe.now_ms)

    # --- what it trades ---------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Signals until a position is open and protected."""
        for number, symbol in enumerate(self.desk.symbols()[:4]):
            self.desk.desk.evaluate(self.desk.signal(symbol, number))
            self.desk.deliver()
            self.desk.pass_time(10)
            if any(slot.position is not None for slot in self.store.slots.values()):
                return
        raise AssertionError("no entry filled within its time")

    def entry(self) -> Order:
        return next(one for one in self.store.orders[ACCOUNT.id].values() if one.intent.purpose is Purpose.ENTRY)

    def slot(self) -> Slot:
        return next(slot for slot in self.store.slots.values() if slot.position is not None)

    def position(self) -> Position:
        position = self.slot().position
        assert position is not None
        return position

    def guard(self, letter: str) -> EngineOrder:
        orders = self.universe.house.exchange.floor.orders.open_of_account(ACCOUNT.id)
        return next(order for order in orders if order.client_order_id.startswith(f"ut-{letter}-"))

    def trade_by_hand(self, symbol: Symbol, side: Side, quantity: Decimal, leg: PositionSide, name: str) -> None:
        """An order at market under a name of the test's choice."""
        house = self.universe.house
        request = OrderRequest(
            symbol, side, OrderType.MARKET, leg=Leg(leg.value), quantity=quantity, client_order_id=name
        )
        house.refresh(symbol)
        house.exchange.place(ACCOUNT.id, request, house.now_ms)
        house.publish(house.now_ms)


def open_checked(seed: int = 1) -> Checked:
    kept: list[MemoryStore] = []

    def keep(clock: Clock) -> Repositories:
        kept.append(MemoryStore())
        return memory_repositories(kept[0], clock)

    desk = open_desk(seed=seed, keep=keep)
    universe = Universe(
        seed=seed,
        clock=desk.clock,
        random=Random(f"world {seed}"),
        store=kept[0],
        kept=desk.desk.repositories,
        house=desk.house,
        accounts=(ACCOUNT,),
        params=desk.params,
        notifier=desk.notifier,
        meter=desk.meter,
    )
    checked = Checked(desk, universe, Invariants(universe))
    assert checked.step() == []
    return checked


def _names(found: Sequence[Violation]) -> list[str]:
    return sorted({one.invariant for one in found})
