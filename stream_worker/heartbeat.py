"""Signs of life: to the table for everybody, to a file for the container's health check, and a watch on the loop."""

import asyncio
import json
import logging
import os
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from stream_worker.tally import Tally
from undertow.adapters.aws.worker_tables import StoreFailed
from undertow.domain.account import Heartbeat
from undertow.ports import Meter

logger = logging.getLogger(__name__)

EVERY_S: Final = 10.0
TICK_S: Final = 1.0
BLOCKED_S: Final = 10.0
"""A loop that has not turned for so long will not recover by itself."""

METERED: Final = {
    "liquidations_in": "liquidations_in",
    "forwarded": "liquidations_forwarded",
    "quarantined": "frames_quarantined",
    "dropped": "liquidations_dropped",
    "reconnects": "stream_reconnects",
    "gaps": "stream_gaps",
    "sqs_failures": "queue_failures",
    "tick_failures": "tick_failures",
}
"""Totals that are metrics too, by the name of the metric."""


class LoopWatch:
    """Measures how late the event loop is, and ends the process when it is blocked. ECS starts another."""

    def __init__(self, die: Callable[[], None], tick_s: float = TICK_S, blocked_s: float = BLOCKED_S) -> None:
        self._die = die
        self._tick_s = tick_s
        self._blocked_s = blocked_s
        self._turned_at_s = time.monotonic()
        self._over = threading.Event()
        self.lag_ms = 0
        """The largest since it was last asked for with ``take_lag_ms``."""

    async def run(self) -> None:
        self._turned_at_s = time.monotonic()
        self._over.clear()
        thread = threading.Thread(target=self._watch, name="loop-watch", daemon=True)
        thread.start()
        try:
            while True:
                await asyncio.sleep(self._tick_s)
                now_s = time.monotonic()
                late_s = now_s - self._turned_at_s - self._tick_s
                self.lag_ms = max(self.lag_ms, int(late_s * 1000))
                self._turned_at_s = now_s
        finally:
            self._over.set()

    def take_lag_ms(self) -> int:
        lag_ms, self.lag_ms = self.lag_ms, 0
        return lag_ms

    def _watch(self) -> None:
        while not self._over.wait(self._tick_s):
            if time.monotonic() - self._turned_at_s > self._blocked_s:
                self._die()
                return


def die_blocked() -> None:
    """Leave at once: a blocked loop cannot be asked to stop. What it held is rebuilt at the next start."""
    logger.critical("event loop blocked", extra={"blocked_s": BLOCKED_S})
    os._exit(1)


READ_TIMES: Final = 3
READ_PAUSE_S: Final = 0.5


async def last_heartbeat(
    read: Callable[[str], Awaitable[Heartbeat | None]], worker: str, pause_s: float = READ_PAUSE_S
) -> Heartbeat | None:
    """What the worker before us left. Asked for more than once: our own first beat takes its place, and then nobody
    knows any more since when nothing was heard. Raises StoreFailed.
    """
    for attempt in range(1, READ_TIMES):
        try:
            return await read(worker)
        except StoreFailed as error:
            logger.warning("heartbeat not read", extra={"reason": str(error)})
        await asyncio.sleep(attempt * pause_s)
    return await read(worker)


class HeartbeatWriter:
    """Every 10 s, and once more at the end. A table that does not answer does not stop the worker."""

    def __init__(
        self,
        describe: Callable[[], Heartbeat],
        put: Callable[[Heartbeat], Awaitable[None]],
        before: Callable[[], Awaitable[None]],
        file: Path,
        tally: Tally,
        totals: Callable[[], dict[str, int]],
        meter: Meter,
        every_s: float = EVERY_S,
    ) -> None:
        """``before`` runs before each beat; ``totals`` are further figures for the log."""
        self._describe = describe
        self._put = put
        self._before = before
        self._file = file
        self._tally = tally
        self._totals = totals
        self._meter = meter
        self._every_s = every_s
        self._metered: dict[str, int] = {}

    async def run(self) -> None:
        while True:
            await self._before()
            await self.beat()
            await asyncio.sleep(self._every_s)

    async def beat(self) -> None:
        heartbeat = self._describe()
        totals = {**self._tally.as_dict(), **self._totals(), "loop_lag_ms": heartbeat.loop_lag_ms}
        logger.info("heartbeat", extra={**totals, "window_covered": heartbeat.window_covered})
        self._measure(totals, heartbeat.loop_lag_ms)
        try:
            await self._put(heartbeat)
        except StoreFailed as error:
            logger.warning("heartbeat not stored", extra={"reason": str(error)})
        write_health(self._file, heartbeat.time_ms)

    def _measure(self, totals: dict[str, int], loop_lag_ms: int) -> None:
        self._meter.count("worker_heartbeat")
        self._meter.observe("worker_loop_lag", loop_lag_ms)
        for name, metric in METERED.items():
            if more := totals.get(name, 0) - self._metered.get(name, 0):
                self._meter.count(metric, more)
        self._metered = totals


def write_health(file: Path, now_ms: int) -> None:
    """Replaced as a whole, so that nobody ever reads half of it."""
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps({"time_ms": now_ms}))
    fresh.replace(file)
