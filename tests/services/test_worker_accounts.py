"""User data streams over sockets and listen keys that the test lets fail."""

import asyncio
import json
import threading
from dataclasses import dataclass, field, replace
from random import Random

import pytest
from stream_worker import accounts
from stream_worker.accounts import AccountStream, AccountStreams, NoKeys
from stream_worker.session import Patience
from tests.services.worker_rig import MAIN, NOW_MS, QUICK, Bench, FakeSocket, FakeVenue, during, order_frame, until

from undertow.domain.event import StreamGap
from undertow.domain.ids import AccountId
from undertow.domain.outcome import VenueBlocked, VenueReadFailed, VenueUnreachable


@dataclass
class FakeKeys:
    """Hands out numbered keys. ``failures`` come first; ``renewals`` are what the venue says to a renewal."""

    failures: list[Exception] = field(default_factory=list)
    renewals: list[bool | Exception] = field(default_factory=list)
    obtained: int = 0
    renewed: int = 0
    threads: set[int] = field(default_factory=set)
    gate: threading.Event | None = None

    def obtain(self) -> str:
        self.threads.add(threading.get_ident())
        self.obtained += 1
        if self.failures:
            raise self.failures.pop(0)
        return f"key{self.obtained}"

    def renew(self) -> bool:
        if self.gate is not None:
            self.gate.wait(10)
        self.renewed += 1
        answer = self.renewals.pop(0) if self.renewals else True
        if isinstance(answer, Exception):
            raise answer
        return answer


class Rig:
    def __init__(self, keys: FakeKeys | None = None, patience: Patience = QUICK, heard: int | None = NOW_MS) -> None:
        self.bench = Bench()
        self.venue = FakeVenue()
        self.keys = keys or FakeKeys()
        self.patience = patience
        self.heard = heard
        self.stream = self.make(MAIN)

    def make(self, account: AccountId) -> AccountStream:
        bench = self.bench
        return AccountStream(
            account,
            self.keys,
            lambda key: f"ws://venue/ws/{key}",
            self.venue.open,
            bench.user_outbox,
            bench.quarantine,
            bench.notifier,
            bench.tally,
            bench.clock,
            self.patience,
            Random(1),
            self.heard,
        )

    async def serve(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.stream.run())
            group.create_task(self.bench.user_outbox.run())

    async def up(self, number: int = 1) -> FakeSocket:
        await until(lambda: len(self.venue.sockets) >= number and not self.venue.sockets[number - 1].closed)
        return self.venue.sockets[number - 1]

    @property
    def sent(self) -> list[str | StreamGap]:
        return self.bench.user_queue.user()

    @property
    def frames(self) -> list[str]:
        return [one for one in self.sent if isinstance(one, str)]

    @property
    def gaps(self) -> list[StreamGap]:
        return self.bench.user_queue.gaps()


ACCOUNT_FRAME = json.dumps({"e": "ACCOUNT_UPDATE", "E": NOW_MS, "T": NOW_MS, "a": {"m": "DEPOSIT", "B": [], "P": []}})
EXPIRED_FRAME = json.dumps({"e": "listenKeyExpired", "E": NOW_MS})
ANNOUNCEMENT = json.dumps({"e": "announcement", "en": {}, "zh": {}})


def test_frames_go_on_as_they_came_grouped_by_symbol() -> None:
    rig = Rig()
    frames = [order_frame("BTCUSDT"), ACCOUNT_FRAME, order_frame("币安人生USDT"), order_frame("BTCUSDT", 2)]

    async def script() -> None:
        (await rig.up()).say(*frames, ANNOUNCEMENT)
        await until(lambda: len(rig.frames) == 4)
        assert sorted(rig.frames) == sorted(frames)
        groups = {entry.group for entry in rig.bench.user_queue.taken}
        assert groups == {"main#BTCUSDT", "main#*", "main#%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT"}
        assert rig.venue.urls == ["ws://venue/ws/key1"]

    during(rig.serve(), script)


def test_the_venue_is_asked_in_a_thread_so_that_the_loop_goes_on() -> None:
    rig = Rig()

    async def script() -> None:
        await rig.up()
        assert threading.get_ident() not in rig.keys.threads

    during(rig.serve(), script)


def test_the_first_gap_reaches_back_to_when_the_last_worker_was_heard_and_a_minute_more() -> None:
    rig = Rig(heard=NOW_MS - 30_000)

    async def script() -> None:
        await rig.up()
        await until(lambda: bool(rig.gaps))
        assert rig.gaps == [StreamGap(MAIN, NOW_MS - 90_000, NOW_MS, "start")]

    during(rig.serve(), script)


