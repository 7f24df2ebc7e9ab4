"""Carry out what time and the owner's switch ask for: expired entries go, a flatten closes everything."""

import logging
from dataclasses import dataclass

from undertow.domain.account import Account, Switch
from undertow.domain.order import Purpose
from undertow.ports import Clock, Controls, Ledger, Orders
from undertow.services.cancel_order import CancelOrder
from undertow.services.close_position import ClosePosition
from undertow.services.expire_order import ExpireOrder
from undertow.services.guard_position import GuardPosition

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ManagePositions:
    ledger: Ledger
    orders: Orders
    controls: Controls
    expire: ExpireOrder
    cancel: CancelOrder
    close: ClosePosition
    guard: GuardPosition
    clock: Clock

    def __call__(self, account: Account) -> None:
        """One pass over one account. Protection comes before everything that could fail after it."""
        control = self.controls.get(account.id)
        slots = self.ledger.slots_in_use(account.id)
        for slot in slots:
            if slot.position is not None:
                self.guard(account, slot.symbol, slot.side)
        if control.switch in (Switch.CLOSE_ONLY, Switch.FLATTEN):
            self._cancel_entries(account)
        else:
            self._expire_entries(account)
        if control.switch is Switch.FLATTEN:
            for slot in slots:
                if slot.position is not None:
                    self.close(account, slot.position, f"flatten: {control.reason}")

    def _cancel_entries(self, account: Account) -> None:
        for order in self.orders.unfinished(account.id):
            if order.intent.purpose is Purpose.ENTRY:
                self.cancel(account, order)

    def _expire_entries(self, account: Account) -> None:
        for order in self.orders.unfinished(account.id):
            if order.intent.purpose is Purpose.ENTRY:
                self.expire(account, order.client_order_id)
