"""Live public data of one symbol, for pages that compute on it. What cannot be read raises, and is never made up."""

from collections.abc import Sequence
from dataclasses import dataclass

from undertow.domain.ids import Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import BestPrices, Candle, MarkPrice, Venue
from undertow.services.views.sources import Sources


class NoInstrument(Exception):
    """The venue's trading rules of a symbol are not known, so nothing can be computed for it."""


@dataclass(frozen=True, slots=True)
class Market:
    """``book`` and ``mark`` are as the venue answered just now."""

    instrument: Instrument
    book: BestPrices
    mark: MarkPrice


def read_market(sources: Sources, venue: Venue, symbol: Symbol) -> Market:
    """Raises NoInstrument, VenueReadFailed and VenueUnreachable."""
    instrument = sources.kept.instruments.get(venue, symbol)
    if instrument is None:
        raise NoInstrument(f"the trading rules of {symbol} are not known: is it a symbol of {venue.value}?")
    data = sources.marks.venues.market_data(venue)
    return Market(instrument, data.fetch_best_prices(symbol), data.fetch_mark_price(symbol))


def read_candles(sources: Sources, venue: Venue, symbol: Symbol, interval_s: int, limit: int) -> Sequence[Candle]:
    """Oldest first; the last one may still be open. Raises VenueReadFailed and VenueUnreachable."""
    return sources.marks.venues.market_data(venue).fetch_candles(symbol, interval_s, limit)
