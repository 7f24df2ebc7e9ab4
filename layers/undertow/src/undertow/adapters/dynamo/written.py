"""Ladders, layer readings and leverage tiers as JSON texts, which is how rows hold them.

Decimals are texts, exact and under the same limits as numbers of a table. What there are many of is an array each, in
the order of its fields.
"""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from undertow.adapters.dynamo.attributes import DecimalAttribute
from undertow.domain.decision import LayerReading, Verdict
from undertow.domain.ids import ClientOrderId, LadderId, StrategyId
from undertow.domain.instrument import LeverageBracket
from undertow.domain.ladder import Ladder, LadderPlan, PlannedLayer, StopAnchor
from undertow.domain.market import PositionSide

_number: Final = DecimalAttribute().serialize


def write_ladder(ladder: Ladder) -> str:
    plan = ladder.plan
    return _json(
        {
            "id": plan.id,
            "strategy": plan.strategy,
            "side": plan.side.value,
            "created_at_ms": plan.created_at_ms,
            "signal_price": _number(plan.signal_price),
            "stop_price": _number(plan.stop_price),
            "stop_loss_pct": _number(plan.stop_loss_pct),
            "take_profit_pct": _number(plan.take_profit_pct),
            "anchor": plan.anchor.value,
            "atr_pct": None if plan.atr_pct is None else _number(plan.atr_pct),
            "growth": _number(plan.growth),
            "wanted_growth": _number(plan.wanted_growth),
            "wanted_layers": plan.wanted_layers,
            "sizing_base": _number(plan.sizing_base),
            "leverage": plan.leverage,
            "params_version": plan.params_version,
            "layers": [
                [one.number, _number(one.price), _number(one.quantity), _number(one.risk)] for one in plan.layers
            ],
            "orders": list(ladder.orders.items()),
            "filled": [[layer, _number(quantity)] for layer, quantity in ladder.filled.items()],
            "last_layer_at_ms": ladder.last_layer_at_ms,
            "frozen_at_ms": ladder.frozen_at_ms,
            "held_at_ms": ladder.held_at_ms,
        }
    )


def read_ladder(text: str) -> Ladder:
    """Raises ValueError for a side or anchor that nobody told us about: unknown states are loud."""
    row = json.loads(text)
    return Ladder(
        plan=_plan(row),
        orders={layer: ClientOrderId(order) for layer, order in row["orders"]},
        filled={layer: Decimal(quantity) for layer, quantity in row["filled"]},
        last_layer_at_ms=row["last_layer_at_ms"],
        frozen_at_ms=row["frozen_at_ms"],
        held_at_ms=row.get("held_at_ms"),
    )


def _plan(row: dict[str, Any]) -> LadderPlan:
    return LadderPlan(
        id=LadderId(row["id"]),
        strategy=StrategyId(row["strategy"]),
        side=PositionSide(row["side"]),
        created_at_ms=row["created_at_ms"],
        signal_price=Decimal(row["signal_price"]),
        stop_price=Decimal(row["stop_price"]),
        stop_loss_pct=Decimal(row["stop_loss_pct"]),
        take_profit_pct=Decimal(row["take_profit_pct"]),
        anchor=StopAnchor(row["anchor"]),
        atr_pct=None if row["atr_pct"] is None else Decimal(row["atr_pct"]),
        growth=Decimal(row["growth"]),
        wanted_growth=Decimal(row["wanted_growth"]),
        wanted_layers=row["wanted_layers"],
        sizing_base=Decimal(row["sizing_base"]),
        leverage=row["leverage"],
        params_version=row["params_version"],
        layers=tuple(
            PlannedLayer(number, Decimal(price), Decimal(quantity), Decimal(risk))
            for number, price, quantity, risk in row["layers"]
        ),
    )


def write_readings(readings: Iterable[LayerReading]) -> str:
    rows = [[one.number, one.name, one.verdict.value, dict(one.inputs), dict(one.limits)] for one in readings]
    return _json(rows)


def read_readings(text: str) -> tuple[LayerReading, ...]:
    return tuple(
        LayerReading(number, name, Verdict(verdict), inputs, limits)
        for number, name, verdict, inputs, limits in json.loads(text)
    )


def write_brackets(brackets: Iterable[LeverageBracket]) -> str:
    return _json(
        [
            [
                one.bracket,
                one.max_leverage,
                _number(one.notional_floor),
                _number(one.notional_cap),
                _number(one.maintenance_ratio),
                _number(one.cumulative),
            ]
            for one in brackets
        ]
    )


def read_brackets(text: str) -> tuple[LeverageBracket, ...]:
    return tuple(
        LeverageBracket(bracket, max_leverage, Decimal(floor), Decimal(cap), Decimal(ratio), Decimal(cumulative))
        for bracket, max_leverage, floor, cap, ratio, cumulative in json.loads(text)
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
