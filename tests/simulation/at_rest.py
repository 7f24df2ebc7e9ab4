"""What holds once faults have stopped and the system had its time: the ledger is the venue, all is guarded."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from tests.simulation.market_truth import MarketTruth
from tests.simulation.universe import Universe
from tests.simulation.violation import Violation

from undertow.adapters.paper.events import Leg
from undertow.adapters.paper.orders import EngineOrder
from undertow.domain.account import Account
from undertow.domain.ids import ClientOrderId, Symbol, is_ours
from undertow.domain.market import PositionSide, Side
from undertow.domain.numbers import ZERO
from undertow.domain.order import OrderState
from undertow.domain.position import Position

SideKey = tuple[Symbol, PositionSide]
UNCERTAIN = frozenset({OrderState.IN_FLIGHT, OrderState.UNCONFIRMED})


def check_at_rest(universe: Universe, truth: MarketTruth) -> list[Violation]:
    found: list[Violation] = []
    for account in universe.accounts:
        legs = venue_legs(universe, account)
        standing = universe.house.exchange.floor.orders.open_of_account(account.id)
        found += differing_legs(universe, account)
        found += _orders(universe, account, standing)
        found += _protection(universe, account, legs, standing)
        found += _trades(universe, account, truth)
        found += _released(universe, account)
    return found


def venue_legs(universe: Universe, account: Account) -> dict[SideKey, Decimal]:
    legs: dict[SideKey, Decimal] = {}
    for position in universe.house.exchange.account(account.id).open_positions():
        side = PositionSide.LONG if position.amount > 0 else PositionSide.SHORT
        legs[position.symbol, side] = abs(position.amount)
    return legs


def differing_legs(universe: Universe, account: Account) -> Iterator[Violation]:
    """I6, I7: leg by leg, exactly."""
    legs = venue_legs(universe, account)
    booked = {
        (slot.symbol, slot.side): slot.position.quantity
        for slot in universe.kept.ledger.slots_in_use(account.id)
        if slot.position is not None
    }
    for key in sorted(legs.keys() | booked.keys()):
        if legs.get(key, ZERO) != booked.get(key, ZERO):
            told = f"the venue has {legs.get(key, 0)}, the ledger {booked.get(key, 0)}"
            yield Violation("I7", f"{account.id} {key[0]} {key[1]}: {told}")


def _orders(universe: Universe, account: Account, standing: list[EngineOrder]) -> Iterator[Violation]:
    """I7: every order is as the venue has it. One that nobody knows of any more is told to a person."""
    store, alerts = universe.store, " ".join(universe.notifier.keys())
    ours = {order.client_order_id: order for order in standing if is_ours(order.client_order_id)}
    for name in ours:
        known = store.orders[account.id].get(ClientOrderId(name))
        if known is None or known.state.is_final:
            yield Violation("I7", f"{account.id}: {name} stands at the venue, here it is {known and known.state}")
    for order in store.unfinished[account.id].values():
        if order.client_order_id in ours:
            if order.state in UNCERTAIN or order.state is OrderState.LOST:
                yield Violation("I7", f"{order.client_order_id} stands at the venue, here it is {order.state}")
        elif order.state is OrderState.LOST:
            if order.client_order_id not in alerts:
                yield Violation("I7", f"{order.client_order_id} was lost and nobody was told")
        else:
            yield Violation("I7", f"{order.client_order_id} is {order.state} here and not at the venue")


def _protection(
    universe: Universe, account: Account, legs: dict[SideKey, Decimal], standing: list[EngineOrder]
) -> Iterator[Violation]:
    """I4: one stop and one target of ours that cover the whole position. I5: none where there is no position."""
    guards: defaultdict[SideKey, dict[str, list[EngineOrder]]] = defaultdict(lambda: defaultdict(list))
    for order in standing:
        letter = order.client_order_id[3:4] if is_ours(order.client_order_id) else ""
        if letter in ("s", "t"):
            guards[order.symbol, _guarded_side(order)][letter].append(order)
    for key in sorted(guards.keys() - legs.keys()):
        names = [order.client_order_id for orders in guards[key].values() for order in orders]
        yield Violation("I5", f"{account.id} {key[0]} {key[1]} is flat and has {', '.join(names)} standing")
    for key, quantity in sorted(legs.items()):
        position = universe.store.slot(account.id, *key).position
        if position is None or _only_watched(universe, position):
            continue
        for letter, name in (("s", "stop"), ("t", "target")):
            orders = guards[key][letter]
            covered = any(one.close_position for one in orders) or sum(one.remaining for one in orders) >= quantity
            if len(orders) != 1 or not covered:
                told = ", ".join(f"{one.client_order_id} for {one.remaining}" for one in orders) or "none"
                yield Violation("I4", f"{account.id} {key[0]} {key[1]} of {quantity} has {told} as its {name}")


def _guarded_side(order: EngineOrder) -> PositionSide:
    if order.leg is Leg.BOTH:
        return PositionSide.LONG if order.side is Side.SELL else PositionSide.SHORT
    return PositionSide(order.leg.value)


def _only_watched(universe: Universe, position: Position) -> bool:
    return position.is_external and universe.params.current().globals.external.protection is None


def _trades(universe: Universe, account: Account, truth: MarketTruth) -> Iterator[Violation]:
    """I6: everything that our orders traded is booked."""
    booked = {int(trade) for _, trade in universe.store.fills[account.id]}
    for number, trade in truth.trades.items():
        if trade.account == account.id and is_ours(trade.client_order_id) and number not in booked:
            yield Violation("I6", f"{account.id}: trade {number} of {trade.client_order_id} was never booked")
    for (owner, name), standing in truth.ours.items():
        known = universe.store.orders[account.id].get(name)
        if owner == account.id and known is not None and known.filled_quantity != standing.filled:
            yield Violation("I7", f"{name} filled {standing.filled} at the venue, here {known.filled_quantity}")


def _released(universe: Universe, account: Account) -> Iterator[Violation]:
    """I2: what ended gives back what it took."""
    for slot in universe.kept.ledger.slots_in_use(account.id):
        for entry in slot.entries:
            order = universe.store.orders[account.id].get(entry.client_order_id)
            if order is None or order.state.is_final:
                yield Violation("I2", f"{slot.symbol} {slot.side} still keeps a place for {entry.client_order_id}")
