"""The worker as a process: composed from its environment, fed over a socket, stopped by a signal."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest
from local.venue.burst import burst_frames, pour
from local.venue.hub import StreamHub, encoded
from local.venue.listen_keys import ListenKeys
from local.venue.stream import StreamServer
from local.venue.streams import ALL_FORCE_ORDERS
from stream_worker import health
from tests.benchmarks.loopback_aws import LoopbackAws
from tests.benchmarks.worker import ROOT, worker_environment

from undertow.adapters.clock import SystemClock

FRAMES, SYMBOLS = 3_000, 20
PATIENCE_S = 60


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def worker(environment: dict[str, str], log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "UNDERTOW_"))}
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "stream_worker", cwd=ROOT, env={**plain, **environment}, stdout=out, stderr=out
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def test_a_worker_hears_stores_forwards_and_leaves_in_good_order(tmp_path: Path) -> None:
    async def main() -> None:
        clock = SystemClock()
        hub = StreamHub(ListenKeys(Random(1)))
        venue = StreamServer(hub, clock)
        port = await venue.serve("127.0.0.1", 0)
        aws = LoopbackAws([f"BURST{number}USDT" for number in range(SYMBOLS)])
        environment = worker_environment(await aws.start(), port, str(tmp_path))
        log = tmp_path / "worker.log"
        try:
            async with worker(environment, log) as process:
                await until(lambda: hub.has_listeners(ALL_FORCE_ORDERS) and hub.has_listeners("burst0usdt@bookTicker"))
                await pour(hub, [encoded(frame) for frame in burst_frames(FRAMES, SYMBOLS, clock.now_ms())])
                process.send_signal(signal.SIGTERM)
                assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0
        finally:
            await venue.close()
            await aws.close()
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        last = [line for line in lines if line.get("message") == "heartbeat"][-1]
        assert last["liquidations_in"] == last["stored"] == last["forwarded"] == len(aws.stored) == len(aws.forwarded)
        assert last["quarantined"] == last["dropped"] == last["reconnects"] == 0
        assert int(aws.heartbeats[-1]["liquidations_in"]["N"]) == len(aws.stored)
        assert health.is_fresh(tmp_path / "heartbeat.json", clock.now_ms())
        assert not [line for line in lines if line.get("level") in ("ERROR", "CRITICAL")]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("missing", "named"),
    [("UNDERTOW_STAGE", "UNDERTOW_STAGE"), ("UNDERTOW_TICKS_QUEUE_URL", "queues"), ("AWS_ACCESS_KEY_ID", "AWS_")],
)
def test_a_worker_without_its_settings_says_which_and_does_not_start(tmp_path: Path, missing: str, named: str) -> None:
    async def main() -> int | None:
        environment = worker_environment("http://127.0.0.1:9", 9, str(tmp_path))
        del environment[missing]
        async with worker(environment, tmp_path / "worker.log") as process:
            return await asyncio.wait_for(process.wait(), PATIENCE_S)

    assert asyncio.run(main()) == 2
    (line,) = (tmp_path / "worker.log").read_text().splitlines()
    assert json.loads(line)["message"] == "cannot start"
    assert named in line
