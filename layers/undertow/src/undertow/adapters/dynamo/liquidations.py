"""Liquidations over the tables. How they lie in their rows is told in ``worker_rows``."""

from collections.abc import Iterable, Sequence

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.tables import DAY_MS, LIQUIDATIONS
from undertow.adapters.dynamo.worker_rows import (
    LIQUIDATIONS_KEPT_MS,
    SPREAD_MS,
    gap_item,
    gap_of,
    liquidation_items,
    liquidations_of,
)
from undertow.domain.ids import LiquidationId
from undertow.domain.market import Liquidation, Venue
from undertow.domain.recording import RecordingGap
from undertow.ports import Clock


class DynamoLiquidations:
    def __init__(self, store: DynamoStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def append(self, venue: Venue, epoch: int, liquidations: Sequence[Liquidation]) -> None:
        for item in liquidation_items(venue, epoch, liquidations):
            self._store.put(LIQUIDATIONS, item)

    def between(self, venue: Venue, from_ms: int, to_ms: int) -> Iterable[Liquidation]:
        now_ms = self._clock.now_ms()
        first_ms = max(from_ms, now_ms - LIQUIDATIONS_KEPT_MS)
        last_ms = min(to_ms, now_ms + DAY_MS)
        found: dict[LiquidationId, Liquidation] = {}
        ending = keys.span(first_ms, last_ms + SPREAD_MS)
        for day in keys.liquidation_days(venue, first_ms, last_ms + SPREAD_MS):
            items = self._store.query(LIQUIDATIONS, day, between=ending)
            for liquidation in (one for item in items for one in liquidations_of(venue, item)):
                if first_ms <= liquidation.event_time_ms <= last_ms:
                    found.setdefault(liquidation.id, liquidation)
        return sorted(found.values(), key=lambda one: (one.event_time_ms, one.id))

    def record_gap(self, venue: Venue, gap: RecordingGap) -> None:
        self._store.put(LIQUIDATIONS, gap_item(venue, gap))

    def gaps(self, venue: Venue, from_ms: int, to_ms: int) -> Sequence[RecordingGap]:
        """A gap may end after the range, so all that end since its start are read: there are few."""
        now_ms = self._clock.now_ms()
        first_ms = max(from_ms, now_ms - LIQUIDATIONS_KEPT_MS)
        items = self._store.query(LIQUIDATIONS, keys.gaps(venue), between=keys.span(first_ms, now_ms + DAY_MS))
        return [gap for gap in map(gap_of, items) if gap.from_ms <= to_ms]
