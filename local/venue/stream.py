"""The websocket door of the simulated venue.

``/ws/<stream>`` and ``/ws/<listenKey>`` send bare payloads, ``/stream?streams=a/b`` wraps them; ``/ws`` and ``/stream``
wait for SUBSCRIBE. Any path before that is admitted (``/fstream/ws``): some clients tell streams by it.
"""

import asyncio
import http
import re
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from local.venue.control import answer
from local.venue.hub import MAX_STREAMS, Listener, StreamHub
from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from undertow.ports import Clock

_PATH: Final = re.compile(r"(?:/[^/]+)*?/(?P<door>ws|stream)(?:/(?P<names>.*))?")
_LONGEST_MESSAGE: Final = 64 * 1024
POLICY_VIOLATION: Final = 1008
GOING_AWAY: Final = 1001


@dataclass(frozen=True, slots=True)
class StreamRules:
    """The venue's own numbers. ``buffer_bytes`` is what a socket may leave unread before it is cut."""

    ping_every_s: float = 300
    pong_within_s: float = 900
    lifetime_s: float = 24 * 3600
    messages_per_s: int = 10
    buffer_bytes: int = 64 * 1024 * 1024


class WireSocket:
    """`local.venue.hub.Socket` over a websocket connection."""

    def __init__(self, connection: ServerConnection, buffer_bytes: int) -> None:
        self._connection = connection
        self._buffer_bytes = buffer_bytes
        self._ending: asyncio.Task[None] | None = None

    def push(self, text: str) -> None:
        if self.unsent_bytes() > self._buffer_bytes:
            self.cut()
        else:
            broadcast((self._connection,), text)

    def unsent_bytes(self) -> int:
        return self._connection.transport.get_write_buffer_size()

    def cut(self) -> None:
        self._connection.transport.abort()

    def end(self, code: int, reason: str) -> None:
        self._ending = asyncio.ensure_future(self._connection.close(code, reason))


class StreamServer:
    """Serves one hub on loopback. ``opened`` counts the connections there ever were."""

    def __init__(self, hub: StreamHub, clock: Clock, rules: StreamRules | None = None) -> None:
        self._hub = hub
        self._clock = clock
        self._rules = rules or StreamRules()
        self._server: Server | None = None
        self.opened = 0

    async def serve(self, host: str, port: int) -> int:
        """Start, and return the port, which is a free one when ``port`` is 0."""
        self._server = await serve(
            self._handle,
            host,
            port,
            process_request=_refusal,
            compression=None,
            ping_interval=self._rules.ping_every_s,
            ping_timeout=self._rules.pong_within_s,
            max_size=_LONGEST_MESSAGE,
            close_timeout=2,
        )
        return int(next(iter(self._server.sockets)).getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _handle(self, connection: ServerConnection) -> None:
        combined, names = _wanted(_target(connection))
        listener = Listener(WireSocket(connection, self._rules.buffer_bytes), combined)
        self._hub.join(listener)
        self.opened += 1
        try:
            self._hub.subscribe(listener, names, self._clock.now_ms())
            async with asyncio.timeout(self._rules.lifetime_s):
                await self._converse(connection, listener)
        except TimeoutError:
            await connection.close(GOING_AWAY, "connected for 24 hours")
        except ConnectionClosed:
            pass  # cut by a fault, or the client went away without a word: both are ordinary here
        finally:
            self._hub.leave(listener)

    async def _converse(self, connection: ServerConnection, listener: Listener) -> None:
        recent: deque[float] = deque(maxlen=self._rules.messages_per_s)
        async for message in connection:
            now_s = time.monotonic()
            if len(recent) == recent.maxlen and now_s - recent[0] < 1:
                await connection.close(POLICY_VIOLATION, "Too many requests")
                return
            recent.append(now_s)
            await connection.send(answer(message, listener, self._hub, self._clock.now_ms()))


def _target(connection: ServerConnection) -> str:
    request = connection.request
    return "" if request is None else request.path


def _refusal(connection: ServerConnection, request: Request) -> Response | None:
    """404 for paths that are no door, 400 for more streams than one connection may have."""
    if _PATH.fullmatch(urlsplit(request.path).path) is None:
        return connection.respond(http.HTTPStatus.NOT_FOUND, "no such stream door\n")
    if len(set(_wanted(request.path)[1])) > MAX_STREAMS:
        return connection.respond(http.HTTPStatus.BAD_REQUEST, f"at most {MAX_STREAMS} streams\n")
    return None


def _wanted(target: str) -> tuple[bool, Sequence[str]]:
    """Whether frames are wrapped, and the streams named in the URL, where names may be percent-encoded."""
    split = urlsplit(target)
    door = _PATH.fullmatch(split.path)
    if door is None:
        return False, ()
    if door["door"] == "stream":
        listed = "/".join(parse_qs(split.query).get("streams", []))
    else:
        listed = unquote(door["names"] or "")
    return door["door"] == "stream", [name for name in listed.split("/") if name]
