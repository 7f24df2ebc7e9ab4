"""Websockets of Aster: addresses, stream names, and one connection with its subscriptions.

The venue closes a connection after 24 hours, sends a ping every 5 minutes, admits 200 streams per connection and 10
messages a second from us; more is a disconnect and, repeated, a ban of the address.
"""

import asyncio
import itertools
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from undertow.adapters.aster.messages import LONGEST_FRAME, Reply, decode, reply
from undertow.adapters.aster.strict import BadFrame
from undertow.domain.ids import Symbol

ALL_LIQUIDATIONS: Final = "!forceOrder@arr"
ALL_MARK_PRICES: Final = "!markPrice@arr@1s"
"""Comes every second whatever the market does, so it also tells a live connection from a dead one."""

MOST_STREAMS: Final = 200
STREAMS_PER_MESSAGE: Final = 50
SEND_GAP_S: Final = 0.2
"""Five messages a second, half of what the venue admits."""
FRAMES_PER_TURN: Final = 64
"""After so many frames in a row the other tasks get their turn: what was measured must leave while more comes in."""
QUEUED_FRAMES: Final = 1_024
"""Frames read ahead of us. Above that the socket is not read until we have caught up; the network holds the rest."""

OPEN_S: Final = 10.0
CLOSE_S: Final = 2.0
ANSWER_S: Final = 10.0

_EVENT_MARK: Final = '"e":'
_EVENT_WITHIN: Final = 200


class StreamLost(Exception):
    """The connection is of no use any more. The message says why, in a few words."""


def best_prices_of(symbol: Symbol) -> str:
    return f"{symbol.lower()}@bookTicker"


def candles_of(symbol: Symbol, interval: str) -> str:
    """``interval`` is the venue's name of a candle length, for example ``5m``."""
    return f"{symbol.lower()}@kline_{interval}"


def market_url(base: str) -> str:
    return f"{base.rstrip('/')}/ws"


def user_url(base: str, listen_key: str) -> str:
    return f"{base.rstrip('/')}/ws/{quote(listen_key, safe='')}"


class _Connection(ClientConnection):
    """Remembers when it last heard anything, the venue's pings included, which the library answers by itself."""

    heard_at_s = 0.0

    def process_event(self, event: Any) -> None:
        self.heard_at_s = self.loop.time()
        super().process_event(event)


class Pace:
    """Spaces what we send, so that no second ever has more messages than we allow ourselves."""

    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self._next_s = 0.0

    def wait_s(self, now_s: float) -> float:
        """How long the message that wants to leave now has to wait. It is taken for granted that it then leaves."""
        turn_s = max(now_s, self._next_s)
        self._next_s = turn_s + self._gap_s
        return turn_s - now_s


class VenueSocket:
    """An open connection. Every method raises StreamLost."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Reply]] = {}
        self._pace = Pace(SEND_GAP_S)

    @property
    def silent_s(self) -> float:
        """Seconds since anything came, a ping included."""
        heard_at_s: float = getattr(self._connection, "heard_at_s", 0.0)
        return asyncio.get_running_loop().time() - heard_at_s

    async def subscribe(self, streams: Sequence[str]) -> None:
        """Returns when the venue has confirmed all of them. Somebody must be listening meanwhile."""
        await self._control("SUBSCRIBE", streams)

    async def unsubscribe(self, streams: Sequence[str]) -> None:
        await self._control("UNSUBSCRIBE", streams)

    async def listen(self, take: Callable[[str], None], breathe: Callable[[], Awaitable[None]]) -> None:
        """Hand every frame to ``take``, for ever. Now and then ``breathe`` is awaited, to give others their turn."""
        receive = self._connection.recv
        try:
            for number in itertools.count(1):
                frame = await receive()
                text = frame if isinstance(frame, str) else frame.decode(errors="replace")
                if text.find(_EVENT_MARK, 0, _EVENT_WITHIN) >= 0 or not self._is_answer(text):
                    take(text)
                if number % FRAMES_PER_TURN == 0:
                    await breathe()
        except ConnectionClosed as closed:
            raise StreamLost(f"closed: {closed}") from closed

    async def _control(self, method: str, streams: Sequence[str]) -> None:
        for first in range(0, len(streams), STREAMS_PER_MESSAGE):
            number = next(self._ids)
            answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
            self._answers[number] = answer
            wanted = list(streams[first : first + STREAMS_PER_MESSAGE])
            await self._send(json.dumps({"method": method, "params": wanted, "id": number}, ensure_ascii=False))
            try:
                given = await asyncio.wait_for(answer, ANSWER_S)
            except TimeoutError:
                raise StreamLost(f"no answer to {method}") from None
            finally:
                del self._answers[number]
            if given.error:
                raise StreamLost(f"{method} was refused: {given.error}")

    async def _send(self, text: str) -> None:
        await asyncio.sleep(self._pace.wait_s(asyncio.get_running_loop().time()))
        try:
            await self._connection.send(text)
        except ConnectionClosed as closed:
            raise StreamLost(f"closed: {closed}") from closed

    def _is_answer(self, text: str) -> bool:
        """Whether ``text`` answers a control message; if so, whoever waits for it is told."""
        try:
            value = decode(text)
            given = reply(value) if isinstance(value, dict) else None
        except BadFrame:
            return False
        if given is None:
            return False
        # An error may come without the id of what it answers: then it answers what we asked last.
        asked = given.id if given.id is not None else max(self._answers, default=0)
        waiting = self._answers.get(asked)
        if waiting is not None and not waiting.done():
            waiting.set_result(given)
        return True


@asynccontextmanager
async def open_socket(
    url: str, *, tls: ssl.SSLContext | None = None, ping_every_s: float | None = None
) -> AsyncIterator[VenueSocket]:
    """Raises StreamLost when the venue cannot be reached. With ``ping_every_s`` we ask too, and expect an answer."""
    try:
        connection = await connect(
            url,
            ssl=tls if url.startswith("wss:") else None,
            compression=None,
            max_size=LONGEST_FRAME,
            max_queue=QUEUED_FRAMES,
            open_timeout=OPEN_S,
            close_timeout=CLOSE_S,
            ping_interval=ping_every_s,
            ping_timeout=ping_every_s,
            create_connection=_Connection,
        )
    except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as error:  # the last where it sends us to a page
        raise StreamLost(f"cannot connect: {type(error).__name__} {error}") from error
    try:
        yield VenueSocket(connection)
    finally:
        await connection.close()
