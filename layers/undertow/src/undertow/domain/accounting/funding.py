"""Funding payments, each given once to the sides that were open when it was paid."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from undertow.domain.accounting.legs import portion
from undertow.domain.income import Income
from undertow.domain.market import PositionSide

Shares = Mapping[PositionSide | None, Decimal]
LONG, SHORT = PositionSide.LONG, PositionSide.SHORT


def allocated(rows: Sequence[Income], long: Decimal, short: Decimal) -> Sequence[Shares]:
    """For each of the ``rows`` of one symbol and moment, what of it is each side's; the parts add up to the row.

    ``long`` and ``short`` are the quantities open then. The venue pays each position apart, and of a hedged pair one
    side pays what the other receives in proportion to its size: so of two rows the larger is the larger side's. What
    cannot be told so is divided by size, and what nothing was open for is nobody's (None).
    """
    if long == 0 and short == 0:
        return [{None: row.amount} for row in rows]
    if short == 0:
        return [{LONG: row.amount} for row in rows]
    if long == 0:
        return [{SHORT: row.amount} for row in rows]
    if len(rows) == 2 and long != short and rows[0].amount * rows[1].amount < 0:
        larger, smaller = (LONG, SHORT) if long > short else (SHORT, LONG)
        first_is_larger = abs(rows[0].amount) >= abs(rows[1].amount)
        sides = (larger, smaller) if first_is_larger else (smaller, larger)
        return [{side: row.amount} for side, row in zip(sides, rows, strict=True)]
    return [_by_size(row.amount, long, short) for row in rows]


def _by_size(amount: Decimal, long: Decimal, short: Decimal) -> Shares:
    of_long = portion(amount, long, long + short)
    return {LONG: of_long, SHORT: amount - of_long}
