"""Settle what trades did not explain: adopt what is only at the venue, doubt what differs, then believe the venue."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from undertow.domain.account import Account, VenuePosition
from undertow.domain.ids import ClientOrderId, PositionId, Symbol, digest_of
from undertow.domain.market import PositionSide
from undertow.domain.numbers import plain
from undertow.domain.position import Position, Reserved, Slot
from undertow.ports import (
    AlertLevel,
    Clock,
    Instruments,
    Ledger,
    LedgerEntry,
    Notifier,
    ParamsSource,
    Venues,
    WriteOutcome,
)
from undertow.risk.budget import filled_risk
from undertow.risk.limits import USUAL_RISK, RiskLimits
from undertow.risk.protection import wanted_stop

DOUBT_MS: Final = 3_000
"""A difference that no trade explains is believed when two readings at least this far apart agree on it."""
ADOPTED: Final = "adopted"
"""The risk flag of a position whose reserve was computed here, since no entry of ours reserved it."""

Leg = tuple[Symbol, PositionSide]


@dataclass(frozen=True, slots=True)
class Settled:
    """How many legs were adopted and adjusted, and how many still differ."""

    adopted: int
    adjusted: int
    differences: int


@dataclass(frozen=True, slots=True)
class SettleDifferences:
    ledger: Ledger
    instruments: Instruments
    params: ParamsSource
    venues: Venues
    notifier: Notifier
    clock: Clock

    def __call__(
        self, account: Account, legs: Mapping[Leg, VenuePosition], read_at_ms: int, unread: Container[Symbol]
    ) -> Settled:
        """``legs`` is what the venue reported at ``read_at_ms``.

        Where a read failed (``unread``) trades may yet explain a difference: nothing is concluded there.
        """
        adopted = adjusted = differences = 0
        slots = {(slot.symbol, slot.side): slot for slot in self.ledger.slots_in_use(account.id)}
        for leg in sorted(slots | dict(legs)):
            slot, seen = slots.get(leg), legs.get(leg)
            if not differs(slot, seen):
                self._agree(account, slot, seen)
            elif leg[0] in unread:
                differences += 1
            elif slot is None or slot.position is None:
                adopted += self._adopt(account, leg, seen)
            elif self._believed(slot, read_at_ms):
                adjusted += self._adjust(account, slot, seen)
            else:
                differences += 1
        return Settled(adopted, adjusted, differences)

    def _adopt(self, account: Account, leg: Leg, seen: VenuePosition | None) -> int:
        """Take over a position that nobody here knows. It may have been closed since it was seen: so it is seen again,
        after the slot was read under whose version it is written. Then no fill was booked in between."""
        slot = self.ledger.slot(account.id, *leg)
        # The fills of an entry under way come by themselves, or by the next pass.
        if seen is None or slot.position is not None or slot.entries:
            return 0
        found = self.venues.trading(account).fetch_positions()
        again = next((other for other in found if (other.symbol, other.side) == leg), None)
        if again is None or again.quantity != seen.quantity:
            return 0
        now_ms = self.clock.now_ms()
        position = Position(
            id=PositionId(digest_of("adopted", account.id, *leg, now_ms)),
            account=account.id,
            symbol=seen.symbol,
            side=seen.side,
            quantity=seen.quantity,
            entry_price=seen.entry_price,
            opened_at_ms=now_ms,
            updated_at_ms=now_ms,
            strategy=None,
            leverage=seen.leverage,
            max_quantity=seen.quantity,
            unprotected_since_ms=now_ms,
        )
        adopted = self._reserved(account, slot.with_position(position), seen)
        if self.ledger.write(LedgerEntry(slot, adopted)) is not WriteOutcome.WRITTEN:
            return 0
        self._alert(slot, "a position that this system did not open was found and is watched from now on", seen)
        return 1

    def _reserved(self, account: Account, slot: Slot, seen: VenuePosition) -> Slot:
        """``slot`` with what its external position takes of the account's caps. It goes back with the position.

        Nobody reserved anything when it was opened, yet it can lose like any other: at the stop that the policy for
        external positions gives it, without one at the venue's liquidation price, without that all of it.
        """
        position = slot.position
        if position is None or not position.is_external:
            return slot
        risk = filled_risk(position, self._stop(account, position), seen.liquidation_price, self._limits(account))
        held = Reserved(position.notional, position.notional / position.leverage, risk)
        flagged = position if position.risk_flag else replace(position, risk_flag=ADOPTED)
        # All of it is counted here, so nothing else stays but what entries under way keep.
        living = {entry.client_order_id for entry in slot.entries}
        kept = {order: other for order, other in slot.reserved.items() if order in living}
        return replace(slot, position=flagged, reserved={**kept, ClientOrderId(position.id): held})

    def _limits(self, account: Account) -> RiskLimits:
        limits = self.params.current().globals.limits.get(account.id)
        return limits.risk if limits is not None else USUAL_RISK

    def _stop(self, account: Account, position: Position) -> Decimal | None:
        policy = self.params.current().globals.external.protection
        instrument = self.instruments.get(account.venue, position.symbol)
        return None if policy is None or instrument is None else wanted_stop(position, None, policy, instrument)

    def _believed(self, slot: Slot, read_at_ms: int) -> bool:
        """What was read before the doubt arose is no second reading: a pass may be slow, and two may overlap."""
        position = slot.position
        if position is None:
            return False
        if position.questioned_at_ms is None or position.questioned_at_ms < position.updated_at_ms:
            doubted = replace(position, questioned_at_ms=self.clock.now_ms())
            self.ledger.write(LedgerEntry(slot, slot.with_position(doubted)))
            return False
        return read_at_ms - position.questioned_at_ms >= DOUBT_MS

    def _agree(self, account: Account, slot: Slot | None, seen: VenuePosition | None) -> None:
        """No more doubts; and an external position reserves what it has become by trades that were booked since."""
        if slot is None or slot.position is None or seen is None:
            return
        after = self._reserved(account, slot.with_position(replace(slot.position, questioned_at_ms=None)), seen)
        if after != slot:
            self.ledger.write(LedgerEntry(slot, after))

    def _adjust(self, account: Account, slot: Slot, seen: VenuePosition | None) -> int:
        position = slot.position
        if position is None:
            return 0
        now_ms = self.clock.now_ms()
        self._alert(slot, "the venue's position differs and no trade explains it: the venue's was taken", seen)
        if seen is None:
            closed = replace(position, closed_at_ms=now_ms, updated_at_ms=now_ms)
            self.ledger.write(LedgerEntry(slot, slot.position_closed(now_ms), closed=closed))
        else:
            corrected = replace(
                position,
                quantity=seen.quantity,
                entry_price=seen.entry_price,
                updated_at_ms=now_ms,
                questioned_at_ms=None,
            )
            self.ledger.write(LedgerEntry(slot, self._reserved(account, slot.with_position(corrected), seen)))
        return 1

    def _alert(self, slot: Slot, message: str, seen: VenuePosition | None) -> None:
        known = slot.position.quantity if slot.position is not None else 0
        self.notifier.alert(
            AlertLevel.HIGH,
            f"difference#{slot.account}#{slot.symbol}#{slot.side}",
            message,
            {
                "symbol": slot.symbol,
                "side": slot.side.value,
                "ledger_quantity": str(known),
                "venue_quantity": plain(seen.quantity) if seen is not None else "0",
            },
        )


def differs(slot: Slot | None, seen: VenuePosition | None) -> bool:
    known = slot.position.quantity if slot is not None and slot.position is not None else 0
    return known != (seen.quantity if seen is not None else 0)
