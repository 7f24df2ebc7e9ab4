"""Gaps in the liquidations are written down: cut streams, doubtful silence, and the time without any worker."""

import asyncio

from stream_worker.gap_log import GapLog
from stream_worker.hearing import ABSENT_MS, Hearing
from tests.services.worker_rig import NOW_MS, Bench, during, until

from undertow.adapters.aws.worker_tables import StoreFailed
from undertow.domain.recording import RecordingGap


def hearing(bench: Bench, told: list[RecordingGap], last_sign_ms: int | None = None) -> Hearing:
    return Hearing(bench.coverage, bench.venue_clock, bench.notifier, bench.tally, told.append, last_sign_ms)


def test_a_stream_that_was_cut_off_leaves_a_gap_from_the_cut_to_the_next_connection() -> None:
    bench, told = Bench(), list[RecordingGap]()
    one = hearing(bench, told)
    one.began()
    bench.clock.advance(60_000)
    one.ended()
    bench.clock.advance(4_000)
    one.began()
    assert told == [RecordingGap(NOW_MS + 60_000, NOW_MS + 64_000, "the stream was cut off")]


def test_the_time_without_a_worker_is_a_gap_and_a_quick_handover_is_none() -> None:
    bench, told = Bench(), list[RecordingGap]()
    hearing(bench, told, NOW_MS - ABSENT_MS).began()
    assert told == []
    hearing(bench, told, NOW_MS - 90_000).began()
    assert told == [RecordingGap(NOW_MS - 90_000, NOW_MS, "no worker was running")]


def test_what_was_before_the_recording_began_is_a_gap() -> None:
    bench, told = Bench(), list[RecordingGap]()
    hearing(bench, told, 0).began()
    assert told == [RecordingGap(0, NOW_MS, "the recording had not begun")]


def test_silence_that_may_be_a_lost_subscription_is_a_gap() -> None:
    bench, told = Bench(), list[RecordingGap]()
    one = hearing(bench, told)
    one.began()
    one.doubted(120.0)
    assert [(gap.from_ms, gap.to_ms) for gap in told] == [(NOW_MS - 120_000, NOW_MS)]


def test_gaps_are_written_in_order_however_often_the_table_fails() -> None:
    written: list[RecordingGap] = []
    failures = [StoreFailed("down"), StoreFailed("down")]

    async def put(gap: RecordingGap) -> None:
        await asyncio.sleep(0)
        if failures:
            raise failures.pop()
        written.append(gap)

    log = GapLog(put, retry_s=0)
    gaps = [RecordingGap(NOW_MS, NOW_MS + length, "the stream was cut off") for length in (1, 2)]

    async def script() -> None:
        for gap in gaps:
            log.note(gap)
        await until(lambda: written == gaps)

    during(log.run(), script)
