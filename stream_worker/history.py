"""Reads back the liquidations of the last 30 days, latest first: for percentiles, and for what is usual in a day."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Final, Protocol

from undertow.adapters.aws.worker_tables import StoreFailed
from undertow.domain.ids import Symbol
from undertow.domain.market import Liquidation
from undertow.ports import Clock

logger = logging.getLogger(__name__)

DAY_MS: Final = 86_400_000
PAUSE_PER_EVENT_S: Final = 0.0002
"""At most 5,000 events a second, which takes a twentieth of a core; a month of a busy venue takes some minutes."""
RETRY_S: Final = 5.0
LOOK_S: Final = 1.0
_BUCKET_MS: Final = 120_000
"""Longer than a row is wide: copies of an event never lie two buckets apart."""

Backwards = Callable[[int, int], AsyncIterator[Sequence[Liquidation]]]
"""Rows of what was stored of (from, to), latest first; an event may come more than once. Raises StoreFailed."""


class Remembers(Protocol):
    """Who keeps the percentiles."""

    def without_history(self) -> Mapping[Symbol, int]:
        """Symbols whose history was not read yet, and how many days of it they need."""
        ...

    def remember(self, liquidation: Liquidation) -> None:
        """Count an earlier event of a symbol, unless it was counted live."""
        ...

    def remembered(self, symbols: Collection[Symbol], since_ms: int) -> None:
        """The history of ``symbols`` is complete from ``since_ms`` on."""
        ...


class History:
    def __init__(
        self, rows: Backwards, percentiles: Remembers, clock: Clock, retry_s: float = RETRY_S, look_s: float = LOOK_S
    ) -> None:
        self._rows = rows
        self._percentiles = percentiles
        self._clock = clock
        self._retry_s = retry_s
        self._look_s = look_s
        self.events = 0

    async def run(self) -> None:
        """Read the history of every symbol that asks for one, for ever."""
        while True:
            if wanted := self._percentiles.without_history():
                await self._read(frozenset(wanted), max(wanted.values()))
            else:
                await asyncio.sleep(self._look_s)

    async def _read(self, symbols: frozenset[Symbol], days: int) -> None:
        to_ms = self._clock.now_ms() + 1
        from_ms = to_ms - days * DAY_MS
        upto_ms, seen = to_ms, _Seen()
        logger.info("history begun", extra={"symbols": len(symbols), "days": days})
        while upto_ms > from_ms:
            try:
                async for row in self._rows(from_ms, upto_ms):
                    last_ms = row[-1].event_time_ms
                    self._count(row, symbols, seen)
                    if last_ms // DAY_MS != upto_ms // DAY_MS:
                        logger.info("history read", extra={"back_to_ms": last_ms, "events": self.events})
                    # Should a later page fail, the reading goes on from here; what is read twice is counted once.
                    upto_ms = min(upto_ms, last_ms + 1)
                    await asyncio.sleep(len(row) * PAUSE_PER_EVENT_S)
                upto_ms = from_ms
            except StoreFailed as error:
                logger.warning("history not read", extra={"reason": str(error), "upto_ms": upto_ms})
                await asyncio.sleep(self._retry_s)
        self._percentiles.remembered(symbols, from_ms)
        logger.info("history complete", extra={"symbols": len(symbols), "events": self.events})

    def _count(self, row: Sequence[Liquidation], symbols: Collection[Symbol], seen: "_Seen") -> None:
        seen.forget_after(row[-1].event_time_ms)
        for liquidation in row:
            if liquidation.symbol in symbols and seen.is_new(liquidation):
                self.events += 1
                self._percentiles.remember(liquidation)


class _Seen:
    """Which events of the last few minutes were counted. Two workers store the same event, each in its own row."""

    def __init__(self) -> None:
        self._buckets: dict[int, set[int]] = {}

    def forget_after(self, time_ms: int) -> None:
        """No row to come ends after ``time_ms``."""
        for bucket in [one for one in self._buckets if one * _BUCKET_MS > time_ms]:
            del self._buckets[bucket]

    def is_new(self, liquidation: Liquidation) -> bool:
        bucket = self._buckets.setdefault(liquidation.event_time_ms // _BUCKET_MS, set())
        key = hash(liquidation.id)
        if key in bucket:
            return False
        bucket.add(key)
        return True
