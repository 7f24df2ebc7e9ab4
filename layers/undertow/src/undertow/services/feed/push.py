"""News go to every open page at once, in as few messages as there can be."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from undertow.domain.feed import FeedEvent
from undertow.ports import Clock, Connections, Feed, Sockets
from undertow.services.feed.messages import events_text

logger = logging.getLogger(__name__)

MOST_BYTES: Final = 96_000
"""Of one message: a gateway takes 128 kB."""
MOST_EVENTS: Final = 1_000
"""Of one push. Pages that are further behind ask for the rest, or take a snapshot."""
REST_MS: Final = 20
"""For each open page, after a push: what happens meanwhile goes out together. One page hardly waits, and fifty get one
message a second at most, however busy the market is."""


@dataclass(slots=True)
class PushNews:
    """``rest`` waits for so many seconds. One at a time: what is pushed side by side would arrive out of order."""

    feed: Feed
    connections: Connections
    sockets: Sockets
    clock: Clock
    rest: Callable[[float], None]
    _told: int = 0

    def __call__(self, first: int, last: int) -> None:
        """Everybody is told what there is from ``first`` on, at least up to ``last``. Raises StoreBusy."""
        if self._told - MOST_EVENTS < last <= self._told:
            return  # an earlier push took it along
        listening = [connection.id for connection in self.connections.all(self.clock.now_ms())]
        if not listening:
            self._told = max(self._told, last)
            return
        page = self.feed.after(self._begin(first), MOST_EVENTS)
        if page.reset:  # between what was told last and this, nobody watched
            page = self.feed.after(first - 1, MOST_EVENTS)
        if not page.events:
            return
        for text in portions(page.events):
            for gone in self.sockets.send(listening, text):
                self.connections.remove(gone)
                listening.remove(gone)
        self._told = page.events[-1].seq
        logger.info("news_pushed", extra={"events": len(page.events), "last": self._told, "sockets": len(listening)})
        self.rest(len(listening) * REST_MS / 1000)

    def _begin(self, first: int) -> int:
        """After what was told last, unless that is long ago and another process has pushed since."""
        missed = first - 1 - self._told
        return self._told if self._told and 0 <= missed <= MOST_EVENTS // 10 else first - 1


def portions(events: Sequence[FeedEvent]) -> list[str]:
    """Messages that a gateway takes, halved until they fit."""
    text = events_text(events)
    if len(text.encode()) <= MOST_BYTES or len(events) == 1:
        return [text]
    half = len(events) // 2
    return [*portions(events[:half]), *portions(events[half:])]
