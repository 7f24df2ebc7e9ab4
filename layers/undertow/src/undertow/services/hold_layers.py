"""Freeze a ladder on a person's wish, or let it go on: a frozen one adds nothing, and what waits is taken back."""

from dataclasses import dataclass

from undertow.domain.account import Account
from undertow.domain.position import Slot
from undertow.domain.request import OperatorRequest, RequestKind
from undertow.ports import Clock, Ledger, LedgerEntry, WriteOutcome
from undertow.services.cancel_layers import CancelLayers
from undertow.services.record_order import ATTEMPTS, LostTooManyRaces


@dataclass(frozen=True, slots=True)
class HoldLayers:
    """An entry is claimed under the version of its slot: one that was decided before the freeze loses its claim.

    To let go undoes the freeze that the person saw and no other: one that is taken up again late, because its process
    died, must not undo a freeze that was asked for after it.
    """

    ledger: Ledger
    cancel_layers: CancelLayers
    clock: Clock

    def __call__(self, account: Account, request: OperatorRequest) -> str:
        """What became of it in words. Raises LostTooManyRaces; a cancel that fails is repeated by the schedule."""
        freezing = request.kind is RequestKind.FREEZE_LAYERS
        for _ in range(ATTEMPTS):
            slot = self.ledger.slot(account.id, request.symbol, request.side)
            if slot.ladder is None:
                return "the ladder has ended: nothing is added to it"
            if not freezing and slot.ladder.held_at_ms not in (None, request.held_before_ms):
                return "the layers were frozen anew meanwhile, and stay so"
            after = slot.with_held_ladder(self.clock.now_ms()) if freezing else slot.with_ladder_let_go()
            if after == slot or self.ledger.write(LedgerEntry(slot, after)) is WriteOutcome.WRITTEN:
                self.cancel_layers(account, after)
                return _told(after, freezing)
        raise LostTooManyRaces(f"slot {request.symbol} {request.side} kept changing while its layers were frozen")


def _told(slot: Slot, freezing: bool) -> str:
    if not freezing:
        return "layers may be added again"
    waiting = 0 if slot.ladder is None else sum(entry.ladder == slot.ladder.plan.id for entry in slot.entries)
    return f"no layer is added; {waiting} waiting taken back" if waiting else "no layer is added"
