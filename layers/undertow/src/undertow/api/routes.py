"""Every route of the API with the scope it asks for. The door, the authoriser and the tests read this one table.

A route that is not in the table cannot be called: the authoriser allows only what stands here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """What a token may do. READ looks, PAUSE stops new entries (cheap and safe), WRITE does all the rest."""

    READ = "read"
    PAUSE = "pause"
    WRITE = "write"


VERSIONED: Final = frozenset(
    {
        "strategy",
        "apply_strategy",
        "restore_strategy",
        "globals",
        "write_config",
        "write_symbol",
        "add_symbol",
        "remove_symbol",
    }
)
"""Routes whose answer carries its version as an entity tag as well, for the If-Match of the next change."""


@dataclass(frozen=True, slots=True)
class Route:
    """``scope`` is None for what anybody may fetch, which is never data. ``name`` is the view's."""

    method: str
    path: str
    name: str
    scope: Scope | None


ROUTES: Final = (
    Route("GET", "/", "page", None),
    Route("GET", "/assets/{name}", "asset", None),
    Route("GET", "/api/health", "health", None),
    Route("GET", "/api/openapi.json", "openapi", None),
    Route("GET", "/api/me", "me", Scope.READ),
    Route("GET", "/api/overview", "overview", Scope.READ),
    Route("GET", "/api/feed", "feed", Scope.READ),
    Route("GET", "/api/stream", "stream", Scope.READ),
    Route("GET", "/api/positions", "positions", Scope.READ),
    Route("GET", "/api/account", "account", Scope.READ),
    Route("GET", "/api/liquidations", "liquidations", Scope.READ),
    Route("GET", "/api/trades", "trades", Scope.READ),
    Route("GET", "/api/trades/{order_id}", "trade", Scope.READ),
    Route("GET", "/api/stats", "stats", Scope.READ),
    Route("GET", "/api/decisions", "decisions", Scope.READ),
    Route("GET", "/api/config", "config", Scope.READ),
    Route("GET", "/api/exchange/symbols", "exchange_symbols", Scope.READ),
    Route("GET", "/api/exchange-limits", "exchange_limits", Scope.READ),
    Route("GET", "/api/requests", "requests", Scope.READ),
    Route("POST", "/api/positions/close", "close_position", Scope.WRITE),
    Route("POST", "/api/positions/stop", "move_stop", Scope.WRITE),
    Route("POST", "/api/positions/break-even", "break_even", Scope.WRITE),
    Route("POST", "/api/positions/layers", "hold_layers", Scope.WRITE),
    Route("POST", "/api/pause", "pause", Scope.PAUSE),
    Route("POST", "/api/close-only", "close_only", Scope.WRITE),
    Route("POST", "/api/flatten", "flatten", Scope.WRITE),
    Route("POST", "/api/resume", "resume", Scope.WRITE),
    Route("GET", "/api/config/globals", "globals", Scope.READ),
    Route("POST", "/api/config", "write_config", Scope.WRITE),
    Route("POST", "/api/config/validate", "validate_globals", Scope.READ),
    Route("POST", "/api/config/symbol", "write_symbol", Scope.WRITE),
    Route("POST", "/api/config/symbol/add", "add_symbol", Scope.WRITE),
    Route("POST", "/api/config/symbol/remove", "remove_symbol", Scope.WRITE),
    Route("GET", "/api/strategies", "strategies", Scope.READ),
    Route("POST", "/api/strategies/validate", "validate_strategy", Scope.READ),
    Route("GET", "/api/strategies/schema", "strategy_schema", Scope.READ),
    Route("POST", "/api/strategies/preview", "preview_draft", Scope.READ),
    Route("POST", "/api/strategies/sync", "sync_strategies", Scope.WRITE),
    Route("GET", "/api/strategies/{strategy_id}", "strategy", Scope.READ),
    Route("PUT", "/api/strategies/{strategy_id}", "apply_strategy", Scope.WRITE),
    Route("GET", "/api/alerts", "alerts", Scope.READ),
    Route("POST", "/api/alerts/ack", "acknowledge_alert", Scope.WRITE),
    Route("POST", "/api/alerts/test", "test_routes", Scope.WRITE),
    Route("GET", "/api/operations", "operations", Scope.READ),
    Route("GET", "/api/settings", "settings", Scope.READ),
    Route("GET", "/api/audit", "audit", Scope.READ),
    Route("GET", "/api/blocks", "blocks", Scope.READ),
    Route("GET", "/api/risk", "risk", Scope.READ),
    Route("GET", "/api/reconciliation", "reconciliation", Scope.READ),
    Route("GET", "/api/strategies/{strategy_id}/changes", "strategy_changes", Scope.READ),
    Route("POST", "/api/strategies/{strategy_id}/restore", "restore_strategy", Scope.WRITE),
    Route("GET", "/api/sessions", "sessions", Scope.READ),
    Route("POST", "/api/sessions/start-fresh", "start_fresh", Scope.WRITE),
    Route("GET", "/api/recommendations", "recommendations", Scope.READ),
    Route("GET", "/api/strategies/{strategy_id}/preview", "preview_strategy", Scope.READ),
    Route("GET", "/api/pnl", "pnl", Scope.READ),
    Route("GET", "/api/commissions", "commissions", Scope.READ),
    Route("GET", "/api/funding-fees", "funding_fees", Scope.READ),
    Route("GET", "/api/transfers", "transfers", Scope.READ),
    Route("GET", "/api/balance-history", "balance_history", Scope.READ),
    Route("GET", "/api/imports", "imports", Scope.READ),
    Route("GET", "/api/export", "export", Scope.READ),
    Route("GET", "/api/candles", "candles", Scope.READ),
    Route("GET", "/api/windows", "windows", Scope.READ),
    Route("GET", "/api/liquidations/summary", "tape_summary", Scope.READ),
    Route("GET", "/api/decisions/counts", "decision_counts", Scope.READ),
    Route("GET", "/api/decisions/after", "prices_after", Scope.READ),
    Route("GET", "/api/decisions/{decision_id}", "decision", Scope.READ),
    Route("GET", "/api/positions/closed", "closed_positions", Scope.READ),
    Route("GET", "/api/positions/{position_id}/timeline", "timeline", Scope.READ),
    Route("GET", "/api/adjustments", "adjustments", Scope.READ),
    Route("POST", "/api/adjustments", "add_adjustment", Scope.WRITE),
    Route("POST", "/api/adjustments/{adjustment_id}/revoke", "revoke_adjustment", Scope.WRITE),
)


def open_to(scopes: Iterable[Scope]) -> tuple[Route, ...]:
    """The routes that a token with ``scopes`` may call. WRITE and PAUSE do not imply READ: a token says all it may."""
    held = frozenset(scopes)
    return tuple(route for route in ROUTES if route.scope is None or route.scope in held)
