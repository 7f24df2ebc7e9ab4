"""Cancel orders of ours that serve nothing any more. Others' are left alone, whatever they do to the position."""

from collections.abc import Iterable
from dataclasses import dataclass

from undertow.domain.account import Account
from undertow.domain.ids import ClientOrderId, is_ours
from undertow.domain.order import Order, Purpose
from undertow.ports import Clock, Ledger, Orders
from undertow.services.cancel_order import CancelOrder
from undertow.services.catch_up_orders import GRACE_MS
from undertow.services.expire_order import is_due
from undertow.services.take_turn import Turn


@dataclass(frozen=True, slots=True)
class CancelOrphans:
    """Orphans are stops and targets of positions that are gone, entries whose time is up, and orders that were given up
    as never taken and stand at the venue after all.

    An order that carries our prefix and that this ledger has no record of belongs to another installation: it is left.
    """

    ledger: Ledger
    orders: Orders
    cancel: CancelOrder
    clock: Clock

    def __call__(self, account: Account, standing: Iterable[ClientOrderId], turn: Turn) -> int:
        orphans = self.among(account, standing)
        for order in orphans:
            turn.check()
            self.cancel(account, order)
        return len(orphans)

    def among(self, account: Account, standing: Iterable[ClientOrderId]) -> tuple[Order, ...]:
        """Of the orders that stand at the venue those that should not."""
        known = (self.orders.get(account.id, order_id) for order_id in standing if is_ours(order_id))
        return tuple(
            order for order in known if order is not None and (order.state.is_final or self._is_orphan(account, order))
        )

    def _is_orphan(self, account: Account, order: Order) -> bool:
        now_ms = self.clock.now_ms()
        if order.intent.purpose is Purpose.ENTRY:
            return is_due(order, now_ms)
        if not order.intent.purpose.is_protective or now_ms - order.updated_at_ms < GRACE_MS:
            return False
        position = self.ledger.slot(account.id, order.intent.symbol, order.intent.position_side).position
        if position is None:
            return True
        current = position.stop_order if order.intent.purpose is Purpose.STOP_LOSS else position.target_order
        return current is not None and order.client_order_id != current
