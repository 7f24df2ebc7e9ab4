"""Signs of life, and what happens when they stop."""

import asyncio
import json
import threading
import time
from pathlib import Path

import pytest
from stream_worker import health
from stream_worker.heartbeat import READ_TIMES, HeartbeatWriter, LoopWatch, last_heartbeat, write_health
from stream_worker.tally import Tally
from tests.services.worker_rig import NOW_MS, until

from undertow.adapters.aws.worker_tables import StoreFailed
from undertow.adapters.memory.recorders import RecordingMeter
from undertow.domain.account import Heartbeat

BEAT = Heartbeat("stream-worker", 1, NOW_MS, None, None, None, 3, 10, 5, 1, 0, 2, window_covered=True)


class Desk:
    def __init__(self, file: Path, failing: int = 0) -> None:
        self.put: list[Heartbeat] = []
        self.before = 0
        self.failing = failing
        self.tally = Tally(frames_in=10, liquidations_in=5)
        self.meter = RecordingMeter()
        self.writer = HeartbeatWriter(
            lambda: BEAT, self._put, self._before, file, self.tally, lambda: {"dropped": 0}, self.meter, every_s=0.001
        )

    async def _put(self, heartbeat: Heartbeat) -> None:
        if self.failing > 0:
            self.failing -= 1
            raise StoreFailed("throttled")
        self.put.append(heartbeat)

    async def _before(self) -> None:
        self.before += 1


def test_a_beat_goes_to_the_table_the_file_and_the_metrics(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "beat.json")
    asyncio.run(desk.writer.beat())
    desk.tally.liquidations_in = 8
    asyncio.run(desk.writer.beat())
    assert desk.put == [BEAT, BEAT]
    assert health.is_fresh(tmp_path / "beat.json", NOW_MS + health.FRESH_MS)
    assert desk.meter.counts["worker_heartbeat"] == 2
    assert desk.meter.counts["liquidations_in"] == 8


def test_a_table_that_does_not_answer_stops_neither_the_file_nor_the_next_beat(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "beat.json", failing=1)

    async def main() -> None:
        beating = asyncio.ensure_future(desk.writer.run())
        await asyncio.wait_for(until(lambda: len(desk.put) >= 2), 10)
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)

    asyncio.run(main())
    assert desk.before >= 3
    assert health.is_fresh(tmp_path / "beat.json", NOW_MS)


@pytest.mark.parametrize(("failures", "found"), [(0, True), (READ_TIMES - 1, True), (READ_TIMES, False)])
def test_what_the_worker_before_us_left_is_not_given_up_for_one_failure(failures: int, found: bool) -> None:
    """Our own first beat takes its place: then nobody knows since when nothing was heard."""
    left = [StoreFailed("throttled")] * failures

    async def read(worker: str) -> Heartbeat | None:
        await asyncio.sleep(0)
        assert worker == BEAT.worker
        if left:
            raise left.pop()
        return BEAT

    if found:
        assert asyncio.run(last_heartbeat(read, BEAT.worker, pause_s=0)) == BEAT
    else:
        with pytest.raises(StoreFailed):
            asyncio.run(last_heartbeat(read, BEAT.worker, pause_s=0))


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"time_ms":"x"}', "null"])
def test_a_file_that_says_nothing_is_not_fresh(tmp_path: Path, content: str) -> None:
    file = tmp_path / "beat.json"
    file.write_text(content)
    assert not health.is_fresh(file, NOW_MS)


def test_an_old_or_missing_file_is_not_fresh(tmp_path: Path) -> None:
    file = tmp_path / "beat.json"
    assert not health.is_fresh(file, NOW_MS)
    write_health(file, NOW_MS)
    assert json.loads(file.read_text()) == {"time_ms": NOW_MS}
    assert not health.is_fresh(file, NOW_MS + health.FRESH_MS + 1)


def test_the_place_of_the_file_can_be_given(tmp_path: Path) -> None:
    assert health.heartbeat_file({}, tmp_path) == tmp_path / health.DEFAULT_FILE
    assert health.heartbeat_file({health.FILE_VARIABLE: "/elsewhere/beat"}, tmp_path) == Path("/elsewhere/beat")


def test_a_blocked_loop_ends_the_process() -> None:
    died = threading.Event()
    watch = LoopWatch(died.set, tick_s=0.005, blocked_s=0.05)

    async def main() -> None:
        watching = asyncio.ensure_future(watch.run())
        await asyncio.sleep(0.02)
        assert not died.is_set()
        began_s = time.monotonic()
        while not died.is_set() and time.monotonic() - began_s < 10:
            time.sleep(0.005)
        watching.cancel()

    asyncio.run(main())
    assert died.is_set()


def test_a_late_loop_is_measured_and_told_once() -> None:
    watch = LoopWatch(lambda: None, tick_s=0.001, blocked_s=60)

    async def main() -> None:
        watching = asyncio.ensure_future(watch.run())
        await asyncio.sleep(0.005)
        time.sleep(0.05)
        await until(lambda: watch.lag_ms >= 40)
        watching.cancel()

    asyncio.run(main())
    assert watch.take_lag_ms() >= 40
    assert watch.take_lag_ms() == 0
