"""The why / why not record: one for each signal that a strategy looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from undertow.domain.ids import AccountId, ClientOrderId, DecisionId, LiquidationId, StrategyId, Symbol, digest_of
from undertow.domain.market import PositionSide


class Outcome(StrEnum):
    TAKEN = "taken"
    REFUSED = "refused"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class Decision:
    """``gate`` is the first gate that failed (empty when taken); ``inputs`` and ``thresholds`` are what it compared.

    All texts are as shown to people; ``params_version`` names the parameters the decision was pinned to.
    """

    id: DecisionId
    strategy: StrategyId
    account: AccountId
    symbol: Symbol
    liquidation: LiquidationId
    outcome: Outcome
    gate: str
    reason: str
    position_side: PositionSide | None
    inputs: Mapping[str, str]
    thresholds: Mapping[str, str]
    params_version: str
    event_time_ms: int
    decided_at_ms: int
    client_order_id: ClientOrderId | None = None


def decision_id(strategy: StrategyId, liquidation: LiquidationId) -> DecisionId:
    """One strategy looks at one liquidation once."""
    return DecisionId(digest_of("decision", strategy, liquidation))
