"""Fifty open pages on the local cloud in a cascade: what they miss, and what they cost the order path."""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Final

from local.system import LocalSystem
from tests.benchmarks.open_pages import Page, watched_cloud
from tests.benchmarks.rows import Row, percentile, row

PAGES: Final = 50
WATCHED_S: Final = 120.0
WARM_UP_S: Final = 30.0
NOISE: Final = 1.25
"""Two stretches of a tape are never alike: a quarter more is within it on two cores."""


def measure() -> list[Row]:
    with watched_cloud(minutes=60.0, speed=5.0) as (system, token):
        time.sleep(WARM_UP_S)
        alone_ms = _delays_ms(system, _stretch(WATCHED_S))
        pages = [Page(system.stack.live_url(), token) for _ in range(PAGES)]
        began_ms = time.time_ns() // 1_000_000
        asyncio.run(_watched(pages, time.monotonic() + WATCHED_S))
        watched_ms = _delays_ms(system, (began_ms, began_ms + int(WATCHED_S * 1_000)))
    events = sum(len(page.numbers) for page in pages)
    missed = sum(page.missed() for page in pages)
    again, resets = sum(page.asked_again for page in pages), sum(page.resets for page in pages)
    told = f"{PAGES} pages, {WATCHED_S:g} s, {events} events, asked again {again} times, {resets} resets"
    alone, watched = percentile(alone_ms, 0.5), percentile(watched_ms, 0.5)
    return [
        row("numbers that open pages missed after asking again", missed, "", told, None, "none", met=missed == 0),
        row("signal to order without pages: p50", alone, "ms", f"n = {len(alone_ms)}"),
        row("signal to order without pages: p99", percentile(alone_ms, 0.99), "ms", f"n = {len(alone_ms)}"),
        row(
            f"signal to order with {PAGES} pages: p50",
            watched,
            "ms",
            f"{alone:.0f} ms without pages, n = {len(watched_ms)}",
            watched / alone,
            f"at most {NOISE:g} times as long",
            met=watched <= alone * NOISE,
        ),
        row(f"signal to order with {PAGES} pages: p99", percentile(watched_ms, 0.99), "ms", f"n = {len(watched_ms)}"),
    ]


def _stretch(seconds: float) -> tuple[int, int]:
    """Let so many seconds pass; from when to when they were, in epoch milliseconds."""
    began_ms = time.time_ns() // 1_000_000
    time.sleep(seconds)
    return began_ms, time.time_ns() // 1_000_000


async def _watched(pages: list[Page], until_s: float) -> None:
    await asyncio.gather(*(page.watch(until_s) for page in pages))


def _delays_ms(system: LocalSystem, between_ms: tuple[int, int]) -> list[float]:
    """What the function measured itself, from the liquidation to its order, in milliseconds."""
    found = [delay for at_ms, delay in _measured(system) if between_ms[0] <= at_ms <= between_ms[1]]
    if not found:
        raise RuntimeError("nothing was traded: the tape is too quiet for this machine")
    return found


def _measured(system: LocalSystem) -> Iterator[tuple[int, float]]:
    with (system.places.logs / "emulator.log").open(errors="replace") as log:
        for line in log:
            if line.startswith("{") and '"SignalToOrder":' in line:
                told = json.loads(line)
                yield told["_aws"]["Timestamp"], float(told["SignalToOrder"])
