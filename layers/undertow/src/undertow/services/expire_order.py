"""End the life of an entry order: what has not filled within its time to live is cancelled."""

from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account
from undertow.domain.ids import ClientOrderId
from undertow.domain.order import Order, Purpose
from undertow.ports import Clock, Orders
from undertow.services.cancel_order import CancelOrder
from undertow.services.import_fills import ImportFills
from undertow.services.protect import Protect, stands

EARLY_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class ExpireOrder:
    orders: Orders
    cancel: CancelOrder
    import_fills: ImportFills
    protect: Protect
    clock: Clock

    def __call__(self, account: Account, order_id: ClientOrderId) -> Order | None:
        """Cancel the order if it still stands and its time is up; return its record."""
        order = self.orders.get(account.id, order_id)
        if order is None or not stands(order) or not is_due(order, self.clock.now_ms()):
            return order
        ended = self.cancel(account, order)
        if ended.filled_quantity > order.filled_quantity:
            # It filled while it was being cancelled; the stream brings the fill too, whichever comes first counts.
            self.import_fills(account, order.intent.symbol, order.created_at_ms)
            self.protect(account, order.intent.symbol, order.intent.position_side)
        return ended


def is_due(order: Order, now_ms: int) -> bool:
    """A second early counts: a queue's delay is not exact, and nothing looks again before the next minute."""
    ttl_s = order.intent.ttl_s
    if order.intent.purpose is not Purpose.ENTRY or ttl_s is None:
        return False
    return now_ms >= order.created_at_ms + ttl_s * 1000 - EARLY_MS
