"""What a strategy's parameters come to, symbol by symbol. Amounts are quote units, percentages of a price."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from typing_extensions import TypedDict

from undertow.domain.account import MarginType
from undertow.domain.conditions import CascadeFormula
from undertow.domain.ids import Symbol
from undertow.domain.ladder import StopAnchor
from undertow.domain.numbers import plain
from undertow.domain.order import TimeInForce
from undertow.ports import HunterStrategy, Strategy
from undertow.risk.protection import ProtectionParams
from undertow.services.views import render
from undertow.services.views.render import Figure
from undertow.strategies.hunter import HunterParams, Threshold, VolumeUnit
from undertow.strategies.ladder.params import LadderParams, LayerTrigger, Shape
from undertow.strategies.signal import Direction, OppositePolicy, TradeSide


class VolumeThreshold(TypedDict):
    """``upper`` of null is no upper end."""

    lower: Figure
    upper: Figure | None


class AdaptiveProtection(TypedDict):
    stop_atr: Figure
    stop_min_pct: Figure
    stop_max_pct: Figure
    target_atr: Figure
    target_min_pct: Figure
    target_max_pct: Figure
    interval_s: int


class TrailingStop(TypedDict):
    break_even_at_pct: Figure
    distance_pct: Figure


class ProtectionSettings(TypedDict):
    """In percent of the price, and of the margin (``roe``)."""

    stop_loss_pct: Figure
    take_profit_pct: Figure
    stop_loss_roe_pct: Figure
    take_profit_roe_pct: Figure
    min_reward_risk: Figure
    adaptive: AdaptiveProtection | None
    trailing: TrailingStop | None


class SharedSettings(ProtectionSettings):
    symbol: str
    enabled: bool
    simulate: bool
    direction: Direction
    trade_side: TradeSide
    opposite: OppositePolicy
    cooldown_s: int
    leverage: int
    margin_type: MarginType
    max_position_margin: Figure
    max_position_notional: Figure
    max_open_orders: int
    order_ttl_s: int
    time_in_force: TimeInForce


class HunterTerms(TypedDict):
    """A trade's value as margin and as notional side by side, so that nobody takes the one for the other."""

    window_s: int
    volume_unit: VolumeUnit
    long: VolumeThreshold
    short: VolumeThreshold
    trade_value_margin: Figure
    trade_value_notional: Figure


class VwapTerms(TypedDict):
    minutes: int
    buffer_pct: Figure


class LadderShape(TypedDict):
    margin_pct: Figure
    layer1_size_pct: Figure
    first_step_pct: Figure
    spacing_power: Figure
    growth: Figure
    max_layers: int
    reference_atr_pct: Figure
    max_upsize: Figure
    min_gap_pct: Figure
    liquidation_buffer_pct: Figure


class LadderTerms(TypedDict):
    percentile: Figure
    min_history_events: int
    cascade_formula: CascadeFormula | None
    vwap: VwapTerms | None
    atr_interval_s: int
    layer_delay_s: int
    layer_trigger: LayerTrigger
    stop_anchor: StopAnchor
    max_total_deviation_pct: Figure
    shape: LadderShape


class HunterSymbol(SharedSettings, HunterTerms):
    pass


class LadderSymbol(SharedSettings, LadderTerms):
    pass


class StrategySettings(TypedDict):
    id: str
    kind: Literal["hunter", "ladder"]
    account: str
    enabled: bool
    version: str
    symbols: list[HunterSymbol | LadderSymbol]


def kind_of(strategy: Strategy) -> Literal["hunter", "ladder"]:
    return "hunter" if isinstance(strategy, HunterStrategy) else "ladder"


def strategy_settings(strategy: Strategy) -> StrategySettings:
    symbols: Mapping[Symbol, HunterParams | LadderParams] = strategy.symbols
    return {
        "id": strategy.id,
        "kind": kind_of(strategy),
        "account": strategy.account,
        "enabled": strategy.enabled,
        "version": strategy.version,
        "symbols": [symbol_settings(symbol, params) for symbol, params in sorted(symbols.items(), key=_name)],
    }


def _name(item: tuple[Symbol, object]) -> str:
    return item[0]


