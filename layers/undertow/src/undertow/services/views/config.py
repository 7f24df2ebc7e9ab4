"""The parameters: documents as stored, and what they come to for each symbol."""

from typing_extensions import TypedDict

from undertow.domain.json_text import read_json
from undertow.domain.numbers import plain
from undertow.ports import Document
from undertow.risk.limits import (
    HARD_MAX_BALANCE_AGE_MS,
    HARD_MAX_EFFECTIVE_LEVERAGE,
    HARD_MAX_GROWTH,
    HARD_MAX_LAYERS,
    HARD_MAX_LEVERAGE,
    HARD_MAX_MARGIN_USAGE_PCT,
    HARD_MAX_ORDER_NOTIONAL,
    HARD_MAX_PORTFOLIO_RISK_PCT,
    HARD_MAX_SIGNAL_AGE_MS,
    HARD_MAX_STOP_PCT,
    MAX_QUOTE_AGE_MS,
)
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.settings import StrategySettings, strategy_settings
from undertow.services.views.sources import Sources


class ConfigDocument(TypedDict):
    name: str
    version: int
    document: object


class InForce(TypedDict):
    """What decisions are made by now."""

    globals: str
    strategies: list[StrategySettings]


class HardCaps(TypedDict):
    """Above every setting, in the code: the tightest wins."""

    max_leverage: int
    max_order_notional: Figure
    max_signal_age_ms: int
    max_balance_age_ms: int
    max_quote_age_ms: int
    max_layers: int
    max_growth: Figure
    max_portfolio_risk_pct: Figure
    max_effective_leverage: Figure
    max_margin_usage_pct: Figure
    max_stop_pct: Figure


class Config(TypedDict):
    time_ms: EpochMs
    globals: ConfigDocument | None
    strategies: list[ConfigDocument]
    in_force: InForce
    hard_caps: HardCaps


def config(sources: Sources) -> Config:
    """``in_force`` is what decisions are made by now; a change gets there within 30 s."""
    params, stored = sources.params.current(), sources.documents.globals()
    return {
        "time_ms": sources.clock.now_ms(),
        "globals": None if stored is None else _document(stored),
        "strategies": [_document(document) for document in sources.documents.strategies()],
        "in_force": {
            "globals": params.globals.version,
            "strategies": [strategy_settings(strategy) for _, strategy in sorted(params.strategies.items())],
        },
        "hard_caps": {
            "max_leverage": HARD_MAX_LEVERAGE,
            "max_order_notional": plain(HARD_MAX_ORDER_NOTIONAL),
            "max_signal_age_ms": HARD_MAX_SIGNAL_AGE_MS,
            "max_balance_age_ms": HARD_MAX_BALANCE_AGE_MS,
            "max_quote_age_ms": MAX_QUOTE_AGE_MS,
            "max_layers": HARD_MAX_LAYERS,
            "max_growth": plain(HARD_MAX_GROWTH),
            "max_portfolio_risk_pct": plain(HARD_MAX_PORTFOLIO_RISK_PCT),
            "max_effective_leverage": plain(HARD_MAX_EFFECTIVE_LEVERAGE),
            "max_margin_usage_pct": plain(HARD_MAX_MARGIN_USAGE_PCT),
            "max_stop_pct": plain(HARD_MAX_STOP_PCT),
        },
    }


def _document(document: Document) -> ConfigDocument:
    return {"name": document.name, "version": document.version, "document": read_json(document.text)}
