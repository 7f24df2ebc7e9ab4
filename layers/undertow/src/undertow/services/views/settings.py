"""What a strategy's parameters come to, symbol by symbol. Amounts are quote units, percentages of a price."""

from decimal import Decimal

from undertow.domain.ids import Symbol
from undertow.domain.json_text import Json
from undertow.domain.numbers import plain
from undertow.ports import HunterStrategy, Strategy
from undertow.risk.protection import ProtectionParams
from undertow.services.views import render
from undertow.strategies.hunter import HunterParams, Threshold
from undertow.strategies.ladder.params import LadderParams, Shape


def kind_of(strategy: Strategy) -> str:
    return "hunter" if isinstance(strategy, HunterStrategy) else "ladder"


def strategy_settings(strategy: Strategy) -> dict[str, Json]:
    return {
        "id": strategy.id,
        "kind": kind_of(strategy),
        "account": strategy.account,
        "enabled": strategy.enabled,
        "version": strategy.version,
        "symbols": [symbol_settings(symbol, params) for symbol, params in sorted(strategy.symbols.items())],
    }


def symbol_settings(symbol: Symbol, params: HunterParams | LadderParams) -> dict[str, Json]:
    return {
        "symbol": symbol,
        "enabled": params.enabled,
        "simulate": params.simulate,
        "direction": params.direction.value,
        "trade_side": params.trade_side.value,
        "opposite": params.opposite.value,
        "cooldown_s": params.cooldown_s,
        "leverage": params.leverage,
        "margin_type": params.margin_type.value,
        "max_position_margin": plain(params.limits.max_position_margin),
        "max_position_notional": plain(params.limits.max_position_notional),
        "max_open_orders": params.limits.max_open_orders,
        **_protection(params.protection, params.leverage),
        "order_ttl_s": params.order_ttl_s,
        "time_in_force": params.time_in_force.value,
        **(_hunter(params) if isinstance(params, HunterParams) else _ladder(params)),
    }


def _hunter(params: HunterParams) -> dict[str, Json]:
    """A trade's value as margin and as notional side by side, so that nobody takes the one for the other."""
    return {
        "window_s": params.volume_window_s,
        "volume_unit": params.volume_unit.value,
        "long": _threshold(params.long),
        "short": _threshold(params.short),
        "trade_value_margin": plain(params.trade_value),
        "trade_value_notional": plain(params.notional),
    }


def _ladder(params: LadderParams) -> dict[str, Json]:
    vwap = params.vwap
    return {
        "percentile": plain(params.trigger.percentile),
        "min_history_events": params.trigger.min_history,
        "cascade_formula": None if params.cascade_formula is None else params.cascade_formula.value,
        "vwap": None if vwap is None else {"minutes": vwap.minutes, "buffer_pct": plain(vwap.buffer_pct)},
        "atr_interval_s": params.atr_interval_s,
        "layer_delay_s": params.layer_delay_s,
        "layer_trigger": params.layer_trigger.value,
        "stop_anchor": params.anchor.value,
        "max_total_deviation_pct": plain(params.max_total_deviation_pct),
        "shape": _shape(params.shape),
    }


def _shape(shape: Shape) -> dict[str, Json]:
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


def _protection(protection: ProtectionParams, leverage: int) -> dict[str, Json]:
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


def _threshold(threshold: Threshold) -> dict[str, Json]:
    return {"lower": plain(threshold.lower), "upper": render.figure(threshold.upper)}


def _roe(price_pct: Decimal, leverage: int) -> str:
    return plain(price_pct * leverage)
