"""Public market data. Times are epoch milliseconds."""

from undertow.adapters.aster.rest import endpoints
from undertow.adapters.aster.rest.wire import JsonArray, JsonObject, Wire


class MarketApi:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def ping(self) -> JsonObject:
        return self._wire.object(endpoints.PING, {})

    def time(self) -> JsonObject:
        return self._wire.object(endpoints.TIME, {})

    def exchange_info(self) -> JsonObject:
        return self._wire.object(endpoints.EXCHANGE_INFO, {})

    def depth(self, symbol: str, limit: int | None = None) -> JsonObject:
        """``limit`` is one of 5, 10, 20, 50, 100, 500 (default) and 1000."""
        return self._wire.object(endpoints.DEPTH, {"symbol": symbol, "limit": limit})

    def trades(self, symbol: str, limit: int | None = None) -> JsonArray:
        return self._wire.array(endpoints.TRADES, {"symbol": symbol, "limit": limit})

    def historical_trades(self, symbol: str, limit: int | None = None, fromId: int | None = None) -> JsonArray:
        params = {"symbol": symbol, "limit": limit, "fromId": fromId}
        return self._wire.array(endpoints.HISTORICAL_TRADES, params)

    def agg_trades(
        self,
        symbol: str,
        fromId: int | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
    ) -> JsonArray:
        """With both times their distance must be below one hour."""
        params = {"symbol": symbol, "fromId": fromId, "startTime": startTime, "endTime": endTime, "limit": limit}
        return self._wire.array(endpoints.AGG_TRADES, params)

    def klines(
        self,
        symbol: str,
        interval: str,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
    ) -> JsonArray:
        params = {"symbol": symbol, "interval": interval, "startTime": startTime, "endTime": endTime, "limit": limit}
        return self._wire.array(endpoints.KLINES, params)

    def index_price_klines(
        self,
        pair: str,
        interval: str,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
    ) -> JsonArray:
        params = {"pair": pair, "interval": interval, "startTime": startTime, "endTime": endTime, "limit": limit}
        return self._wire.array(endpoints.INDEX_PRICE_KLINES, params)

    def mark_price_klines(
        self,
        symbol: str,
        interval: str,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
    ) -> JsonArray:
        params = {"symbol": symbol, "interval": interval, "startTime": startTime, "endTime": endTime, "limit": limit}
        return self._wire.array(endpoints.MARK_PRICE_KLINES, params)

    def open_interest(self, symbol: str) -> JsonObject:
        """Not documented by the venue, which may or may not have it: the venues it derives from do."""
        return self._wire.object(endpoints.OPEN_INTEREST, {"symbol": symbol})

    def premium_index(self, symbol: str | None = None) -> JsonArray:
        """Mark price, index price and funding; one element with a symbol, all symbols without."""
        return self._wire.array(endpoints.PREMIUM_INDEX, {"symbol": symbol})

    def funding_rate(
        self,
        symbol: str | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
    ) -> JsonArray:
        params = {"symbol": symbol, "startTime": startTime, "endTime": endTime, "limit": limit}
        return self._wire.array(endpoints.FUNDING_RATE, params)

    def funding_info(self, symbol: str | None = None) -> JsonArray:
        return self._wire.array(endpoints.FUNDING_INFO, {"symbol": symbol})

    def ticker_24hr(self, symbol: str | None = None) -> JsonArray:
        return self._wire.array(endpoints.TICKER_24HR, {"symbol": symbol})

    def ticker_price(self, symbol: str | None = None) -> JsonArray:
        return self._wire.array(endpoints.TICKER_PRICE, {"symbol": symbol})

    def ticker_book(self, symbol: str | None = None) -> JsonArray:
        return self._wire.array(endpoints.TICKER_BOOK, {"symbol": symbol})

    def index_references(self, symbol: str) -> JsonObject:
        """V3 only."""
        return self._wire.object(endpoints.INDEX_REFERENCES, {"symbol": symbol})
