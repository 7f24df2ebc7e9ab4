"""One socket: opened by anybody, told nothing until its owner has shown a token that may read."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from undertow.domain.feed import CONNECTED_FOR_MS, Connection
from undertow.domain.json_text import Json, NotJson, read_object
from undertow.ports import Clock, Connections, Feed, Sockets, Token, Tokens
from undertow.services.feed.messages import pong_text, refused_text, reset_text, subscribed_text
from undertow.services.feed.push import portions

logger = logging.getLogger(__name__)

MOST_SOCKETS: Final = 200
MOST_AGAIN: Final = 1_000
"""Events that are told again at once; who missed more takes a snapshot."""
_READ: Final = "read"


@dataclass(frozen=True, slots=True)
class Listen:
    feed: Feed
    connections: Connections
    sockets: Sockets
    tokens: Tokens
    clock: Clock

    def hear(self, connection: str, text: str) -> None:
        """One message of a page. What is not understood is refused and changes nothing. Raises StoreBusy."""
        try:
            said = read_object(text)
        except NotJson as error:
            self._say(connection, refused_text("bad_request", f"the message is not understood: {error}"))
            return
        match said.get("action"):
            case "subscribe":
                self._subscribe(connection, said)
            case "ping":
                self._ping(connection)
            case "resend":
                self._resend(connection, said)
            case _:
                self._say(connection, refused_text("bad_request", "action is one of subscribe, ping, resend"))

    def leave(self, connection: str) -> None:
        self.connections.remove(connection)

    def _subscribe(self, connection: str, said: Mapping[str, Json]) -> None:
        token = self._token(said.get("token"))
        if token is None:
            self._say(connection, refused_text("token_refused", "the token is not valid, or may not read"))
            return
        after = said.get("after")
        if after is not None and not _is_number(after):
            self._say(connection, refused_text("bad_request", "after is the number of the last event, or null"))
            return
        now_ms = self.clock.now_ms()
        if len(self.connections.all(now_ms)) >= MOST_SOCKETS:
            self._say(connection, refused_text("too_many", f"{MOST_SOCKETS} pages are open: close some"))
            return
        seq = self.feed.watch(now_ms)
        # From here on it is told what happens. What happened before comes after this and may cross with it.
        self.connections.put(Connection(connection, token.id, now_ms, now_ms + CONNECTED_FOR_MS))
        self._say(connection, subscribed_text(seq))
        if isinstance(after, int):
            self._tell_again(connection, after)

    def _ping(self, connection: str) -> None:
        known = self.connections.get(connection)
        now_ms = self.clock.now_ms()
        if known is None or not self.tokens.still_reads(known.token, now_ms):
            self.connections.remove(connection)
            self._say(connection, refused_text("token_refused", "subscribe again with a valid token"))
            return
        seq = self.feed.watch(now_ms)
        self.connections.put(Connection(connection, known.token, known.since_ms, now_ms + CONNECTED_FOR_MS))
        self._say(connection, pong_text(seq))

    def _resend(self, connection: str, said: Mapping[str, Json]) -> None:
        after = said.get("after")
        known = self.connections.get(connection)
        if known is None or self.clock.now_ms() >= known.renew_by_ms:
            self._say(connection, refused_text("token_refused", "subscribe first"))
        elif not isinstance(after, int) or not _is_number(after):
            self._say(connection, refused_text("bad_request", "after is the number of the last event"))
        else:
            self._tell_again(connection, after)

    def _tell_again(self, connection: str, after: int) -> None:
        page = self.feed.after(after, MOST_AGAIN + 1)
        if page.reset or len(page.events) > MOST_AGAIN:
            self._say(connection, reset_text(page.seq))
        elif page.events:
            for text in portions(page.events):
                self._say(connection, text)

    def _token(self, text: object) -> Token | None:
        token = self.tokens.verify(text) if isinstance(text, str) else None
        return token if token is not None and _READ in token.scopes else None

    def _say(self, connection: str, text: str) -> None:
        for gone in self.sockets.send([connection], text):
            self.connections.remove(gone)


def _is_number(value: object) -> bool:
    return type(value) is int and 0 <= value < 10**15
