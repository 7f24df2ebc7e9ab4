"""Take the layers of a ladder that ended off the book: a fill now would open what nobody wants any more."""

from dataclasses import dataclass

from undertow.domain.account import Account
from undertow.domain.position import Slot
from undertow.ports import Orders
from undertow.services.cancel_order import CancelOrder


@dataclass(frozen=True, slots=True)
class CancelLayers:
    orders: Orders
    cancel: CancelOrder

    def __call__(self, account: Account, slot: Slot) -> None:
        """Cancel every layer under way of a frozen ladder. A cancel that fails is repeated by the next schedule."""
        if slot.ladder is None or slot.ladder.frozen_at_ms is None:
            return
        for entry in slot.entries:
            if entry.ladder == slot.ladder.plan.id:
                order = self.orders.get(account.id, entry.client_order_id)
                if order is not None and not order.state.is_final:
                    self.cancel(account, order)
