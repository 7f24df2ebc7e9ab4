"""Carry out what time and the owner's switch ask for: expired entries go, a flatten closes everything."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from undertow.domain.account import Account, Switch
from undertow.domain.order import Order, Purpose
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.domain.position import Position, Slot
from undertow.ports import Clock, Controls, Ledger, NotScheduled, Orders, StoreBusy
from undertow.services.cancel_layers import CancelLayers
from undertow.services.cancel_order import CancelOrder
from undertow.services.carry_out import CarryOut
from undertow.services.check_stop import CheckStop
from undertow.services.close_position import ClosePosition
from undertow.services.expire_order import ExpireOrder
from undertow.services.guard_position import GuardPosition
from undertow.services.in_turns import in_turns
from undertow.services.monitor_account import MonitorAccount
from undertow.services.record_order import LostTooManyRaces
from undertow.services.tell_later import TellLater

logger = logging.getLogger(__name__)

PASS_MS: Final = 60_000
PASSING_TROUBLE: Final = (VenueReadFailed, VenueUnreachable, LostTooManyRaces, StoreBusy, NotScheduled)


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
        held = [slot for slot in slots if slot.position is not None]
        with self.telling.after_this():
            failures = self._for_each(held, lambda position: self.guard(account, position.symbol, position.side))
        closing = control.switch in (Switch.CLOSE_ONLY, Switch.FLATTEN)
        failures += self._attempt(account, self._cancel_entries if closing else self._expire_entries)
        for slot in slots:
            failures += self._attempt(account, partial(self._cancel_layers, slot))
        if control.switch is Switch.FLATTEN:
            failures += self._for_each(
                held, lambda position: self.close(account, position, f"flatten: {control.reason}")
            )
        failures += self._attempt(account, self.monitor)
        for slot in held:
            failures += self._attempt(account, partial(self._check_stop, slot))
        failures += self._attempt(account, self.carry_out.left_over)
        if failures:
            raise failures[0]

    def _for_each(self, held: Sequence[Slot], act: Callable[[Position], object]) -> list[Exception]:
        """One position's trouble does not keep the others waiting; it is told at the end of the pass."""
        failures: list[Exception] = []
        for slot in held:
            if slot.position is None:
                continue
            try:
                act(slot.position)
            except PASSING_TROUBLE as failure:
                logger.warning("position_not_managed", extra={"symbol": slot.symbol, "cause": str(failure)})
                failures.append(failure)
        return failures

    def _attempt(self, account: Account, step: Callable[[Account], object]) -> list[Exception]:
        try:
            step(account)
        except PASSING_TROUBLE as failure:
            logger.warning("step_not_finished", extra={"account": account.id, "cause": str(failure)})
            return [failure]
        return []

    def _check_stop(self, slot: Slot, account: Account) -> None:
        """Ticks ask far more often; without a worker there are none, and nobody hears of a stop that ends either."""
        self.check_stop(account, slot)

    def _cancel_layers(self, slot: Slot, account: Account) -> None:
        self.cancel_layers(account, slot)

    def _cancel_entries(self, account: Account) -> None:
        self._for_each_entry(account, lambda order: self.cancel(account, order))

    def _expire_entries(self, account: Account) -> None:
        self._for_each_entry(account, lambda order: self.expire(account, order.client_order_id))

    def _for_each_entry(self, account: Account, act: Callable[[Order], object]) -> None:
        """One order's trouble does not keep the others on the book; the first is raised once all were tried."""
        failures: list[Exception] = []
        for order in self.orders.unfinished(account.id):
            if order.intent.purpose is Purpose.ENTRY:
                try:
                    act(order)
                except PASSING_TROUBLE as failure:
                    logger.warning("entry_not_ended", extra={"order": order.client_order_id, "cause": str(failure)})
                    failures.append(failure)
        if failures:
            raise failures[0]
