"""Which way the book and the funding lean. Recorded with each decision; nothing is refused for it."""

from decimal import Decimal
from typing import Final

from undertow.domain.conditions import Bias
from undertow.domain.market import BestPrices
from undertow.domain.numbers import ONE

BOOK_WEIGHT: Final = Decimal("0.6")
FUNDING_WEIGHT: Final = Decimal("0.4")
FULL_FUNDING: Final = Decimal("0.0005")
"""A rate of 0.05 % per interval, five times the usual base rate, counts as a full lean."""
_PLACES: Final = Decimal("0.000001")


def bias_of(book: BestPrices | None, funding_rate: Decimal | None) -> Bias | None:
    """Depth at the best prices, from -1 (only asks) to 1 (only bids), and funding, from -1 to 1.

    Funding leans against whoever pays it: where longs pay, holding a long costs money, and the price is above the
    index. None without any of the two; ``combined`` is 60 % depth and 40 % funding, and needs both.
    """
    depth = None if book is None else _depth(book)
    funding = None if funding_rate is None else _share(-funding_rate / FULL_FUNDING)
    if depth is None and funding is None:
        return None
    both = None if depth is None or funding is None else _share(BOOK_WEIGHT * depth + FUNDING_WEIGHT * funding)
    return Bias(depth, funding, both)


def _depth(book: BestPrices) -> Decimal | None:
    total = book.bid_quantity + book.ask_quantity
    return _share((book.bid_quantity - book.ask_quantity) / total) if total > 0 else None


def _share(value: Decimal) -> Decimal:
    return max(-ONE, min(ONE, value)).quantize(_PLACES)
