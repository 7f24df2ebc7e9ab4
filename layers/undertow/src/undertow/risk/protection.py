"""Which stop and which target a position must have: one of each, for the whole position."""

from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.ids import client_order_id
from undertow.domain.instrument import Instrument
from undertow.domain.ladder import Ladder, StopAnchor
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


def wanted_stop(position: Position, ladder: Ladder | None, params: ProtectionParams, instrument: Instrument) -> Decimal:
    """Where the stop of ``position`` belongs now.

    A ladder's stop is the price that was frozen when it opened, or with the AVERAGE anchor the plan's distance from the
    average entry; without a ladder it is the parameters' distance. It is never looser than ``trailed_stop``.
    """
    if ladder is None:
        untrailed = stop_price(position, params, instrument)
    elif ladder.plan.anchor is StopAnchor.SIGNAL:
        untrailed = on_the_loss_side(ladder.plan.stop_price, position.side, instrument)
    else:
        untrailed = _stop_at(position, ladder.plan.stop_loss_pct, instrument)
    if position.trailed_stop is None:
        return untrailed
    return tighter(position.side, untrailed, on_the_loss_side(position.trailed_stop, position.side, instrument))


def wanted_target(
    position: Position, ladder: Ladder | None, params: ProtectionParams, instrument: Instrument
) -> Decimal:
    """Where the target belongs now: always from the average entry, at the plan's distance where there is a plan."""
    if ladder is None:
        return target_price(position, params, instrument)
    return _target_at(position, ladder.plan.take_profit_pct, instrument)


def stop_price(position: Position, params: ProtectionParams, instrument: Instrument) -> Decimal:
    """Rounded away from the market: the loss side may be a tick wider, never inside the spread by rounding."""
    return _stop_at(position, params.stop_loss_pct, instrument)


def target_price(position: Position, params: ProtectionParams, instrument: Instrument) -> Decimal:
    """Rounded in the position's favour: a long's target up, a short's down."""
    return _target_at(position, params.take_profit_pct, instrument)


def tighter(side: PositionSide, one: Decimal, other: Decimal) -> Decimal:
    """Of two stops the one that loses less."""
    return max(one, other) if side is PositionSide.LONG else min(one, other)


def on_the_loss_side(trigger: Decimal, side: PositionSide, instrument: Instrument) -> Decimal:
    """``trigger`` on the tick grid, a long's rounded down and a short's up, within what the venue admits."""
    long = side is PositionSide.LONG
    return _admissible(instrument.price_below(trigger) if long else instrument.price_above(trigger), instrument)


def _stop_at(position: Position, percent: Decimal, instrument: Instrument) -> Decimal:
    away = 1 - position.side.sign * percent / HUNDRED
    return on_the_loss_side(position.entry_price * away, position.side, instrument)


def _target_at(position: Position, percent: Decimal, instrument: Instrument) -> Decimal:
    away = 1 + position.side.sign * percent / HUNDRED
    return on_the_loss_side(position.entry_price * away, position.side.opposite, instrument)


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
