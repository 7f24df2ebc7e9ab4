"""What the worker asks of the venue, kept beside what the functions ask."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from undertow.adapters.aws.worker_tables import StoreFailed
from undertow.domain.contact import Contact
from undertow.ports import Clock, ContactTally

logger = logging.getLogger(__name__)

EVERY_MS: Final = 30_000
"""Two writes a minute, or three where a minute ends between them: the worker asks for candles and listen keys only."""


class ContactKeeper:
    """Writes with every third heartbeat. A table that does not answer stops nothing: the next beat writes it."""

    def __init__(self, tally: ContactTally, add: Callable[[Contact], Awaitable[None]], clock: Clock) -> None:
        self._tally = tally
        self._add = add
        self._clock = clock
        self._kept_at_ms: int | None = None

    async def keep(self) -> None:
        now_ms = self._clock.now_ms()
        if self._kept_at_ms is not None and 0 <= now_ms - self._kept_at_ms < EVERY_MS:
            return
        taken = self._tally.take()
        if not taken:
            return
        self._kept_at_ms = now_ms
        for place, contact in enumerate(taken):
            try:
                await self._add(contact)
            except StoreFailed as error:
                logger.warning("contacts not stored", extra={"reason": str(error)})
                self._tally.give_back(taken[place:])
                return
