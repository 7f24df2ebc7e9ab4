"""A ladder as it stands: what was planned, and how far each layer has come."""

from typing_extensions import TypedDict

from undertow.domain.ladder import Ladder, LayerState, PlannedLayer, StopAnchor
from undertow.domain.numbers import ZERO, plain
from undertow.domain.position import Slot
from undertow.services.views import render
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.sources import Sources


class LadderLayer(TypedDict):
    number: int
    state: LayerState
    price: Figure
    quantity: Figure
    notional: Figure
    risk: Figure
    filled_quantity: Figure
    order: str | None


class LadderRow(TypedDict):
    """``layers`` are planned, ``layers_filled`` of them have filled; ``reserve`` is the risk of the whole plan."""

    id: str
    strategy: str
    opened_at_ms: EpochMs
    frozen_at_ms: EpochMs | None
    held_at_ms: EpochMs | None
    layers: int
    layers_filled: int
    layers_wanted: int
    next_layer: int | None
    last_layer_at_ms: EpochMs | None
    signal_price: Figure
    stop_price: Figure
    stop_anchor: StopAnchor
    stop_loss_pct: Figure
    take_profit_pct: Figure
    atr_pct: Figure | None
    growth: Figure
    growth_wanted: Figure
    sizing_base: Figure
    leverage: int
    params_version: str
    reserve: Figure
    unclaimed_risk: Figure
    plan: list[LadderLayer]


def ladder_row(sources: Sources, slot: Slot) -> LadderRow | None:
    """None for a position without a ladder: a hunter's, or one that somebody else opened."""
    ladder = slot.ladder
    if ladder is None:
        return None
    plan = ladder.plan
    layers = [_layer(sources, slot, ladder, layer) for layer in plan.layers]
    return {
        "id": plan.id,
        "strategy": plan.strategy,
        "opened_at_ms": plan.created_at_ms,
        "frozen_at_ms": ladder.frozen_at_ms,
        "held_at_ms": ladder.held_at_ms,
        "layers": len(plan.layers),
        "layers_filled": len(ladder.filled),
        "layers_wanted": plan.wanted_layers,
        "next_layer": None if ladder.next_layer is None else ladder.next_layer.number,
        "last_layer_at_ms": ladder.last_layer_at_ms or None,
        "signal_price": plain(plan.signal_price),
        "stop_price": plain(plan.stop_price),
        "stop_anchor": plan.anchor,
        "stop_loss_pct": plain(plan.stop_loss_pct),
        "take_profit_pct": plain(plan.take_profit_pct),
        "atr_pct": render.figure(plan.atr_pct),
        "growth": plain(plan.growth),
        "growth_wanted": plain(plan.wanted_growth),
        "sizing_base": plain(plan.sizing_base),
        "leverage": plan.leverage,
        "params_version": plan.params_version,
        "reserve": plain(plan.reserve),
        "unclaimed_risk": plain(ladder.unclaimed_risk),
        "plan": layers,
    }


def _layer(sources: Sources, slot: Slot, ladder: Ladder, layer: PlannedLayer) -> LadderLayer:
    order_id = ladder.orders.get(layer.number)
    order = None if order_id is None else sources.kept.orders.get(slot.account, order_id)
    return {
        "number": layer.number,
        "state": ladder.state_of(layer.number, order),
        "price": plain(layer.price),
        "quantity": plain(layer.quantity),
        "notional": plain(layer.notional),
        "risk": plain(layer.risk),
        "filled_quantity": plain(ladder.filled.get(layer.number, ZERO)),
        "order": order_id,
    }