def symbol_settings(symbol: Symbol, params: HunterParams | LadderParams) -> HunterSymbol | LadderSymbol:
    if isinstance(params, HunterParams):
        return {**_shared(symbol, params), **_hunter(params)}
    return {**_shared(symbol, params), **_ladder(params)}


def _shared(symbol: Symbol, params: HunterParams | LadderParams) -> SharedSettings:
    return {
        "symbol": symbol,
        "enabled": params.enabled,
        "simulate": params.simulate,
        "direction": params.direction,
        "trade_side": params.trade_side,
        "opposite": params.opposite,
        "cooldown_s": params.cooldown_s,
        "leverage": params.leverage,
        "margin_type": params.margin_type,
        "max_position_margin": plain(params.limits.max_position_margin),
        "max_position_notional": plain(params.limits.max_position_notional),
        "max_open_orders": params.limits.max_open_orders,
        **_protection(params.protection, params.leverage),
        "order_ttl_s": params.order_ttl_s,
        "time_in_force": params.time_in_force,
    }


def _hunter(params: HunterParams) -> HunterTerms:
    return {
        "window_s": params.volume_window_s,
        "volume_unit": params.volume_unit,
        "long": _threshold(params.long),
        "short": _threshold(params.short),
        "trade_value_margin": plain(params.trade_value),
        "trade_value_notional": plain(params.notional),
    }


def _ladder(params: LadderParams) -> LadderTerms:
    vwap = params.vwap
    return {
        "percentile": plain(params.trigger.percentile),
        "min_history_events": params.trigger.min_history,
        "cascade_formula": params.cascade_formula,
        "vwap": None if vwap is None else {"minutes": vwap.minutes, "buffer_pct": plain(vwap.buffer_pct)},
        "atr_interval_s": params.atr_interval_s,
        "layer_delay_s": params.layer_delay_s,
        "layer_trigger": params.layer_trigger,
        "stop_anchor": params.anchor,
        "max_total_deviation_pct": plain(params.max_total_deviation_pct),
        "shape": _shape(params.shape),
    }


def _shape(shape: Shape) -> LadderShape:
    return {
        "margin_pct": plain(shape.margin_pct),
        "layer1_size_pct": plain(shape.layer1_size_pct),
        "first_step_pct": plain(shape.first_step_pct),
        "spacing_power": plain(shape.spacing_power),
        "growth": plain(shape.growth),
        "max_layers": shape.max_layers,
        "reference_atr_pct": plain(shape.reference_atr_pct),
        "max_upsize": plain(shape.max_upsize),
        "min_gap_pct": plain(shape.min_gap_pct),
        "liquidation_buffer_pct": plain(shape.liquidation_buffer_pct),
    }


def _protection(protection: ProtectionParams, leverage: int) -> ProtectionSettings:
    adaptive, trailing = protection.adaptive, protection.trailing
    return {
        "stop_loss_pct": plain(protection.stop_loss_pct),
        "take_profit_pct": plain(protection.take_profit_pct),
        "stop_loss_roe_pct": _roe(protection.stop_loss_pct, leverage),
        "take_profit_roe_pct": _roe(protection.take_profit_pct, leverage),
        "min_reward_risk": plain(protection.min_reward_risk),
        "adaptive": None
        if adaptive is None
        else {
            "stop_atr": plain(adaptive.stop_atr),
            "stop_min_pct": plain(adaptive.stop_min_pct),
            "stop_max_pct": plain(adaptive.stop_max_pct),
            "target_atr": plain(adaptive.target_atr),
            "target_min_pct": plain(adaptive.target_min_pct),
            "target_max_pct": plain(adaptive.target_max_pct),
            "interval_s": adaptive.interval_s,
        },
        "trailing": None
        if trailing is None
        else {
            "break_even_at_pct": plain(trailing.break_even_at_pct),
            "distance_pct": plain(trailing.distance_pct),
        },
    }


def _threshold(threshold: Threshold) -> VolumeThreshold:
    return {"lower": plain(threshold.lower), "upper": render.figure(threshold.upper)}


def _roe(price_pct: Decimal, leverage: int) -> str:
    return plain(price_pct * leverage)
