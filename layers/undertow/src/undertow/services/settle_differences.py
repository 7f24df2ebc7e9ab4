"""Settle what trades did not explain: adopt what is only at the venue, doubt what differs, then believe the venue.

Every quantity that is set by the venue's word leaves a correction, in the same transaction: fills and corrections add
up to the position, always.
"""

from collections.abc import Container
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from undertow.domain.account import Account, PositionMode, VenuePosition
from undertow.domain.correction import Correction, CorrectionReason
from undertow.domain.ids import ClientOrderId, PositionId, Symbol, digest_of
from undertow.domain.numbers import ZERO, plain
from undertow.domain.order import UNRESOLVED
from undertow.domain.position import Position, Reserved, Slot, ladder_key
from undertow.ports import (
    AlertLevel,
    Clock,
    Instruments,
    Ledger,
    LedgerEntry,
    Notifier,
    Orders,
    ParamsSource,
    Venues,
    WriteOutcome,
)
from undertow.risk.budget import filled_risk
from undertow.risk.limits import USUAL_RISK, RiskLimits
from undertow.risk.protection import wanted_stop
from undertow.services.added_by_others import with_what_others_added
from undertow.services.reading import Leg, Reading, differs, fetch_legs
from undertow.services.take_turn import Turn

DOUBT_MS: Final = 3_000
"""A difference that no trade explains is believed when two readings at least this far apart agree on it."""
LONGEST_DOUBT_MS: Final = 150_000
"""Where trades could not be read they may yet explain the difference. Yet three passes later the venue's word is taken
all the same: trades that come then explain it, and do not move it again (``Slot.counted_until_ms``)."""
LOST_ENTRY_MS: Final = 60_000
"""The fills of an entry under way come by themselves. One of which nothing is known for this long holds nothing up."""
LONGEST_LAG_MS: Final = 45_000
"""How far the venue's list of positions may be behind its trades; less than the time from one pass to the next."""
MOST_CLOSED: Final = 200
CLOCKS_APART_MS: Final = 1_000
"""How far the venue's clock may be from ours: further apart nothing is entered."""
ADOPTED: Final = "adopted"
"""The risk flag of a position whose reserve was computed here, since no entry of ours reserved it."""


@dataclass(frozen=True, slots=True)
class Settled:
    """How many legs were adopted and adjusted."""

    adopted: int
    adjusted: int


