"""The DCA ladder: one immutable schedule per position, and how far it has come.

A ladder reserves the risk of all its layers when its first layer is claimed; the layers then draw on that reserve.
Layers are numbered from 1. Prices are quote units, quantities base units, risks quote units.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from undertow.domain.ids import ClientOrderId, LadderId, StrategyId
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO, counted
from undertow.domain.order import Order, OrderState


class StopAnchor(StrEnum):
    """SIGNAL: the stop price is frozen when the ladder opens (reading B). AVERAGE: it follows the average entry (A)."""

    SIGNAL = "signal"
    AVERAGE = "average"


class LayerState(StrEnum):
    """PLANNED -> RESERVED -> SENT -> PARTIALLY_FILLED -> FILLED | CANCELLED; an unfilled end leads back to PLANNED."""

    PLANNED = "planned"
    RESERVED = "reserved"
    SENT = "sent"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class PlannedLayer:
    """``price`` is the worst price at which the layer may fill: for a long it never buys above it.

    ``risk`` is what the whole layer loses at the stop when it fills there, fees and slippage included.
    """

    number: int
    price: Decimal
    quantity: Decimal
    risk: Decimal

    @property
    def notional(self) -> Decimal:
        return self.price * self.quantity


@dataclass(frozen=True, slots=True)
class LadderPlan:
    """The schedule as it was decided. Nothing in it ever changes.

    ``signal_price`` is the price that deviations are measured from, ``stop_price`` the frozen stop (with the AVERAGE
    anchor: the stop after layer 1). Percentages are of a price, 2 meaning 2 %. ``sizing_base`` is the equity that the
    sizes were computed from. ``growth`` is after reduction, ``wanted_layers`` before trimming.
    """

    id: LadderId
    strategy: StrategyId
    side: PositionSide
    created_at_ms: int
    signal_price: Decimal
    stop_price: Decimal
    stop_loss_pct: Decimal
    take_profit_pct: Decimal
    anchor: StopAnchor
    atr_pct: Decimal | None
    growth: Decimal
    wanted_growth: Decimal
    wanted_layers: int
    sizing_base: Decimal
    leverage: int
    params_version: str
    layers: tuple[PlannedLayer, ...]

    @property
    def reserve(self) -> Decimal:
        """The risk of all layers: an upper bound of the loss at the stop, whichever of them fill."""
        return sum((layer.risk for layer in self.layers), ZERO)

    def layer(self, number: int) -> PlannedLayer:
        return self.layers[number - 1]


@dataclass(frozen=True, slots=True)
class Ladder:
    """A plan and its progress, kept in the slot of its position.

    ``orders`` holds the last order of each layer that was ever claimed, ``filled`` the booked quantity by layer.
    A layer whose order ended without a fill is free again: it is in neither. ``frozen_at_ms`` is when the layers that
    were not claimed by then were given up; None while they may still be claimed. ``held_at_ms`` is since when a person
    lets no layer be added: what the free layers hold in reserve is kept, so that they may be let go on.
    """

    plan: LadderPlan
    orders: Mapping[int, ClientOrderId] = field(default_factory=dict)
    filled: Mapping[int, Decimal] = field(default_factory=dict)
    last_layer_at_ms: int = 0
    frozen_at_ms: int | None = None
    held_at_ms: int | None = None

    @property
    def adds_nothing(self) -> bool:
        """No layer is claimed now, and none that waits at the venue may stay there."""
        return self.frozen_at_ms is not None or self.held_at_ms is not None

    @property
    def next_layer(self) -> PlannedLayer | None:
        """The first layer that is free to be claimed; None when all are used, or none is to be added."""
        if self.adds_nothing:
            return None
        return next((layer for layer in self.plan.layers if layer.number not in self.orders), None)

    @property
    def unclaimed_risk(self) -> Decimal:
        """What the free layers still hold in reserve, quote units. Each layer counts for what its entry will count for.

        Thus a layer that draws on the reserve leaves the totals as they are, to the digit.
        """
        if self.frozen_at_ms is not None:
            return ZERO
        return sum((counted(layer.risk) for layer in self.plan.layers if layer.number not in self.orders), ZERO)

    def claimed(self, layer: int, order: ClientOrderId, now_ms: int) -> "Ladder":
        """Raises ValueError unless ``layer`` is the next one."""
        following = self.next_layer
        if following is None or following.number != layer:
            raise ValueError(f"layer {layer} of ladder {self.plan.id} cannot be claimed")
        return replace(self, orders={**self.orders, layer: order}, last_layer_at_ms=now_ms)

    def filled_by(self, layer: int, order: ClientOrderId, quantity: Decimal) -> "Ladder":
        """A fill of ``order`` was booked. A late one takes up again the layer that its order had left free."""
        return replace(
            self,
            orders={layer: order, **self.orders},
            filled={**self.filled, layer: self.filled.get(layer, ZERO) + quantity},
        )

    def ended_unfilled(self, layer: int, order: ClientOrderId) -> "Ladder":
        """The layer's order ended and nothing of it filled: the layer is free again."""
        if self.orders.get(layer) != order or layer in self.filled:
            return self
        return replace(self, orders={number: one for number, one in self.orders.items() if number != layer})

    def frozen(self, now_ms: int) -> "Ladder":
        """No more layers. Those under way may still fill."""
        return self if self.frozen_at_ms is not None else replace(self, frozen_at_ms=now_ms)

    def held(self, now_ms: int) -> "Ladder":
        """No layers until a person lets them go on. Those under way may still fill."""
        return self if self.held_at_ms is not None else replace(self, held_at_ms=now_ms)

    def let_go(self) -> "Ladder":
        return self if self.held_at_ms is None else replace(self, held_at_ms=None)

    def state_of(self, number: int, order: Order | None) -> LayerState:
        """``order`` is the layer's last order, if it has one."""
        if number not in self.orders:
            return LayerState.PLANNED if self.frozen_at_ms is None else LayerState.CANCELLED
        if order is not None and not order.state.is_final:
            waiting = order.state in (OrderState.IN_FLIGHT, OrderState.UNCONFIRMED, OrderState.LOST)
            if self.filled.get(number, ZERO) > 0:
                return LayerState.PARTIALLY_FILLED
            return LayerState.RESERVED if waiting else LayerState.SENT
        return LayerState.FILLED if self.filled.get(number, ZERO) > 0 else LayerState.CANCELLED
