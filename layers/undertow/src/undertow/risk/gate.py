"""The review that every order passes. Cheap checks first; the first that fails is the reason. Then the eight layers."""

from collections.abc import Callable, Iterator

from undertow.domain.account import PositionMode
from undertow.domain.decision import LayerReading, Verdict
from undertow.domain.instrument import Instrument
from undertow.domain.numbers import plain
from undertow.domain.order import OrderIntent
from undertow.domain.position import Position
from undertow.risk import checks
from undertow.risk.approval import ApprovedOrder, Refusal
from undertow.risk.case import Case
from undertow.risk.layers import LAYERS, Layer

__all__ = ["ENTRY_CHECKS", "Case", "gates", "review", "review_exit", "review_layers"]

ENTRY_CHECKS: tuple[Callable[[Case], Refusal | None], ...] = (
    checks.switch,
    checks.fresh_signal,
    checks.venue_health,
    checks.reconciled,
    checks.not_forced_out,
    checks.fresh_quote,
    checks.sane_price,
    checks.one_direction,
    checks.closed_cleanly,
    checks.instrument_known,
    checks.limits_known,
    checks.leverage,
    checks.fresh_balance,
    checks.size,
    checks.portfolio_risk,
    checks.open_orders,
    checks.position_count,
    checks.position_caps,
    checks.account_caps,
)


def review(case: Case) -> ApprovedOrder | Refusal:
    """Approve an entry, or say what refused it and by what figures. Nothing unknown passes."""
    for check in ENTRY_CHECKS:
        refusal = check(case)
        if refusal is not None:
            return refusal
    readings = review_layers(case)
    for layer in LAYERS:
        reading = readings[layer.number - 1]
        if reading.verdict is Verdict.REFUSED:
            return _refused_by(layer, reading, readings)
    return ApprovedOrder(case.intent, case.instrument, case.exposure.position_mode, readings)


def review_layers(case: Case) -> tuple[LayerReading, ...]:
    """All eight readings by number, whatever any one of them says: a record shows where the others stood."""
    return tuple(sorted((layer.read(case) for layer in LAYERS), key=lambda reading: reading.number))


def review_exit(
    intent: OrderIntent, instrument: Instrument, position: Position, position_mode: PositionMode
) -> ApprovedOrder | Refusal:
    """Approve an order that can only shrink ``position``. No size, price or pause rule may hold an exit back."""
    if not intent.reduces:
        return Refusal("exit_only", "an entry was passed off as an exit")
    leg = (intent.account, intent.symbol, intent.position_side)
    if leg != (position.account, position.symbol, position.side):
        return Refusal("exit_only", "the order does not belong to this position")
    if not intent.close_position and (intent.quantity is None or not 0 < intent.quantity <= position.quantity):
        return Refusal(
            "exit_only",
            "the order is not a part of the position",
            {"quantity": str(intent.quantity)},
            {"position_quantity": plain(position.quantity)},
        )
    return ApprovedOrder(intent, instrument, position_mode)


def gates() -> Iterator[str]:
    """Names of the checks and layers in the order in which they speak, for the page and the documents."""
    yield from (check.__name__ for check in ENTRY_CHECKS)
    yield from (layer.gate for layer in LAYERS)


def _refused_by(layer: Layer, reading: LayerReading, readings: tuple[LayerReading, ...]) -> Refusal:
    return Refusal(layer.gate, layer.why, reading.inputs, reading.limits, readings)
