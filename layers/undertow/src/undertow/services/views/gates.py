"""Every gate that may stand between a liquidation and an order: when it speaks, in words, and by how much it failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

from typing_extensions import TypedDict

from undertow.domain.decision import Decision
from undertow.domain.market import PositionSide
from undertow.domain.numbers import HUNDRED, NotADecimal, parse_decimal, plain
from undertow.services.views.render import Figure


class Phase(StrEnum):
    """In the order in which a signal passes them. PROPOSAL makes an entry of the signal, CLAIM reserves and sends."""

    SIGNAL = "signal"
    ACCOUNT = "account"
    PROPOSAL = "proposal"
    CHECKS = "checks"
    LAYERS = "layers"
    CLAIM = "claim"


HUNTER_SIGNAL: Final = (
    *("symbol_enabled", "event_age", "liquidation_price", "window", "volume", "volume_edge", "volume_upper_bound"),
    "trade_side",
)
LADDER_SIGNAL: Final = (
    *("symbol_enabled", "event_age", "liquidation_price", "cascade_unknown", "cascade_aggregate", "cascade"),
    *("history", "percentile", "trade_side", "atr", "vwap"),
)
ACCOUNT: Final = ("parameters_age", "instrument", "readiness", "cooldown")
HUNTER_PROPOSAL: Final = ("price", "opposite_position", "reduce")
LADDER_PROPOSAL: Final = (
    *("price", "layer_pending", "external_position", "other_strategy", "no_ladder", "symbol_enabled", "deviation"),
    *("atr", "balance", "sizing_base", "missing_limits", "target_below_costs", "levels", "liquidation_distance"),
    *("minimum_size_risk", "layers_frozen", "layers_used", "layer_delay", "beyond_stop", "layer_trigger"),
    *("price_not_reached", "opposite_position", "reduce"),
)
CHECKS: Final = (
    *("paused", "signal_age", "venue_health", "not_reconciled", "forced_close", "quote_age", "price_band"),
    *("price_filter", "opposite_position", "external_position", "other_strategy", "instrument", "missing_limits"),
    *("leverage", "balance", "minimum_size", "hard_cap", "portfolio_risk", "ladder_reserve", "max_open_orders"),
    "max_positions",
    *("max_position_margin", "max_position_notional", "max_total_margin", "max_total_notional"),
)
LAYERS: Final = (
    *("layer_1_leverage", "layer_2_effective_leverage", "layer_3_margin_usage", "layer_4_liquidation_distance"),
    *("layer_5_stop_and_target", "layer_6_allowed_symbols", "layer_7_confidence", "layer_8_live_monitor"),
)
CLAIM: Final = ("paused", "max_total", "slot")

TITLES: Final[Mapping[str, str]] = {
    "symbol_enabled": "The symbol is switched on",
    "event_age": "The liquidation is fresh",
    "liquidation_price": "Its price is believable",
    "window": "The window was heard without a gap",
    "volume": "Enough was liquidated in the window",
    "volume_edge": "The threshold was crossed just now",
    "volume_upper_bound": "Not so much that it means: stay out",
    "trade_side": "The strategy trades this side",
    "cascade_unknown": "Cascades were measured just now",
    "cascade_aggregate": "The market as a whole is in no cascade",
    "cascade": "The symbol is in no cascade",
    "history": "Enough earlier liquidations to compare with",
    "percentile": "Large among earlier ones",
    "atr": "The usual range is measured",
    "vwap": "On the right side of the average price",
    "parameters_age": "The settings were read lately",
    "instrument": "The trading rules are known and fresh",
    "readiness": "The venue is set up as wanted",
    "cooldown": "The cooldown is over",
    "price": "There is a price to enter at",
    "opposite_position": "Nothing is held the other way",
    "reduce": "The other side could be reduced",
    "layer_pending": "No layer is under way",
    "external_position": "The position is ours",
    "other_strategy": "The position is this strategy's",
    "no_ladder": "The ladder is known",
    "deviation": "The price has not run away",
    "balance": "Balance known, and margin free",
    "sizing_base": "There is money to size from",
    "missing_limits": "The venue's limits are known",
    "target_below_costs": "The target pays the costs",
    "levels": "The levels lie before the stop",
    "liquidation_distance": "The stop is well before liquidation",
    "minimum_size_risk": "The smallest order fits the risk",
    "layers_frozen": "Nobody holds the layers back",
    "layers_used": "There is a layer left",
    "layer_delay": "The delay between layers is over",
    "beyond_stop": "The price is not at the stop",
    "layer_trigger": "What came makes a layer due",
    "price_not_reached": "The price has reached the level",
    "paused": "Trading is on",
    "signal_age": "The signal is still good",
    "venue_health": "The venue may be called",
    "not_reconciled": "The ledger is proven to equal the venue",
    "forced_close": "No forced close lately",
    "quote_age": "The price is fresh",
    "price_band": "The order is near the mark price",
    "price_filter": "The order is within the venue's bounds",
    "leverage": "The leverage is as verified",
    "minimum_size": "The order is large enough for the venue",
    "hard_cap": "No larger than any order may be",
    "portfolio_risk": "The risk budget has room",
    "ladder_reserve": "The ladder has reserved this layer",
    "max_open_orders": "Room for one more order",
    "max_positions": "Room for one more position",
    "max_position_margin": "Within the symbol's margin cap",
    "max_position_notional": "Within the symbol's size cap",
    "max_total_margin": "Within the account's margin cap",
    "max_total_notional": "Within the account's size cap",
    "layer_1_leverage": "Layer 1: leverage",
    "layer_2_effective_leverage": "Layer 2: effective leverage",
    "layer_3_margin_usage": "Layer 3: margin usage",
    "layer_4_liquidation_distance": "Layer 4: distance to liquidation",
    "layer_5_stop_and_target": "Layer 5: stop and target",
    "layer_6_allowed_symbols": "Layer 6: allowed symbols",
    "layer_7_confidence": "Layer 7: confidence",
    "layer_8_live_monitor": "Layer 8: live monitor",
    "max_total": "The account's cap still had room",
    "slot": "Nothing else changed the symbol meanwhile",
}


def phase_of(decision: Decision) -> Phase:
    """How far a refused decision came. Its record tells: a side is known once there is a signal, a quantity once there
    is an entry, and the layers' readings once the cheap checks have passed.
    """
    if decision.layers or decision.gate in LAYERS:
        return Phase.LAYERS
    if "quantity" in decision.inputs:
        claimed = decision.gate in ("max_total", "slot") or "being claimed" in decision.reason
        return Phase.CLAIM if claimed else Phase.CHECKS
    if decision.position_side is None:
        return Phase.SIGNAL
    return Phase.ACCOUNT if decision.gate in ACCOUNT else Phase.PROPOSAL


# --- by how much ----------------------------------------------------------------------------------------------------


Wanted = Literal["at least", "at most", "above", "below"]


class Margin(TypedDict):
    """``value`` had to be ``wanted`` (at least, at most, below, above) ``limit``. ``short_by`` is what was missing."""

    name: str
    value: Figure
    wanted: Wanted
    limit_name: str
    limit: str
    short_by: str
    short_by_pct: str | None


@dataclass(frozen=True, slots=True)
class _Bound:
    """``limit`` names an input or threshold of the record, or is the bound itself."""

    value: str
    wanted: Wanted
    limit: str


_AT_MOST_AGE: Final = _Bound("age_ms", "at most", "max_age_ms")
_BOUNDS: Final[Mapping[str, Sequence[_Bound]]] = {
    "event_age": [_AT_MOST_AGE],
    "volume": [_Bound("volume", "at least", "volume_threshold")],
    "volume_edge": [_Bound("volume_before", "below", "volume_threshold")],
    "volume_upper_bound": [_Bound("volume", "at most", "volume_upper_bound")],
    "history": [_Bound("history_events", "at least", "min_history")],
    "percentile": [_Bound("percentile", "at least", "percentile_threshold")],
    "parameters_age": [_Bound("parameters_age_ms", "at most", "max_parameters_age_ms")],
    "instrument": [_AT_MOST_AGE],
    "readiness": [_AT_MOST_AGE],
    "not_reconciled": [_AT_MOST_AGE],
    "quote_age": [_AT_MOST_AGE],
    "cooldown": [_Bound("left_ms", "at most", "0")],
    "deviation": [_Bound("deviation_pct", "at most", "max_total_deviation_pct")],
    "sizing_base": [_Bound("sizing_base", "above", "0")],
    "target_below_costs": [_Bound("take_profit_pct", "at least", "costs_pct")],
    "levels": [_Bound("stop_loss_pct", "above", "min_gap_pct")],
    "minimum_size_risk": [_Bound("sizing_base", "at least", "balance_needed")],
    "signal_age": [_Bound("left_ms", "at least", "0"), _Bound("left_ms", "at most", "max_age_ms")],
    "price_band": [_Bound("distance_pct", "at most", "max_distance_pct")],
    "price_filter": [_Bound("price", "at least", "lowest"), _Bound("price", "at most", "highest")],
    "leverage": [_Bound("leverage", "at most", "max_leverage")],
    "balance": [_Bound("margin", "at most", "available"), _AT_MOST_AGE],
    "minimum_size": [_Bound("notional", "at least", "min_notional"), _Bound("quantity", "at least", "min_quantity")],
    "hard_cap": [_Bound("notional", "at most", "max_notional")],
    "portfolio_risk": [_Bound("risk_after_order", "at most", "max_risk")],
    "ladder_reserve": [_Bound("risk", "at most", "reserved")],
    "max_open_orders": [_Bound("open_orders", "below", "max_open_orders_per_symbol")],
    "max_positions": [_Bound("positions", "below", "max_positions")],
    **{
        cap: [_Bound("after_order", "at most", cap)]
        for cap in ("max_position_margin", "max_position_notional", "max_total_margin", "max_total_notional")
    },
    "layer_1_leverage": [_Bound("leverage", "at most", "venue_max"), _Bound("leverage", "at most", "account_max")],
    "layer_2_effective_leverage": [_Bound("effective_leverage", "at most", "max_effective_leverage")],
    "layer_3_margin_usage": [
        _Bound("initial_usage_pct", "at most", "reject_above_pct"),
        _Bound("maintenance_usage_pct", "at most", "reject_above_pct"),
    ],
    "layer_4_liquidation_distance": [_Bound("distance_pct", "above", "critical_at_pct")],
    "layer_5_stop_and_target": [
        _Bound("reward_risk", "at least", "min_reward_risk"),
        _Bound("stop_buffer_pct", "at least", "stop_buffer_pct"),
    ],
    "layer_7_confidence": [_Bound("confidence", "at least", "min_confidence")],
    "layer_8_live_monitor": [_Bound("margin_usage_pct", "below", "pause_at_pct")],
}
_SHARE_PLACES: Final = Decimal("0.1")


def margin_of(
    gate: str, inputs: Mapping[str, str], limits: Mapping[str, str], side: PositionSide | None = None
) -> Margin | None:
    """By how much ``gate`` failed; None where it is no comparison of two figures, or they were not put on record."""
    bounds = _BOUNDS.get(gate, ())
    if gate == "vwap" and side is not None:
        bounds = [_Bound("mid", "at most" if side is PositionSide.LONG else "at least", "vwap_bound")]
    for bound in bounds:
        value = _figure(inputs.get(bound.value))
        text = limits.get(bound.limit, inputs.get(bound.limit, bound.limit))
        limit = _figure(text)
        if value is not None and limit is not None and not _holds(value, bound.wanted, limit):
            return _margin(bound, value, limit)
    return None


def _margin(bound: _Bound, value: Decimal, limit: Decimal) -> Margin:
    apart = abs(value - limit)
    return {
        "name": bound.value,
        "value": plain(value),
        "wanted": bound.wanted,
        "limit_name": bound.limit,
        "limit": plain(limit),
        "short_by": plain(apart),
        "short_by_pct": plain((apart / abs(limit) * HUNDRED).quantize(_SHARE_PLACES)) if limit else None,
    }


def _holds(value: Decimal, wanted: Wanted, limit: Decimal) -> bool:
    match wanted:
        case "at least":
            return value >= limit
        case "at most":
            return value <= limit
        case "above":
            return value > limit
        case _:
            return value < limit


def _figure(text: str | None) -> Decimal | None:
    try:
        return parse_decimal(text, "figure")
    except NotADecimal:
        return None
