"""Funding of one symbol: a rate per period, drawn from the seed, due when the period ends on the wall clock."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from local.venue.chance import normal, seed_of
from local.venue.ports import Funding, FundingPayment

from undertow.domain.ids import Symbol

INTEREST: Final = Decimal("0.00010000")
CAP: Final = Decimal("0.03")
FLOOR: Final = Decimal("-0.03")
_HOUR_MS: Final = 3_600_000
_KEPT: Final = 200
_EIGHT_PLACES: Final = Decimal("0.00000001")


class FundingSchedule:
    def __init__(self, symbol: Symbol, seed: int) -> None:
        self._seed = seed_of("funding", seed, symbol)
        self.interval_hours = 4 if self._seed % 4 == 0 else 8
        self._period_ms = self.interval_hours * _HOUR_MS

    def next_after(self, now_ms: int) -> int:
        """The first due time later than ``now_ms``."""
        return (now_ms // self._period_ms + 1) * self._period_ms

    def rate_due(self, due_ms: int) -> Decimal:
        drawn = INTEREST + Decimal(0.00015 * normal(self._seed, due_ms // self._period_ms))
        return min(max(drawn, FLOOR), CAP).quantize(_EIGHT_PLACES)

    def at(self, now_ms: int) -> Funding:
        due_ms = self.next_after(now_ms)
        return Funding(self.rate_due(due_ms), due_ms, self.interval_hours, INTEREST, CAP, FLOOR)

    def history(self, now_ms: int) -> Sequence[FundingPayment]:
        """Oldest first."""
        latest = now_ms // self._period_ms * self._period_ms
        dues = range(latest - (_KEPT - 1) * self._period_ms, latest + 1, self._period_ms)
        return [FundingPayment(self.rate_due(due), due) for due in dues]
