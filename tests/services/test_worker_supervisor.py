"""The worker as a whole over memory: what it listens to, what it remembers, how it stops."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from stream_worker import supervisor
from stream_worker.accounts import AccountStreams
from stream_worker.hearing import Hearing
from stream_worker.heartbeat import HeartbeatWriter, LoopWatch
from stream_worker.market import MarketStreams
from stream_worker.store import LiquidationStore
from stream_worker.supervisor import Recall, Worker
from tests.services.test_worker_accounts import Rig as AccountRig
from tests.services.worker_rig import (
    BTC,
    ETH,
    NOW_MS,
    QUICK,
    Bench,
    FakeVenue,
    liquidation,
    liquidation_frame,
    order_frame,
    settled,
    until,
)
from tests.services.world import ACCOUNT, parameters
from tests.unit.builders import HUNTER

from undertow.adapters.aster.stream import ALL_LIQUIDATIONS
from undertow.adapters.aws.worker_tables import StoreFailed
from undertow.adapters.memory.params import StaticParams
from undertow.adapters.memory.recorders import RecordingMeter
from undertow.adapters.sqs.sender import SendFailed
from undertow.domain.account import Account, Heartbeat, Mode
from undertow.domain.ids import AccountId
from undertow.domain.market import Liquidation, Venue
from undertow.ports import Parameters


class Rig:
    """A worker whose tables are lists and whose venue is the test."""

    def __init__(self, tmp_path: Path, *, epoch: int = 7, params: Parameters | None = None) -> None:
        self.bench = Bench(store=lambda liquidation: self.store.put(liquidation))
        self.venue = FakeVenue()
        self.users = AccountRig()
        self.users.bench = self.bench
        self.table: list[Liquidation] = []
        self.beats: list[Heartbeat] = []
        self.stored_heartbeat: Heartbeat | None = None
        self.unreadable = False
        self.params = StaticParams(params)
        bench = self.bench
        self.store = LiquidationStore(self._append, bench.tally)
        hearing = Hearing(bench.coverage, bench.venue_clock, bench.notifier, bench.tally)
        self.market = MarketStreams(
            "ws://venue/ws", self.venue.open, bench.measurer, hearing, settled, bench.tally, QUICK, Random(1)
        )
        self.accounts = AccountStreams(self.users.make)
        self.worker = Worker(
            "stream-worker",
            epoch,
            Venue.ASTER,
            self.params,
            self.market,
            self.accounts,
            bench.measurer,
            bench.coverage,
            bench.outbox,
            bench.user_outbox,
            self.store,
            Recall(self._between, self._heartbeat),
            LoopWatch(lambda: None),
            bench.tally,
            bench.clock,
            bench.venue_clock,
        )
        self.heartbeat = HeartbeatWriter(
            self.worker.describe,
            self._put,
            self.worker.take_over,
            tmp_path / "beat.json",
            bench.tally,
            self.worker.totals,
            RecordingMeter(),
            every_s=0.005,
        )

    async def _append(self, liquidations: Sequence[Liquidation]) -> None:
        self.table += liquidations

    async def _between(self, from_ms: int, to_ms: int) -> Sequence[Liquidation]:
        if self.unreadable:
            raise StoreFailed("down")
        return [one for one in self.table if from_ms <= one.event_time_ms <= to_ms]

    async def _put(self, heartbeat: Heartbeat) -> None:
        self.beats.append(heartbeat)

    async def _heartbeat(self, _worker: str) -> Heartbeat | None:
        if self.unreadable:
            raise StoreFailed("down")
        return self.stored_heartbeat

    def play(self, script: Callable[[asyncio.Event], Awaitable[None]]) -> None:
        """Run the worker while ``script`` acts; the script, or its end, stops it."""

        async def main() -> None:
            stop = asyncio.Event()
            running = asyncio.ensure_future(self.worker.run(stop, self.heartbeat, refresh_s=0.005))
            async with asyncio.timeout(20):
                await script(stop)
                stop.set()
                await running

        asyncio.run(main())


def with_window(seconds: int, *, mode: Mode = Mode.SIMULATE) -> Parameters:
    made = parameters()
    strategy = made.strategies[HUNTER]
    symbols = {symbol: replace(one, volume_window_s=seconds) for symbol, one in strategy.symbols.items()}
    accounts = {ACCOUNT.id: replace(ACCOUNT, mode=mode)}
    return replace(
        made,
        globals=replace(made.globals, accounts=accounts, extra_symbols=(ETH,)),
        strategies={HUNTER: replace(strategy, symbols=symbols)},
    )


def test_each_symbol_gets_the_windows_its_strategies_ask_for() -> None:
    made = with_window(300)
    assert supervisor.windows_of(made, Venue.ASTER) == {BTC: frozenset({300}), ETH: frozenset()}
    assert supervisor.windows_of(made, Venue.HYPERLIQUID) == {ETH: frozenset()}


def test_only_accounts_with_orders_at_the_venue_are_listened_to() -> None:
    made = with_window(60)
    others = {
        AccountId(mode.value): Account(AccountId(mode.value), Venue.ASTER, mode, ACCOUNT.position_mode, False)
        for mode in Mode
    }
    made = replace(made, globals=replace(made.globals, accounts={**made.globals.accounts, **others}))
    assert supervisor.live_accounts(made, Venue.ASTER) == [AccountId("live")]
    assert supervisor.live_accounts(made, Venue.HYPERLIQUID) == []


def test_without_parameters_everything_is_stored_and_nothing_forwarded(tmp_path: Path) -> None:
    rig = Rig(tmp_path)

    async def script(_stop: asyncio.Event) -> None:
        await until(lambda: bool(rig.venue.living) and bool(rig.venue.living[0].streams))
        rig.venue.living[0].say(liquidation_frame(BTC))
        await until(lambda: len(rig.table) == 1)
        assert rig.bench.queue.taken == []

    rig.play(script)


def test_parameters_that_change_change_what_is_followed(tmp_path: Path) -> None:
    rig = Rig(tmp_path)

    async def script(_stop: asyncio.Event) -> None:
        await until(lambda: bool(rig.venue.living) and bool(rig.venue.living[0].streams))
        market = rig.venue.living[0]
        rig.params.replace(with_window(60, mode=Mode.LIVE))
        await until(lambda: {"btcusdt@bookTicker", "ethusdt@bookTicker"} <= market.streams)
        await until(lambda: bool(rig.users.venue.living))
        rig.params.replace(with_window(60))
        await until(lambda: not rig.users.venue.living)
        market.say(liquidation_frame(BTC))
        await until(lambda: len(rig.bench.queue.taken) == 1)

    rig.play(script)


def test_windows_are_rebuilt_from_the_table_and_say_that_they_are_not_covered(tmp_path: Path) -> None:
    rig = Rig(tmp_path, params=with_window(60))
    rig.table += [liquidation(number, BTC, NOW_MS - 1_000 * number) for number in range(1, 4)]

    async def script(_stop: asyncio.Event) -> None:
        await until(lambda: rig.worker.rebuilt and bool(rig.venue.living) and bool(rig.venue.living[0].streams))
        rig.venue.living[0].say(liquidation_frame(BTC, NOW_MS))
        await until(lambda: len(rig.bench.queue.taken) == 1)
        (message,) = rig.bench.queue.messages()
        assert message.liquidations[0].windows[60].events == 4
        assert not message.window_covered

    rig.play(script)


def test_a_table_that_cannot_be_read_is_asked_again(tmp_path: Path) -> None:
    rig = Rig(tmp_path, params=with_window(60))
    rig.unreadable = True

    async def script(_stop: asyncio.Event) -> None:
        await until(lambda: len(rig.beats) >= 3)
        assert not rig.worker.rebuilt
        rig.unreadable = False
        await until(lambda: rig.worker.rebuilt)

    rig.play(script)


def other_worker(time_ms: int, *, covered: bool = True, epoch: int = 6) -> Heartbeat:
    return Heartbeat("stream-worker", epoch, time_ms, None, None, None, 0, 0, 0, 0, 0, 0, window_covered=covered)


def test_a_worker_that_heard_everything_while_we_began_hands_its_windows_over(tmp_path: Path) -> None:
    rig = Rig(tmp_path, params=with_window(300))

    async def script(_stop: asyncio.Event) -> None:
        await until(lambda: rig.worker.rebuilt and rig.bench.coverage.since_ms is not None)
        rig.table += [liquidation(number, BTC, NOW_MS - 40_000 * number) for number in range(1, 5)]
        rig.bench.clock.advance(10_000)
        rig.stored_heartbeat = other_worker(NOW_MS + 10_000)
        await until(lambda: rig.bench.coverage.since_ms == NOW_MS - 300_000)
        rig.venue.living[0].say(liquidation_frame(BTC, NOW_MS + 10_000))
        await until(lambda: len(rig.bench.queue.taken) == 1)
        (message,) = rig.bench.queue.messages()
        assert message.window_covered
        assert message.liquidations[0].windows[300].events == 5

    rig.play(script)


def test_nothing_is_taken_over_from_a_worker_that_is_gone_deaf_new_or_ourselves(tmp_path: Path) -> None:
    for stored in (
        other_worker(NOW_MS - 1),
        other_worker(NOW_MS + 100_000 - supervisor.ALIVE_MS - 1),
        other_worker(NOW_MS + 100_000, covered=False),
        other_worker(NOW_MS + 100_000, epoch=7),
        None,
    ):
        rig = Rig(tmp_path, params=with_window(300))

        async def script(_stop: asyncio.Event, rig: Rig = rig, stored: Heartbeat | None = stored) -> None:
            await until(lambda: rig.bench.coverage.since_ms is not None)
            rig.bench.clock.advance(100_000)
            rig.stored_heartbeat = stored
            beats = len(rig.beats)
            await until(lambda: len(rig.beats) >= beats + 3)
            assert rig.bench.coverage.since_ms == NOW_MS

        rig.play(script)


def test_the_heartbeat_says_what_the_worker_knows(tmp_path: Path) -> None:
    rig = Rig(tmp_path, params=with_window(60, mode=Mode.LIVE))

    async def script(_stop: asyncio.Event) -> None:
        await until(lambda: rig.bench.coverage.since_ms is not None and bool(rig.users.venue.living))
        rig.bench.clock.advance(60_000)
        rig.venue.living[0].say(liquidation_frame(BTC, NOW_MS + 60_000), "nonsense")
        await until(lambda: bool(rig.beats) and rig.beats[-1].quarantined == 1)
        beat = rig.beats[-1]
        assert (beat.worker, beat.epoch, beat.time_ms) == ("stream-worker", 7, NOW_MS + 60_000)
        assert (beat.last_market_event_ms, beat.listen_key_renewed_at_ms) == (NOW_MS + 60_000, NOW_MS)
        assert (beat.frames_in, beat.liquidations_in, beat.dropped, beat.reconnects) == (2, 1, 0, 0)
        assert beat.window_covered

    rig.play(script)


def test_user_events_that_are_heard_but_not_yet_sent_do_not_count_as_heard(tmp_path: Path) -> None:
    rig = Rig(tmp_path, params=with_window(60, mode=Mode.LIVE))
    queue = rig.bench.user_queue

    async def script(_stop: asyncio.Event) -> None:
        await until(lambda: bool(rig.users.venue.living) and len(queue.gaps()) == 1)
        await until(lambda: rig.beats[-1].last_user_event_ms == NOW_MS)
        queue.gate = asyncio.Event()
        rig.bench.clock.advance(1_000)
        rig.users.venue.living[0].say(order_frame())
        await until(lambda: rig.bench.tally.user_frames == 1)
        rig.bench.clock.advance(500_000)
        await until(lambda: rig.beats[-1].time_ms == NOW_MS + 501_000)
        assert rig.beats[-1].last_user_event_ms == NOW_MS + 1_000
        queue.gate.set()
        await until(lambda: rig.beats[-1].last_user_event_ms == NOW_MS + 501_000)

    rig.play(script)


def test_an_orderly_stop_sends_what_is_held_and_says_so(tmp_path: Path) -> None:
    rig = Rig(tmp_path, params=with_window(60, mode=Mode.LIVE))
    rig.bench.queue.answers += [SendFailed("down")] * 2

    async def script(stop: asyncio.Event) -> None:
        await until(lambda: bool(rig.venue.living) and ALL_LIQUIDATIONS in rig.venue.living[0].streams)
        await until(lambda: bool(rig.users.venue.living) and "btcusdt@bookTicker" in rig.venue.living[0].streams)
        rig.venue.living[0].say(*(liquidation_frame(BTC, NOW_MS - number) for number in range(5)))
        rig.users.venue.living[0].say(order_frame())
        await until(lambda: rig.bench.tally.liquidations_in == 5 and rig.bench.tally.user_frames == 1)
        stop.set()

    rig.play(script)
    assert len(rig.bench.queue.liquidations()) == len(rig.table) == 5
    assert order_frame() in rig.bench.user_queue.user()
    assert rig.beats[-1].liquidations_in == 5
    assert rig.venue.living == rig.users.venue.living == []


def test_readers_wait_a_moment_while_the_senders_are_behind(tmp_path: Path) -> None:
    rig = Rig(tmp_path)

    async def main() -> None:
        for number in range(12_000):
            rig.store.put(liquidation(number))
        assert rig.store.is_full
        writing = asyncio.ensure_future(rig.store.run())
        await rig.worker.breathe()
        assert not rig.store.is_full
        writing.cancel()

    asyncio.run(main())
