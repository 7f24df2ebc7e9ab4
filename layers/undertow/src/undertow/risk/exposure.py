"""Everything about an account that a review looks at, read together and consistently."""

from dataclasses import dataclass

from undertow.domain.account import Balance, BookTotals, Control, PositionMode, Readiness, VenueHealth
from undertow.domain.guard import AccountGuard
from undertow.domain.market import MarkPrice, PositionSide
from undertow.domain.position import Slot


@dataclass(frozen=True, slots=True)
class AccountSnapshot:
    """One consistent read. ``balance`` and ``readiness`` are None until they were fetched from the venue once,
    ``guard`` until the monitor first looked at the account."""

    control: Control
    health: VenueHealth
    long: Slot
    short: Slot
    totals: BookTotals
    balance: Balance | None
    readiness: Readiness | None
    guard: AccountGuard | None = None

    def slot(self, side: PositionSide) -> Slot:
        return self.long if side is PositionSide.LONG else self.short


@dataclass(frozen=True, slots=True)
class Exposure:
    """A snapshot with the market beside it, at one moment."""

    snapshot: AccountSnapshot
    position_mode: PositionMode
    mark: MarkPrice | None
    quote_time_ms: int
    now_ms: int
