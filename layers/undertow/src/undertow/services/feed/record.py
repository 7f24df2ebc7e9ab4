"""Rows changed: while somebody looks it becomes news, and while nobody does it costs a question and no more."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from undertow.domain.feed import Change
from undertow.ports import Clock, Feed, Heralds, Meter
from undertow.services.feed.describe import Describe

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecordNews:
    feed: Feed
    heralds: Heralds
    describe: Describe
    clock: Clock
    meter: Meter

    def __call__(self, changes: Sequence[Change]) -> None:
        """Raises StoreBusy, NoParameters and NotScheduled. The same changes may come again: accounts are shown as they
        are by then, and a page that is told twice shows the same.
        """
        if not changes or not self.feed.is_watched(self.clock.now_ms()):
            return
        events = self.feed.publish(self.describe(changes), self.clock.now_ms())
        if events:
            self.heralds.call(events[0].seq, events[-1].seq)
            self.meter.count("news_recorded", len(events))
