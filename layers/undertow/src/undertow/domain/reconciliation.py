"""What a pass of reconciliation proved: leg by leg, that the ledger says what the venue says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Proof:
    """What entries need to know of the last pass. ``read_at_ms`` is when the venue was read, not when the pass ended.

    ``unproven`` are the symbols whose entries wait, and why. ``epoch`` is that of the run that made the proof.
    """

    epoch: int
    read_at_ms: int
    unproven: Mapping[Symbol, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LegProof:
    """One side of one symbol as the ledger has it and as the venue has it.

    ``protected`` is None where no stop is wanted: nothing is held, or it is watched only. Of the orders that stand at
    the venue ``foreign_orders`` are somebody else's, ``leftovers`` are ours and serve nothing any more.
    ``doubt`` says why entries of the symbol wait; it is empty when they do not.
    """

    symbol: Symbol
    side: PositionSide
    ledger_quantity: Decimal = ZERO
    venue_quantity: Decimal = ZERO
    protected: bool | None = None
    ledger_orders: int = 0
    venue_orders: int = 0
    foreign_orders: int = 0
    leftovers: int = 0
    doubt: str = ""

    @property
    def equal(self) -> bool:
        return self.ledger_quantity == self.venue_quantity


@dataclass(frozen=True, slots=True)
class ReconciliationReport:
    """One pass over one account. ``overlapped``: another run was at it, so that this one did nothing.

    ``failures`` are symbols that the venue or the store did not answer for, with the cause.
    """

    account: AccountId
    epoch: int
    read_at_ms: int
    finished_at_ms: int
    legs: tuple[LegProof, ...] = ()
    failures: Mapping[Symbol, str] = field(default_factory=dict)
    orders_asked: int = 0
    fills_imported: int = 0
    adopted: int = 0
    adjusted: int = 0
    orphans_canceled: int = 0
    overlapped: bool = False

    @property
    def differences(self) -> int:
        """Legs that differ still, after all that the pass did."""
        return sum(not leg.equal for leg in self.legs)

    @property
    def proof(self) -> Proof:
        doubts = {leg.symbol: leg.doubt for leg in self.legs if leg.doubt}
        unread = {symbol: f"could not be read: {cause}" for symbol, cause in self.failures.items()}
        return Proof(self.epoch, self.read_at_ms, {**unread, **doubts})

    @property
    def is_proven(self) -> bool:
        return not self.overlapped and not self.proof.unproven

    def says_the_same_as(self, other: "ReconciliationReport | None") -> bool:
        """Whether nothing but the time and the number of the run has changed."""
        return other is not None and self._content() == other._content()

    def _content(self) -> tuple[object, ...]:
        did = (self.orders_asked, self.fills_imported, self.adopted, self.adjusted, self.orphans_canceled)
        return (self.legs, dict(self.failures), did, self.overlapped)
