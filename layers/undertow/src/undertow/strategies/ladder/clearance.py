"""How many layers a ladder may have before the venue would liquidate it too close to its stop."""

from collections.abc import Sequence
from decimal import Decimal

from undertow.domain.account import MarginType
from undertow.domain.ladder import PlannedLayer, StopAnchor
from undertow.domain.numbers import HUNDRED, ZERO, figure, plain
from undertow.risk.approval import Refusal
from undertow.risk.liquidation import cross_liquidation_price, isolated_liquidation_price
from undertow.strategies.ladder.request import PlanRequest


def layers_clear(layers: Sequence[PlannedLayer], request: PlanRequest) -> int:
    """How many layers leave the stop well before the liquidation price, after each of them."""
    quantity = cost = ZERO
    for count, layer in enumerate(layers):
        quantity += layer.quantity
        cost += layer.notional
        if not _is_clear(quantity, cost / quantity, request):
            return count
    return len(layers)


def too_close(first: PlannedLayer, request: PlanRequest) -> Refusal:
    """Not even layer 1 is clear."""
    liquidation = liquidation_price(first.quantity, first.price, request)
    return Refusal(
        "liquidation_distance",
        "the venue would liquidate the position too close to its stop",
        {
            "stop": plain(_stop_after(first.price, request)),
            "liquidation": figure(liquidation) if liquidation is not None else "none",
            "leverage": str(request.params.leverage),
        },
        {"liquidation_buffer_pct": plain(request.params.shape.liquidation_buffer_pct)},
    )


def liquidation_price(quantity: Decimal, average: Decimal, request: PlanRequest) -> Decimal | None:
    """Isolated by the margin of the position alone, cross by the whole sizing base. None: at no price."""
    brackets = request.instrument.brackets
    if request.params.margin_type is MarginType.ISOLATED:
        margin = quantity * average / request.params.leverage
        return isolated_liquidation_price(request.side, quantity, average, margin, brackets)
    return cross_liquidation_price(request.side, quantity, average, request.base, brackets)


def _is_clear(quantity: Decimal, average: Decimal, request: PlanRequest) -> bool:
    """Between stop and liquidation lies at least the buffer's share of the way from signal to liquidation."""
    liquidation = liquidation_price(quantity, average, request)
    if liquidation is None:
        return True
    buffer = request.params.shape.liquidation_buffer_pct / HUNDRED * abs(request.signal_price - liquidation)
    return request.side.sign * (_stop_after(average, request) - liquidation) >= buffer


def _stop_after(average: Decimal, request: PlanRequest) -> Decimal:
    return request.first_stop if request.params.anchor is StopAnchor.SIGNAL else request.stop_from(average)
