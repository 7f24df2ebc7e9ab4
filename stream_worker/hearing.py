"""Whether all liquidations are being heard, and since when. Every gap is recorded."""

import logging
from collections.abc import Callable
from typing import Final

from stream_worker.tally import Tally
from stream_worker.venue_clock import VenueClock
from undertow.domain.recording import RecordingGap
from undertow.ports import AlertLevel, Notifier
from undertow.signals.coverage import Coverage

logger = logging.getLogger(__name__)

ABSENT_MS: Final = 20_000
"""Two heartbeats: when no worker has given a sign of life for longer, nobody has heard anything meanwhile."""


class Hearing:
    """Counts the connections on which liquidations come. While one is renewed there are two, and no gap."""

    def __init__(
        self,
        coverage: Coverage,
        venue_clock: VenueClock,
        notifier: Notifier,
        tally: Tally,
        record: Callable[[RecordingGap], None] = lambda _gap: None,
        last_sign_ms: int | None = None,
    ) -> None:
        """``record`` is told every gap; ``last_sign_ms`` is when the worker before us gave its last sign of life, and 0
        where there never was one: what was before the recording began is a gap too.
        """
        self._record = record
        self._last_sign_ms = last_sign_ms
        self._coverage = coverage
        self._clock = venue_clock
        self._notifier = notifier
        self._tally = tally
        self._connections = 0
        self._deaf_since_ms: int | None = None

    def began(self) -> None:
        self._connections += 1
        if self._connections > 1:
            return
        now_ms = self._clock.latest_ms()
        self._coverage.begin(now_ms)
        if self._deaf_since_ms is not None:
            self._record_gap(self._deaf_since_ms, now_ms, "the stream was cut off")
            self._deaf_since_ms = None
        elif self._last_sign_ms is not None:
            if now_ms - self._last_sign_ms > ABSENT_MS:
                why = "no worker was running" if self._last_sign_ms else "the recording had not begun"
                self._record_gap(self._last_sign_ms, now_ms, why)
            self._last_sign_ms = None

    def ended(self, silent_s: float = 0.0) -> None:
        """A connection is gone, after nothing came on it for ``silent_s``."""
        self._connections -= 1
        if self._connections == 0:
            self._deaf_since_ms = self._clock.latest_ms() - int(silent_s * 1000)
            self._coverage.lose(self._deaf_since_ms)

    def doubted(self, silent_s: float) -> None:
        """Nothing came for so long that the subscription may have been lost: what was missed is unknown."""
        now_ms = self._clock.latest_ms()
        from_ms = now_ms - int(silent_s * 1000)
        self._coverage.doubt(from_ms, now_ms)
        self._record_gap(from_ms, now_ms, "nothing came, which may be a lost subscription")
        self._notifier.alert(
            AlertLevel.HIGH,
            "liquidations_silent",
            "mark prices come but no liquidations; subscribed again",
            {"silent_s": str(int(silent_s))},
        )

    def _record_gap(self, from_ms: int, to_ms: int, reason: str) -> None:
        self._tally.gaps += 1
        self._record(RecordingGap(from_ms, to_ms, reason))
        logger.warning("gap in liquidations", extra={"from_ms": from_ms, "to_ms": to_ms, "gap_ms": to_ms - from_ms})
