"""One decision in full: the chain of gates it passed and the one it failed, the liquidation, and the order."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from typing_extensions import TypedDict

from undertow.domain.account import Account
from undertow.domain.decision import Decision, Outcome, Verdict
from undertow.domain.ids import AccountId, DecisionId
from undertow.domain.market import Liquidation, PositionSide
from undertow.domain.numbers import plain
from undertow.domain.position import Position
from undertow.ports import LadderStrategy, Parameters
from undertow.services.views import gates, render
from undertow.services.views.decisions import DecisionRow, decision_row
from undertow.services.views.gates import Margin, Phase, margin_of, phase_of
from undertow.services.views.liquidations import liquidated_side
from undertow.services.views.prices_after import AfterRow, prices_after_one
from undertow.services.views.render import EpochMs, Figure, OrderRow
from undertow.services.views.sources import Sources

_MOST_CLOSED: Final = 200
_WEEK_MS: Final = 7 * 24 * 3_600_000


class UnknownDecision(Exception):
    """No account has a decision of that id: decisions are kept for 90 days."""


GateVerdict = Verdict | Literal["not_reached"]


class GateRow(TypedDict):
    """``verdict`` is passed, warned, refused, not_applicable or not_reached. Layers carry their figures."""

    gate: str
    title: str
    verdict: GateVerdict
    inputs: dict[str, str]
    limits: dict[str, str]


class PhaseRow(TypedDict):
    phase: Phase
    gates: list[GateRow]


class LiquidationRow(TypedDict):
    id: str
    symbol: str
    liquidated: Literal["long", "short"]
    quantity: Figure
    price: Figure
    value: Figure
    event_time_ms: EpochMs


class DecisionDetail(TypedDict):
    """``liquidation`` is null where a price made the layer due, or the tape no longer has it (30 days)."""

    time_ms: EpochMs
    decision: DecisionRow
    phase: Phase | None
    margin: Margin | None
    chain: list[PhaseRow]
    after: AfterRow
    liquidation: LiquidationRow | None
    order: OrderRow | None
    position_id: str | None


def decision_detail(sources: Sources, wanted: DecisionId, only: AccountId | None) -> DecisionDetail:
    """Raises UnknownDecision and UnknownAccount."""
    for account in sources.accounts(only):
        decision = sources.kept.decisions.get(account.id, wanted)
        if decision is not None:
            return _detail(sources, account, decision)
    raise UnknownDecision(wanted)


def _detail(sources: Sources, account: Account, decision: Decision) -> DecisionDetail:
    now_ms = sources.clock.now_ms()
    refused = decision.outcome is Outcome.REFUSED
    order_id = decision.client_order_id
    order = None if order_id is None else sources.kept.orders.get(account.id, order_id)
    position = None if order is None else _position(sources, account, decision, now_ms)
    return {
        "time_ms": now_ms,
        "decision": decision_row(decision),
        "phase": phase_of(decision) if refused else None,
        "margin": margin_of(decision.gate, decision.inputs, decision.thresholds, decision.position_side),
        "chain": list(_chain(decision, _is_ladder(decision, sources.params.current()))),
        "after": prices_after_one(sources, account.venue, decision),
        "liquidation": _liquidation(sources, account, decision),
        "order": None if order is None else render.order(order, now_ms),
        "position_id": None if position is None else position.id,
    }


def _is_ladder(decision: Decision, params: Parameters) -> bool:
    """By what it compared; where that does not tell, by what the strategy is now."""
    if "percentile_threshold" in decision.thresholds or "layer" in decision.inputs:
        return True
    if "volume_threshold" in decision.thresholds:
        return False
    return isinstance(params.strategies.get(decision.strategy), LadderStrategy)


def _chain(decision: Decision, ladder: bool) -> Iterator[PhaseRow]:
    """All that comes before the failed gate was passed: the first that fails ends the looking."""
    failed_in = phase_of(decision) if decision.outcome is Outcome.REFUSED else None
    reached = True
    for phase, names in _phases(decision, ladder):
        fails_here = phase is failed_in
        if phase is Phase.LAYERS and decision.layers:
            rows = [*_layers(decision)]
        elif not reached:
            rows = [_gate(name, "not_reached") for name in names]
        else:
            rows = [*_until(names, decision.gate)] if fails_here else [_gate(name, Verdict.PASSED) for name in names]
        reached = reached and not fails_here
        yield {"phase": phase, "gates": rows}


def _until(names: Sequence[str], failed: str) -> Iterator[GateRow]:
    """One that is not among ``names`` is of another version of this code: it stands at the end, not left out."""
    place = names.index(failed) if failed in names else len(names)
    yield from (_gate(name, Verdict.PASSED) for name in names[:place])
    yield _gate(failed, Verdict.REFUSED)
    yield from (_gate(name, "not_reached") for name in names[place + 1 :])


def _gate(name: str, verdict: GateVerdict) -> GateRow:
    return {"gate": name, "title": gates.TITLES.get(name, name), "verdict": verdict, "inputs": {}, "limits": {}}


def _phases(decision: Decision, ladder: bool) -> Sequence[tuple[Phase, Sequence[str]]]:
    by_price = decision.inputs.get("trigger") == "price"
    signal = gates.LADDER_SIGNAL if ladder else gates.HUNTER_SIGNAL
    return (
        (Phase.SIGNAL, ("price_not_reached",) if by_price else signal),
        (Phase.ACCOUNT, gates.ACCOUNT),
        (Phase.PROPOSAL, gates.LADDER_PROPOSAL if ladder else gates.HUNTER_PROPOSAL),
        (Phase.CHECKS, gates.CHECKS),
        (Phase.LAYERS, gates.LAYERS),
        (Phase.CLAIM, gates.CLAIM),
    )


def _layers(decision: Decision) -> Iterator[GateRow]:
    """As they stood: all eight are read, whichever refuses."""
    for layer in decision.layers:
        gate = f"layer_{layer.number}_{layer.name}"
        yield {
            "gate": gate,
            "title": gates.TITLES.get(gate, layer.name),
            "verdict": layer.verdict,
            "inputs": dict(layer.inputs),
            "limits": dict(layer.limits),
        }


def _liquidation(sources: Sources, account: Account, decision: Decision) -> LiquidationRow | None:
    found = sources.kept.liquidations.between(account.venue, decision.event_time_ms, decision.event_time_ms)
    one = next((one for one in found if one.id == decision.liquidation), None)
    return None if one is None else _liquidation_row(one)


def _liquidation_row(one: Liquidation) -> LiquidationRow:
    return {
        "id": one.id,
        "symbol": one.symbol,
        "liquidated": "long" if liquidated_side(one) is PositionSide.LONG else "short",
        "quantity": plain(one.quantity),
        "price": plain(one.price),
        "value": plain(one.notional),
        "event_time_ms": one.event_time_ms,
    }


def _position(sources: Sources, account: Account, decision: Decision, now_ms: int) -> Position | None:
    """The position that the entry opened or added to, if one was open within the hour after it."""
    if decision.position_side is None:
        return None
    kept, at_ms = sources.kept, decision.decided_at_ms
    held = kept.ledger.slot(account.id, decision.symbol, decision.position_side).position
    closed = kept.ledger.closed_positions(account.id, at_ms, min(now_ms, at_ms + _WEEK_MS), _MOST_CLOSED)
    for position in (*([] if held is None else [held]), *closed):
        same = (position.symbol, position.side) == (decision.symbol, decision.position_side)
        ended_ms = position.closed_at_ms if position.closed_at_ms is not None else now_ms
        if same and position.opened_at_ms - 3_600_000 <= at_ms <= ended_ms:
            return position
    return None
