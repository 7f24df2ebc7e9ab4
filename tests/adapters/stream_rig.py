"""The simulated venue's stream door on a free loopback port, over a market whose time the test sets."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from local.tapes.generator import lines
from local.venue.faults import Faults, faults
from local.venue.feed import MarketFeed
from local.venue.hub import Deliver, StreamHub, at_once
from local.venue.listen_keys import ListenKeys
from local.venue.market import TapeMarket
from local.venue.stream import StreamRules, StreamServer
from local.venue.stream_faults import FaultyDeliveries
from local.venue.tape import Tape, tape_of
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

START_MS = 1_800_000_000_000
PATIENCE_S = 10
TAPE = tape_of(lines(1, 8), "synthetic")


@dataclass(slots=True)
class SetClock:
    time_ms: int = START_MS

    def now_ms(self) -> int:
        return self.time_ms


@dataclass(slots=True)
class Postponed:
    """Calls that a real loop would make later, made when the test says so."""

    calls: list[tuple[float, Any]] = field(default_factory=list)

    def __call__(self, delay_s: float, call: Any, /) -> None:
        self.calls.append((delay_s, call))

    def arrive(self) -> None:
        calls, self.calls = sorted(self.calls, key=lambda due: due[0]), []
        for _, call in calls:
            call()


@dataclass(slots=True)
class Rig:
    clock: SetClock
    market: TapeMarket
    listen_keys: ListenKeys
    hub: StreamHub
    feed: MarketFeed
    server: StreamServer
    port: int = 0

    def to(self, now_ms: int) -> None:
        """Let everything happen until ``now_ms``, in steps as the venue takes them."""
        while self.clock.time_ms < now_ms:
            self.clock.time_ms = min(now_ms, self.clock.time_ms + 50)
            for event in self.market.until(self.clock.time_ms):
                self.feed.hear(event)
            self.feed.tick(self.clock.time_ms)
            self.hub.tick(self.clock.time_ms)

    def after(self, milliseconds: int) -> None:
        self.to(self.clock.time_ms + milliseconds)

    def connect(self, target: str) -> connect:
        return connect(f"ws://127.0.0.1:{self.port}{target}", compression=None, max_queue=None, ping_interval=None)

    @asynccontextmanager
    async def listening(self, *streams: str) -> AsyncIterator[ClientConnection]:
        """A connection of which the hub already knows that it wants ``streams``."""
        async with self.connect("/ws") as client:
            await ask(client, {"method": "SUBSCRIBE", "params": list(streams), "id": 1})
            self.feed.tick(self.clock.time_ms)
            yield client


@asynccontextmanager
async def rig(
    rules: StreamRules | None = None, deliver: Deliver = at_once, tape: Tape = TAPE, speed: float = 1
) -> AsyncIterator[Rig]:
    clock = SetClock()
    market = TapeMarket(tape, seed=1, speed=speed, start_ms=START_MS + 1, opens_ms=START_MS)
    listen_keys = ListenKeys(Random(7))
    hub = StreamHub(listen_keys, deliver)
    server = StreamServer(hub, clock, rules)
    made = Rig(clock, market, listen_keys, hub, MarketFeed(market, hub), server)
    made.port = await server.serve("127.0.0.1", 0)
    try:
        yield made
    finally:
        await server.close()


def faulty(text: str) -> tuple[Faults, Postponed, Deliver]:
    plan, postponed = faults(text, seed=1), Postponed()
    return plan, postponed, FaultyDeliveries(plan, postponed, seed=1).deliver


async def heard(client: ClientConnection) -> Any:
    async with asyncio.timeout(PATIENCE_S):
        return json.loads(await client.recv())


async def ask(client: ClientConnection, message: Any) -> Any:
    """Send a control message and return the answer, passing over frames that come before it."""
    await client.send(message if isinstance(message, str) else json.dumps(message))
    while True:
        answer = await heard(client)
        if "result" in answer or "code" in answer:
            return answer


async def everything(client: ClientConnection) -> list[Any]:
    """All frames that were sent until now: an answer comes after whatever was sent before it."""
    frames = []
    await client.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 424242}))
    while True:
        frame = await heard(client)
        if frame.get("id") == 424242:
            return frames
        frames.append(frame)


async def closing(client: ClientConnection) -> tuple[int, str]:
    """Code and reason with which the server closes; 1006 when it just breaks the connection."""
    async with asyncio.timeout(PATIENCE_S):
        try:
            while True:
                await client.recv()
        except ConnectionClosed as closed:
            received = closed.rcvd
            return (received.code, received.reason) if received else (1006, "")


async def until(condition: Any) -> None:
    """Give the loop its turns until ``condition`` holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.001)


def symbols_of(frames: Iterable[Any]) -> set[str]:
    return {frame["s"] if "s" in frame else frame["o"]["s"] for frame in frames}
