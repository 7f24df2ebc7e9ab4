"""Tells an alert by a log line and by the metric ``alerts_<level>``."""

import logging
from collections.abc import Mapping
from typing import Final

from undertow.ports import AlertLevel, Clock, Meter

logger = logging.getLogger(__name__)

AGAIN_AFTER_MS: Final = 5 * 60_000
"""A condition that lasts is told again this often: somebody may have missed it, and it has not gone away."""

_SEVERITY: Final = {
    AlertLevel.CRITICAL: logging.CRITICAL,
    AlertLevel.HIGH: logging.ERROR,
    AlertLevel.INFO: logging.INFO,
}


class LogNotifier:
    def __init__(self, meter: Meter, clock: Clock) -> None:
        self._meter = meter
        self._clock = clock
        self._told_ms: dict[str, int] = {}

    def alert(self, level: AlertLevel, key: str, message: str, facts: Mapping[str, str]) -> None:
        now_ms = self._clock.now_ms()
        last_ms = self._told_ms.get(key)
        if last_ms is not None and now_ms - last_ms < AGAIN_AFTER_MS:
            return
        self._told_ms = {known: told for known, told in self._told_ms.items() if now_ms - told < AGAIN_AFTER_MS}
        self._told_ms[key] = now_ms
        logger.log(
            _SEVERITY[level],
            "alert",
            extra={"alert": key, "alert_level": level.value, "told": message, "facts": dict(facts)},
        )
        self._meter.count(f"alerts_{level.value}")

    def resolved(self, key: str, message: str) -> None:
        if self._told_ms.pop(key, None) is not None:
            logger.info("alert_over", extra={"alert": key, "told": message})
