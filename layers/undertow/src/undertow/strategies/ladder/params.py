"""Settings of a ladder for one symbol. Percentages are whole numbers (2 means 2 %)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from undertow.domain.account import MarginType
from undertow.domain.conditions import CascadeFormula
from undertow.domain.ladder import StopAnchor
from undertow.domain.order import TimeInForce
from undertow.risk.limits import SymbolLimits
from undertow.risk.protection import ProtectionParams
from undertow.strategies.signal import Direction, OppositePolicy, TradeSide


class LayerTrigger(StrEnum):
    """What makes a layer due: another qualifying liquidation, the price at its level, or both together."""

    LIQUIDATION_AND_PRICE = "liquidation_and_price"
    PRICE = "price"
    LIQUIDATION = "liquidation"


@dataclass(frozen=True, slots=True)
class PercentileTrigger:
    """A liquidation qualifies when it ranks at least at ``percentile`` among at least ``min_history`` earlier ones."""

    percentile: Decimal = Decimal(50)
    min_history: int = 200


@dataclass(frozen=True, slots=True)
class VwapFilter:
    """Long only below the VWAP of ``minutes``, short only above, by at least ``buffer_pct``."""

    minutes: int = 240
    buffer_pct: Decimal = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes and distances of the layers.

    Layer 1 has a notional of base * ``margin_pct`` * ``layer1_size_pct`` * leverage / 10,000 and stands at the signal;
    layer k stands ``first_step_pct`` * (k-1)^``spacing_power`` away, widened by ATR / ``reference_atr_pct`` where that
    is above 1, and is ``growth`` times the layer before.
    """

    margin_pct: Decimal = Decimal(10)
    layer1_size_pct: Decimal = Decimal("0.1")
    first_step_pct: Decimal = Decimal("0.4")
    spacing_power: Decimal = Decimal("1.2")
    growth: Decimal = Decimal("1.8")
    max_layers: int = 5
    reference_atr_pct: Decimal = Decimal(1)
    max_upsize: Decimal = Decimal(2)
    """How many times larger than wanted layer 1 may become to meet the venue's minimum."""
    min_gap_pct: Decimal = Decimal("0.1")
    """What must lie between the last level and the stop."""
    liquidation_buffer_pct: Decimal = Decimal(20)
    """What must lie between stop and liquidation price, in percent of the distance from signal to liquidation."""


@dataclass(frozen=True, slots=True)
class LadderParams:
    enabled: bool
    simulate: bool
    trigger: PercentileTrigger
    cascade_formula: CascadeFormula | None
    """By which formula a cascade blocks; None: cascades block nothing."""
    vwap: VwapFilter | None
    atr_interval_s: int
    cooldown_s: int
    layer_delay_s: int
    direction: Direction
    trade_side: TradeSide
    opposite: OppositePolicy
    leverage: int
    margin_type: MarginType
    shape: Shape
    layer_trigger: LayerTrigger
    anchor: StopAnchor
    max_total_deviation_pct: Decimal
    """How far from the liquidation's price, against us, layer 1 may be priced."""
    time_in_force: TimeInForce
    price_offset_pct: Decimal
    order_ttl_s: int
    limits: SymbolLimits
    protection: ProtectionParams
