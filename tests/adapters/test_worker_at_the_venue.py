"""The worker's streams over real sockets to the simulated venue, whose time the test sets."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random

import pytest
from local.venue.hub import Deliver, at_once
from stream_worker.accounts import AccountStream
from stream_worker.hearing import Hearing
from stream_worker.market import MarketStreams
from tests.adapters.stream_rig import START_MS, Rig, faulty, rig
from tests.services.worker_rig import MAIN, QUICK, Bench, until

from undertow.adapters.aster.stream import ALL_LIQUIDATIONS, market_url, open_socket, user_url
from undertow.domain.ids import Symbol

STEPS, STEP_MS = 24, 2_000


class Worker:
    """The market side of a worker, connected to the rig."""

    def __init__(self, venue: Rig) -> None:
        self.bench = Bench()
        self.bench.clock.set(START_MS)
        bench = self.bench
        hearing = Hearing(bench.coverage, bench.venue_clock, bench.notifier, bench.tally)
        self.streams = MarketStreams(
            market_url(f"ws://127.0.0.1:{venue.port}"),
            open_socket,
            bench.measurer,
            hearing,
            self._breathe,
            bench.tally,
            QUICK,
            Random(1),
        )

    async def _breathe(self) -> None:
        await asyncio.sleep(0)

    def watch(self, symbols: Sequence[Symbol]) -> None:
        self.bench.measurer.watch(dict.fromkeys(symbols, frozenset[int]()))
        self.streams.watch(symbols)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.streams.run())
            group.create_task(self.bench.outbox.run())


@asynccontextmanager
async def workers(venue: Rig, count: int) -> AsyncIterator[list[Worker]]:
    """``count`` workers that listen to everything; stopped at the end."""
    made = [Worker(venue) for _ in range(count)]
    running = [asyncio.ensure_future(worker.run()) for worker in made]
    symbols = sorted(venue.market.symbols())[:12]
    try:
        for worker in made:
            worker.watch(symbols)
            await until(lambda coverage=worker.bench.coverage: coverage.since_ms is not None)
        await until(lambda: len(venue.hub) == count)
        yield made
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def step(venue: Rig, listening: Sequence[Worker]) -> None:
    venue.feed.tick(venue.clock.time_ms)
    venue.after(STEP_MS)
    for worker in listening:
        worker.bench.clock.set(venue.clock.time_ms)


def play(count: int, faults: str = "") -> tuple[list[Worker], int]:
    """Play two minutes of the tape to ``count`` workers; returns them and how many distinct frames were sent."""

    async def main() -> tuple[list[Worker], int]:
        deliver: Deliver = at_once
        postponed = None
        if faults:
            _, postponed, deliver = faulty(faults)
        async with AsyncExitStack() as stack:
            venue = await stack.enter_async_context(rig(deliver=deliver))
            listening = await stack.enter_async_context(workers(venue, count))
            for _ in range(STEPS):
                await step(venue, listening)
                await asyncio.sleep(0.002)
                if postponed is not None:
                    postponed.arrive()
            sent = venue.market.progress().frames_sent_distinct
            async with asyncio.timeout(20):
                for worker in listening:
                    await until(lambda tally=worker.bench.tally: tally.liquidations_in >= sent)
                    await worker.bench.outbox.drained()
            return listening, sent

    return asyncio.run(main())


def test_every_liquidation_of_the_tape_is_stored_once_and_watched_ones_are_forwarded() -> None:
    (worker,), sent = play(1)
    bench = worker.bench
    assert sent > 20
    assert len({one.id for one in bench.stored}) == len(bench.stored) == sent
    watched = {one.id for one in bench.stored if bench.quotes.of(one.symbol) != (None, None)}
    assert {one.liquidation.id for one in bench.queue.liquidations()} >= watched
    assert bench.tally.quarantined == 0


def test_duplicates_and_late_frames_change_nothing_in_what_is_stored() -> None:
    (calm,), sent = play(1)
    (shaken,), sent_shaken = play(1, "duplicate=0.3,late=0.3,reorder=0.2")
    assert sent == sent_shaken
    assert shaken.bench.tally.duplicates > 0
    assert {one.id for one in shaken.bench.stored} == {one.id for one in calm.bench.stored}
    assert len(shaken.bench.stored) == sent


def test_two_workers_name_every_event_alike_and_agree_on_every_window() -> None:
    (first, second), sent = play(2)
    assert [one.id for one in first.bench.stored] == [one.id for one in second.bench.stored]
    assert len(first.bench.stored) == sent

    def windows(worker: Worker) -> dict[str, object]:
        return {one.liquidation.id: one.windows for one in worker.bench.queue.liquidations()}

    assert windows(first) == windows(second)


def test_a_cut_socket_is_made_again_and_what_follows_is_heard() -> None:
    async def main() -> None:
        async with rig() as venue, workers(venue, 1) as (worker,):
            bench = worker.bench
            since_ms = bench.coverage.since_ms
            await step(venue, [worker])
            assert venue.hub.cut_all() == 1
            await until(lambda: bench.tally.reconnects == 1)
            await until(lambda: bench.coverage.since_ms is not None and bench.coverage.since_ms != since_ms)
            before = venue.market.progress().frames_sent_distinct
            heard = bench.tally.liquidations_in
            for _ in range(STEPS):
                await step(venue, [worker])
            after = venue.market.progress().frames_sent_distinct
            await until(lambda: bench.tally.liquidations_in - heard == after - before)
            assert bench.tally.gaps == 1

    asyncio.run(asyncio.wait_for(main(), 30))


def test_unwatched_symbols_are_unsubscribed_at_the_venue() -> None:
    async def main() -> None:
        async with rig() as venue, workers(venue, 1) as (worker,):
            symbols = sorted(venue.market.symbols())[:3]
            worker.watch(symbols)
            wanted = {f"{symbol.lower()}@bookTicker" for symbol in symbols}
            await until(
                lambda: (
                    {name for name in venue.hub.wanted() if "bookTicker" in name} == wanted
                    and venue.hub.has_listeners(ALL_LIQUIDATIONS)
                )
            )

    asyncio.run(asyncio.wait_for(main(), 30))


@pytest.mark.parametrize("how", ["expired", "cut"])
def test_a_user_stream_that_dies_gets_a_new_key_where_needed_and_reports_the_gap(how: str) -> None:
    async def main() -> None:
        async with rig() as venue:
            bench = Bench()
            bench.clock.set(START_MS)

            class Keys:
                def obtain(self) -> str:
                    return venue.listen_keys.open(MAIN, venue.clock.time_ms)

                def renew(self) -> bool:
                    return venue.listen_keys.extend(MAIN, venue.clock.time_ms)

            stream = AccountStream(
                MAIN,
                Keys(),
                lambda key: user_url(f"ws://127.0.0.1:{venue.port}", key),
                open_socket,
                bench.user_outbox,
                bench.quarantine,
                bench.notifier,
                bench.tally,
                bench.clock,
                QUICK,
                Random(1),
                START_MS,
            )
            running = [asyncio.ensure_future(part) for part in (stream.run(), bench.user_outbox.run())]
            await until(lambda: bool(venue.hub.accounts_listening()) and len(bench.user_queue.gaps()) == 1)
            (first_key,) = [name for name in venue.hub.wanted() if "@" not in name]
            bench.clock.advance(10_000)
            if how == "expired":
                venue.listen_keys.expire(MAIN)
                venue.hub.tick(venue.clock.time_ms)
            else:
                venue.hub.cut_all()
            await until(lambda: len(bench.user_queue.gaps()) == 2)
            await until(lambda: bool(venue.hub.accounts_listening()))
            (second_key,) = [name for name in venue.hub.wanted() if "@" not in name]
            assert (first_key == second_key) is (how == "cut")
            assert bench.tally.reconnects == 1
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    asyncio.run(asyncio.wait_for(main(), 30))
