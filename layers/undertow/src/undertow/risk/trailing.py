"""A stop that follows a winning position. It only ever tightens."""

from dataclasses import replace
from decimal import Decimal

from undertow.domain.instrument import Instrument
from undertow.domain.market import PositionSide
from undertow.domain.numbers import HUNDRED
from undertow.domain.position import Position
from undertow.risk.limits import RiskLimits
from undertow.risk.protection import Trailing, on_the_loss_side, tighter


def trailed(
    position: Position,
    mark: Decimal,
    target_price: Decimal | None,
    trailing: Trailing,
    limits: RiskLimits,
    instrument: Instrument,
) -> Position:
    """``position`` with the stop that it has earned at ``mark``; the same position when it has earned nothing new.

    Trailing begins when the mark price has gone ``break_even_at_pct`` of the way to the target, and from then on
    ``best_price`` is kept. A stop is never put where the mark price has been passed: it would close at once, and
    what stands at the venue already would have triggered before.
    """
    sign = position.side.sign
    begun = position.best_price is not None
    if not begun and not _far_enough(position, mark, target_price, trailing):
        return position
    best = tighter(position.side, position.best_price if position.best_price is not None else mark, mark)
    behind = on_the_loss_side(best * (1 - sign * trailing.distance_pct / HUNDRED), position.side, instrument)
    stop = position.trailed_stop
    for earned in (break_even(position, limits, instrument), behind):
        if sign * (mark - earned) > 0:
            stop = earned if stop is None else tighter(position.side, stop, earned)
    return replace(position, best_price=best, trailed_stop=stop)


def break_even(position: Position, limits: RiskLimits, instrument: Instrument) -> Decimal:
    """Where the exit pays the taker fees of both ends, on the tick that is no worse. Slippage comes on top."""
    fee = position.side.sign * limits.taker_fee_pct / HUNDRED
    price = position.entry_price * (1 + fee) / (1 - fee)
    long = position.side is PositionSide.LONG
    return instrument.price_above(price) if long else instrument.price_below(price)


def _far_enough(position: Position, mark: Decimal, target_price: Decimal | None, trailing: Trailing) -> bool:
    if target_price is None:
        return False
    sign = position.side.sign
    way = sign * (target_price - position.entry_price)
    return way > 0 and sign * (mark - position.entry_price) * HUNDRED >= way * trailing.break_even_at_pct
