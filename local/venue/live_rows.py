"""From a live venue's public answers to what our venue opens with.

A symbol whose row cannot be read is left out.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar

from local.venue.funding import CAP, FLOOR, INTEREST
from local.venue.listings import leverage_brackets
from local.venue.live import Listed
from local.venue.ports import Day, Funding, Quote

from undertow.adapters.aster import parse, strict
from undertow.adapters.aster.connection import AsterConnection
from undertow.adapters.aster.market_data import AsterMarketData
from undertow.adapters.aster.strict import BadFrame
from undertow.adapters.paper.contract import Contract
from undertow.domain.ids import Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import BestPrices, MarkPrice
from undertow.domain.numbers import ZERO

logger = logging.getLogger(__name__)

_INTERVAL_HOURS: Final = 8
T = TypeVar("T")


def fetch_listed(connection: AsterConnection) -> list[Listed]:
    """Every perpetual that has a book and a mark price, and our clock set to the venue's.

    The brackets are an account's own, so a public connection is not told: they are those of the simulator. Raises the
    errors of ``adapters.aster.errors``, VenueReadFailed and the like, and BadFrame.
    """
    connection.sync_clock()
    instruments = AsterMarketData(connection).fetch_instruments()
    books = fetch_books(connection)
    rest = connection.rest.market
    marks = _by_symbol(rest.premium_index(), parse.mark_price)
    lasts = _by_symbol(rest.ticker_price(), lambda row: strict.positive(row, "price"))
    days, fundings = fetch_days(connection), _by_symbol(rest.funding_info(), _funding_rules)
    listed = []
    for instrument in instruments:
        symbol = instrument.symbol
        if symbol in books and symbol in marks:
            quote = _quote(books[symbol], marks[symbol], lasts.get(symbol))
            funding = _funding(marks[symbol], fundings.get(symbol))
            day = days.get(symbol) or _flat_day(quote)
            listed.append(Listed(_contract(instrument), quote, funding, day))
    return listed


def fetch_books(connection: AsterConnection) -> Mapping[Symbol, BestPrices]:
    """Best prices of every symbol. Raises AsterError."""
    return _by_symbol(connection.rest.market.ticker_book(), parse.best_prices)


def fetch_days(connection: AsterConnection) -> Mapping[Symbol, Day]:
    """Raises AsterError."""
    return _by_symbol(connection.rest.market.ticker_24hr(), _day)


def _by_symbol(rows: Iterable[Any], read: Callable[[Any], T]) -> dict[Symbol, T]:
    found: dict[Symbol, T] = {}
    for row in rows:
        try:
            found[strict.symbol(row, "symbol")] = read(row)
        except BadFrame as error:
            # Symbols without a book or a price are listed all the time; the others must not suffer from them.
            logger.info("row_left_out: %s", error)
    return found


def _contract(instrument: Instrument) -> Contract:
    return Contract(instrument, leverage_brackets(instrument.base_asset))


def _quote(book: BestPrices, mark: MarkPrice, last: Decimal | None) -> Quote:
    traded = min(max(last or mark.price, book.bid), book.ask)
    return Quote(
        book.bid,
        book.bid_quantity,
        book.ask,
        book.ask_quantity,
        traded,
        mark.price,
        mark.index or mark.price,
        book.time_ms,
    )


def _funding_rules(row: Any) -> Funding:
    """A row of ``fundingInfo``: cap and floor are numbers there. Rate and time come from the mark price."""
    return Funding(
        rate=ZERO,
        next_time_ms=0,
        interval_hours=strict.integer(row, "fundingIntervalHours"),
        interest_rate=strict.decimal(row, "interestRate"),
        cap=strict.number(row, "fundingFeeCap"),
        floor=strict.number(row, "fundingFeeFloor"),
    )


def _funding(mark: MarkPrice, rules: Funding | None) -> Funding:
    known = rules or Funding(ZERO, 0, _INTERVAL_HOURS, INTEREST, CAP, FLOOR)
    return Funding(
        mark.funding_rate or ZERO,
        mark.next_funding_time_ms or 0,
        known.interval_hours,
        known.interest_rate,
        known.cap,
        known.floor,
    )


def _day(row: Any) -> Day:
    return Day(
        open=strict.positive(row, "openPrice"),
        high=strict.positive(row, "highPrice"),
        low=strict.positive(row, "lowPrice"),
        last=strict.positive(row, "lastPrice"),
        last_quantity=strict.not_negative(row, "lastQty"),
        volume=strict.not_negative(row, "volume"),
        quote_volume=strict.not_negative(row, "quoteVolume"),
        open_time_ms=strict.time_ms(row, "openTime"),
        close_time_ms=strict.time_ms(row, "closeTime"),
        first_id=strict.integer(row, "firstId"),
        last_id=strict.integer(row, "lastId"),
        trades=strict.integer(row, "count"),
    )


def _flat_day(quote: Quote) -> Day:
    """Of a symbol that has not traded for a day."""
    last, at_ms = quote.last, quote.time_ms
    return Day(last, last, last, last, ZERO, ZERO, ZERO, at_ms, at_ms, 0, 0, 0)
