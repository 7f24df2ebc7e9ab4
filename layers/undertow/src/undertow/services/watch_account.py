"""Every few seconds, with fresh mark prices: the account is looked at, stops trail, layers are added."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from undertow.domain.account import Account
from undertow.domain.event import Ticks
from undertow.domain.market import MarkPrice
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.domain.position import Slot
from undertow.ports import Clock, Ledger
from undertow.services.add_layers import AddLayers
from undertow.services.monitor_account import MonitorAccount, is_fresh
from undertow.services.record_order import LostTooManyRaces
from undertow.services.trail_stop import TrailStop

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WatchAccount:
    ledger: Ledger
    monitor: MonitorAccount
    trail: TrailStop
    layers: AddLayers
    clock: Clock

    def __call__(self, account: Account, ticks: Ticks) -> None:
        """One look. Losses are limited first; a layer is only added under the stop that trailing left.

        One position's trouble does not keep the others waiting; the first is raised at the end.
        """
        failures = self._attempt(account, lambda: self.monitor(account, ticks.marks))
        for slot in self.ledger.slots_in_use(account.id):
            mark = ticks.marks.get(slot.symbol)
            if slot.position is not None and mark is not None and is_fresh(mark, self.clock.now_ms()):
                failures += self._attempt(account, partial(self._look_at, account, slot, mark))
        if failures:
            raise failures[0]

    def _look_at(self, account: Account, slot: Slot, mark: MarkPrice) -> None:
        self.trail(account, slot, mark)
        if slot.ladder is not None:
            self.layers(account, self.ledger.slot(account.id, slot.symbol, slot.side), mark)

    def _attempt(self, account: Account, act: Callable[[], None]) -> list[Exception]:
        try:
            act()
        except (VenueReadFailed, VenueUnreachable, LostTooManyRaces) as failure:
            logger.warning("not_watched", extra={"account": account.id, "cause": str(failure)})
            return [failure]
        return []
