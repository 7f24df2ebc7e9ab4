"""Measures cascades every second, and writes down for all to see what was measured: on a change, else every 10 s."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from stream_worker.survey import Survey
from undertow.adapters.aws.worker_tables import StoreFailed
from undertow.domain.cascade import CascadeState
from undertow.ports import Clock

logger = logging.getLogger(__name__)

TICK_MS: Final = 1_000
WRITE_S: Final = 10.0
APART_S: Final = 1.0
"""In the thick of it colours change every second: one write a second tells it."""

Put = Callable[[CascadeState], Awaitable[None]]
"""Raises StoreFailed. An older state never replaces a newer one."""


class CascadeWatch:
    def __init__(
        self,
        survey: Survey,
        served: Callable[[], bool],
        put: Put,
        clock: Clock,
        write_s: float = WRITE_S,
        apart_s: float = APART_S,
    ) -> None:
        """``served`` says whether the venue tells open interest."""
        self._survey = survey
        self._served = served
        self._put = put
        self._clock = clock
        self._write_s = write_s
        self._apart_s = apart_s
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Measure at every full second, for ever."""
        while True:
            await asyncio.sleep((TICK_MS - self._clock.now_ms() % TICK_MS) / 1000)
            if await self._survey.tick(self._clock.now_ms()):
                self._changed.set()

    async def write(self) -> None:
        """Write for ever. A table that does not answer is told again with what holds by then."""
        while True:
            try:
                async with asyncio.timeout(self._write_s):
                    await self._changed.wait()
            except TimeoutError:
                pass  # nothing changed: time for the regular one
            self._changed.clear()
            try:
                await self._put(self._survey.state(self._served()))
            except StoreFailed as error:
                logger.warning("cascades not stored", extra={"reason": str(error)})
            await asyncio.sleep(self._apart_s)
