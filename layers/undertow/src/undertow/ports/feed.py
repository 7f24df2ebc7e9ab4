"""Live news and who listens to them."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from undertow.domain.feed import Connection, FeedEvent, FeedPage, News


class Feed(Protocol):
    """Numbers are given out without holes: whoever can read one can read all before it that are still kept."""

    def publish(self, news: Sequence[News], now_ms: int) -> Sequence[FeedEvent]:
        """Number and keep the news, all or none of them; nothing at all while nobody watches. Raises StoreBusy."""
        ...

    def is_watched(self, now_ms: int) -> bool: ...

    def watch(self, now_ms: int) -> int:
        """Somebody watches from now on, for ``WATCHED_FOR_MS``. The last number given out.

        When nobody had watched before, a number is left out: who knows an older one missed something.
        """
        ...

    def after(self, seq: int, limit: int) -> FeedPage:
        """What came after ``seq``, oldest first."""
        ...


class Connections(Protocol):
    def put(self, connection: Connection) -> None: ...

    def get(self, connection: str) -> Connection | None: ...

    def remove(self, connection: str) -> None:
        """Not an error when it is not there."""
        ...

    def all(self, now_ms: int) -> Sequence[Connection]:
        """Those that have been heard of lately."""
        ...


class Sockets(Protocol):
    def send(self, connections: Iterable[str], text: str) -> Sequence[str]:
        """The same text to many at once. Returns those that are gone. One that fails holds up no other."""
        ...


class Heralds(Protocol):
    def call(self, first: int, last: int) -> None:
        """Have pages told of the events ``first`` to ``last``. Raises NotScheduled."""
        ...
