"""Where the ledger's quantity was set by something else than a trade."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from undertow.domain.ids import AccountId, PositionId, Symbol, TradeId
from undertow.domain.market import PositionSide


class CorrectionReason(StrEnum):
    """ADOPTED: it was found at the venue. QUANTITY, CLOSED_OUTSIDE: the venue's word was taken, no trade says how it
    came. EXCESS: a trade closed more than was known to be open. EXPLAINED: a trade was in the quantity already."""

    ADOPTED = "adopted"
    QUANTITY = "quantity"
    CLOSED_OUTSIDE = "closed_outside"
    EXCESS = "excess"
    EXPLAINED = "explained"

    @property
    def is_unexplained(self) -> bool:
        return self in (CorrectionReason.QUANTITY, CorrectionReason.CLOSED_OUTSIDE)


@dataclass(frozen=True, slots=True)
class Correction:
    """A row of kind RECON, never changed or deleted: with it fills and corrections add up to the position, always.

    ``before`` is the quantity that fills and earlier corrections make, in base units of the side, and negative where
    they say that more was closed than opened; ``after`` is the quantity of the slot from then on. ``number`` is the
    trade's where a trade caused it, else the version of the slot that was written with it. ``epoch`` is that of the run
    of reconciliation (0: not made by one).
    """

    account: AccountId
    symbol: Symbol
    side: PositionSide
    number: int
    time_ms: int
    reason: CorrectionReason
    before: Decimal
    after: Decimal
    entry_price_before: Decimal | None = None
    entry_price_after: Decimal | None = None
    position: PositionId | None = None
    trade_id: TradeId | None = None
    epoch: int = 0

    @property
    def change(self) -> Decimal:
        return self.after - self.before

    @property
    def signed_change(self) -> Decimal:
        """Positive where it adds to a long or takes from a short, as a bought quantity does."""
        return self.change * self.side.sign
