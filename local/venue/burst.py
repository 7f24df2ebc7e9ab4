"""A burst of liquidations through the stream door, as fast as the socket takes them; for measuring a consumer.

``python -m local.venue.burst --port 18081 --frames 80000`` waits for a listener on ``!forceOrder@arr``, sends the
burst, prints one JSON line and goes on serving until the listeners have gone or ``--linger`` seconds are over.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, Final

from local.venue.hub import StreamHub, encoded
from local.venue.listen_keys import ListenKeys
from local.venue.stream import StreamServer
from local.venue.streams import ALL_FORCE_ORDERS

_CHUNK: Final = 200
_UNSENT_BYTES: Final = 256 * 1024


class WallClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


def burst_frames(count: int, symbols: int, now_ms: int) -> Iterator[dict[str, Any]]:
    """Distinct liquidations of ``symbols`` symbols, all of them now. The quantity counts them: none equals another."""
    for number in range(count):
        quantity = f"{number // symbols + 1}.{number % symbols:04d}"
        order = {
            "s": f"BURST{number % symbols}USDT",
            "S": "SELL" if number % 12 else "BUY",
            "o": "LIMIT",
            "f": "IOC",
            "q": quantity,
            "p": "0.9910",
            "ap": "0.9991",
            "X": "FILLED",
            "l": quantity,
            "z": quantity,
            "T": now_ms,
        }
        yield {"e": "forceOrder", "E": now_ms, "o": order}


async def pour(hub: StreamHub, texts: Sequence[str]) -> None:
    """Publish the payloads ``texts``, never further ahead of the slowest listener than its socket takes."""
    for sent, text in enumerate(texts):
        hub.publish_text(ALL_FORCE_ORDERS, text)
        if sent % _CHUNK == 0:
            await asyncio.sleep(0)
            while hub.unsent_bytes(ALL_FORCE_ORDERS) > _UNSENT_BYTES:
                await asyncio.sleep(0.001)


async def serve_burst(host: str, port: int, frames: int, symbols: int, linger_s: float) -> None:
    clock = WallClock()
    hub = StreamHub(ListenKeys(Random(0)))
    server = StreamServer(hub, clock)
    print(json.dumps({"port": await server.serve(host, port)}), flush=True)
    while not hub.has_listeners(ALL_FORCE_ORDERS):
        await asyncio.sleep(0.02)
    texts = [encoded(frame) for frame in burst_frames(frames, symbols, clock.now_ms())]
    began_s = time.perf_counter()
    await pour(hub, texts)
    while hub.unsent_bytes(ALL_FORCE_ORDERS):
        await asyncio.sleep(0.001)
    took_s = time.perf_counter() - began_s
    listening = hub.has_listeners(ALL_FORCE_ORDERS)
    print(json.dumps({"frames": len(texts), "seconds": round(took_s, 3), "still_connected": listening}), flush=True)
    until_s = time.monotonic() + linger_s
    while len(hub) and time.monotonic() < until_s:
        await asyncio.sleep(0.05)
    await server.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.venue.burst", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--frames", type=int, default=80_000)
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--linger", type=float, default=60.0)
    given = parser.parse_args()
    asyncio.run(serve_burst(given.host, given.port, given.frames, given.symbols, given.linger))


if __name__ == "__main__":
    main()
