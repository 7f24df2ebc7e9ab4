"""The parameters: documents as stored, and what they come to for each symbol."""

from decimal import Decimal

from undertow.domain.ids import Symbol
from undertow.domain.json_text import Json, read_json
from undertow.domain.numbers import plain
from undertow.ports import Document, HunterStrategy
from undertow.risk.limits import (
    HARD_MAX_BALANCE_AGE_MS,
    HARD_MAX_LEVERAGE,
    HARD_MAX_ORDER_NOTIONAL,
    HARD_MAX_SIGNAL_AGE_MS,
    MAX_QUOTE_AGE_MS,
)
from undertow.services.views import render
from undertow.services.views.sources import Sources
from undertow.strategies.hunter import HunterParams, Threshold


def config(sources: Sources) -> dict[str, Json]:
    """``in_force`` is what decisions are made by now; a change gets there within 30 s."""
    params = sources.params.current()
    return {
        "time_ms": sources.clock.now_ms(),
        "globals": _document(sources.documents.globals()),
        "strategies": [_document(document) for document in sources.documents.strategies()],
        "in_force": {
            "globals": params.globals.version,
            "strategies": [_strategy(strategy) for _, strategy in sorted(params.strategies.items())],
        },
        "hard_caps": {
            "max_leverage": HARD_MAX_LEVERAGE,
            "max_order_notional": plain(HARD_MAX_ORDER_NOTIONAL),
            "max_signal_age_ms": HARD_MAX_SIGNAL_AGE_MS,
            "max_balance_age_ms": HARD_MAX_BALANCE_AGE_MS,
            "max_quote_age_ms": MAX_QUOTE_AGE_MS,
        },
    }


def _document(document: Document | None) -> Json:
    if document is None:
        return None
    return {"name": document.name, "version": document.version, "document": read_json(document.text)}


def _strategy(strategy: HunterStrategy) -> dict[str, Json]:
    return {
        "id": strategy.id,
        "account": strategy.account,
        "enabled": strategy.enabled,
        "version": strategy.version,
        "symbols": [_symbol(symbol, params) for symbol, params in sorted(strategy.symbols.items())],
    }


def _symbol(symbol: Symbol, params: HunterParams) -> dict[str, Json]:
    """A trade's value as margin and as notional side by side, so that nobody takes the one for the other."""
    return {
        "symbol": symbol,
        "enabled": params.enabled,
        "simulate": params.simulate,
        "direction": params.direction.value,
        "trade_side": params.trade_side.value,
        "window_s": params.volume_window_s,
        "volume_unit": params.volume_unit.value,
        "long": _threshold(params.long),
        "short": _threshold(params.short),
        "cooldown_s": params.cooldown_s,
        "leverage": params.leverage,
        "margin_type": params.margin_type.value,
        "trade_value_margin": plain(params.trade_value),
        "trade_value_notional": plain(params.notional),
        "max_position_margin": plain(params.limits.max_position_margin),
        "max_position_notional": plain(params.limits.max_position_notional),
        "max_open_orders": params.limits.max_open_orders,
        "stop_loss_pct": plain(params.protection.stop_loss_pct),
        "take_profit_pct": plain(params.protection.take_profit_pct),
        "stop_loss_roe_pct": _roe(params.protection.stop_loss_pct, params.leverage),
        "take_profit_roe_pct": _roe(params.protection.take_profit_pct, params.leverage),
        "order_ttl_s": params.order_ttl_s,
        "time_in_force": params.time_in_force.value,
    }


def _threshold(threshold: Threshold) -> dict[str, Json]:
    return {"lower": plain(threshold.lower), "upper": render.figure(threshold.upper)}


def _roe(price_pct: Decimal, leverage: int) -> str:
    return plain(price_pct * leverage)
