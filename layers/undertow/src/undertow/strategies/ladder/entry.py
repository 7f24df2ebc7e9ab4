"""The orders of a ladder: its first layer, and each next one when it is due."""

from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.ids import AccountId, LiquidationId, Symbol, client_order_id
from undertow.domain.instrument import Instrument
from undertow.domain.ladder import Ladder, LadderPlan, PlannedLayer
from undertow.domain.numbers import ZERO, plain
from undertow.domain.order import OrderIntent, OrderType, Purpose, TimeInForce
from undertow.domain.position import Position
from undertow.risk.approval import Refusal
from undertow.risk.protection import tighter
from undertow.strategies.ladder.params import LadderParams, LayerTrigger


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an order is wanted now: a liquidation, or a price that reached a level. ``time_ms`` is when that happened."""

    id: LiquidationId
    is_liquidation: bool
    time_ms: int
    max_age_ms: int


@dataclass(frozen=True, slots=True)
class NextLayer:
    """What the next layer is decided from. ``price`` is what would be paid now, by the book or by the mark price."""

    ladder: Ladder
    position: Position
    price: Decimal
    cause: Cause
    params: LadderParams
    instrument: Instrument
    now_ms: int


def first_layer(
    plan: LadderPlan, cause: Cause, params: LadderParams, account: AccountId, symbol: Symbol
) -> OrderIntent:
    """Layer 1, at the price of the signal. The same plan makes the same order."""
    return _intent(plan, plan.layer(1), plan.signal_price, cause, params, account, symbol)


def next_layer(asked: NextLayer) -> OrderIntent | Refusal:
    """The next layer of a ladder whose position is open, or why there is none now."""
    ladder, position, plan = asked.ladder, asked.position, asked.ladder.plan
    if not asked.params.enabled:
        return Refusal("symbol_enabled", "the symbol is switched off in the strategy")
    if position.is_external or position.strategy != plan.strategy or position.side is not plan.side:
        return Refusal("external_position", "only a position that its own ladder opened gets layers")
    layer = ladder.next_layer
    if layer is None:
        return _used_up(ladder)
    unfilled = [number for number in ladder.orders if ladder.filled.get(number, ZERO) == 0]
    if unfilled:
        return Refusal("layer_pending", f"layer {max(unfilled)} is under way and has not filled yet")
    waited_ms = asked.now_ms - ladder.last_layer_at_ms
    if waited_ms < asked.params.layer_delay_s * 1000:
        return Refusal(
            "layer_delay",
            "the layer before was added a moment ago",
            {"waited_ms": str(waited_ms)},
            {"layer_delay_s": str(asked.params.layer_delay_s)},
        )
    return _due(asked, layer)


def _used_up(ladder: Ladder) -> Refusal:
    planned = len(ladder.plan.layers)
    if ladder.held_at_ms is not None and ladder.frozen_at_ms is None:
        return Refusal("layers_frozen", "a person lets no layer be added", {"since_ms": str(ladder.held_at_ms)})
    reason = "all layers are used" if ladder.frozen_at_ms is None else "the ladder gets no more layers"
    return Refusal("layers_used", reason, {"layers": str(len(ladder.orders))}, {"planned_layers": str(planned)})


def _due(asked: NextLayer, layer: PlannedLayer) -> OrderIntent | Refusal:
    """By its trigger, and never at a worse price than planned: the reserve was computed with that one."""
    trigger, plan, sign = asked.params.layer_trigger, asked.ladder.plan, asked.ladder.plan.side.sign
    figures = {"layer": str(layer.number), "price": plain(asked.price)}, {"level": plain(layer.price)}
    if asked.price <= 0:
        return Refusal("price", "there is no price to add a layer at", *figures)
    stop = _tightest_stop(asked)
    if sign * (asked.price - stop) <= 0:
        return Refusal(
            "beyond_stop", "the price is at the stop: no layer is added there", figures[0], {"stop": plain(stop)}
        )
    if not asked.cause.is_liquidation and trigger is not LayerTrigger.PRICE:
        return Refusal("layer_trigger", "a price alone adds no layer", *figures)
    reached = sign * (layer.price - asked.price) >= 0
    if not reached and trigger is not LayerTrigger.LIQUIDATION:
        return Refusal("price_not_reached", "the price has not reached the layer's level", *figures)
    price = _limit_price(asked, layer) if reached else layer.price
    return _intent(plan, layer, price, asked.cause, asked.params, asked.position.account, asked.position.symbol)


def _tightest_stop(asked: NextLayer) -> Decimal:
    """The stop that the ladder opened with, or a tighter one of trailing or a person."""
    trailed, plan = asked.position.trailed_stop, asked.ladder.plan
    return plan.stop_price if trailed is None else tighter(plan.side, plan.stop_price, trailed)


def _limit_price(asked: NextLayer, layer: PlannedLayer) -> Decimal:
    """The better of level and market. Where only the price made it due the level itself is the limit: it is worth
    filling anywhere up to there. Yet the venue rejects a post-only order that would fill at once.
    """
    if not asked.cause.is_liquidation and asked.params.time_in_force is not TimeInForce.GTX:
        return layer.price
    best = asked.instrument.entry_price(asked.price, asked.ladder.plan.side.entry_side)
    # Far below its level the planned quantity of a long is worth less than the venue takes.
    return best if best * layer.quantity >= asked.instrument.min_notional else layer.price


def _intent(
    plan: LadderPlan,
    layer: PlannedLayer,
    price: Decimal,
    cause: Cause,
    params: LadderParams,
    account: AccountId,
    symbol: Symbol,
) -> OrderIntent:
    return OrderIntent(
        # A layer that ended unfilled may be tried again for another cause, under another id.
        client_order_id=client_order_id(Purpose.ENTRY.letter, account, plan.id, layer.number, cause.id),
        account=account,
        symbol=symbol,
        position_side=plan.side,
        purpose=Purpose.ENTRY,
        type=OrderType.LIMIT,
        quantity=layer.quantity,
        strategy=plan.strategy,
        price=price,
        time_in_force=params.time_in_force,
        leverage=plan.leverage,
        layer=layer.number,
        ttl_s=params.order_ttl_s,
        expires_at_ms=cause.time_ms + cause.max_age_ms,
        ladder=plan.id,
        risk=layer.risk,
    )
