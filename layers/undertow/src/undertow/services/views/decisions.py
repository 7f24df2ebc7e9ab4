"""Why, and why not: the decisions on liquidations."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.decision import Decision, LayerReading, Outcome, Verdict
from undertow.domain.ids import AccountId, StrategyId, Symbol
from undertow.domain.market import PositionSide
from undertow.ports.places import place_of_decision
from undertow.services.views.paging import Listed, Mark
from undertow.services.views.render import EpochMs
from undertow.services.views.sources import Sources

DECISIONS: Final = "decisions"


class GateLayer(TypedDict):
    """One of the eight layers of the risk gate as it was when the decision was made."""

    number: int
    name: str
    verdict: Verdict
    inputs: dict[str, str]
    limits: dict[str, str]


class DecisionRow(TypedDict):
    """``gate`` is the first that failed; ``inputs`` and ``thresholds`` are what it looked at, as shown to people."""

    id: str
    account: str
    strategy: str
    symbol: str
    position_side: PositionSide | None
    outcome: Outcome
    gate: str
    reason: str
    inputs: dict[str, str]
    thresholds: dict[str, str]
    layers: list[GateLayer]
    params_version: str
    liquidation: str
    client_order_id: str | None
    event_time_ms: EpochMs
    decided_at_ms: EpochMs
    delay_ms: int


class Decisions(TypedDict):
    """``outcomes`` and ``gates`` count the rows of this page."""

    time_ms: EpochMs
    from_ms: EpochMs
    to_ms: EpochMs
    decisions: list[DecisionRow]
    outcomes: dict[str, int]
    gates: dict[str, int]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    from_ms: int
    to_ms: int
    limit: int
    account: AccountId | None = None
    strategy: StrategyId | None = None
    symbol: Symbol | None = None
    outcome: Outcome | None = None
    gate: str | None = None
    after: Mark | None = None

    def admits(self, decision: Decision) -> bool:
        return (
            self.strategy in (None, decision.strategy)
            and self.symbol in (None, decision.symbol)
            and self.outcome in (None, decision.outcome)
            and self.gate in (None, decision.gate)
        )


def decisions(sources: Sources, wanted: DecisionFilter) -> Decisions:
    """Newest first, with counts by outcome and gate over the same rows."""
    listed: Listed[Decision] = Listed(
        lambda account, limit, place: sources.kept.decisions.recent(
            account.id, wanted.from_ms, wanted.to_ms, limit, place
        ),
        place_of_decision,
    )
    page = listed.page(sources.accounts(wanted.account), wanted.limit, wanted.after, wanted.admits)
    rows = [decision for _, decision in page.rows]
    return {
        "time_ms": sources.clock.now_ms(),
        "from_ms": wanted.from_ms,
        "to_ms": wanted.to_ms,
        "decisions": [decision_row(decision) for decision in rows],
        "outcomes": dict(Counter(decision.outcome.value for decision in rows)),
        "gates": dict(Counter(decision.gate for decision in rows if decision.gate).most_common()),
        "next_cursor": page.cursor(DECISIONS),
    }


def decision_row(decision: Decision) -> DecisionRow:
    return {
        "id": decision.id,
        "account": decision.account,
        "strategy": decision.strategy,
        "symbol": decision.symbol,
        "position_side": decision.position_side,
        "outcome": decision.outcome,
        "gate": decision.gate,
        "reason": decision.reason,
        "inputs": dict(decision.inputs),
        "thresholds": dict(decision.thresholds),
        "layers": [_layer(layer) for layer in decision.layers],
        "params_version": decision.params_version,
        "liquidation": decision.liquidation,
        "client_order_id": decision.client_order_id,
        "event_time_ms": decision.event_time_ms,
        "decided_at_ms": decision.decided_at_ms,
        "delay_ms": decision.decided_at_ms - decision.event_time_ms,
    }


def _layer(layer: LayerReading) -> GateLayer:
    return {
        "number": layer.number,
        "name": layer.name,
        "verdict": layer.verdict,
        "inputs": dict(layer.inputs),
        "limits": dict(layer.limits),
    }
