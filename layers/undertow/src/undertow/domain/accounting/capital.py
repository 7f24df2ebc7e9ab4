"""Capital that came in and went out, and whether the wallet is what it should be."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from undertow.domain.accounting.profit import QUOTE
from undertow.domain.adjustment import Adjustment
from undertow.domain.fill import Fill
from undertow.domain.income import Income
from undertow.domain.numbers import HUNDRED

LEAST_TOLERANCE: Final = Decimal(1)
TOLERANCE_PCT: Final = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Flow:
    """A deposit (positive) or withdrawal. ``adjustment`` is the id of the entry where a person told of it.

    ``id`` tells it from others of the same moment.
    """

    time_ms: int
    amount: Decimal
    asset: str = QUOTE
    note: str = ""
    adjustment: str = ""
    id: str = ""


def cutoff_of(trades: Sequence[Fill], incomes: Sequence[Income]) -> int | None:
    """The time of the account's first record at the venue: one for the account, whatever a query asks for."""
    times = [row.time_ms for row in incomes] + [fill.time_ms for fill in trades[:1]]
    return min(times, default=None)


def moment_of(one: Adjustment, cutoff_ms: int | None) -> int:
    """When an adjustment counts. Without a time of its own that is just before the cut-off, so that it counts in a
    query that begins before the cut-off, once, and in no other; before there is any record, when it was entered.
    """
    if one.time_ms is not None:
        return one.time_ms
    return one.created_at_ms if cutoff_ms is None else cutoff_ms - 1


def capital(flows: Iterable[Flow]) -> Mapping[str, Decimal]:
    """What was put in and not taken out again, by asset."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for flow in flows:
        sums[flow.asset] += flow.amount
    return dict(sums)


@dataclass(frozen=True, slots=True)
class Check:
    """Whether the records explain the wallet, in quote units."""

    wallet: Decimal
    deposited: Decimal
    net_profit: Decimal

    @property
    def unexplained(self) -> Decimal:
        return self.wallet - self.deposited - self.net_profit

    @property
    def tolerance(self) -> Decimal:
        return max(LEAST_TOLERANCE, abs(self.wallet) * TOLERANCE_PCT / HUNDRED)

    @property
    def alarms(self) -> bool:
        return abs(self.unexplained) > self.tolerance


def simple_return_pct(equity: Decimal, deposited: Decimal) -> Decimal | None:
    """None where nothing is deposited: a return on nothing, or on somebody else's money, is no figure."""
    return HUNDRED * (equity - deposited) / deposited if deposited > 0 else None
