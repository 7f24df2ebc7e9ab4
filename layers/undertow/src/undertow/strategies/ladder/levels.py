"""The levels of a ladder: where each layer may fill at worst, and what one base unit loses there at the stop."""

from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.ladder import StopAnchor
from undertow.domain.market import PositionSide
from undertow.domain.numbers import HUNDRED, ONE, ZERO
from undertow.risk.budget import loss_at_stop
from undertow.strategies.ladder.params import Shape
from undertow.strategies.ladder.request import PlanRequest


@dataclass(frozen=True, slots=True)
class Level:
    """A price where a layer may fill at worst, and what one base unit loses at the stop, costs included."""

    price: Decimal
    unit_risk: Decimal


def distance_pct(number: int, shape: Shape, atr_pct: Decimal) -> Decimal:
    """How far level ``number`` lies from the signal: zero for layer 1, then convex and widened by volatility."""
    if number == 1:
        return ZERO
    widening = max(ONE, atr_pct / shape.reference_atr_pct)
    return shape.first_step_pct * Decimal(number - 1) ** shape.spacing_power * widening


def levels_of(request: PlanRequest) -> tuple[Level, ...]:
    """Levels that lie before the stop with the gap between, each at least a tick beyond the one before."""
    shape, sign = request.params.shape, request.side.sign
    stop, gap = request.first_stop, request.signal_price * shape.min_gap_pct / HUNDRED
    levels: list[Level] = []
    before = request.signal_price
    for number in range(1, request.most_layers + 1):
        distance = distance_pct(number, shape, request.atr_pct)
        level = request.signal_price if number == 1 else _price_at(distance, request)
        if sign * (level - stop) <= gap or (number > 1 and sign * (before - level) <= 0):
            break
        levels.append(Level(level, _unit_risk(level, request)))
        before = level
    return tuple(levels)


def _price_at(distance: Decimal, request: PlanRequest) -> Decimal:
    exact = request.signal_price * (1 - request.side.sign * distance / HUNDRED)
    return request.instrument.entry_price(exact, request.side.entry_side)


def _unit_risk(price: Decimal, request: PlanRequest) -> Decimal:
    """What one base unit loses at most when it fills at ``price`` or better, with fees and slippage.

    With the AVERAGE anchor each fill moves the stop by its own share, so every layer is judged by the stop at its own
    distance, which is rounded by up to a tick. That loss is a share of the fill's price: a long that fills better loses
    less, but a short that fills better fills higher and loses more. Such a fill lies before the stop that the ladder
    opened with, beyond which no layer is added, so a short is judged as if it filled there.
    """
    if request.params.anchor is StopAnchor.SIGNAL:
        return loss_at_stop(request.side, ONE, price, request.first_stop, request.limits)
    sign = request.side.sign
    dearest = price if request.side is PositionSide.LONG else max(price, request.first_stop)
    stop = dearest * (1 - sign * request.stop_loss_pct / HUNDRED) - sign * request.instrument.tick_size
    return loss_at_stop(request.side, ONE, dearest, stop, request.limits)
