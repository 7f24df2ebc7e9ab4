"""Trades split into what they open and what they close.

A trade of a one-way account may do both: it is split at zero. What it realised belongs to the closing part, its
commission to both by their quantities.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.fill import Fill
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide, Side
from undertow.domain.numbers import PLACES, ZERO

NetKey = tuple[Symbol, PositionSide | None]
"""A running net for each side of a hedged symbol, and one with a sign (side None) for its one-way trades."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A whole trade, or one of its two parts. ``trades`` is 1 for the first part and 0 for the second."""

    trade: Fill
    side: PositionSide
    opens: bool
    quantity: Decimal
    realized: Decimal
    commission: Decimal
    trades: int = 1

    @property
    def volume(self) -> Decimal:
        return self.trade.price * self.quantity


def union(imported: Iterable[Fill], booked: Iterable[Fill]) -> Sequence[Fill]:
    """Each trade once, by (symbol, trade id), oldest first. The venue's own history stands where both know one."""
    found = {(fill.symbol, fill.trade_id): fill for fill in booked}
    found.update({(fill.symbol, fill.trade_id): fill for fill in imported})
    return sorted(found.values(), key=lambda fill: (fill.time_ms, fill.symbol, fill.trade_id))


class Nets:
    """How much is open, as the trades seen so far tell. Trades are taken in the order of their time."""

    def __init__(self) -> None:
        self._held: dict[NetKey, Decimal] = {}

    def open(self, symbol: Symbol, side: PositionSide) -> Decimal:
        """Positive on both sides; zero when flat."""
        hedged = self._held.get((symbol, side), ZERO)
        one_way = self._held.get((symbol, None), ZERO) * side.sign
        return hedged + max(ZERO, one_way)

    def take(self, trade: Fill) -> tuple[Leg, ...]:
        if trade.position_side is not None:
            return (self._hedged(trade, trade.position_side),)
        return self._one_way(trade)

    def _hedged(self, trade: Fill, side: PositionSide) -> Leg:
        key = (trade.symbol, side)
        held = self._held.get(key, ZERO)
        opens = trade.side is side.entry_side
        # More may be closed than was seen to open: the history begins somewhere.
        self._held[key] = held + trade.quantity if opens else max(ZERO, held - trade.quantity)
        return Leg(trade, side, opens, trade.quantity, trade.realized_pnl, trade.commission)

    def _one_way(self, trade: Fill) -> tuple[Leg, ...]:
        key = (trade.symbol, None)
        held = self._held.get(key, ZERO)
        side = PositionSide.LONG if trade.side is Side.BUY else PositionSide.SHORT
        closing = min(trade.quantity, max(ZERO, -held * side.sign))
        if closing == 0 and trade.realized_pnl:
            # Only what closes realises: it closed what was opened before the history begins.
            return (Leg(trade, side.opposite, False, trade.quantity, trade.realized_pnl, trade.commission),)
        self._held[key] = held + trade.quantity * side.sign
        opening = trade.quantity - closing
        if not closing:
            return (Leg(trade, side, True, opening, ZERO, trade.commission),)
        fee = portion(trade.commission, closing, trade.quantity)
        closed = Leg(trade, side.opposite, False, closing, trade.realized_pnl, fee)
        if not opening:
            return (closed,)
        return closed, Leg(trade, side, True, opening, ZERO, trade.commission - fee, trades=0)


def portion(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """``amount`` times ``part / whole``, to 12 places, so that what is left is exact as well."""
    return amount if part == whole else (amount * part / whole).quantize(PLACES)
