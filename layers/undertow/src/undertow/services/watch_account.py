"""Every few seconds, with fresh mark prices: stops that are missing are placed, the account is looked at, stops trail,
layers are added.
"""

import logging
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Account
from undertow.domain.event import Ticks
from undertow.domain.market import MarkPrice
from undertow.domain.position import Slot
from undertow.ports import Clock, Ledger
from undertow.services.add_layers import AddLayers
from undertow.services.check_stop import CheckStop
from undertow.services.guard_position import GuardPosition
from undertow.services.in_turns import in_turns
from undertow.services.monitor_account import MonitorAccount, is_fresh
from undertow.services.one_by_one import OneByOne
from undertow.services.tell_later import TellLater
from undertow.services.trail_stop import TrailStop

logger = logging.getLogger(__name__)

TICK_MS: Final = 5_000
QUESTIONS_PER_TICK: Final = 20
"""The venue is asked about each stop, and each entry that may have filled, every 5 s: what ends or fills unheard is
without a stop until then. A question weighs 1; of more sides than this each is asked about less often, so that on the
average it is 240 of the 2,400 a minute that the venue allows.
"""
MISSED_AFTER_MS: Final = 2_000
"""Before that whoever booked the fill is at it, and a second one would only get in the way."""


@dataclass(frozen=True, slots=True)
class WatchAccount:
    ledger: Ledger
    guard: GuardPosition
    check_stop: CheckStop
    monitor: MonitorAccount
    trail: TrailStop
    layers: AddLayers
    telling: TellLater
    clock: Clock

    def __call__(self, account: Account, ticks: Ticks) -> None:
        """One look. A missing stop comes before everything, and losses are limited before anything is added.

        The ticks hang on no message about a fill: whichever of those was lost, or died with, a position is seen to.
        One position's trouble does not keep the others waiting; the first is raised at the end.
        """
        slots = [slot for slot in self.ledger.slots_in_use(account.id) if slot.position is not None or slot.entries]
        asks = asks_the_venue(ticks.sent_at_ms, len(slots))
        with OneByOne(logger) as each:
            with self.telling.after_this():
                for slot in in_turns(slots, ticks.sent_at_ms // TICK_MS):
                    with each.attempt("stop_not_seen_to", account=account.id, symbol=slot.symbol):
                        self._see_to_its_stop(account, slot, asks)
            with each.attempt("account_not_monitored", account=account.id):
                self.monitor(account, ticks.marks)
            for slot in self.ledger.slots_in_use(account.id):
                mark = ticks.marks.get(slot.symbol)
                if slot.position is not None and mark is not None and is_fresh(mark, self.clock.now_ms()):
                    with each.attempt("position_not_watched", account=account.id, symbol=slot.symbol):
                        self._look_at(account, slot, mark)

    def _see_to_its_stop(self, account: Account, slot: Slot, asks: bool) -> None:
        if slot.position is None:
            if asks:
                self.guard(account, slot.symbol, slot.side)
            return
        missing_since_ms = slot.position.unprotected_since_ms
        if missing_since_ms is not None and self.clock.now_ms() - missing_since_ms >= MISSED_AFTER_MS:
            self.guard(account, slot.symbol, slot.side)
        elif asks:
            self.check_stop(account, slot)

    def _look_at(self, account: Account, slot: Slot, mark: MarkPrice) -> None:
        self.trail(account, slot, mark)
        if slot.ladder is not None:
            self.layers(account, self.ledger.slot(account.id, slot.symbol, slot.side), mark)


def asks_the_venue(sent_at_ms: int, sides: int) -> bool:
    """Every tick, with few ``sides``. A tick that is sent a little early is still the one it was meant for."""
    ticks_per_question = -(-sides // QUESTIONS_PER_TICK) or 1
    return (sent_at_ms + TICK_MS // 2) // TICK_MS % ticks_per_question == 0
