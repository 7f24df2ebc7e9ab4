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


class Verdict(StrEnum):
    """What a layer of the risk gate says of an entry. NOT_APPLICABLE: it has no say in entries of this kind."""

    PASSED = "passed"
    WARNED = "warned"
    REFUSED = "refused"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class LayerReading:
    """One of the eight layers of the risk gate as it stood: what it looked at and what it compared it with."""

    number: int
    name: str
    verdict: Verdict
    inputs: Mapping[str, str]
    limits: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """``gate`` is the first gate that failed (empty when taken); ``inputs`` and ``thresholds`` are what it compared.

    All texts are as shown to people; ``params_version`` names the parameters the decision was pinned to. ``layers`` are
    the readings of the risk gate, empty when the decision never came that far.
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
    layers: tuple[LayerReading, ...] = ()


def decision_id(strategy: StrategyId, liquidation: LiquidationId) -> DecisionId:
    """One strategy looks at one liquidation once."""
    return DecisionId(digest_of("decision", strategy, liquidation))
