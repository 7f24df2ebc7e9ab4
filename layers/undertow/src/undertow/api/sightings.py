"""Noting who was let in, so that a token nobody uses any more can be told from one that is needed."""

import logging
from typing import Final

from undertow.ports import StoreBusy
from undertow.services.console import Console

logger = logging.getLogger(__name__)

NOTED_EVERY_MS: Final = 600_000


class Sightings:
    """What this process has noted: it writes a row for each caller every ten minutes, and not at each request."""

    def __init__(self) -> None:
        self._noted: dict[str, int] = {}

    def note(self, console: Console, caller: str) -> None:
        now_ms = console.sources.clock.now_ms()
        if now_ms - self._noted.get(caller, -NOTED_EVERY_MS) < NOTED_EVERY_MS:
            return
        self._noted[caller] = now_ms
        try:
            console.sources.kept.uses.note(caller, now_ms)
        except StoreBusy as busy:
            # Nobody waits for a note.
            logger.warning("use_not_noted", extra={"caller": caller, "why": str(busy)})
