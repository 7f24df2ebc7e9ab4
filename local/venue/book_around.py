"""The book that a quote shows: levels behind its best prices, the same for every market here."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import islice

from local.venue.ports import Quote

from undertow.adapters.paper.depth import Level, levels
from undertow.domain.market import Side


def book_around(quote: Quote, tick_size: Decimal, limit: int) -> tuple[Sequence[Level], Sequence[Level]]:
    """Bids and asks of ``limit`` levels each, the best first."""
    bids = levels(Side.BUY, quote.bid, quote.bid_quantity, tick_size)
    asks = levels(Side.SELL, quote.ask, quote.ask_quantity, tick_size)
    return list(islice(bids, limit)), list(islice(asks, limit))
