"""What it means to put a position's stop where a person wants it: whether it may go there, and what that adds."""

from dataclasses import dataclass, replace
from decimal import Decimal

from undertow.domain.instrument import Instrument
from undertow.domain.ladder import Ladder
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO, plain
from undertow.domain.position import Position
from undertow.risk.approval import Refusal
from undertow.risk.limits import RiskLimits
from undertow.risk.protection import ProtectionParams, tighter, wanted_stop
from undertow.risk.trailing import break_even


@dataclass(frozen=True, slots=True)
class MovedStop:
    """From ``before``, where the stop belongs now, to ``price``; both quote units, on the tick grid.

    ``added_loss`` is what the position loses more at the new stop than at the old one, quote units before fees;
    negative when it loses less.
    """

    before: Decimal
    price: Decimal
    added_loss: Decimal

    @property
    def loosens(self) -> bool:
        return self.added_loss > 0


@dataclass(frozen=True, slots=True)
class StopQuestion:
    """What a move is judged by. ``mark`` is the mark price now."""

    position: Position
    ladder: Ladder | None
    params: ProtectionParams
    instrument: Instrument
    mark: Decimal


def moved_to(asked: Decimal, question: StopQuestion) -> MovedStop | Refusal:
    """The stop at ``asked``, rounded towards the price so that rounding never adds risk.

    Refused where it would close the position at once, and where it would be looser than the strategy's own stop: the
    risk that the book holds in reserve was computed with that one.
    """
    position, side = question.position, question.position.side
    price = _inwards(asked, side, question.instrument)
    if price <= 0 or side.sign * (question.mark - price) <= 0:
        return Refusal(
            "beyond_price",
            f"a stop at {plain(price)} would close the position at once: the mark price is {plain(question.mark)}",
        )
    loosest = wanted_stop(replace(position, trailed_stop=None), question.ladder, question.params, question.instrument)
    if tighter(side, price, loosest) != price:
        return Refusal(
            "beyond_reserve",
            f"the stop may be at {plain(loosest)} at the loosest: no more risk than that is held in reserve",
        )
    before = wanted_stop(position, question.ladder, question.params, question.instrument)
    moved = MovedStop(before, price, side.sign * (before - price) * position.quantity)
    if moved.loosens and question.params.trailing is not None and position.best_price is not None:
        return Refusal("trailing", f"the strategy trails the stop and would put it back to {plain(before)}")
    return moved


def moved_to_break_even(question: StopQuestion, limits: RiskLimits) -> MovedStop | Refusal:
    """The stop where the exit pays the fees of both ends. It never loosens."""
    moved = moved_to(break_even(question.position, limits, question.instrument), question)
    if isinstance(moved, Refusal):
        return moved
    if moved.added_loss >= ZERO:
        return Refusal("nothing_to_change", f"the stop is at {plain(moved.before)} already, which is no worse")
    return moved


def _inwards(price: Decimal, side: PositionSide, instrument: Instrument) -> Decimal:
    return instrument.price_above(price) if side is PositionSide.LONG else instrument.price_below(price)
