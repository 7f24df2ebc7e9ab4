"""Writes every liquidation to its table: at once when idle, many in one row while a write is under way."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Final

from stream_worker.tally import Tally
from undertow.adapters.aws.worker_tables import StoreFailed
from undertow.domain.market import Liquidation

logger = logging.getLogger(__name__)

AT_ONCE: Final = 500
MOST_WAITING: Final = 10_000
"""Above that the oldest are given up and counted. They take some 600 bytes each."""
FIRST_RETRY_S: Final = 0.1
LONGEST_RETRY_S: Final = 5.0

Append = Callable[[Sequence[Liquidation]], Awaitable[None]]
"""Raises StoreFailed. Appending again is harmless: readers know an event by its id."""


class LiquidationStore:
    def __init__(self, append: Append, tally: Tally) -> None:
        self._append = append
        self._tally = tally
        self._waiting: deque[Liquidation] = deque()
        self._under_way = 0
        self._wake = asyncio.Event()
        self._done = asyncio.Event()
        self._jitter = Random()

    @property
    def is_full(self) -> bool:
        """Half full, to be exact: whoever can wait should do so now."""
        return len(self._waiting) > MOST_WAITING // 4

    def put(self, liquidation: Liquidation) -> None:
        self._waiting.append(liquidation)
        if len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            self._tally.store_dropped += 1
        if not self._wake.is_set():
            self._wake.set()

    async def run(self) -> None:
        """Write for ever."""
        while True:
            while not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            row = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
            self._under_way = len(row)
            await self._write(row)
            self._tally.stored += len(row)
            self._under_way = 0
            self._done.set()

    async def drained(self) -> None:
        """Return once everything that waited has been written."""
        while self._waiting or self._under_way:
            self._done.clear()
            await self._done.wait()

    async def _write(self, row: Sequence[Liquidation]) -> None:
        delay_s = FIRST_RETRY_S
        while True:
            try:
                await self._append(row)
                return
            except StoreFailed as error:
                logger.warning("liquidations not stored", extra={"reason": str(error), "liquidations": len(row)})
            await asyncio.sleep(delay_s * self._jitter.uniform(0.5, 1))
            delay_s = min(delay_s * 2, LONGEST_RETRY_S)
