"""In which order people meet the settings of a symbol, and under which headings. A test finds what was left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    says: str
    settings: tuple[str, ...]


_TRADING: Final = Group(
    "Trading",
    "Whether it trades, and which way.",
    ("enabled", "simulate_only", "direction", "trade_side", "opposite_signal"),
)
_ACCOUNT: Final = (
    "leverage",
    "margin_type",
    "max_position_margin_usdt",
    "max_position_notional_usdt",
    "max_open_orders_per_symbol",
)
_ORDER: Final = ("time_in_force", "order_ttl_seconds", "price_offset_pct")
_TRIGGERED_BY: Final = ("working_type", "price_protect")
_TRAILING: Final = ("trailing_stop", "break_even_at_pct", "trailing_distance_pct")

_HUNTER: Final = (
    _TRADING,
    Group(
        "Signal",
        "How much must be liquidated, within how long, before it enters.",
        (
            "volume_window_sec",
            "use_usdt_volume",
            "volume_threshold_long",
            "volume_threshold_short",
            "volume_upper_bound_long",
            "volume_upper_bound_short",
            "cooldown_sec",
        ),
    ),
    Group("Size and limits", "What one entry puts up, and what the symbol may hold.", ("trade_value_usdt", *_ACCOUNT)),
    Group("Entry order", "How an entry is sent.", _ORDER),
    Group(
        "Stop and target",
        "How a position is protected from its first fill on.",
        ("stop_loss_pct", "take_profit_pct", "min_reward_risk", *_TRIGGERED_BY),
    ),
    Group("Trailing stop", "How the stop follows a price that goes our way.", _TRAILING),
)
_LADDER: Final = (
    _TRADING,
    Group(
        "Signal",
        "Which liquidations open a ladder, and when none is opened.",
        (
            "percentile_threshold",
            "min_history",
            "cascade_formula",
            "vwap_filter",
            "vwap_minutes",
            "vwap_buffer_pct",
            "max_total_deviation_pct",
            "cooldown_sec",
        ),
    ),
    Group(
        "Size and limits",
        "What the ladder puts up, and what the symbol may hold.",
        ("margin_pct", "layer1_size_pct", "max_upsize", *_ACCOUNT),
    ),
    Group(
        "Layers",
        "How many there are, where they lie and how they grow.",
        (
            "max_layers",
            "first_step_pct",
            "spacing_power",
            "size_growth",
            "atr_interval",
            "reference_atr_pct",
            "min_gap_pct",
            "liquidation_buffer_pct",
            "layer_trigger",
            "layer_delay_sec",
        ),
    ),
    Group("Entry order", "How a layer is sent.", _ORDER),
    Group(
        "Stop and target",
        "How a position is protected from its first fill on.",
        (
            "protection",
            "stop_anchor",
            "stop_loss_pct",
            "take_profit_pct",
            "stop_loss_atr",
            "stop_loss_min_pct",
            "stop_loss_max_pct",
            "take_profit_atr",
            "take_profit_min_pct",
            "take_profit_max_pct",
            "min_reward_risk",
            *_TRIGGERED_BY,
        ),
    ),
    Group("Trailing stop", "How the stop follows a price that goes our way.", _TRAILING),
)

GROUPS: Final[Mapping[str, tuple[Group, ...]]] = {"hunter": _HUNTER, "ladder": _LADDER}
