"""Public data of Aster as the services see it."""

import logging
from collections.abc import Sequence
from typing import Any

from undertow.adapters.aster import parse, strict
from undertow.adapters.aster.budget import parse_rate_limits
from undertow.adapters.aster.calls import read
from undertow.adapters.aster.connection import AsterConnection
from undertow.adapters.aster.errors import UNKNOWN_PATH, OutcomeUnknown, Refused
from undertow.adapters.aster.intervals import INTERVALS
from undertow.adapters.aster.strict import BadFrame
from undertow.domain.ids import Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import BestPrices, Candle, MarkPrice, OpenInterest

logger = logging.getLogger(__name__)


class AsterMarketData:
    """Implements ``ports.MarketData``."""

    def __init__(self, connection: AsterConnection) -> None:
        self._connection = connection
        self._rest = connection.rest

    def fetch_instruments(self) -> Sequence[Instrument]:
        """All perpetuals, and the rate limits on the way. A row that cannot be read leaves out its symbol only."""

        def ask() -> list[Instrument]:
            info = self._rest.market.exchange_info()
            self._connection.budget.learn(parse_rate_limits(strict.rows(info, "rateLimits")))
            now_ms = self._connection.time.local_ms()
            rows = [row for row in strict.rows(info, "symbols") if _is_perpetual(row)]
            parsed = [_instrument_or_none(row, now_ms) for row in rows]
            return [instrument for instrument in parsed if instrument is not None]

        return read(self._connection, ask)

    def fetch_best_prices(self, symbol: Symbol) -> BestPrices:
        return read(self._connection, lambda: parse.best_prices(_only(self._rest.market.ticker_book(symbol), symbol)))

    def fetch_mark_price(self, symbol: Symbol) -> MarkPrice:
        return read(self._connection, lambda: parse.mark_price(_only(self._rest.market.premium_index(symbol), symbol)))

    def fetch_candles(
        self, symbol: Symbol, interval_s: int, limit: int, until_ms: int | None = None
    ) -> Sequence[Candle]:
        """The latest ``limit`` candles, up to ``until_ms``, oldest first; the last one may still be open."""
        name = INTERVALS[interval_s]

        def ask() -> Sequence[Candle]:
            rows = self._rest.market.klines(symbol, name, endTime=until_ms, limit=limit)
            return parse.candles(rows, interval_s)

        return read(self._connection, ask)

    def fetch_open_interest(self, symbol: Symbol) -> OpenInterest | None:
        """None where the venue says that it has no such thing: a 404, an unknown path, or a page and no answer."""

        def ask() -> OpenInterest | None:
            try:
                answer = self._rest.market.open_interest(symbol)
            except (Refused, OutcomeUnknown) as no:
                if _has_no_such_path(no):
                    return None
                raise
            return parse.open_interest(answer, symbol)

        return read(self._connection, ask)


def _has_no_such_path(no: Refused | OutcomeUnknown) -> bool:
    """A page that is not JSON with a status of success comes from a site's front door, where no API answered."""
    return (
        no.code == UNKNOWN_PATH or no.http_status == 404 or (isinstance(no, OutcomeUnknown) and no.http_status == 200)
    )


def _is_perpetual(row: Any) -> bool:
    """Some live rows have no base asset and are no instruments."""
    return isinstance(row, dict) and row.get("contractType") == "PERPETUAL" and "baseAsset" in row


def _instrument_or_none(row: Any, now_ms: int) -> Instrument | None:
    try:
        return parse.instrument(row, now_ms)
    except BadFrame as error:
        # Without an instrument nothing trades the symbol: one odd listing must not stop all others.
        logger.warning("instrument_left_out", extra={"symbol": str(row.get("symbol"))[:40], "cause": str(error)})
        return None


def _only(rows: list[Any], symbol: Symbol) -> Any:
    if len(rows) != 1 or strict.symbol(rows[0], "symbol") != symbol:
        raise BadFrame("is not the one symbol that was asked for", "symbol", symbol)
    return rows[0]
