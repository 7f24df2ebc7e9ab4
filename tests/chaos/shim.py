"""A bad network on loopback: TCP connections that are cut, slowed down, halved, black-holed and sliced on request.

Nothing of what passes is understood. What is held back is delivered once the trouble is over, as TCP would retransmit
it; a halved connection stays so until one of its ends gives it up.
"""

import asyncio
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from random import Random
from typing import Final, TypeVar
from urllib.parse import urlsplit, urlunsplit

LOOPBACK: Final = "127.0.0.1"
CHUNK: Final = 65_536
MOST_SLICES: Final = 2_000
"""Bytes of one read that are sent one by one; the rest of it follows whole."""

T = TypeVar("T")


class Kind(StrEnum):
    CUT = "cut"
    """Connections are reset, in the middle of whatever they carry."""
    DELAY = "delay"
    """Whatever is sent arrives later."""
    HALVE = "halve"
    """Nothing arrives in one direction any more, and neither end is told."""
    BLACK_HOLE = "black hole"
    """Nothing arrives in either direction, new connections included, until the trouble is over."""
    SLICE = "slice"
    """Bytes arrive one at a time."""


@dataclass(eq=False, slots=True)
class Link:
    """One connection: from the system under test (``near``) to what it calls (``far``)."""

    near: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    far: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    silent: set[str] = field(default_factory=set)
    """Directions in which nothing arrives any more: ``out`` towards ``far``, ``in`` towards ``near``."""

    def reset(self) -> None:
        for _, writer in (self.near, self.far):
            bare = writer.get_extra_info("socket")
            if bare is not None and bare.fileno() >= 0:
                bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


@dataclass(eq=False, slots=True)
class Lane:
    """Everything that is called at one address."""

    name: str
    host: str
    port: int
    counts: Counter[str]
    links: set[Link] = field(default_factory=set)
    carried: int = 0
    """Connections so far."""
    delay_s: float = 0.0
    slices: bool = False
    flows: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self) -> tuple[asyncio.Server, int]:
        self.flows.set()
        server = await asyncio.start_server(self._accept, LOOPBACK, 0)
        return server, int(server.sockets[0].getsockname()[1])

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.flows.wait()
        try:
            far = await asyncio.open_connection(self.host, self.port)
        except OSError:
            writer.transport.abort()
            return
        link = Link((reader, writer), far)
        self.links.add(link)
        self.carried += 1
        for _, end in (link.near, link.far):
            end.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pumps = (self._pump(link, "out", reader, far[1]), self._pump(link, "in", far[0], writer))
        try:
            await asyncio.gather(*pumps)
        except OSError:
            # One end has reset it: so does the other end hear of it.
            link.reset()
        finally:
            self.links.discard(link)
            for _, end in (link.near, link.far):
                end.close()

    async def _pump(
        self, link: Link, direction: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(CHUNK):
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            await self.flows.wait()
            if direction in link.silent:
                continue
            if self.slices:
                await self._send_sliced(data, writer)
            else:
                writer.write(data)
                await writer.drain()
        if direction not in link.silent and writer.can_write_eof() and not writer.is_closing():
            writer.write_eof()

    async def _send_sliced(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        for place in range(min(len(data), MOST_SLICES)):
            writer.write(data[place : place + 1])
            await writer.drain()
            # The event loop sends each write at once where it can; a turn in between keeps them apart.
            await asyncio.sleep(0)
        writer.write(data[MOST_SLICES:])
        await writer.drain()

    # --- troubles ---------------------------------------------------------------------------------------------------

    def cut(self, random: Random) -> None:
        for link in self._some(random):
            link.reset()
            self.counts[Kind.CUT] += 1

    def halve(self, random: Random) -> None:
        for link in self._some(random):
            link.silent.add(random.choice(["in", "out"]))
            self.counts[Kind.HALVE] += 1

    def _some(self, random: Random) -> list[Link]:
        """One of the connections, or all there are."""
        links = sorted(self.links, key=lambda link: link.near[1].get_extra_info("peername") or ("", 0))
        return links if random.random() < 0.5 else links[-1:]

    def delay(self, seconds: float) -> None:
        self.delay_s = seconds
        self.counts[Kind.DELAY] += 1

    def black_hole(self) -> None:
        self.flows.clear()
        self.counts[Kind.BLACK_HOLE] += 1

    def slice(self) -> None:
        self.slices = True
        self.counts[Kind.SLICE] += 1

    def calm(self, kind: Kind) -> None:
        match kind:
            case Kind.DELAY:
                self.delay_s = 0.0
            case Kind.BLACK_HOLE:
                self.flows.set()
            case Kind.SLICE:
                self.slices = False
            case Kind.CUT | Kind.HALVE:
                pass


class Shim:
    """All lanes, on an event loop in a thread of their own."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.lanes: dict[str, Lane] = {}
        self._ports: dict[str, int] = {}
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="shim", daemon=True)
        self._thread.start()

    def between(self, lane: str, address: str) -> str:
        """The address at which ``address`` is to be called from now on."""
        parts = urlsplit(address)
        if lane not in self.lanes:
            assert parts.hostname is not None
            assert parts.port is not None
            self.lanes[lane] = Lane(lane, parts.hostname, parts.port, self.counts)
            server, port = asyncio.run_coroutine_threadsafe(self.lanes[lane].serve(), self._loop).result(10)
            self._servers.append(server)
            self._ports[lane] = port
        return urlunsplit(parts._replace(netloc=f"{LOOPBACK}:{self._ports[lane]}"))

    def do(self, act: Callable[[], T]) -> T:
        """Run ``act`` on the loop of the lanes."""

        async def acted() -> T:
            return act()

        return asyncio.run_coroutine_threadsafe(acted(), self._loop).result(10)

    def calm(self) -> None:
        """No more trouble; what was halved stays halved."""
        for lane in self.lanes.values():
            for kind in Kind:
                self.do(partial(lane.calm, kind))

    def close(self) -> None:
        def end() -> None:
            for server in self._servers:
                server.close()
            for lane in self.lanes.values():
                for link in list(lane.links):
                    link.reset()

        self.do(end)
        asyncio.run_coroutine_threadsafe(_all_ended(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


async def _all_ended() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
