"""Live news in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from undertow.domain.feed import LEEWAY_MS, WATCHED_FOR_MS, Connection, FeedEvent, FeedPage, News

KEPT: Final = 20_000


@dataclass(slots=True)
class MemoryFeed:
    seq: int = 0
    begun: int = 0
    """The number from which on nothing was left out."""
    watched_until_ms: int = 0
    events: list[FeedEvent] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def publish(self, news: Sequence[News], now_ms: int) -> Sequence[FeedEvent]:
        with self._lock:
            if not self.is_watched(now_ms):
                return ()
            numbered = [FeedEvent(number, one) for number, one in enumerate(news, start=self.seq + 1)]
            self.seq += len(numbered)
            self.events = [*self.events, *numbered][-KEPT:]
            return numbered

    def is_watched(self, now_ms: int) -> bool:
        return now_ms <= self.watched_until_ms + LEEWAY_MS

    def watch(self, now_ms: int) -> int:
        with self._lock:
            if now_ms > self.watched_until_ms:
                self.seq += 1
                self.begun = self.seq
            self.watched_until_ms = now_ms + WATCHED_FOR_MS
            return self.seq

    def after(self, seq: int, limit: int) -> FeedPage:
        with self._lock:
            found = tuple(event for event in self.events if event.seq > seq)[:limit]
            whole = seq == self.seq or (bool(found) and found[0].seq == seq + 1)
            if not self.begun <= seq <= self.seq or not whole:
                return FeedPage((), self.seq, reset=True)
            return FeedPage(found, self.seq, reset=False)


@dataclass(slots=True)
class MemoryConnections:
    held: dict[str, Connection] = field(default_factory=dict)

    def put(self, connection: Connection) -> None:
        self.held[connection.id] = connection

    def get(self, connection: str) -> Connection | None:
        return self.held.get(connection)

    def remove(self, connection: str) -> None:
        self.held.pop(connection, None)

    def all(self, now_ms: int) -> Sequence[Connection]:
        return [one for one in self.held.values() if now_ms < one.renew_by_ms]


@dataclass(slots=True)
class MemorySockets:
    """Keeps what was sent. Sockets in ``gone`` are closed."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)

    def send(self, connections: Iterable[str], text: str) -> Sequence[str]:
        lost = []
        for connection in connections:
            if connection in self.gone:
                lost.append(connection)
            else:
                self.sent.append((connection, text))
        return lost

    def told(self, connection: str) -> list[str]:
        return [text for to, text in self.sent if to == connection]