@pytest.mark.parametrize(
    ("heard", "from_ms"),
    [
        (None, NOW_MS - accounts.UNKNOWN_PAST_MS - accounts.OVERLAP_MS),
        (0, NOW_MS - accounts.LONGEST_PAST_MS - accounts.OVERLAP_MS),
    ],
)
def test_a_past_that_nobody_knows_is_bounded(heard: int | None, from_ms: int) -> None:
    rig = Rig(heard=heard)

    async def script() -> None:
        await rig.up()
        await until(lambda: bool(rig.gaps))
        assert rig.gaps[0].from_ms == from_ms

    during(rig.serve(), script)


def test_after_a_reconnect_the_time_not_heard_is_reported_with_its_reason() -> None:
    rig = Rig()

    async def script() -> None:
        first = await rig.up()
        await until(lambda: len(rig.gaps) == 1)
        first.cut()
        await until(lambda: first.closed)
        rig.bench.clock.advance(20_000)
        await rig.up(2)
        await until(lambda: len(rig.gaps) == 2)
        gap = rig.gaps[1]
        assert gap.from_ms == NOW_MS - accounts.OVERLAP_MS
        assert gap.to_ms == NOW_MS + 20_000
        assert "closed" in gap.reason

    during(rig.serve(), script)


def test_gaps_close_together_are_joined_into_one_that_covers_them() -> None:
    rig = Rig()

    async def script() -> None:
        first = await rig.up()
        await until(lambda: len(rig.gaps) == 1)
        for number in (1, 2, 3):
            socket = await rig.up(number)
            socket.cut()
            await until(lambda closed=socket: closed.closed)
            rig.bench.clock.advance(1_000)
        await rig.up(4)
        assert len(rig.gaps) == 1
        rig.bench.clock.advance(accounts.REPORTS_APART_MS)
        await until(lambda: len(rig.gaps) == 2)
        assert first.closed
        assert rig.gaps[1].from_ms == NOW_MS - accounts.OVERLAP_MS
        assert rig.gaps[1].to_ms == NOW_MS + 3_000 + accounts.REPORTS_APART_MS

    during(rig.serve(), script)


def test_an_expired_key_means_a_new_key_and_a_new_socket() -> None:
    rig = Rig()

    async def script() -> None:
        first = await rig.up()
        first.say(EXPIRED_FRAME)
        await rig.up(2)
        assert first.closed
        assert rig.venue.urls == ["ws://venue/ws/key1", "ws://venue/ws/key2"]
        assert EXPIRED_FRAME not in rig.sent

    during(rig.serve(), script)


def test_a_cut_connection_is_made_again_with_the_same_key_although_the_venue_answers_no_request() -> None:
    renewals: list[bool | Exception] = [VenueBlocked(NOW_MS + 60_000, "429")] * 1_000
    rig = Rig(FakeKeys(renewals=renewals))

    async def script() -> None:
        (await rig.up()).cut()
        second = await rig.up(2)
        await until(lambda: rig.keys.renewed > 1)
        assert rig.venue.urls == ["ws://venue/ws/key1"] * 2
        assert rig.keys.obtained == 1
        assert not second.closed

    during(rig.serve(), script)


def test_a_key_that_died_while_nobody_listened_is_found_out_at_once() -> None:
    rig = Rig(FakeKeys(renewals=[False]))

    async def script() -> None:
        (await rig.up()).cut()
        await rig.up(3)
        assert rig.venue.urls == ["ws://venue/ws/key1", "ws://venue/ws/key1", "ws://venue/ws/key2"]

    during(rig.serve(), script)


def test_when_a_key_died_unnoticed_everything_since_it_was_last_good_is_asked_for() -> None:
    gate = threading.Event()
    rig = Rig(FakeKeys(renewals=[False], gate=gate), replace(QUICK, keep_key_every_s=0.001))

    async def script() -> None:
        (await rig.up()).say(order_frame())
        await until(lambda: len(rig.gaps) == 1)
        rig.bench.clock.advance(1_000_000)
        await until(lambda: rig.stream.last_heard_ms == NOW_MS + 1_000_000)
        gate.set()
        await until(lambda: len(rig.gaps) == 2)
        assert rig.gaps[1].from_ms == NOW_MS - accounts.OVERLAP_MS
        assert "no more" in rig.gaps[1].reason

    during(rig.serve(), script)


def test_a_key_that_the_venue_knows_no_more_means_a_new_one() -> None:
    rig = Rig(FakeKeys(renewals=[True, False]), replace(QUICK, keep_key_every_s=0.01))

    async def script() -> None:
        await rig.up(2)
        assert rig.keys.renewed >= 2
        assert rig.venue.urls[1] == "ws://venue/ws/key2"

    during(rig.serve(), script)


def test_a_renewal_that_fails_is_tried_again_while_the_stream_goes_on() -> None:
    failures: list[bool | Exception] = [VenueReadFailed("503"), VenueUnreachable("down"), True]
    rig = Rig(FakeKeys(renewals=failures), replace(QUICK, keep_key_every_s=0.01))

    async def script() -> None:
        first = await rig.up()
        await until(lambda: rig.keys.renewed >= 4)
        assert not first.closed

    during(rig.serve(), script)


