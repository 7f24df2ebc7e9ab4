"""Let the stop of a winning position follow the price, and give up layers that it has overtaken."""

import logging
from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.account import Account
from undertow.domain.instrument import Instrument
from undertow.domain.ladder import Ladder, PlannedLayer
from undertow.domain.market import MarkPrice
from undertow.domain.numbers import ZERO, plain
from undertow.domain.position import Position, Slot
from undertow.ports import Clock, Instruments, Ledger, LedgerEntry, Meter, ParamsSource, WriteOutcome
from undertow.risk.protection import ProtectionParams, tighter, wanted_stop, wanted_target
from undertow.risk.trailing import trailed
from undertow.services.cancel_layers import CancelLayers
from undertow.services.protect import Protect
from undertow.services.record_order import ATTEMPTS, LostTooManyRaces

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrailStop:
    ledger: Ledger
    instruments: Instruments
    params: ParamsSource
    cancel_layers: CancelLayers
    protect: Protect
    clock: Clock
    meter: Meter

    def __call__(self, account: Account, slot: Slot, mark: MarkPrice) -> None:
        """Tighten the stop where the position has earned it at ``mark``; otherwise nothing is written or sent.

        The price is written before the order is replaced: should this process die in between, the old stop stands and
        the schedule puts the new one in its place. Raises LostTooManyRaces, and what the venue's calls raise.
        """
        instrument = self.instruments.get(account.venue, slot.symbol)
        if slot.position is None or instrument is None:
            return
        for _ in range(ATTEMPTS):
            after = self._tightened(slot, mark, instrument)
            if after is None:
                return
            if self.ledger.write(LedgerEntry(slot, after)) is WriteOutcome.WRITTEN:
                self._carry_out(account, after)
                return
            slot = self.ledger.slot(account.id, slot.symbol, slot.side)
        raise LostTooManyRaces(f"slot {slot.symbol} {slot.side} kept changing while its stop was trailed")

    def _tightened(self, slot: Slot, mark: MarkPrice, instrument: Instrument) -> Slot | None:
        """``slot`` with the tighter stop; None when there is none to write."""
        position = slot.position
        protection = self._protection(position) if position is not None else None
        if position is None or protection is None or protection.trailing is None:
            return None
        limits = self.params.current().globals.limits[position.account].risk
        target = wanted_target(position, slot.ladder, protection, instrument)
        moved = trailed(position, mark.price, target, protection.trailing, limits, instrument)
        stop = moved.trailed_stop
        if stop is None or not _is_tighter(position, stop):
            return None
        after = slot.with_position(moved)
        reached = wanted_stop(moved, slot.ladder, protection, instrument)
        waiting = _next_to_fill(slot.ladder)
        if waiting is not None and position.side.sign * (reached - waiting.price) >= 0:
            return after.with_frozen_ladder(self.clock.now_ms())
        return after

    def _protection(self, position: Position) -> ProtectionParams | None:
        """Only of a strategy that still trades the symbol: nobody asked for trailing elsewhere."""
        if position.strategy is None:
            return None
        strategy = self.params.current().strategies.get(position.strategy)
        settings = strategy.symbols.get(position.symbol) if strategy is not None else None
        return settings.protection if settings is not None else None

    def _carry_out(self, account: Account, slot: Slot) -> None:
        if slot.position is None or slot.position.trailed_stop is None:
            return
        self.meter.count("stops_trailed")
        logger.info(
            "stop_trailed",
            extra={
                "account": account.id,
                "symbol": slot.symbol,
                "side": slot.side.value,
                "stop": plain(slot.position.trailed_stop),
                "ladder_frozen": slot.ladder is not None and slot.ladder.frozen_at_ms is not None,
            },
        )
        try:
            self.cancel_layers(account, slot)
        finally:
            self.protect(account, slot.symbol, slot.side)


def _is_tighter(position: Position, stop: Decimal) -> bool:
    before = position.trailed_stop
    return before is None or (stop != before and tighter(position.side, stop, before) == stop)


def _next_to_fill(ladder: Ladder | None) -> PlannedLayer | None:
    """The nearest layer of which nothing has filled, whether its order waits already or not."""
    if ladder is None or ladder.frozen_at_ms is not None:
        return None
    return next((layer for layer in ladder.plan.layers if ladder.filled.get(layer.number, ZERO) == 0), None)
