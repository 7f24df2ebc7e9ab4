"""What people tell about the time before the venue's history begins, or what it does not list."""

from dataclasses import dataclass, replace
from decimal import Decimal

from undertow.domain.ids import AccountId
from undertow.domain.income import IncomeKind


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A sum in quote units, signed as an income is. ``kind`` TRANSFER is deposited or withdrawn capital.

    With ``time_ms`` it counts at that moment. Without, it stands for everything before the venue's first record of the
    account (the cut-off, one for the whole account): it counts only in a query that begins before it. A wrong entry is
    revoked, never deleted.
    """

    id: str
    account: AccountId
    kind: IncomeKind
    amount: Decimal
    time_ms: int | None
    note: str
    by: str
    created_at_ms: int
    revoked_at_ms: int | None = None
    revoked_by: str = ""
    version: int = 1

    def revoked(self, by: str, now_ms: int) -> "Adjustment":
        return replace(self, revoked_at_ms=now_ms, revoked_by=by, version=self.version + 1)
