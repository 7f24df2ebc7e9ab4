"""The stream worker's parts with everything outside of it made of memory: queue, table, sockets, listen keys."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from stream_worker.candles import Candles
from stream_worker.measure import Measurer
from stream_worker.quarantine import Quarantine
from stream_worker.quotes import Quotes
from stream_worker.session import Patience
from stream_worker.survey import NOTHING, Survey
from stream_worker.tally import Tally
from stream_worker.venue_clock import VenueClock

from undertow.adapters.aster.stream import StreamLost, VenueSocket
from undertow.adapters.memory.clock import SettableClock
from undertow.adapters.memory.recorders import RecordingNotifier
from undertow.adapters.sqs import messages
from undertow.adapters.sqs.outbox import LiquidationsOutbox, UserEventsOutbox
from undertow.adapters.sqs.sender import Entry, SendFailed
from undertow.domain.event import StreamGap
from undertow.domain.ids import AccountId, LiquidationId, Symbol
from undertow.domain.market import Liquidation, LiquidationBatch, MeasuredLiquidation, Side, Venue
from undertow.signals.coverage import Coverage

NOW_MS = 1_765_416_983_918
MAIN = AccountId("main")
BTC = Symbol("BTCUSDT")
ETH = Symbol("ETHUSDT")
CHINESE = Symbol("币安人生USDT")


def liquidation_frame(
    symbol: str = BTC,
    at_ms: int = NOW_MS,
    side: str = "SELL",
    quantity: str = "1",
    price: str = "100",
    *,
    combined: bool = False,
) -> str:
    order = {"s": symbol, "S": side, "o": "LIMIT", "f": "IOC", "q": quantity, "p": price, "ap": price}
    order |= {"X": "FILLED", "l": quantity, "z": quantity}
    event: dict[str, Any] = {"e": "forceOrder", "E": at_ms, "o": {**order, "T": at_ms}}
    return text({"stream": "!forceOrder@arr", "data": event} if combined else event)


def book_frame(symbol: str = BTC, bid: str = "99", ask: str = "101", at_ms: int = NOW_MS) -> str:
    return text(
        {"e": "bookTicker", "u": 1, "E": at_ms, "T": at_ms, "s": symbol, "b": bid, "B": "1", "a": ask, "A": "2"}
    )


def mark_event(symbol: str = BTC, price: str = "100", at_ms: int = NOW_MS) -> dict[str, Any]:
    return {
        "e": "markPriceUpdate",
        "E": at_ms,
        "s": symbol,
        "p": price,
        "i": price,
        "P": price,
        "r": "0.0001",
        "T": at_ms + 1_000,
    }


def kline_frame(symbol: str = BTC, open_ms: int = NOW_MS // 60_000 * 60_000 - 60_000, *, closed: bool = True) -> str:
    """One minute, by default the last one that closed."""
    candle = {"t": open_ms, "T": open_ms + 59_999, "s": symbol, "i": "1m", "f": 1, "L": 9, "o": "10", "c": "11"}
    candle |= {"h": "12", "l": "9", "v": "5", "n": 9, "x": closed, "q": "50", "V": "2", "Q": "20", "B": "0"}
    return text({"e": "kline", "E": open_ms + 60_000, "s": symbol, "k": candle})


def order_frame(symbol: str = "BTCUSDT", trade: int = 1) -> str:
    order: dict[str, Any] = {"s": symbol, "c": "ut-e-abc", "S": "BUY", "o": "LIMIT", "f": "GTC", "q": "1", "p": "100"}
    order |= {"ap": "100", "sp": "0", "x": "TRADE", "X": "FILLED", "i": 5, "l": "1", "z": "1", "L": "100", "t": trade}
    order |= {"n": "0.01", "N": "USDT", "T": NOW_MS, "m": False, "R": False, "ot": "LIMIT", "ps": "LONG", "rp": "0"}
    order |= {"cp": False, "wt": "CONTRACT_PRICE", "b": "0", "a": "0"}
    return text({"e": "ORDER_TRADE_UPDATE", "E": NOW_MS, "T": NOW_MS, "o": order})


def marks_frame(*events: Any) -> str:
    return text(list(events))


def text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def liquidation(number: int, symbol: str = BTC, at_ms: int = NOW_MS) -> Liquidation:
    return Liquidation(
        LiquidationId(f"id{number}"),
        Venue.ASTER,
        Symbol(symbol),
        Side.SELL,
        Decimal(1),
        Decimal(100),
        at_ms,
        at_ms,
    )


@dataclass
class FakeQueue:
    """Takes what it is given. ``answers`` come first: a dict of failed entries, or an error. ``gate`` holds it up."""

    taken: list[Entry] = field(default_factory=list)
    batches: list[list[Entry]] = field(default_factory=list)
    answers: list[dict[int, bool] | SendFailed] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def send(self, entries: Sequence[Entry]) -> dict[int, bool]:
        self.batches.append(list(entries))
        if self.gate is not None:
            await self.gate.wait()
        answer = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, SendFailed):
            raise answer
        self.taken += [entry for index, entry in enumerate(entries) if index not in answer]
        return answer

    def messages(self) -> list[LiquidationBatch]:
        return [messages.read_liquidations(entry.body) for entry in self.taken]

    def liquidations(self) -> list[MeasuredLiquidation]:
        return [one for message in self.messages() for one in message.liquidations]

    def user(self) -> list[str | StreamGap]:
        """Frames and gaps in the order in which they were taken."""
        found: list[str | StreamGap] = []
        for entry in self.taken:
            read = messages.read_user_events(entry.body)
            found += [read] if isinstance(read, StreamGap) else read.frames
        return found

    def gaps(self) -> list[StreamGap]:
        return [one for one in self.user() if isinstance(one, StreamGap)]


def during(run: Coroutine[Any, Any, None], script: Callable[[], Awaitable[None]]) -> None:
    """Play ``script`` while ``run`` serves. A failure of either is the test's."""

    async def main() -> None:
        serving = asyncio.ensure_future(run)
        playing = asyncio.ensure_future(asyncio.wait_for(script(), 20))
        await asyncio.wait([serving, playing], return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            playing.cancel()
            serving.result()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        playing.result()

    asyncio.run(main())


async def settled() -> None:
    """Let everything that is ready run."""
    for _ in range(30):
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that must come; the test as a whole is bounded in time."""
    while not condition():
        await asyncio.sleep(0.001)


@dataclass
class FakeSocket(VenueSocket):
    """One connection as the streams see it. ``frames`` are delivered as they are put in; None ends it."""

    frames: "asyncio.Queue[str | None]" = field(default_factory=asyncio.Queue)
    streams: set[str] = field(default_factory=set)
    history: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    silence_s: float = 0.0
    closed: bool = False
    refuses: bool = False

    @property
    def silent_s(self) -> float:
        return self.silence_s

    async def subscribe(self, streams: Sequence[str]) -> None:
        await asyncio.sleep(0)
        if self.refuses:
            raise StreamLost("SUBSCRIBE was refused")
        self.history.append(("+", tuple(streams)))
        self.streams |= set(streams)

    async def unsubscribe(self, streams: Sequence[str]) -> None:
        await asyncio.sleep(0)
        self.history.append(("-", tuple(streams)))
        self.streams -= set(streams)

    async def listen(self, take: Callable[[str], None], breathe: Callable[[], Awaitable[None]]) -> None:
        while (frame := await self.frames.get()) is not None:
            take(frame)
            await breathe()
        raise StreamLost("closed: by the test")

    def say(self, *frames: str) -> None:
        for frame in frames:
            self.frames.put_nowait(frame)

    def cut(self) -> None:
        self.frames.put_nowait(None)


@dataclass
class FakeVenue:
    """Opens sockets; ``down`` makes the next so many attempts fail."""

    sockets: list[FakeSocket] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    down: int = 0

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[VenueSocket]:
        self.urls.append(url)
        if self.down > 0:
            self.down -= 1
            raise StreamLost("cannot connect: by the test")
        socket = FakeSocket()
        self.sockets.append(socket)
        try:
            yield socket
        finally:
            socket.closed = True

    @property
    def living(self) -> list[FakeSocket]:
        return [socket for socket in self.sockets if not socket.closed]


QUICK = Patience(
    look_every_s=0.005,
    canary_s=1e6,
    market_s=1e6,
    liquidations_s=1e6,
    user_s=1e6,
    renew_after_s=1e6,
    keep_key_every_s=1e6,
    key_retry_s=0.005,
    key_lifetime_s=1e6,
)
"""Looks often and never loses patience, unless a test says at what."""


class Bench:
    """Measurer and outboxes over a fake queue."""

    def __init__(
        self,
        store: Callable[[Liquidation], None] | None = None,
        survey: Survey | None = None,
        candles: Candles | None = None,
    ) -> None:
        self._runner: asyncio.Runner | None = None
        self.clock = SettableClock(NOW_MS)
        self.venue_clock = VenueClock(self.clock)
        self.tally = Tally()
        self.quarantine = Quarantine(self.tally)
        self.quotes = Quotes(self.quarantine, self.clock)
        self.coverage = Coverage()
        self.notifier = RecordingNotifier()
        self.queue = FakeQueue()
        self.user_queue = FakeQueue()
        self.stored: list[Liquidation] = []
        conditions = (lambda _: NOTHING) if survey is None else survey.text_of
        self.outbox = LiquidationsOutbox(Venue.ASTER, 7, self.queue, self.quotes.of, self.clock, conditions)
        self.user_outbox = UserEventsOutbox(Venue.ASTER, self.user_queue, self.clock)
        self.measurer = Measurer(
            self.outbox,
            store or self.stored.append,
            self.quotes,
            self.coverage,
            self.quarantine,
            self.tally,
            self.clock,
            self.venue_clock,
            survey=survey,
            candles=candles,
        )

    def send(self) -> list[MeasuredLiquidation]:
        """Send what waits; returns everything that the queue has. For tests without a loop of their own."""

        async def main() -> None:
            serving = asyncio.ensure_future(self.outbox.run())
            await self.outbox.drained()
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

        self._runner = self._runner or asyncio.Runner()
        self._runner.run(main())
        return self.queue.liquidations()

    def close(self) -> None:
        if self._runner is not None:
            self._runner.close()
