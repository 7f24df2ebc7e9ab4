"""Protect every position of an account; one that cannot be seen to keeps no other waiting."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from undertow.domain.account import Account
from undertow.domain.ids import Symbol
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import Ledger, Meter, NotScheduled, StoreBusy
from undertow.services.guard_position import GuardPosition
from undertow.services.in_turns import in_turns
from undertow.services.protect import Protection
from undertow.services.reading import Leg
from undertow.services.record_order import LostTooManyRaces
from undertow.services.take_turn import Turn
from undertow.services.tell_later import TellLater

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Guarded:
    """How every position stands, and why some could not be seen to, by symbol."""

    legs: Mapping[Leg, Protection]
    failures: Mapping[Symbol, Exception]


@dataclass(frozen=True, slots=True)
class GuardPositions:
    ledger: Ledger
    guard: GuardPosition
    telling: TellLater
    meter: Meter

    def __call__(self, account: Account, turn: Turn) -> Guarded:
        with self.telling.after_this():
            return self._see_to_all(account, turn)

    def _see_to_all(self, account: Account, turn: Turn) -> Guarded:
        legs: dict[Leg, Protection] = {}
        failures: dict[Symbol, Exception] = {}
        unprotected = 0
        for slot in in_turns(self.ledger.slots_in_use(account.id), turn.epoch):
            if slot.position is None:
                continue
            turn.check()
            try:
                protection = self.guard(account, slot.symbol, slot.side)
            except (VenueReadFailed, VenueUnreachable, LostTooManyRaces, StoreBusy, NotScheduled) as failure:
                logger.warning("position_not_guarded", extra={"symbol": slot.symbol, "cause": str(failure)})
                failures[slot.symbol] = failure
                # It may stand protected; but an alarm is for what is not known to.
                unprotected += slot.position.unprotected_since_ms is not None
            else:
                legs[slot.symbol, slot.side] = protection
                unprotected += protection is Protection.UNPROTECTED
        # Told even when they are none: an alarm over minutes has to see that it is over.
        self.meter.count("unprotected_positions", unprotected)
        return Guarded(legs, failures)
