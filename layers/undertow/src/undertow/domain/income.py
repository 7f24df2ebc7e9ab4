"""What moved an account's wallet, as the venue's books say it (aster.md section 11)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from undertow.domain.ids import AccountId, Symbol


class IncomeKind(StrEnum):
    """Kinds that people ask about; ``Income.venue_kind`` keeps the venue's own word."""

    FUNDING = "funding"
    COMMISSION = "commission"
    REALIZED_PNL = "realized_pnl"
    """Not to be relied on: on some accounts the venue lists almost none. Profit is summed from trades."""
    TRANSFER = "transfer"
    """Money that came in or went out: deposits, withdrawals and moves between wallets. Never profit."""
    REBATE = "rebate"
    REWARD = "reward"
    INSURANCE = "insurance"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Income:
    """One line of the venue's books. ``amount`` is signed: positive came in, whatever the kind.

    ``id`` is the venue's transaction id; it is unique only together with kind, symbol and asset.
    """

    account: AccountId
    id: str
    kind: IncomeKind
    venue_kind: str
    asset: str
    amount: Decimal
    time_ms: int
    symbol: Symbol | None = None
    info: str = ""

    @property
    def key(self) -> str:
        return f"{self.venue_kind}#{self.id}#{self.symbol or ''}#{self.asset}"
