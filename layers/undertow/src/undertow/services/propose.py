"""What a strategy makes of a liquidation: the one place that knows every kind of strategy."""

from dataclasses import replace
from decimal import Decimal

from undertow.domain.instrument import Instrument
from undertow.domain.market import LiquidationBatch, MeasuredLiquidation, PositionSide
from undertow.domain.numbers import HUNDRED, ZERO
from undertow.domain.order import OrderIntent
from undertow.risk.approval import Refusal
from undertow.risk.budget import loss_at_stop
from undertow.risk.exposure import AccountSnapshot
from undertow.services.enter import Occasion, Proposal
from undertow.services.propose_layer import propose_layer
from undertow.strategies import hunter
from undertow.strategies.hunter import HunterParams
from undertow.strategies.ladder import trigger
from undertow.strategies.signal import Signal


def detect(
    occasion: Occasion, batch: LiquidationBatch, measured: MeasuredLiquidation, longest_age_ms: int | None = None
) -> Signal | Refusal:
    """Whether the liquidation triggers the strategy. Needs nothing beyond the message and the parameters."""
    params = occasion.params
    max_age_ms = occasion.max_age_ms if longest_age_ms is None else longest_age_ms
    if isinstance(params, HunterParams):
        return hunter.detect(measured, batch, params, max_age_ms, occasion.now_ms)
    return trigger.detect(measured, batch, params, max_age_ms, occasion.now_ms)


def propose(
    occasion: Occasion, signal: Signal, batch: LiquidationBatch, instrument: Instrument, snapshot: AccountSnapshot
) -> Proposal | Refusal:
    """The entry that acts on ``signal``. The same signal makes the same order, id included, whenever it is asked."""
    params = occasion.params
    if not isinstance(params, HunterParams):
        return propose_layer(occasion, params, signal, batch, instrument, snapshot)
    layer = snapshot.slot(signal.side).free_layer(occasion.strategy.id)
    intent = hunter.entry(
        signal, batch, params, instrument, occasion.strategy.id, occasion.account.id, layer, occasion.max_age_ms
    )
    if isinstance(intent, Refusal):
        return intent
    return _protected(intent, params, instrument, occasion)


def _protected(intent: OrderIntent, params: HunterParams, instrument: Instrument, occasion: Occasion) -> Proposal:
    """The entry with its stop and its target, and what it loses at the stop when it fills at its limit."""
    price, side = intent.price or ZERO, intent.position_side
    stop = _moved(price, -side.sign * params.protection.stop_loss_pct, side, instrument)
    target = _moved(price, side.sign * params.protection.take_profit_pct, side.opposite, instrument)
    risk = loss_at_stop(side, intent.quantity or ZERO, price, stop, occasion.limits.risk)
    return Proposal(replace(intent, risk=risk), stop, target, reserve=risk)


def _moved(price: Decimal, percent: Decimal, away_from: PositionSide, instrument: Instrument) -> Decimal:
    """``price`` moved by ``percent`` and rounded away from the market: a long's stop down, its target up."""
    moved = price * (1 + percent / HUNDRED)
    return instrument.price_below(moved) if away_from is PositionSide.LONG else instrument.price_above(moved)
