"""The stream worker's figures: CPU per liquidation, a burst of 80,000 frames, resident memory.

``python -m tests.benchmarks.worker`` prints them as JSON, one object a line.
"""

import asyncio
import gc
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from local.tapes.generator import lines
from stream_worker.__main__ import settle
from stream_worker.measure import Measurer
from stream_worker.quarantine import Quarantine
from stream_worker.quotes import Quotes
from stream_worker.tally import Tally
from stream_worker.venue_clock import VenueClock
from tests.benchmarks.loopback_aws import LoopbackAws

from undertow.adapters.aster.stream import FRAMES_PER_TURN
from undertow.adapters.clock import SystemClock
from undertow.adapters.sqs.outbox import LiquidationsOutbox
from undertow.adapters.sqs.sender import Entry
from undertow.domain.ids import Symbol
from undertow.domain.market import Liquidation, Venue
from undertow.signals.coverage import Coverage

CPU_GOAL_US: Final = 28.0
CPU_YARDSTICK_US: Final = 570.0
"""What the Python hunter people use today needs for one liquidation, its table in memory."""
MEMORY_GOAL_MB: Final = 80.0
FRAMES: Final = 80_000
SYMBOLS: Final = 500
REPEATS: Final = 7
ROOT: Final = Path(__file__).resolve().parents[2]

Result = dict[str, Any]


def measure() -> list[Result]:
    return [*cpu_per_liquidation(), *asyncio.run(burst())]


def result(
    name: str, value: float, unit: str, yardstick: str, ratio: float | None, goal: str, *, met: bool | None
) -> Result:
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "yardstick": yardstick,
        "ratio": None if ratio is None else round(ratio, 2),
        "goal": goal,
        "met": met,
    }


# --- CPU ------------------------------------------------------------------------------------------------------------


class NowhereQueue:
    """Takes every entry: what is measured ends where an entry stands in the queue of what is to be sent."""

    async def send(self, entries: Sequence[Entry]) -> dict[int, bool]:
        return {}


def cascade_frames(now_ms: int) -> tuple[list[bytes], set[Symbol]]:
    """Frames of a synthetic cascade with its own names and numbers, all of the last minute."""
    events = [json.loads(line) for line in lines(1, 50)][1:]
    first_ms, last_ms = events[0]["data"]["E"], events[-1]["data"]["E"]
    frames, symbols = [], set()
    for event in events:
        data = event["data"]
        at_ms = now_ms - 60_000 + (data["E"] - first_ms) * 60_000 // (last_ms - first_ms)
        data["E"] = data["o"]["T"] = at_ms
        symbols.add(Symbol(data["o"]["s"]))
        frames.append(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())
    return frames, symbols


def cpu_per_liquidation() -> list[Result]:
    yardstick = f"{CPU_YARDSTICK_US:g} us: the Python hunter in use today"
    measured = [
        ("in a cascade", FRAMES_PER_TURN, f"at most {CPU_GOAL_US:g} us"),
        ("each alone in its message, event loop included", 1, "none"),
    ]
    results = []
    for how, at_once, goal in measured:
        value = min(asyncio.run(cpu_us(at_once)) for _ in range(REPEATS))
        name = f"worker: CPU per liquidation, frame bytes to queued SQS entry, {how}"
        met = value <= CPU_GOAL_US if at_once > 1 else None
        results.append(result(name, value, "us", yardstick, CPU_YARDSTICK_US / value, goal, met=met))
    return results


async def cpu_us(at_once: int) -> float:
    """CPU of this process per liquidation when ``at_once`` frames come together and then leave as messages.

    Every symbol is watched, so every liquidation is measured, handed to the store and forwarded.
    """
    clock, tally = SystemClock(), Tally()
    frames, symbols = cascade_frames(clock.now_ms())
    quarantine = Quarantine(tally)
    quotes = Quotes(quarantine, clock)
    coverage = Coverage()
    coverage.begin(clock.now_ms() - 3_600_000)
    outbox = LiquidationsOutbox(Venue.ASTER, 1, NowhereQueue(), quotes.of, clock)
    kept: list[Liquidation] = []
    measurer = Measurer(outbox, kept.append, quotes, coverage, quarantine, tally, clock, VenueClock(clock))
    measurer.watch(dict.fromkeys(symbols, frozenset[int]()))
    sending = asyncio.ensure_future(outbox.run(1))
    await asyncio.sleep(0)
    settle()
    began_ns = time.process_time_ns()
    for first in range(0, len(frames), at_once):
        for frame in frames[first : first + at_once]:
            measurer.take(frame.decode())
        await outbox.drained()
    spent_ns = time.process_time_ns() - began_ns
    gc.unfreeze()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    if outbox.sent.items != len(frames) or tally.quarantined:
        raise RuntimeError(f"not every frame was forwarded: {tally} {outbox.sent}")
    return spent_ns / 1000 / len(frames)


