"""Put a position's stop where a person wants it: written, then the new one placed, then the old one cancelled."""

import logging
from dataclasses import dataclass, replace
from decimal import Decimal

from undertow.domain.account import Account
from undertow.domain.instrument import Instrument
from undertow.domain.numbers import ZERO, plain
from undertow.domain.position import Position, Slot
from undertow.domain.request import OperatorRequest
from undertow.ports import Clock, Instruments, Ledger, LedgerEntry, ParamsSource, WriteOutcome
from undertow.risk.approval import Refusal
from undertow.risk.protection import tighter, wanted_stop
from undertow.services.cancel_layers import CancelLayers
from undertow.services.protect import Protect, Protection, protection_of
from undertow.services.record_order import ATTEMPTS, LostTooManyRaces

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MoveStop:
    ledger: Ledger
    instruments: Instruments
    params: ParamsSource
    cancel_layers: CancelLayers
    protect: Protect
    clock: Clock

    def __call__(self, account: Account, request: OperatorRequest) -> str | Refusal | None:
        """Do what ``request``, which is begun, asks for. What became of it in words; None while that is not known.

        Refused when the settings have come to give the position no stop at all: nobody would ever place it.

        The wish is in the ledger before an order is placed: should this process die in between, the old stop stands
        and whoever looks at the position next puts the new one in its place. Raises LostTooManyRaces.
        """
        if request.stop_price is None:
            raise ValueError(f"request {request.id} was begun without a stop price")
        if self._is_only_watched(account, request):
            return Refusal("watched_only", "what others opened is only watched by now: the globals give it no stop")
        slot = self._written(account, request, request.stop_price)
        if slot is None:
            return "the stop was moved by somebody else meanwhile"
        try:
            self.cancel_layers(account, slot)
        finally:
            protection = self.protect(account, request.symbol, request.side)
        return self._came_to(account, request, protection)

    def _is_only_watched(self, account: Account, request: OperatorRequest) -> bool:
        position = self.ledger.slot(account.id, request.symbol, request.side).position
        return position is not None and protection_of(position, self.params.current()) is None

    def _written(self, account: Account, request: OperatorRequest, price: Decimal) -> Slot | None:
        """The slot with the stop in it. None when the stop has been moved since the request was begun."""
        for _ in range(ATTEMPTS):
            slot = self.ledger.slot(account.id, request.symbol, request.side)
            position = slot.position
            if position is None or position.id != request.position or _has(position, price):
                return slot
            if not _may_take(position, request, price):
                return None
            after = self._with_stop(account, slot, replace(position, trailed_stop=price))
            if self.ledger.write(LedgerEntry(slot, after)) is WriteOutcome.WRITTEN:
                logger.info(
                    "stop_moved",
                    extra={"account": account.id, "symbol": slot.symbol, "stop": plain(price), "by": request.by},
                )
                return after
        raise LostTooManyRaces(f"slot {request.symbol} {request.side} kept changing while its stop was moved")

    def _with_stop(self, account: Account, slot: Slot, moved: Position) -> Slot:
        """Layers that the stop has overtaken are given up, as when it trails: they would be opened behind it."""
        after = slot.with_position(moved)
        ladder, instrument = slot.ladder, self.instruments.get(account.venue, slot.symbol)
        if ladder is None or ladder.frozen_at_ms is not None or instrument is None:
            return after
        stop = self._wanted(after, moved, instrument)
        waiting = next((one for one in ladder.plan.layers if ladder.filled.get(one.number, ZERO) == 0), None)
        if stop is not None and waiting is not None and moved.side.sign * (stop - waiting.price) >= 0:
            return after.with_frozen_ladder(self.clock.now_ms())
        return after

    def _wanted(self, slot: Slot, position: Position, instrument: Instrument) -> Decimal | None:
        params = protection_of(position, self.params.current())
        return None if params is None else wanted_stop(position, slot.ladder, params, instrument)

    def _came_to(self, account: Account, request: OperatorRequest, protection: Protection) -> str | None:
        if protection is Protection.CLOSING:
            return "the price had passed the stop by then: the position is being closed at market"
        position = self.ledger.slot(account.id, request.symbol, request.side).position
        if position is None or position.id != request.position:
            return "the position closed meanwhile"
        if protection is not Protection.PROTECTED or position.stop_price is None or position.stop_order is None:
            return None
        return f"the stop stands at {plain(position.stop_price)}, confirmed by the venue as {position.stop_order}"


def _has(position: Position, price: Decimal) -> bool:
    return position.trailed_stop == price


def _may_take(position: Position, request: OperatorRequest, price: Decimal) -> bool:
    """Tightening is right whatever was set meanwhile; loosening only undoes what the person saw."""
    stop = position.trailed_stop
    return stop is None or stop == request.stop_before or tighter(position.side, price, stop) == price
