"""Who listens to which stream. Publishing never waits: who does not keep up is cut, and the others are not held up."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from local.venue.listen_keys import ListenKeys
from local.venue.user_frames import listen_key_expired

from undertow.domain.ids import AccountId

MAX_STREAMS: Final = 200
encoded: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""JSON as the venue sends it: no spaces, and letters of every script as they are."""


class Socket(Protocol):
    """One connection, as far as the hub needs it. None of these waits."""

    def push(self, text: str) -> None: ...

    def unsent_bytes(self) -> int: ...

    def cut(self) -> None:
        """Break the connection without a farewell."""
        ...

    def end(self, code: int, reason: str) -> None:
        """Close the connection in good order."""
        ...


Send = Callable[[], None]
Deliver = Callable[[str, Send], None]
"""How a frame of the named stream reaches it: calls ``Send`` once for every copy that is to arrive, now or later."""


def at_once(_stream: str, send: Send) -> None:
    """Without faults."""
    send()


@dataclass(eq=False, slots=True)
class Listener:
    """A socket with what it subscribed to. Until ``muted_until_ms`` it hears nothing, as if its feed had died."""

    socket: Socket
    combined: bool
    streams: dict[str, None] = field(default_factory=dict)
    muted_until_ms: int = 0


class TooManyStreams(ValueError):
    """More streams on one connection than the venue admits; nothing was subscribed."""


class StreamHub:
    def __init__(self, listen_keys: ListenKeys, deliver: Deliver = at_once) -> None:
        self._listen_keys = listen_keys
        self._deliver = deliver
        self._listeners: dict[str, dict[Listener, None]] = {}
        self._accounts: dict[str, AccountId] = {}
        self._sockets: dict[Listener, None] = {}
        self._now_ms = 0
        self.version = 0
        """Grows whenever a stream gains its first listener or loses its last."""

    # --- subscriptions ----------------------------------------------------------------------------------------------

    def join(self, listener: Listener) -> None:
        self._sockets[listener] = None

    def leave(self, listener: Listener) -> None:
        self.unsubscribe(listener, tuple(listener.streams))
        self._sockets.pop(listener, None)

    def subscribe(self, listener: Listener, streams: Sequence[str], now_ms: int) -> None:
        """Names that the venue does not know are kept and stay silent, as at the venue. Raises TooManyStreams."""
        wanted = {**listener.streams, **dict.fromkeys(streams)}
        if len(wanted) > MAX_STREAMS:
            raise TooManyStreams(f"{len(wanted)} streams on one connection, at most {MAX_STREAMS}")
        for stream in streams:
            account = self._listen_keys.account_of(stream, now_ms)
            if account is not None:
                self._accounts[stream] = account
            if stream not in self._listeners:
                self._listeners[stream] = {}
                self.version += 1
            self._listeners[stream][listener] = None
        listener.streams = wanted

    def unsubscribe(self, listener: Listener, streams: Iterable[str]) -> None:
        for stream in streams:
            listener.streams.pop(stream, None)
            heard = self._listeners.get(stream, {})
            heard.pop(listener, None)
            if not heard and self._listeners.pop(stream, None) is not None:
                self._accounts.pop(stream, None)
                self.version += 1

    def wanted(self) -> Sequence[str]:
        """Streams that somebody listens to."""
        return tuple(self._listeners)

    def has_listeners(self, stream: str) -> bool:
        return stream in self._listeners

    def unsent_bytes(self, stream: str) -> int:
        """Of the listener of ``stream`` that is furthest behind."""
        return max((listener.socket.unsent_bytes() for listener in self._listeners.get(stream, ())), default=0)

    def accounts_listening(self) -> Sequence[AccountId]:
        return tuple(self._accounts.values())

    def __len__(self) -> int:
        return len(self._sockets)

    # --- frames -----------------------------------------------------------------------------------------------------

    def publish(self, stream: str, payload: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
        if stream in self._listeners:
            self.publish_text(stream, encoded(payload))

    def publish_text(self, stream: str, text: str) -> None:
        """A payload that is JSON already."""
        self._deliver(stream, lambda: self._send(stream, text))

    def publish_user(self, account: AccountId, payload: Mapping[str, Any]) -> None:
        """To every socket on a living listen key of ``account``."""
        for key in [key for key, owner in self._accounts.items() if owner == account]:
            self.publish(key, payload)

    def _send(self, stream: str, text: str) -> None:
        """Listeners are looked up when the frame goes out: a late frame misses those that have gone."""
        wrapped = ""
        for listener in tuple(self._listeners.get(stream, ())):
            if listener.muted_until_ms > self._now_ms:
                continue
            if listener.combined:
                wrapped = wrapped or f'{{"stream":{encoded(stream)},"data":{text}}}'
                listener.socket.push(wrapped)
            else:
                listener.socket.push(text)

    # --- what happens to sockets ------------------------------------------------------------------------------------

    def tick(self, now_ms: int) -> None:
        """Tell sockets whose listen key ran out, once, and close those whose key was closed."""
        self._now_ms = now_ms
        for _, key in self._listen_keys.take_expired(now_ms):
            if self._accounts.pop(key, None) is not None:
                self._send(key, encoded(listen_key_expired(now_ms)))
        for key in [key for key in self._accounts if self._listen_keys.account_of(key, now_ms) is None]:
            del self._accounts[key]
            for listener in tuple(self._listeners.get(key, ())):
                listener.socket.end(1000, "listen key closed")

    def cut_all(self) -> int:
        """Break every connection; returns how many there were."""
        sockets = tuple(self._sockets)
        for listener in sockets:
            listener.socket.cut()
        return len(sockets)

    def cut_listeners(self, stream: str) -> None:
        """Break the connections that listen to ``stream``: they must know that it misses something."""
        for listener in tuple(self._listeners.get(stream, ())):
            listener.socket.cut()

    def mute(self, stream: str, until_ms: int) -> int:
        """Whoever listens to ``stream`` now hears nothing at all on that socket until then; returns how many."""
        muted = tuple(self._listeners.get(stream, ()))
        for listener in muted:
            listener.muted_until_ms = until_ms
        return len(muted)
