"""Writes each gap in the liquidations to the table, so that pages show a gap and not a quiet market."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from undertow.adapters.aws.worker_tables import StoreFailed
from undertow.domain.recording import RecordingGap

logger = logging.getLogger(__name__)

MOST_WAITING: Final = 200
"""A stream that breaks off all the time while the table is away: the oldest are given up, and stand in the log."""
RETRY_S: Final = 5.0

Put = Callable[[RecordingGap], Awaitable[None]]
"""Raises StoreFailed. Writing again is harmless."""


class GapLog:
    def __init__(self, put: Put, retry_s: float = RETRY_S) -> None:
        self._put = put
        self._retry_s = retry_s
        self._waiting: deque[RecordingGap] = deque(maxlen=MOST_WAITING)
        self._wake = asyncio.Event()

    def note(self, gap: RecordingGap) -> None:
        self._waiting.append(gap)
        self._wake.set()

    async def run(self) -> None:
        """Write for ever, oldest first."""
        while True:
            while not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            gap = self._waiting.popleft()
            while not await self._written(gap):
                await asyncio.sleep(self._retry_s)

    async def _written(self, gap: RecordingGap) -> bool:
        try:
            await self._put(gap)
        except StoreFailed as error:
            logger.warning("gap not stored", extra={"reason": str(error), "from_ms": gap.from_ms, "to_ms": gap.to_ms})
            return False
        return True
