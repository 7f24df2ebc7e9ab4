"""Whether all liquidations are being heard, and since when. Every gap is recorded."""

import logging

from stream_worker.tally import Tally
from stream_worker.venue_clock import VenueClock
from undertow.ports import AlertLevel, Notifier
from undertow.signals.coverage import Coverage

logger = logging.getLogger(__name__)


class Hearing:
    """Counts the connections on which liquidations come. While one is renewed there are two, and no gap."""

    def __init__(self, coverage: Coverage, venue_clock: VenueClock, notifier: Notifier, tally: Tally) -> None:
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
            self._record_gap(self._deaf_since_ms, now_ms)
            self._deaf_since_ms = None

    def ended(self) -> None:
        self._connections -= 1
        if self._connections == 0:
            self._deaf_since_ms = self._clock.latest_ms()
            self._coverage.lose(self._deaf_since_ms)

    def doubted(self, silent_s: float) -> None:
        """Nothing came for so long that the subscription may have been lost: what was missed is unknown."""
        now_ms = self._clock.latest_ms()
        from_ms = now_ms - int(silent_s * 1000)
        self._coverage.doubt(from_ms, now_ms)
        self._record_gap(from_ms, now_ms)
        self._notifier.alert(
            AlertLevel.HIGH,
            "liquidations_silent",
            "mark prices come but no liquidations; subscribed again",
            {"silent_s": str(int(silent_s))},
        )

    def _record_gap(self, from_ms: int, to_ms: int) -> None:
        self._tally.gaps += 1
        logger.warning("gap in liquidations", extra={"from_ms": from_ms, "to_ms": to_ms, "gap_ms": to_ms - from_ms})
