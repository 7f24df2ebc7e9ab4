"""Rows changed: whoever looks is told, and nobody else costs anything."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from undertow.domain.feed import FeedEvent
from undertow.ports import Clock, Connections, Feed, Sockets
from undertow.services.feed.describe import Change, Describe
from undertow.services.feed.messages import events_text

logger = logging.getLogger(__name__)

MOST_BYTES: Final = 96_000
"""Of one message: a gateway takes 128 kB."""


@dataclass(frozen=True, slots=True)
class PushChanges:
    feed: Feed
    connections: Connections
    sockets: Sockets
    describe: Describe
    clock: Clock

    def __call__(self, changes: Sequence[Change]) -> None:
        """Raises StoreBusy and NoParameters: the same changes may come again, rows are shown as they are then."""
        if not changes or not self.feed.is_watched(self.clock.now_ms()):
            return
        events = self.feed.publish(self.describe(changes), self.clock.now_ms())
        if not events:
            return
        listening = [connection.id for connection in self.connections.all(self.clock.now_ms())]
        for text in portions(events):
            for gone in self.sockets.send(listening, text):
                self.connections.remove(gone)
                listening.remove(gone)
        logger.info("news_pushed", extra={"events": len(events), "last": events[-1].seq, "sockets": len(listening)})


def portions(events: Sequence[FeedEvent]) -> list[str]:
    """Messages that a gateway takes, halved until they fit."""
    text = events_text(events)
    if len(text.encode()) <= MOST_BYTES or len(events) == 1:
        return [text]
    half = len(events) // 2
    rest = iter(events)
    return [*portions(list(islice(rest, half))), *portions(list(rest))]
