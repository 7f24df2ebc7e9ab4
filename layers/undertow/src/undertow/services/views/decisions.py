"""Why, and why not: the decisions on liquidations."""

from collections import Counter
from dataclasses import dataclass

from undertow.domain.decision import Decision, LayerReading, Outcome
from undertow.domain.ids import AccountId, StrategyId, Symbol
from undertow.domain.json_text import Json
from undertow.services.views.sources import Sources


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

    def admits(self, decision: Decision) -> bool:
        return (
            self.strategy in (None, decision.strategy)
            and self.symbol in (None, decision.symbol)
            and self.outcome in (None, decision.outcome)
            and self.gate in (None, decision.gate)
        )


def decisions(sources: Sources, wanted: DecisionFilter) -> dict[str, Json]:
    """Newest first, with counts by outcome and gate over the same rows."""
    found = [
        decision
        for account in sources.accounts(wanted.account)
        for decision in sources.kept.decisions.recent(account.id, wanted.from_ms, wanted.to_ms, wanted.limit)
    ]
    found.sort(key=lambda decision: decision.decided_at_ms, reverse=True)
    read = found[: wanted.limit]
    rows = [decision for decision in read if wanted.admits(decision)]
    return {
        "time_ms": sources.clock.now_ms(),
        "from_ms": wanted.from_ms,
        "to_ms": wanted.to_ms,
        "decisions": [decision_row(decision) for decision in rows],
        "outcomes": dict[str, Json](Counter(decision.outcome.value for decision in rows)),
        "gates": dict[str, Json](Counter(decision.gate for decision in rows if decision.gate).most_common()),
        "next_to_ms": read[-1].decided_at_ms if len(read) == wanted.limit else None,
    }


def decision_row(decision: Decision) -> dict[str, Json]:
    return {
        "id": decision.id,
        "account": decision.account,
        "strategy": decision.strategy,
        "symbol": decision.symbol,
        "position_side": None if decision.position_side is None else decision.position_side.value,
        "outcome": decision.outcome.value,
        "gate": decision.gate,
        "reason": decision.reason,
        "inputs": dict[str, Json](decision.inputs),
        "thresholds": dict[str, Json](decision.thresholds),
        "layers": [_layer(layer) for layer in decision.layers],
        "params_version": decision.params_version,
        "liquidation": decision.liquidation,
        "client_order_id": decision.client_order_id,
        "event_time_ms": decision.event_time_ms,
        "decided_at_ms": decision.decided_at_ms,
        "delay_ms": decision.decided_at_ms - decision.event_time_ms,
    }


def _layer(layer: LayerReading) -> dict[str, Json]:
    return {
        "number": layer.number,
        "name": layer.name,
        "verdict": layer.verdict.value,
        "inputs": dict[str, Json](layer.inputs),
        "limits": dict[str, Json](layer.limits),
    }