def test_a_key_that_could_not_be_renewed_for_its_lifetime_is_given_up() -> None:
    failing: list[bool | Exception] = [VenueReadFailed("503")] * 1_000
    patience = replace(QUICK, keep_key_every_s=0.005, key_lifetime_s=0.03)
    rig = Rig(FakeKeys(renewals=failing), patience)

    async def script() -> None:
        first = await rig.up()
        await rig.up(2)
        assert first.closed

    during(rig.serve(), script)


def test_a_socket_without_even_a_ping_is_given_up() -> None:
    rig = Rig(patience=replace(QUICK, user_s=10.0))

    async def script() -> None:
        first = await rig.up()
        first.silence_s = 11.0
        await rig.up(2)
        assert first.closed

    during(rig.serve(), script)


@pytest.mark.parametrize("error", [VenueReadFailed("503"), VenueUnreachable("no route"), NoKeys("no credentials")])
def test_a_key_that_cannot_be_had_is_asked_for_again(error: Exception) -> None:
    rig = Rig(FakeKeys(failures=[error]))

    async def script() -> None:
        await rig.up()
        assert rig.keys.obtained == 2
        assert bool(rig.bench.notifier.alerts) is isinstance(error, NoKeys)

    during(rig.serve(), script)


def test_a_frame_that_cannot_be_read_is_quarantined_and_fetched_from_the_venue_instead() -> None:
    rig = Rig()

    async def script() -> None:
        socket = await rig.up()
        await until(lambda: len(rig.gaps) == 1)
        rig.bench.clock.advance(accounts.REPORTS_APART_MS)
        socket.say(order_frame().replace('"L":"100"', '"L":"1e400"'))
        await until(lambda: len(rig.gaps) == 2)
        assert rig.bench.tally.quarantined == 1
        now_ms = rig.bench.clock.now_ms()
        assert rig.gaps[1] == StreamGap(MAIN, now_ms - accounts.OVERLAP_MS, now_ms, "unreadable_frame")
        assert rig.frames == []

    during(rig.serve(), script)


def test_streams_start_and_stop_as_accounts_come_and_go() -> None:
    rig = Rig()
    streams = AccountStreams(rig.make)

    async def script() -> None:
        streams.watch([MAIN, AccountId("second")])
        await rig.up(2)
        assert streams.heard_until_ms == NOW_MS
        assert streams.key_renewed_at_ms == NOW_MS
        streams.watch([AccountId("second")])
        await until(lambda: len(rig.venue.living) == 1)

    during(streams.run(), script)
    assert rig.venue.living == []


def test_nobody_was_heard_while_one_account_never_was() -> None:
    rig = Rig(FakeKeys(failures=[NoKeys("none")] * 1_000), heard=None)
    streams = AccountStreams(rig.make)

    async def script() -> None:
        assert streams.heard_until_ms is None
        streams.watch([MAIN])
        await until(lambda: rig.keys.obtained > 1)
        assert streams.heard_until_ms is None

    during(streams.run(), script)


def test_what_the_worker_before_us_heard_last_is_not_forgotten_while_we_hear_nothing() -> None:
    """A third worker would otherwise ask for the last hour, whatever the outage lasted."""
    rig = Rig(FakeKeys(failures=[VenueUnreachable("down")] * 1_000), heard=NOW_MS - 10_000_000)
    streams = AccountStreams(rig.make)

    async def script() -> None:
        streams.watch([MAIN])
        await until(lambda: rig.keys.obtained > 1)
        assert streams.heard_until_ms == NOW_MS - 10_000_000

    during(streams.run(), script)


def test_a_gap_that_is_not_reported_yet_does_not_count_as_heard() -> None:
    gate = threading.Event()
    rig = Rig(FakeKeys(renewals=[False], gate=gate))
    streams = AccountStreams(rig.make)

    async def script() -> None:
        streams.watch([MAIN])
        first = await rig.up()
        rig.bench.clock.advance(1_000_000)
        first.cut()
        await rig.up(2)
        assert streams.heard_until_ms == NOW_MS + 1_000_000
        gate.set()
        await rig.up(3)
        assert streams.heard_until_ms == NOW_MS
        rig.bench.clock.advance(accounts.REPORTS_APART_MS)
        await until(lambda: streams.heard_until_ms == NOW_MS + 1_000_000 + accounts.REPORTS_APART_MS)

    during(streams.run(), script)


def test_a_failure_that_nobody_foresaw_ends_the_worker() -> None:
    rig = Rig(FakeKeys(failures=[ZeroDivisionError("bug")]))
    streams = AccountStreams(rig.make)

    async def script() -> None:
        running = asyncio.ensure_future(streams.run())
        await asyncio.sleep(0)
        streams.watch([MAIN])
        await running

    with pytest.raises(ZeroDivisionError):
        asyncio.run(script())
