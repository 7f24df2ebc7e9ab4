"""Streams that misbehave on request: every copy, delay and cut is one that was asked for and counted."""

import asyncio
from collections import Counter

from local.venue.faults import Fault
from local.venue.stream_faults import SocketFaults
from tests.adapters.stream_rig import START_MS, TAPE, closing, everything, faulty, rig, until

from undertow.domain.ids import AccountId

FORCED = "!forceOrder@arr"
WALL_MS = TAPE.length_ms // 20 + 100


def numbered(count: int) -> list[dict[str, int]]:
    return [{"n": number} for number in range(count)]


def test_without_faults_every_frame_arrives_once_at_once_and_in_order() -> None:
    async def scene() -> None:
        plan, postponed, deliver = faulty("none")
        async with rig(deliver=deliver) as venue, venue.listening(FORCED) as client:
            for payload in numbered(500):
                venue.hub.publish(FORCED, payload)
            assert await everything(client) == numbered(500)
            assert postponed.calls == []
            assert plan.counts == {}

    asyncio.run(scene())


def test_a_tenth_of_the_events_comes_twice() -> None:
    async def scene() -> None:
        plan, postponed, deliver = faulty("duplicate=0.1")
        async with rig(deliver=deliver) as venue, venue.listening(FORCED) as client:
            for payload in numbered(2_000):
                venue.hub.publish(FORCED, payload)
            postponed.arrive()
            seen = Counter(frame["n"] for frame in await everything(client))
            assert len(seen) == 2_000
            assert sum(copies == 2 for copies in seen.values()) == plan.counts[Fault.DUPLICATE]
            assert max(seen.values()) == 2
            assert 140 <= plan.counts[Fault.DUPLICATE] <= 260

    asyncio.run(scene())


def test_a_tenth_of_the_events_comes_late_but_comes() -> None:
    async def scene() -> None:
        plan, postponed, deliver = faulty("late=0.1,late_by_s=3")
        async with rig(deliver=deliver) as venue, venue.listening(FORCED) as client:
            for payload in numbered(2_000):
                venue.hub.publish(FORCED, payload)
            punctual = [frame["n"] for frame in await everything(client)]
            assert punctual == sorted(punctual)
            assert len(postponed.calls) == plan.counts[Fault.LATE] == 2_000 - len(punctual)
            assert all(0 < delay_s <= 3 for delay_s, _ in postponed.calls)
            postponed.arrive()
            late = [frame["n"] for frame in await everything(client)]
            assert sorted(punctual + late) == list(range(2_000))

    asyncio.run(scene())


def test_reordered_events_overtake_each_other() -> None:
    async def scene() -> None:
        plan, postponed, deliver = faulty("reorder=0.5")
        async with rig(deliver=deliver) as venue, venue.listening(FORCED) as client:
            for payload in numbered(100):
                venue.hub.publish(FORCED, payload)
            postponed.arrive()
            arrived = [frame["n"] for frame in await everything(client)]
            assert sorted(arrived) == list(range(100))
            assert arrived != sorted(arrived)
            assert plan.counts[Fault.REORDER] > 0

    asyncio.run(scene())


def test_quotes_are_never_delayed_or_doubled() -> None:
    async def scene() -> None:
        plan, postponed, deliver = faulty("duplicate=1,late=1")
        async with rig(deliver=deliver) as venue, venue.listening("btcusdt@bookTicker") as client:
            venue.after(5_000)
            updates = [frame["u"] for frame in await everything(client)]
            assert len(updates) == len(set(updates)) >= 20
            assert postponed.calls == []
            assert plan.counts == {}

    asyncio.run(scene())


def test_a_late_event_misses_whoever_has_gone() -> None:
    async def scene() -> None:
        _, postponed, deliver = faulty("late=1")
        async with rig(deliver=deliver) as venue:
            async with venue.listening(FORCED):
                venue.hub.publish(FORCED, {"n": 1})
            await until(lambda: len(venue.hub) == 0)
            postponed.arrive()

    asyncio.run(scene())


def test_sockets_are_cut_every_so_many_seconds_of_tape_and_never_after_its_end() -> None:
    async def scene() -> None:
        plan, _, _ = faulty("drop_ws_every_s=20")
        async with rig(speed=20) as venue:
            strikes = SocketFaults(plan, venue.hub, venue.listen_keys)
            async with venue.listening(FORCED) as client:
                venue.after(900)
                strikes.tick(venue.clock.time_ms, venue.market.tape_position_ms)
                assert isinstance(await everything(client), list)
                venue.after(101)
                strikes.tick(venue.clock.time_ms, venue.market.tape_position_ms)
                assert (await closing(client))[0] == 1006
            await until(lambda: len(venue.hub) == 0)
            assert plan.counts[Fault.DROP_WS_EVERY_S] == 1
            venue.to(START_MS + WALL_MS + 60_000)
            strikes.tick(venue.clock.time_ms, venue.market.tape_position_ms)
            async with venue.listening(FORCED) as client:
                venue.after(60_000)
                strikes.tick(venue.clock.time_ms, venue.market.tape_position_ms)
                assert await everything(client) == []

    asyncio.run(scene())


def test_a_silent_stream_keeps_its_socket_and_a_new_socket_hears() -> None:
    async def scene() -> None:
        plan, _, _ = faulty("silent_stream_s=30")
        async with rig() as venue, venue.listening(FORCED, "btcusdt@bookTicker") as client:
            strikes = SocketFaults(plan, venue.hub, venue.listen_keys)
            strikes.tick(START_MS, tape_position_ms=60_000)
            venue.after(1_000)
            venue.hub.publish(FORCED, {"n": 1})
            assert await everything(client) == []
            async with venue.listening(FORCED) as fresh:
                strikes.tick(START_MS + 1_000, tape_position_ms=61_000)
                venue.hub.publish(FORCED, {"n": 2})
                assert await everything(fresh) == [{"n": 2}]
            venue.hub.tick(START_MS + 30_000)
            venue.hub.publish(FORCED, {"n": 3})
            assert await everything(client) == [{"n": 3}]
            assert plan.counts[Fault.SILENT_STREAM_S] == 1

    asyncio.run(scene())


def test_a_listen_key_in_use_runs_out_once() -> None:
    async def scene() -> None:
        plan, _, _ = faulty("expire_listen_key_once")
        main = AccountId("main")
        async with rig() as venue:
            strikes = SocketFaults(plan, venue.hub, venue.listen_keys)
            strikes.tick(START_MS, tape_position_ms=100_000)
            key = venue.listen_keys.open(main, START_MS)
            async with venue.connect(f"/ws/{key}") as client:
                await until(lambda: venue.hub.has_listeners(key))
                strikes.tick(START_MS, tape_position_ms=59_999)
                assert venue.listen_keys.account_of(key, START_MS) == main
                strikes.tick(START_MS, tape_position_ms=60_000)
                venue.after(50)
                assert [frame["e"] for frame in await everything(client)] == ["listenKeyExpired"]
            renewed = venue.listen_keys.open(main, START_MS)
            async with venue.connect(f"/ws/{renewed}"):
                await until(lambda: venue.hub.has_listeners(renewed))
                strikes.tick(START_MS, tape_position_ms=120_000)
                assert venue.listen_keys.account_of(renewed, START_MS) == main
            assert plan.counts[Fault.EXPIRE_LISTEN_KEY_ONCE] == 1

    asyncio.run(scene())
