"""Frames that are not as documented: counted, shown a few times, and otherwise without effect."""

import logging
from typing import Final

from stream_worker.tally import Tally

logger = logging.getLogger(__name__)

SHOWN_PER_MINUTE: Final = 10
SHOWN_LETTERS: Final = 300


class Quarantine:
    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._minute = 0
        self._shown = 0

    def add(self, frame: str, reason: str, now_ms: int) -> None:
        """A broken feed may send thousands a second: the log gets the first few of each minute."""
        self._tally.quarantined += 1
        minute = now_ms // 60_000
        if minute != self._minute:
            self._minute, self._shown = minute, 0
        if self._shown < SHOWN_PER_MINUTE:
            self._shown += 1
            logger.warning("frame quarantined", extra={"reason": reason, "frame": repr(frame[:SHOWN_LETTERS])})