@dataclass(frozen=True, slots=True)
class SettleDifferences:
    ledger: Ledger
    orders: Orders
    instruments: Instruments
    params: ParamsSource
    venues: Venues
    notifier: Notifier
    clock: Clock

    def __call__(self, account: Account, seen: Reading, unread: Container[Symbol], turn: Turn) -> Settled:
        """Two legs of a symbol are settled each by itself and never netted.

        Where trades could not be read (``unread``) they may yet explain a difference: it is doubted for longer.
        """
        adopted = adjusted = 0
        slots = {(slot.symbol, slot.side): slot for slot in self.ledger.slots_in_use(account.id)}
        for leg in sorted(slots | dict(seen.legs)):
            slot, found = slots.get(leg), seen.legs.get(leg)
            doubt_ms = LONGEST_DOUBT_MS if leg[0] in unread else DOUBT_MS
            turn.check()
            if not differs(slot, found):
                self._agree(account, slot, found)
            elif slot is None or slot.position is None:
                adopted += self._adopt(account, leg, found, turn)
            elif self._believed(account, slot, found, seen.read_at_ms, doubt_ms):
                adjusted += self._adjust(account, slot, found, turn)
        return Settled(adopted, adjusted)

    def adopt_held(self, account: Account, seen: Reading, turn: Turn) -> frozenset[Symbol]:
        """Adopt what stands at the venue where the ledger holds nothing and expects nothing; return its symbols.

        Before any trade is fetched: a position held for longer than the trade history reaches cannot be rebuilt from
        it, and a part of its trades would make another size of it, or on a one-way account another side. It starts as
        the venue has it; trades explain it. A venue that does not say when a position last changed draws no line
        between trades that are in it and trades that come after: there trades go first.
        """
        in_use = {(slot.symbol, slot.side) for slot in self.ledger.slots_in_use(account.id)}
        adopted = set()
        for leg, found in sorted(seen.legs.items()):
            if leg not in in_use and found.updated_at_ms > 0:
                turn.check()
                if self._adopt(account, leg, found, turn):
                    adopted.add(leg[0])
        return frozenset(adopted)

    def _adopt(self, account: Account, leg: Leg, seen: VenuePosition | None, turn: Turn) -> int:
        """Take over a position that nobody here knows. It may have been closed since it was seen: so it is seen again,
        after the slot was read under whose version it is written. Then no fill was booked in between."""
        slot = self.ledger.slot(account.id, *leg)
        if seen is None or slot.position is not None or self._fills_under_way(slot):
            return 0
        again = fetch_legs(self.venues.trading(account)).get(leg)
        if again is None or again.quantity != seen.quantity or self._is_behind(account, slot, again):
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
        # No layers on what somebody else opened: a ladder that waits for its first fill gives its reserve back.
        taken = slot.with_frozen_ladder(now_ms).with_position(position)
        after = self._reserved(account, taken, seen)
        if not self._correct(slot, after, CorrectionReason.ADOPTED, again.updated_at_ms, turn):
            return 0
        self._alert(slot, "a position that this system did not open was found and is watched from now on", seen)
        return 1

    def _is_behind(self, account: Account, slot: Slot, seen: VenuePosition) -> bool:
        """A venue's list of positions may lag: what it tells of may be what was before a trade that is booked already,
        or what was booked as closed a moment ago. It lags by seconds: the pass of a minute later believes it."""
        now_ms = self.clock.now_ms()
        if seen.updated_at_ms <= 0:
            return False
        if self._from_before_a_trade(account, slot, seen, now_ms):
            return True
        closed = self.ledger.closed_positions(slot.account, seen.updated_at_ms + 1, now_ms + LOST_ENTRY_MS, MOST_CLOSED)
        return any((position.symbol, position.side) == (slot.symbol, slot.side) for position in closed)

    def _from_before_a_trade(self, account: Account, slot: Slot, seen: VenuePosition | None, at_ms: int) -> bool:
        """Whether what was read at ``at_ms`` may tell of the time before a trade that is booked already. A leg that is
        not there, or bears no time, could be any age.
        """
        booked_ms = self._booked_until_ms(account, slot)
        return at_ms - booked_ms < LONGEST_LAG_MS and (seen is None or seen.updated_at_ms < booked_ms)

    def _booked_until_ms(self, account: Account, slot: Slot) -> int:
        """On an account without sides one trade moves what the ledger holds on either."""
        if account.position_mode is PositionMode.HEDGE:
            return slot.booked_until_ms
        other = self.ledger.slot(slot.account, slot.symbol, slot.side.opposite)
        return max(slot.booked_until_ms, other.booked_until_ms)

    def _fills_under_way(self, slot: Slot) -> bool:
        """An entry of ours may be what opened the position: its fills come by themselves, or by the next pass."""
        oldest_ms = self.clock.now_ms() - LOST_ENTRY_MS
        orders = (self.orders.get(slot.account, entry.client_order_id) for entry in slot.entries)
        return any(
            order is None or order.state not in UNRESOLVED or order.created_at_ms > oldest_ms for order in orders
        )

    def _correct(self, before: Slot, after: Slot, reason: CorrectionReason, counted_until_ms: int, turn: Turn) -> bool:
        """Write ``after`` with the row that says what was set and why. False when the slot moved meanwhile."""
        was, now = before.position, after.position
        held = now or was
        correction = Correction(
            account=before.account,
            symbol=before.symbol,
            side=before.side,
            number=before.version + 1,
            time_ms=self.clock.now_ms(),
            reason=reason,
            before=was.quantity if was is not None else ZERO,
            after=now.quantity if now is not None else ZERO,
            entry_price_before=was.entry_price if was is not None else None,
            entry_price_after=now.entry_price if now is not None else None,
            position=held.id if held is not None else None,
            epoch=turn.epoch,
        )
        counted = replace(after, counted_until_ms=max(before.counted_until_ms, counted_until_ms))
        closed = was if was is not None and now is None else None
        if closed is not None:
            closed = replace(
                closed,
                quantity=ZERO,
                unexplained=closed.unexplained - closed.quantity,
                closed_at_ms=correction.time_ms,
                updated_at_ms=correction.time_ms,
            )
        entry = LedgerEntry(before, counted, closed=closed, correction=correction)
        return self.ledger.write(entry) is WriteOutcome.WRITTEN

    def _reserved(self, account: Account, slot: Slot, seen: VenuePosition) -> Slot:
        """``slot`` with what its external position takes of the account's caps. It goes back with the position.

        Of a position of ours that is what others added to it: what our entries brought they have reserved.

        Nobody reserved anything when it was opened, yet it can lose like any other: at the stop that the policy for
        external positions gives it, without one at the venue's liquidation price, without that all of it.
        """
        position = slot.position
        if position is None or not position.is_external:
            return with_what_others_added(slot, seen, self.orders, self._limits(account))
        risk = filled_risk(position, self._stop(account, position), seen.liquidation_price, self._limits(account))
        held = Reserved(position.notional, position.notional / position.leverage, risk)
        flagged = position if position.risk_flag else replace(position, risk_flag=ADOPTED)
        # All of it is counted here, so nothing else stays but what entries under way and layers to come keep.
        living = {entry.client_order_id for entry in slot.entries}
        if slot.ladder is not None:
            living.add(ladder_key(slot.ladder.plan.id))
        kept = {order: other for order, other in slot.reserved.items() if order in living}
        return replace(slot, position=flagged, reserved={**kept, ClientOrderId(position.id): held})

    def _limits(self, account: Account) -> RiskLimits:
        limits = self.params.current().globals.limits.get(account.id)
        return limits.risk if limits is not None else USUAL_RISK

    def _stop(self, account: Account, position: Position) -> Decimal | None:
        policy = self.params.current().globals.external.protection
        instrument = self.instruments.get(account.venue, position.symbol)
        return None if policy is None or instrument is None else wanted_stop(position, None, policy, instrument)

    def _believed(
        self, account: Account, slot: Slot, seen: VenuePosition | None, read_at_ms: int, doubt_ms: int
    ) -> bool:
        """What was read before the doubt arose is no second reading: a pass may be slow, and two may overlap. Nor are
        two from before the same trade: a list that lags says the same thing twice.

        A fill that was booked since the doubt arose begins it anew, unless the two are as far apart as they were: what
        both sides know of explains nothing, and a symbol that trades every minute would never be settled.
        """
        position = slot.position
        if position is None:
            return False
        apart = position.quantity - (seen.quantity if seen is not None else ZERO)
        since_ms = position.questioned_at_ms
        if since_ms is None or (since_ms < position.updated_at_ms and position.questioned_by != apart):
            doubted = replace(position, questioned_at_ms=self.clock.now_ms(), questioned_by=apart)
            self.ledger.write(LedgerEntry(slot, slot.with_position(doubted)))
            return False
        if self._from_before_a_trade(account, slot, seen, read_at_ms):
            return False
        return read_at_ms - since_ms >= doubt_ms

    def _agree(self, account: Account, slot: Slot | None, seen: VenuePosition | None) -> None:
        """No more doubts; and what others opened or added reserves what it has become by trades booked since."""
        if slot is None or slot.position is None or seen is None:
            return
        after = self._reserved(
            account, slot.with_position(replace(slot.position, questioned_at_ms=None, questioned_by=None)), seen
        )
        if after != slot:
            self.ledger.write(LedgerEntry(slot, after))

    def _adjust(self, account: Account, slot: Slot, seen: VenuePosition | None, turn: Turn) -> int:
        """The trades that there are were booked before: what is left the venue's word decides, and no estimate."""
        position = slot.position
        if position is None:
            return 0
        if seen is None:
            # Flat in two readings. A trade from before the first of them is of this position, whenever it is learnt of.
            until_ms = (position.questioned_at_ms or 0) + CLOCKS_APART_MS
            after = slot.position_closed(self.clock.now_ms())
            written = self._correct(slot, after, CorrectionReason.CLOSED_OUTSIDE, until_ms, turn)
        else:
            corrected = replace(
                position,
                quantity=seen.quantity,
                entry_price=seen.entry_price,
                max_quantity=max(position.max_quantity, seen.quantity),
                unexplained=position.unexplained + seen.quantity - position.quantity,
                updated_at_ms=self.clock.now_ms(),
                questioned_at_ms=None,
                questioned_by=None,
            )
            after = self._reserved(account, slot.with_position(corrected), seen)
            written = self._correct(slot, after, CorrectionReason.QUANTITY, seen.updated_at_ms, turn)
        if not written:
            return 0
        self._alert(slot, "the venue's position differs and no trade explains it: the venue's was taken", seen)
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
