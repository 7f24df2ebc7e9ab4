"""The ladder's settings for a symbol: when it enters, how its layers lie, and how they are protected."""

from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import Field

from undertow.adapters.ssm.entry_settings import EntrySettings
from undertow.adapters.ssm.fields import Exact, above_zero, between, from_zero, one_of, whole, yes_no
from undertow.domain.ladder import StopAnchor
from undertow.domain.numbers import plain
from undertow.risk.limits import HARD_MAX_GROWTH, HARD_MAX_LAYERS, HARD_MAX_STOP_PCT
from undertow.risk.protection import AdaptiveDistances
from undertow.strategies.ladder.params import LayerTrigger, PercentileTrigger, Shape, VwapFilter

INTERVALS_S: Final = {"1m": 60, "3m": 180, "5m": 300, "15m": 900, "30m": 1_800, "1h": 3_600}
CASCADE_FORMULAS: Final = ("magnitude", "legacy", "off")
PROTECTIONS: Final = ("adaptive", "percent")

IntervalName = Literal["1m", "3m", "5m", "15m", "30m", "1h"]
CascadeFormulaName = Literal["magnitude", "legacy", "off"]
ProtectionName = Literal["adaptive", "percent"]

_TRIGGER: Final = PercentileTrigger()
_VWAP: Final = VwapFilter()
_SHAPE: Final = Shape()
_ADAPTIVE: Final = AdaptiveDistances()
_FARTHEST: Final = plain(HARD_MAX_STOP_PCT)


class LadderSettings(EntrySettings):
    """Settings of the ladder for one symbol: the base with the symbol's own settings laid over it."""

    # When it enters.
    percentile_threshold: Exact = between(
        _TRIGGER.percentile,
        "1",
        "100",
        "percentile",
        "Rank among earlier liquidations of the symbol and side that one must reach to open or add a layer.",
    )
    min_history: int = whole(
        _TRIGGER.min_history, 1, 10_000, "liquidations", "Earlier ones that a rank needs; with fewer nothing is opened."
    )
    cascade_formula: CascadeFormulaName = one_of(
        "magnitude",
        CASCADE_FORMULAS,
        "Which cascade score blocks: magnitude against what is usual, legacy as once published, off for none.",
    )
    vwap_filter: bool = yes_no(
        False, "Open longs only below the volume-weighted average price and shorts only above it."
    )
    vwap_minutes: int = whole(_VWAP.minutes, 5, 960, "min", "Length of that average.")
    vwap_buffer_pct: Exact = from_zero(
        _VWAP.buffer_pct, "10", "%", "How far beyond the average the price must be, against switching to and fro."
    )
    cooldown_sec: int = whole(60, 0, 86_400, "s", "Pause after an entry before the same symbol and side opens again.")

    # How much it opens, and where the layers lie.
    margin_pct: Exact = above_zero(
        _SHAPE.margin_pct, "100", "% of equity", "Share of the account that sizes are computed from."
    )
    layer1_size_pct: Exact = above_zero(
        _SHAPE.layer1_size_pct,
        "100",
        "% of that share",
        "Margin of layer 1; its notional is equity times margin_pct times this times leverage, over 10000.",
    )
    first_step_pct: Exact = above_zero(
        _SHAPE.first_step_pct, "20", "% of signal price", "Distance of layer 2; the others follow from it."
    )
    spacing_power: Exact = between(
        _SHAPE.spacing_power,
        "1",
        "3",
        "",
        "How distances grow: layer k stands first_step_pct times (k-1) to this away.",
    )
    size_growth: Exact = between(
        _SHAPE.growth, "1", plain(HARD_MAX_GROWTH), "times", "Size of a layer against the one before it."
    )
    max_layers: int = whole(
        _SHAPE.max_layers, 1, HARD_MAX_LAYERS, "layers", "Layers at most; what lies beyond the stop is left out."
    )
    atr_interval: IntervalName = one_of(
        "5m", tuple(INTERVALS_S), "Candles that the average true range (ATR) is measured over; without it no entry."
    )
    reference_atr_pct: Exact = between(
        _SHAPE.reference_atr_pct, "0.01", "20", "%", "ATR above which all distances widen in proportion."
    )
    max_upsize: Exact = between(
        _SHAPE.max_upsize,
        "1",
        "20",
        "times",
        "How much larger than wanted layer 1 may become to reach the venue's minimum; beyond it the entry is refused.",
    )
    min_gap_pct: Exact = from_zero(
        _SHAPE.min_gap_pct, "10", "% of signal price", "What must lie between the last layer and the stop."
    )
    liquidation_buffer_pct: Exact = between(
        _SHAPE.liquidation_buffer_pct,
        "1",
        "90",
        "% of the way from signal to liquidation",
        "What must lie between stop and liquidation price after each layer; layers, then growth are cut until it does.",
    )

    # How layers come and how an entry follows the price.
    layer_trigger: Annotated[LayerTrigger, Field(strict=False)] = one_of(
        LayerTrigger.LIQUIDATION_AND_PRICE,
        LayerTrigger,
        "What makes a layer due: a further qualifying liquidation at its price, the price alone, or the former alone.",
    )
    layer_delay_sec: int = whole(30, 0, 86_400, "s", "Least time between two layers of a position.")
    max_total_deviation_pct: Exact = above_zero(
        Decimal("0.5"), "10", "% of price", "How far from the liquidation's price, against us, layer 1 may be priced."
    )

    # How it is protected.
    protection: ProtectionName = one_of(
        "adaptive", PROTECTIONS, "Whether stop and target are multiples of the ATR or fixed percentages."
    )
    stop_anchor: Annotated[StopAnchor, Field(strict=False)] = one_of(
        StopAnchor.SIGNAL,
        StopAnchor,
        "signal freezes the stop price at the open; average moves it with the average entry, and reserves more for it.",
    )
    stop_loss_pct: Exact = above_zero(
        Decimal(2), _FARTHEST, "% of price", "Distance of the stop with protection percent. Price percent, not ROE."
    )
    take_profit_pct: Exact = above_zero(
        Decimal(1), _FARTHEST, "% of price", "Distance of the target with protection percent. Price percent, not ROE."
    )
    stop_loss_atr: Exact = between(_ADAPTIVE.stop_atr, "0.1", "20", "ATR", "Distance of an adaptive stop.")
    stop_loss_min_pct: Exact = above_zero(
        _ADAPTIVE.stop_min_pct, _FARTHEST, "% of price", "An adaptive stop is never nearer."
    )
    stop_loss_max_pct: Exact = above_zero(
        _ADAPTIVE.stop_max_pct, _FARTHEST, "% of price", "An adaptive stop is never farther."
    )
    take_profit_atr: Exact = between(_ADAPTIVE.target_atr, "0.1", "20", "ATR", "Distance of an adaptive target.")
    take_profit_min_pct: Exact = above_zero(
        _ADAPTIVE.target_min_pct, _FARTHEST, "% of price", "An adaptive target is never nearer."
    )
    take_profit_max_pct: Exact = above_zero(
        _ADAPTIVE.target_max_pct, _FARTHEST, "% of price", "An adaptive target is never farther."
    )
    min_reward_risk: Exact = from_zero(
        Decimal(0), "100", "", "What the target must promise for each unit the stop risks, net of fees; 0: anything."
    )
    trailing_stop: bool = yes_no(
        True, "Whether the stop goes to break-even and then follows the price. It only ever tightens."
    )
