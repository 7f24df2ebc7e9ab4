"""Wallet and equity over time, as they were read from the venue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from undertow.domain.account import Balance
from undertow.domain.accounting.capital import Flow
from undertow.domain.accounting.returns import Curve, EquityPoint, curve
from undertow.domain.ids import AccountId
from undertow.ports import Balances

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
WHOLE_MS: Final = 2 * DAY_MS
"""Up to this long every reading counts, one a minute; beyond it one in an hour, and beyond ten days one in a day."""
HOURLY_MS: Final = 10 * DAY_MS
MOST_FLOWS: Final = 100
_NEAR_MS: Final = 10 * 60_000


@dataclass(frozen=True, slots=True)
class EquityHistory:
    """``step_ms`` is between the readings that were looked at; None where all were. Every flow has both neighbours."""

    balances: Sequence[Balance]
    step_ms: int | None

    def curve(self, flows: Sequence[Flow]) -> Curve:
        """Raises NoReturn."""
        return curve([EquityPoint(one.time_ms, one.equity) for one in self.balances], flows)


def equity_history(
    kept: Balances, account: AccountId, from_ms: int, to_ms: int, flows: Sequence[Flow]
) -> EquityHistory:
    length_ms = to_ms - from_ms
    if length_ms <= WHOLE_MS:
        return EquityHistory(kept.history(account, from_ms, to_ms), None)
    step_ms = HOUR_MS if length_ms <= HOURLY_MS else DAY_MS
    found: dict[int, Balance] = {}

    def look(begin_ms: int, end_ms: int, which: int) -> None:
        rows = kept.history(account, max(from_ms, begin_ms), min(to_ms, end_ms))
        if rows:
            found[rows[which].time_ms] = rows[which]

    look(from_ms, from_ms + _NEAR_MS, 0)
    for end_ms in range((from_ms // step_ms + 1) * step_ms, to_ms, step_ms):
        look(end_ms - _NEAR_MS, end_ms - 1, -1)
    look(to_ms - _NEAR_MS, to_ms, -1)
    for flow in [flow for flow in flows if from_ms < flow.time_ms <= to_ms][:MOST_FLOWS]:
        look(flow.time_ms - _NEAR_MS, flow.time_ms - 1, -1)
        look(flow.time_ms, flow.time_ms + _NEAR_MS, 0)
    return EquityHistory([found[time_ms] for time_ms in sorted(found)], step_ms)
