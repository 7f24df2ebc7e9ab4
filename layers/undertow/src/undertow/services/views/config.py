"""The parameters: documents as stored, and what they come to for each symbol."""

from undertow.domain.json_text import Json, read_json
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
from undertow.services.views.settings import strategy_settings
from undertow.services.views.sources import Sources


def config(sources: Sources) -> dict[str, Json]:
    """``in_force`` is what decisions are made by now; a change gets there within 30 s."""
    params = sources.params.current()
    return {
        "time_ms": sources.clock.now_ms(),
        "globals": _document(sources.documents.globals()),
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


def _document(document: Document | None) -> Json:
    if document is None:
        return None
    return {"name": document.name, "version": document.version, "document": read_json(document.text)}
