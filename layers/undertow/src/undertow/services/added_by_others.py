"""What others added to a position of ours takes of the account's caps like a position that they opened."""

from dataclasses import replace
from decimal import Decimal

from undertow.domain.account import VenuePosition
from undertow.domain.ids import ClientOrderId
from undertow.domain.numbers import ZERO
from undertow.domain.position import Position, Reserved, Slot, ladder_key
from undertow.ports import Orders
from undertow.risk.budget import filled_risk
from undertow.risk.limits import RiskLimits


def with_what_others_added(slot: Slot, seen: VenuePosition, orders: Orders, limits: RiskLimits) -> Slot:
    """``slot`` with a reservation for what no entry of ours brought into its position; without one where that is none.

    It can lose like the rest of the position: at the stop that stands, without one at the liquidation price.
    """
    position = slot.position
    if position is None:
        return slot
    key = ClientOrderId(position.id)
    own = {order: held for order, held in slot.reserved.items() if order != key}
    added = position.quantity - _brought_by_ours(slot, position, own, orders)
    if added <= 0:
        return replace(slot, reserved=own) if key in slot.reserved else slot
    theirs = replace(position, quantity=added)
    risk = filled_risk(theirs, position.stop_price, seen.liquidation_price, limits)
    return replace(slot, reserved={**own, key: Reserved(theirs.notional, theirs.notional / position.leverage, risk)})


def _brought_by_ours(slot: Slot, position: Position, own: dict[ClientOrderId, Reserved], orders: Orders) -> Decimal:
    """The quantity that entries of ours brought. All of it where what they reserve covers it: no order is read then.

    An entry reserves by its worst price, so that one that sold higher reserves less than it brought.
    """
    waiting = {entry.client_order_id for entry in slot.entries}
    if slot.ladder is not None:
        waiting.add(ladder_key(slot.ladder.plan.id))
    ended = {order: held for order, held in own.items() if order not in waiting}
    booked = sum((entry.booked for entry in slot.entries), ZERO)
    if sum((held.notional for held in ended.values()), booked * position.entry_price) >= position.notional:
        return position.quantity
    filled = (orders.get(slot.account, order) for order in ended)
    return sum((order.filled_quantity for order in filled if order is not None), booked)
