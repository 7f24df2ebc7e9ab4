"""Carry out what time and the owner's switch ask for: expired entries go, a flatten closes everything."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account, Switch
from undertow.domain.order import Order, Purpose
from undertow.ports import Clock, Controls, Ledger, Orders
from undertow.services.cancel_layers import CancelLayers
from undertow.services.cancel_order import CancelOrder
from undertow.services.carry_out import CarryOut
from undertow.services.check_stop import CheckStop
from undertow.services.close_position import ClosePosition
from undertow.services.expire_order import ExpireOrder
from undertow.services.guard_position import GuardPosition
from undertow.services.in_turns import in_turns
from undertow.services.monitor_account import MonitorAccount
from undertow.services.one_by_one import OneByOne
from undertow.services.tell_later import TellLater

logger = logging.getLogger(__name__)

PASS_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class ManagePositions:
    ledger: Ledger
    orders: Orders
    controls: Controls
    expire: ExpireOrder
    cancel: CancelOrder
    cancel_layers: CancelLayers
    close: ClosePosition
    guard: GuardPosition
    check_stop: CheckStop
    monitor: MonitorAccount
    carry_out: CarryOut
    telling: TellLater
    clock: Clock

    def __call__(self, account: Account) -> None:
        """One pass over one account. Protection comes before everything that could fail after it.

        No step keeps a later one from being tried: above all a flatten, and the look at the account's margin.
        """
        control = self.controls.get(account.id)
        slots = in_turns(self.ledger.slots_in_use(account.id), self.clock.now_ms() // PASS_MS)
        held = [slot.position for slot in slots if slot.position is not None]
        closing = control.switch in (Switch.CLOSE_ONLY, Switch.FLATTEN)
        with OneByOne(logger) as each:
            with self.telling.after_this():
                for position in held:
                    with each.attempt("position_not_guarded", account=account.id, symbol=position.symbol):
                        self.guard(account, position.symbol, position.side)
            with each.attempt("entries_not_ended", account=account.id):
                self._end_entries(account, self._cancel if closing else self._expire)
            for slot in slots:
                with each.attempt("layers_not_cancelled", account=account.id, symbol=slot.symbol):
                    self.cancel_layers(account, slot)
            if control.switch is Switch.FLATTEN:
                for position in held:
                    with each.attempt("position_not_closed", account=account.id, symbol=position.symbol):
                        self.close(account, position, f"flatten: {control.reason}")
            with each.attempt("account_not_monitored", account=account.id):
                self.monitor(account)
            for slot in slots:
                # Ticks ask far more often; without a worker there are none, and nobody hears of a stop that ends.
                with each.attempt("stop_not_checked", account=account.id, symbol=slot.symbol):
                    self.check_stop(account, slot)
            with each.attempt("requests_not_carried_out", account=account.id):
                self.carry_out.left_over(account)

    def _end_entries(self, account: Account, end: Callable[[Account, Order], object]) -> None:
        with OneByOne(logger) as each:
            for order in self.orders.unfinished(account.id):
                if order.intent.purpose is Purpose.ENTRY:
                    with each.attempt("entry_not_ended", account=account.id, order=order.client_order_id):
                        end(account, order)

    def _cancel(self, account: Account, order: Order) -> None:
        self.cancel(account, order)

    def _expire(self, account: Account, order: Order) -> None:
        self.expire(account, order.client_order_id)
