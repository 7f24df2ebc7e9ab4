"""Take the layers of a ladder that ended or is held off the book: a fill would open what nobody wants any more."""

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
        """Cancel every layer under way of a ladder that adds nothing.

        A cancel that fails is repeated by the next schedule.
        """
        if slot.ladder is None or not slot.ladder.adds_nothing:
            return
        for entry in slot.entries:
            if entry.ladder == slot.ladder.plan.id:
                order = self.orders.get(account.id, entry.client_order_id)
                if order is not None and not order.state.is_final:
                    self.cancel(account, order)
