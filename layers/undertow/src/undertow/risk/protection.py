"""Which stop and which target a position must have. One of each, for the whole position, from its average entry."""

from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.ids import client_order_id
from undertow.domain.instrument import Instrument
from undertow.domain.market import PositionSide
from undertow.domain.numbers import HUNDRED, ZERO, plain
from undertow.domain.order import OrderIntent, OrderType, Purpose, WorkingType
from undertow.domain.position import Position


@dataclass(frozen=True, slots=True)
class AdaptiveDistances:
    """Distances as multiples of the ATR, each clamped to its bounds in percent."""

    stop_atr: Decimal = Decimal(2)
    stop_min_pct: Decimal = Decimal(1)
    stop_max_pct: Decimal = Decimal(5)
    target_atr: Decimal = Decimal("1.5")
    target_min_pct: Decimal = Decimal("0.5")
    target_max_pct: Decimal = Decimal(5)
    interval_s: int = 300
    """Of the candles that the ATR is measured over."""


@dataclass(frozen=True, slots=True)
class Trailing:
    """At ``break_even_at_pct`` of the way to the target the stop goes to entry plus fees; then it follows the best mark
    price at ``distance_pct``. It only ever tightens."""

    break_even_at_pct: Decimal = Decimal(50)
    distance_pct: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class ProtectionParams:
    """Distances in percent of the average entry price (2 means 2 %).

    With ``adaptive`` the percentages follow from the ATR at the entry and are frozen with the ladder's plan; the fixed
    ones serve where there is no plan. ``min_reward_risk`` is what target and stop must promise net of fees (0: any).
    """

    stop_loss_pct: Decimal
    take_profit_pct: Decimal
    working_type: WorkingType
    price_protect: bool
    adaptive: AdaptiveDistances | None = None
    trailing: Trailing | None = None
    min_reward_risk: Decimal = ZERO


def stop_price(position: Position, params: ProtectionParams, instrument: Instrument) -> Decimal:
    """Rounded away from the market: the loss side may be a tick wider, never inside the spread by rounding."""
    share = params.stop_loss_pct / HUNDRED
    if position.side is PositionSide.LONG:
        return _admissible(instrument.price_below(position.entry_price * (1 - share)), instrument)
    return _admissible(instrument.price_above(position.entry_price * (1 + share)), instrument)


def target_price(position: Position, params: ProtectionParams, instrument: Instrument) -> Decimal:
    """Rounded in the position's favour: a long's target up, a short's down."""
    share = params.take_profit_pct / HUNDRED
    if position.side is PositionSide.LONG:
        return _admissible(instrument.price_above(position.entry_price * (1 + share)), instrument)
    return _admissible(instrument.price_below(position.entry_price * (1 - share)), instrument)


def _admissible(trigger: Decimal, instrument: Instrument) -> Decimal:
    """The nearest trigger that PRICE_FILTER admits: a stop at the venue's bound protects, a rejected one does not."""
    lowest = instrument.min_price or instrument.tick_size
    highest = instrument.price_below(instrument.max_price) if instrument.max_price else trigger
    return max(lowest, min(trigger, highest))


def stop_intent(position: Position, trigger: Decimal, params: ProtectionParams, attempt: int) -> OrderIntent:
    """Closes the whole side at the venue, whatever its size is by then, so that it survives partial fills."""
    return _protective(position, Purpose.STOP_LOSS, OrderType.STOP_MARKET, trigger, params, attempt)


def target_intent(position: Position, trigger: Decimal, params: ProtectionParams, attempt: int) -> OrderIntent:
    return _protective(position, Purpose.TAKE_PROFIT, OrderType.TAKE_PROFIT_MARKET, trigger, params, attempt)


def _protective(
    position: Position,
    purpose: Purpose,
    kind: OrderType,
    trigger: Decimal,
    params: ProtectionParams,
    attempt: int,
) -> OrderIntent:
    return OrderIntent(
        # The id follows from what is wanted: protecting twice in the same situation asks for the same order.
        client_order_id=client_order_id(purpose.letter, position.account, position.id, plain(trigger), attempt),
        account=position.account,
        symbol=position.symbol,
        position_side=position.side,
        purpose=purpose,
        type=kind,
        quantity=None,
        strategy=position.strategy,
        position_id=position.id,
        stop_price=trigger,
        working_type=params.working_type,
        price_protect=params.price_protect,
        close_position=True,
        leverage=position.leverage,
    )
