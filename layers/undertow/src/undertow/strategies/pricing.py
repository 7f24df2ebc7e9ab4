"""The limit price of an entry, from the book."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from undertow.domain.instrument import Instrument
from undertow.domain.market import BestPrices, MarkPrice, Side
from undertow.domain.numbers import HUNDRED
from undertow.domain.order import TimeInForce
from undertow.risk.limits import MAX_SILENT_BOOK_MS

WIDE_SPREAD: Final = Decimal("0.002")
"""A spread above 0.2 % of the best price counts as wide: the entry then goes 20 % into it."""
INTO_WIDE_SPREAD: Final = Decimal("0.2")
IMPROVEMENT: Final = Decimal("0.0001")
"""In a narrow spread the entry improves the best price by 0.01 %, at least one tick."""


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """``offset_pct`` is the distance from the mark price, used only when the book cannot be read."""

    time_in_force: TimeInForce
    offset_pct: Decimal


def entry_price(
    side: Side, book: BestPrices | None, mark: MarkPrice | None, terms: PriceTerms, instrument: Instrument
) -> Decimal | None:
    """Limit price from the book, on the tick grid; None when there is nothing to price from.

    A wide spread is entered by a fifth; in a narrow one the best price is improved by 0.01 %, at least a tick. A
    post-only order stops a tick before the other side, any other order at it: paying more buys nothing.
    """
    if book is None or book.bid <= 0 or book.ask <= book.bid or _is_silent(book, mark):
        return _offset_price(side, mark, terms, instrument)
    own, other = (book.bid, book.ask) if side is Side.BUY else (book.ask, book.bid)
    if book.spread > own * WIDE_SPREAD:
        step = book.spread * INTO_WIDE_SPREAD
    else:
        step = max(instrument.tick_size, own * IMPROVEMENT)
    gap = instrument.tick_size if terms.time_in_force is TimeInForce.GTX else Decimal(0)
    price = min(own + step, other - gap) if side is Side.BUY else max(own - step, other + gap)
    return instrument.entry_price(price, side)


def _is_silent(book: BestPrices, mark: MarkPrice | None) -> bool:
    """Mark prices go on while the book has said nothing for long: its own stream may have died."""
    return mark is not None and mark.time_ms - book.time_ms > MAX_SILENT_BOOK_MS


def _offset_price(side: Side, mark: MarkPrice | None, terms: PriceTerms, instrument: Instrument) -> Decimal | None:
    if mark is None or mark.price <= 0:
        return None
    share = terms.offset_pct / HUNDRED
    price = mark.price * (1 - share) if side is Side.BUY else mark.price * (1 + share)
    return instrument.entry_price(price, side)
