"""Listens to a live venue's public streams and tells the market what it hears. Nothing is ever ordered there.

One connection: all liquidations, all mark prices, all best prices, and the trades of watched symbols. The connection is
made again whenever it breaks or falls silent, and before the venue ends it after a day.
"""

import asyncio
import logging
import ssl
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from random import Random
from typing import Any, Final

from local.venue.live import LiveMarket
from local.venue.live_rows import fetch_books, fetch_days
from local.venue.ports import Print
from stream_worker.backoff import Backoff
from stream_worker.session import until_one_ends

from undertow.adapters.aster import messages, strict
from undertow.adapters.aster.connection import AsterConnection
from undertow.adapters.aster.errors import AsterError
from undertow.adapters.aster.stream import (
    ALL_LIQUIDATIONS,
    ALL_MARK_PRICES,
    MOST_STREAMS,
    StreamLost,
    VenueSocket,
    market_url,
    open_socket,
)
from undertow.adapters.aster.strict import BadFrame
from undertow.domain.market import Side

logger = logging.getLogger(__name__)

ALL_BEST_PRICES: Final = "!bookTicker"
_ALWAYS: Final = (ALL_LIQUIDATIONS, ALL_MARK_PRICES, ALL_BEST_PRICES)
_SILENT_S: Final = 10.0
"""Mark prices come every second: so long after the last the connection is taken for dead."""
_RENEW_S: Final = 23 * 3600.0
_DAYS_EVERY_S: Final = 300.0
_ORDER_TEXTS: Final = ("s", "S", "o", "f", "q", "p", "ap", "X", "l", "z")


class LiveSource:
    """``connection`` has no credentials. ``ws_url`` is the base address of the streams."""

    def __init__(self, connection: AsterConnection, ws_url: str, market: LiveMarket, random: Random) -> None:
        self._connection = connection
        self._url = market_url(ws_url)
        self._market = market
        self._random = random
        self._tls: ssl.SSLContext | None = ssl.create_default_context() if ws_url.startswith("wss:") else None
        self._changed = asyncio.Event()
        market.changed = self._changed.set
        self.reconnects = 0
        self.unreadable = 0

    async def run(self) -> None:
        """For ever."""
        await until_one_ends(self._keep_connected(), self._keep_days())

    async def _keep_connected(self) -> None:
        backoff, loop = Backoff(self._random), asyncio.get_running_loop()
        while True:
            up, began_s = asyncio.Event(), loop.time()
            try:
                await self._session(up)
            except StreamLost as lost:
                self.reconnects += 1
                delay_s = backoff.after(loop.time() - began_s if up.is_set() else 0)
                logger.warning("live stream lost: %s; again in %.1f s", lost, delay_s)
                await asyncio.sleep(delay_s)

    async def _session(self, up: asyncio.Event) -> None:
        async with self._open() as socket:
            self._market.connected()
            try:
                await until_one_ends(socket.listen(self.take, _others_turn), self._follow(socket, up), self._watch())
            finally:
                self._market.ended_hearing()

    def _open(self) -> AbstractAsyncContextManager[VenueSocket]:
        return open_socket(self._url, tls=self._tls)

    async def _follow(self, socket: VenueSocket, up: asyncio.Event) -> None:
        """Subscribe, ask once for the books that will not change soon, then follow what is watched."""
        held: set[str] = set()
        while True:
            self._changed.clear()
            wanted = {*_ALWAYS, *self._trade_streams()}
            if gone := held - wanted:
                await socket.unsubscribe(sorted(gone))
            if added := wanted - held:
                await socket.subscribe(sorted(added))
            held = wanted
            if not up.is_set():
                self._market.began_hearing()
                await self._recall_books()
                logger.info("live streams: connected")
                up.set()
            await self._changed.wait()

    def _trade_streams(self) -> Sequence[str]:
        return [f"{symbol.lower()}@aggTrade" for symbol in self._market.watched()[: MOST_STREAMS - len(_ALWAYS)]]

    async def _recall_books(self) -> None:
        try:
            books = await asyncio.to_thread(fetch_books, self._connection)
        except AsterError as error:
            raise StreamLost(f"the books were not told: {error}") from error
        now_ms = self._now_ms()
        for symbol, prices in books.items():
            self._market.recall_book(symbol, prices, now_ms)

    async def _watch(self) -> None:
        """Mark prices and books that stop coming end a connection, whatever else it says."""
        loop = asyncio.get_running_loop()
        alive_s = loop.time()
        renew_at_s = alive_s + _RENEW_S
        while loop.time() < renew_at_s:
            await asyncio.sleep(1)
            if self._market.is_connected:
                alive_s = loop.time()
            elif loop.time() - alive_s > _SILENT_S:
                raise StreamLost(f"no prices for {_SILENT_S:g} s")
        raise StreamLost("renewed before the venue ends it")

    async def _keep_days(self) -> None:
        """The rolling day, and the venue's clock, every few minutes. Both can wait when they fail."""
        while True:
            await asyncio.sleep(_DAYS_EVERY_S)
            try:
                self._market.learn_days(await asyncio.to_thread(fetch_days, self._connection))
                await asyncio.to_thread(self._connection.sync_clock)
            except (AsterError, BadFrame) as error:
                logger.warning("the day's figures stay as they were: %s", error)

    # --- frames -----------------------------------------------------------------------------------------------------

    def take(self, text: str) -> None:
        """One frame. What cannot be read is counted and passed over: the next one counts again."""
        try:
            value = messages.unwrapped(messages.decode(text))
            self._tell(value, self._now_ms())
        except BadFrame as error:
            self.unreadable += 1
            logger.warning("unreadable frame: %s", error)

    def _tell(self, value: Any, now_ms: int) -> None:
        market = self._market
        if type(value) is list:
            for element in value:
                self._tell_mark(element, now_ms)
            return
        match value.get("e") if type(value) is dict else None:
            case "bookTicker":
                quote = messages.quote(value)
                market.hear_book(quote.symbol, quote.prices, now_ms)
            case "forceOrder":
                symbol = messages.liquidation(value).symbol
                market.hear_liquidation(symbol, _payload(value), now_ms)
            case "aggTrade":
                trade = messages.aggregate_trade(value)
                seller_took = trade.taker_side is Side.SELL
                told = Print(trade.id, trade.price, trade.quantity, trade.trade_time_ms, seller_took)
                market.hear_trade(trade.symbol, told, now_ms)
            case event:
                raise BadFrame("is not an event we subscribe to", "e", event)

    def _tell_mark(self, element: Any, now_ms: int) -> None:
        """One symbol's row that cannot be read must not cost the others theirs."""
        try:
            (each,) = messages.marks(element).marks
        except BadFrame as error:
            self.unreadable += 1
            logger.debug("unreadable mark price: %s", error)
        else:
            self._market.hear_mark(each.symbol, each.mark, now_ms)

    def _now_ms(self) -> int:
        return self._connection.time.now_ms()


def _payload(event: dict[str, Any]) -> dict[str, Any]:
    """What goes out again of a liquidation that was read: the documented fields with the venue's own times."""
    order = event["o"]
    texts = {name: strict.text(order, name) for name in _ORDER_TEXTS if name in order}
    return {"e": "forceOrder", "E": event["E"], "o": {**texts, "T": order["T"]}}


async def _others_turn() -> None:
    await asyncio.sleep(0)
