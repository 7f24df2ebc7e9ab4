"""The transactions of the order path, and the rows that they write.

Reads that money depends on are consistent. Writes are conditional: they say whether they took effect, and nothing here
overwrites what somebody else has written meanwhile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from undertow.domain.account import BookTotals
from undertow.domain.booking import Reservation
from undertow.domain.correction import Correction
from undertow.domain.decision import Decision
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, ClientOrderId, DecisionId, PositionId, Symbol, TradeId
from undertow.domain.market import Liquidation, PositionSide, Venue
from undertow.domain.order import Order
from undertow.domain.position import Position, Slot
from undertow.domain.recording import RecordingGap
from undertow.ports.places import Place
from undertow.risk.exposure import AccountSnapshot


@dataclass(frozen=True, slots=True)
class EntryClaim:
    """Everything that is written, in one transaction, before an entry goes to the network.

    The slot is stored as version ``slot_before.version + 1`` if the stored version is still ``slot_before.version``.
    """

    order: Order
    slot_before: Slot
    slot_after: Slot
    decision: Decision
    max_total_notional: Decimal
    max_total_margin: Decimal
    max_positions: int
    """Symbols in use, this one included; 0 means no limit."""
    max_total_risk: Decimal
    """Of the whole book, quote units. A layer draws on its ladder's reserve, adds nothing, and always fits."""
    opposite_in_use: bool = False
    """Whether the other side of the symbol was in use when the snapshot was read; the claim is lost if that changed."""


class ClaimOutcome(StrEnum):
    CLAIMED = "claimed"
    PAUSED = "paused"
    CAP_REACHED = "cap_reached"
    SLOT_MOVED = "slot_moved"
    ALREADY_CLAIMED = "already_claimed"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A change of one slot with what caused it, written in one transaction.

    The slot is stored as version ``slot_before.version + 1`` if the stored version is still ``slot_before.version``
    (0: no row yet); an unchanged slot (``slot_after == slot_before``) is only checked, not written.

    ``orders`` are stored under the condition that their stored version is one less. ``fill`` is new. The account's
    totals and the reservation rows follow from the difference of the two slots. ``correction`` is new and says how the
    slot's quantity moved otherwise than by ``fill``.
    """

    slot_before: Slot
    slot_after: Slot
    orders: tuple[Order, ...] = ()
    fill: Fill | None = None
    closed: Position | None = None
    correction: Correction | None = None


class WriteOutcome(StrEnum):
    WRITTEN = "written"
    DUPLICATE_FILL = "duplicate_fill"
    CONFLICT = "conflict"


class Ledger(Protocol):
    """Slots, and the transactions that keep orders, fills, positions and reservations in step."""

    def snapshot(self, account: AccountId, venue: Venue, symbol: Symbol) -> AccountSnapshot:
        """One request, consistent."""
        ...

    def claim(self, claim: EntryClaim) -> ClaimOutcome: ...

    def write(self, entry: LedgerEntry) -> WriteOutcome: ...

    def slot(self, account: AccountId, symbol: Symbol, side: PositionSide) -> Slot: ...

    def slots_in_use(self, account: AccountId) -> Sequence[Slot]:
        """Slots with a position or a living entry, consistent."""
        ...

    def totals(self, account: AccountId) -> BookTotals: ...

    def closed_positions(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[Position]:
        """By time of closing, newest first. May lag behind by a second."""
        ...

    def closed_position(self, account: AccountId, position: PositionId) -> Position | None: ...

    def corrections(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[Correction]:
        """Newest first; both ends included. Consistent."""
        ...

    def reservation(self, account: AccountId, order: ClientOrderId) -> Reservation | None:
        """``order`` may be a ladder's key as well (``ladder_key``)."""
        ...


class Orders(Protocol):
    def get(self, account: AccountId, order: ClientOrderId) -> Order | None:
        """Consistent."""
        ...

    def add(self, order: Order) -> bool:
        """False, and nothing written, when the id is taken."""
        ...

    def update(self, order: Order) -> bool:
        """Store ``order`` if the stored version is ``order.version - 1``."""
        ...

    def unfinished(self, account: AccountId) -> Sequence[Order]:
        """Orders that may still change: not in a final state. May lag behind by a second."""
        ...

    def recent(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[Order]:
        """By time of creation, newest first. May lag behind by a second."""
        ...


class Fills(Protocol):
    """Booked by ``Ledger.write``. Lists may lag behind by a second; ``has`` is consistent."""

    def of_symbol(self, account: AccountId, symbol: Symbol, from_ms: int, to_ms: int) -> Sequence[Fill]:
        """Oldest first."""
        ...

    def recent(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[Fill]:
        """Newest first."""
        ...

    def has(self, account: AccountId, symbol: Symbol, trade: TradeId) -> bool: ...


class Decisions(Protocol):
    def record(self, decisions: Iterable[Decision]) -> None:
        """Store each unless its id is there already: the first decision on a signal stands."""
        ...

    def get(self, account: AccountId, decision: DecisionId) -> Decision | None:
        """Consistent."""
        ...

    def recent(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[Decision]:
        """By time of decision, newest first. May lag behind by a second."""
        ...


class Liquidations(Protocol):
    def append(self, venue: Venue, epoch: int, liquidations: Sequence[Liquidation]) -> None:
        """One item per call; storing the same event again is harmless, since readers know it by its id."""
        ...

    def between(self, venue: Venue, from_ms: int, to_ms: int) -> Iterable[Liquidation]:
        """Each event once, by event time, oldest first."""
        ...

    def record_gap(self, venue: Venue, gap: RecordingGap) -> None:
        """The feed was not heard meanwhile. The same gap may be told again."""
        ...

    def gaps(self, venue: Venue, from_ms: int, to_ms: int) -> Sequence[RecordingGap]:
        """Those that touch the range, by their end. Two workers may each have missed the same time."""
        ...


class StoreBusy(Exception):
    """The tables could not be reached, or refused to work for now, through every attempt."""