# --- burst and memory -----------------------------------------------------------------------------------------------


async def burst() -> list[Result]:
    """The worker as a process of its own, against a venue that sends 80,000 liquidations as fast as it takes them."""
    symbols = [f"BURST{number}USDT" for number in range(SYMBOLS)]
    aws = LoopbackAws(symbols)
    endpoint = await aws.start()
    port = free_port()
    with tempfile.TemporaryDirectory() as work:
        log = Path(work) / "worker.log"
        worker = start(["-m", "stream_worker"], log, worker_environment(endpoint, port, work))
        venue = None
        try:
            await until(lambda: "GetParametersByPath".lower() in aws.requests, 30)
            venue_log = Path(work) / "venue.log"
            arguments = ["--port", str(port), "--frames", str(FRAMES), "--symbols", str(SYMBOLS), "--linger", "120"]
            venue = start(["-m", "local.venue.burst", *arguments], venue_log, {})
            memory = Memory(worker.pid)
            began_s = time.monotonic()
            await until(lambda: memory.look() and len(aws.stored) >= FRAMES and len(aws.forwarded) >= FRAMES, 120)
            took_s = time.monotonic() - began_s
            await until(lambda: memory.look() and len(venue_log.read_text().splitlines()) > 1, 30)
            connected = json.loads(venue_log.read_text().splitlines()[1])["still_connected"]
        finally:
            for process in (worker, venue):
                if process is not None:
                    process.terminate()
                    await asyncio.to_thread(process.wait, 30)
            await aws.close()
        lost_connections = disconnects(log.read_text()) + (0 if connected else 1)
    lost = FRAMES - min(len(aws.stored), len(aws.forwarded))
    return [
        result("worker: frames lost of a burst of 80,000", lost, "frames", "0", None, "0", met=lost == 0),
        result("worker: disconnects in that burst", lost_connections, "", "0", None, "0", met=lost_connections == 0),
        result("worker: until all were stored and forwarded", took_s, "s", "", None, "none", met=None),
        result("worker: SQS messages for that burst", aws.messages, "messages", "", None, "none", met=None),
        result(
            "worker: resident memory, the most seen during that burst",
            memory.most_mb,
            "MB",
            f"{MEMORY_GOAL_MB:g} MB",
            MEMORY_GOAL_MB / memory.most_mb,
            f"at most {MEMORY_GOAL_MB:g} MB",
            met=memory.most_mb <= MEMORY_GOAL_MB,
        ),
        result("worker: resident memory, before the burst", memory.first_mb, "MB", "", None, "none", met=None),
    ]


class Memory:
    """Resident memory of a process. Linux remembers the most there ever was; others are looked at now and again."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.first_mb = self.most_mb = self._resident_mb()

    def look(self) -> bool:
        self.most_mb = max(self.most_mb, self._resident_mb())
        return True

    def _resident_mb(self) -> float:
        status = Path(f"/proc/{self._pid}/status")
        if status.exists():
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
            return int(fields["VmHWM"].split()[0]) * 1024 / 1e6
        answer = subprocess.run(["ps", "-o", "rss=", "-p", str(self._pid)], capture_output=True, text=True, check=True)
        return int(answer.stdout) * 1024 / 1e6


def disconnects(log: str) -> int:
    """Connections lost after they stood. Attempts before the venue was there are none."""
    lost = 0
    for line in log.splitlines():
        said = json.loads(line)
        if said.get("message") == "market stream lost" and not said["reason"].startswith("cannot connect"):
            lost += 1
    return lost


def worker_environment(endpoint: str, port: int, work: str) -> dict[str, str]:
    return {
        "UNDERTOW_STAGE": "bench",
        "UNDERTOW_TABLE_PREFIX": "bench-",
        "UNDERTOW_LIQUIDATIONS_QUEUE_URL": f"{endpoint}/liquidations.fifo",
        "UNDERTOW_USER_EVENTS_QUEUE_URL": f"{endpoint}/user-events.fifo",
        "UNDERTOW_TICKS_QUEUE_URL": f"{endpoint}/ticks.fifo",
        "UNDERTOW_ASTER_REST_URL": f"http://127.0.0.1:{port}",
        "UNDERTOW_ASTER_WS_URL": f"ws://127.0.0.1:{port}",
        "UNDERTOW_HEARTBEAT_FILE": f"{work}/heartbeat.json",
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
    }


def start(arguments: Sequence[str], log: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=out,
            stderr=subprocess.STDOUT,
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(condition: Callable[[], bool], patience_s: float) -> None:
    """Wait for ``condition``, or for as long as patience lasts: what is missing then shows in the figures."""
    end_s = time.monotonic() + patience_s
    while not condition() and time.monotonic() < end_s:
        await asyncio.sleep(0.05)


def main() -> None:
    for one in measure():
        sys.stdout.write(json.dumps(one) + "\n")


if __name__ == "__main__":
    main()
