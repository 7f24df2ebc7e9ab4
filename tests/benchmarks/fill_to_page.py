"""From a fill at the venue simulator to the page: user stream, worker, queue, ledger, stream, news, socket.

All of it runs on the local cloud on this machine, so that it says what to expect there, not of AWS.
"""

import asyncio
import time
from collections import defaultdict
from decimal import Decimal
from typing import Final

from tests.benchmarks.open_pages import Event, Page, watched_cloud
from tests.benchmarks.rows import Row, percentile, row

FILLS: Final = 50
SPEED: Final = 1.0
"""As fast as the tape was: five times as fast, as `make run` plays it, a cascade is a test of two cores."""
WARM_UP_S: Final = 45.0
"""With the page open: the emulator starts a process for each stream and queue, which takes it seconds."""
LONGEST_S: Final = 900.0
GOAL_MS: Final = 1_000.0
Key = tuple[str, str]


class Watch:
    """When the page was told of each fill, and when a position of another size than before stood on it.

    The streams of fills and of positions are two, and either may tell first.
    """

    def __init__(self) -> None:
        self.began_ms = 0.0
        """Fills before it do not count."""
        self.fill_ms: list[float] = []
        self.position_ms: list[float] = []
        self._filled: dict[Key, list[float]] = defaultdict(list)
        self._changed: dict[Key, list[float]] = defaultdict(list)
        self._sizes: dict[Key, Decimal] = {}

    def told(self, event: Event, at_ms: float) -> None:
        data = event["data"]
        if event["kind"] == "fill":
            if data["time_ms"] >= self.began_ms:
                self.fill_ms.append(at_ms - data["time_ms"])
            self._filled[data["symbol"], data["position_side"]].append(data["time_ms"])
            self._settle((data["symbol"], data["position_side"]))
        elif event["kind"] == "position":
            key = data["symbol"], data["side"]
            size = Decimal(data["quantity"]) if data["open"] else Decimal(0)
            if size != self._sizes.get(key, Decimal(0)):
                self._sizes[key] = size
                self._changed[key].append(at_ms)
                self._settle(key)

    def _settle(self, key: Key) -> None:
        while self._filled[key] and self._changed[key]:
            changed_ms, filled_ms = self._changed[key].pop(0), self._filled[key].pop(0)
            if filled_ms >= self.began_ms:
                self.position_ms.append(changed_ms - filled_ms)


def measure() -> list[Row]:
    watch = Watch()
    with watched_cloud(minutes=40.0, speed=SPEED) as (system, token):
        page = Page(system.stack.live_url(), token, watch.told)
        asyncio.run(_until_enough(page, watch))
    n = f"n = {len(watch.fill_ms)} fills"
    if not watch.fill_ms or not watch.position_ms:
        raise RuntimeError("nothing filled: the tape is too quiet for this machine")
    p95 = percentile(watch.position_ms, 0.95)
    return [
        row("fill at the simulator to the fill on the page: p50", percentile(watch.fill_ms, 0.5), "ms", n),
        row("fill at the simulator to the fill on the page: p95", percentile(watch.fill_ms, 0.95), "ms", n),
        row("fill at the simulator to the position on the page: p50", percentile(watch.position_ms, 0.5), "ms", n),
        row(
            "fill at the simulator to the position on the page: p95",
            p95,
            "ms",
            f"n = {len(watch.position_ms)} positions",
            GOAL_MS / p95,
            "p95 at most 1 s",
            met=p95 <= GOAL_MS,
        ),
    ]


async def _until_enough(page: Page, watch: Watch) -> None:
    watching = asyncio.create_task(page.watch(time.monotonic() + LONGEST_S))
    await asyncio.sleep(WARM_UP_S)
    watch.began_ms = time.time() * 1_000
    while not watching.done() and len(watch.fill_ms) < FILLS:
        await asyncio.sleep(0.2)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
