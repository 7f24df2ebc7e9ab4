"""The market connections over sockets that the test opens, feeds, silences and cuts."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from stream_worker.hearing import Hearing
from stream_worker.market import MarketStreams
from stream_worker.session import Patience
from tests.services.worker_rig import (
    BTC,
    ETH,
    NOW_MS,
    QUICK,
    Bench,
    FakeVenue,
    during,
    liquidation_frame,
    settled,
    until,
)

from undertow.adapters.aster.stream import ALL_LIQUIDATIONS, ALL_MARK_PRICES, MOST_STREAMS
from undertow.domain.ids import Symbol
from undertow.domain.recording import RecordingGap

BASE = {ALL_LIQUIDATIONS, ALL_MARK_PRICES}


class Rig:
    def __init__(self, patience: Patience = QUICK) -> None:
        self.bench = Bench()
        self.venue = FakeVenue()
        bench = self.bench
        self.told: list[RecordingGap] = []
        self.hearing = Hearing(bench.coverage, bench.venue_clock, bench.notifier, bench.tally, self.told.append)
        self.streams = MarketStreams(
            "ws://venue/ws",
            self.venue.open,
            bench.measurer,
            self.hearing,
            settled,
            bench.tally,
            patience,
            Random(1),
        )

    def watch(self, *symbols: Symbol) -> None:
        self.bench.measurer.watch(dict.fromkeys(symbols, frozenset[int]()))
        self.streams.watch(symbols)

    async def up(self, count: int = 1) -> Any:
        await until(lambda: len(self.venue.living) == count and all(one.streams for one in self.venue.living))
        await settled()
        return self.venue.living[-1]


def test_liquidations_and_mark_prices_are_heard_before_anything_is_watched() -> None:
    rig = Rig()

    async def script() -> None:
        socket = await rig.up()
        assert socket.streams == BASE
        socket.say(liquidation_frame())
        await until(lambda: len(rig.bench.stored) == 1)

    during(rig.streams.run(), script)


def test_asked_candles_are_followed_beside_best_prices() -> None:
    rig = Rig()

    async def script() -> None:
        rig.streams.watch([BTC, ETH], [(BTC, 300), (BTC, 60)])
        socket = await rig.up()
        prices = {"btcusdt@bookTicker", "ethusdt@bookTicker"}
        assert socket.streams == BASE | prices | {"btcusdt@kline_5m", "btcusdt@kline_1m"}
        rig.streams.watch([BTC, ETH], [(BTC, 60)])
        await until(lambda: socket.streams == BASE | prices | {"btcusdt@kline_1m"})

    during(rig.streams.run(), script)


def test_candles_count_among_the_streams_that_a_connection_may_have() -> None:
    rig = Rig()
    symbols = [Symbol(f"S{number}USDT") for number in range(MOST_STREAMS)]

    async def script() -> None:
        rig.streams.watch(symbols, [(symbol, 300) for symbol in symbols])
        await rig.up(3)
        await until(lambda: sum(len(one.streams) for one in rig.venue.living) == 2 * MOST_STREAMS + len(BASE))
        assert max(len(one.streams) for one in rig.venue.living) <= MOST_STREAMS

    during(rig.streams.run(), script)


def test_watched_symbols_are_followed_as_they_come_and_go() -> None:
    rig = Rig()

    async def script() -> None:
        rig.watch(BTC)
        socket = await rig.up()
        assert socket.streams == BASE | {"btcusdt@bookTicker"}
        rig.watch(ETH)
        await until(lambda: socket.streams == BASE | {"ethusdt@bookTicker"})
        assert len(rig.venue.sockets) == 1

    during(rig.streams.run(), script)


def test_what_everything_depends_on_is_subscribed_first() -> None:
    rig = Rig()

    async def script() -> None:
        rig.watch(*(Symbol(f"A{number}USDT") for number in range(100)))
        socket = await rig.up()
        assert set(socket.history[0][1][:2]) == BASE

    during(rig.streams.run(), script)


def test_more_symbols_than_one_connection_admits_open_another() -> None:
    rig = Rig()
    symbols = [Symbol(f"A{number}USDT") for number in range(450)]

    async def script() -> None:
        rig.watch(*symbols)
        await rig.up(3)
        shares = [socket.streams for socket in rig.venue.living]
        assert max(map(len, shares)) <= MOST_STREAMS
        assert set().union(*shares) == BASE | {f"{symbol.lower()}@bookTicker" for symbol in symbols}
        assert sum(map(len, shares)) == 452

    during(rig.streams.run(), script)


def test_streams_stay_on_their_connection_when_others_go() -> None:
    rig = Rig()
    symbols = [Symbol(f"A{number}USDT") for number in range(250)]

    async def script() -> None:
        rig.watch(*symbols)
        await rig.up(2)
        before = rig.venue.living[1].streams.copy()
        rig.watch(*symbols[5:])
        await settled()
        rig.watch(*symbols)
        await until(lambda: sum(len(one.streams) for one in rig.venue.living) == 252)
        assert rig.venue.living[1].streams >= before - {f"{one.lower()}@bookTicker" for one in symbols[:5]}

    during(rig.streams.run(), script)


def test_a_lost_connection_is_made_again_and_the_gap_recorded() -> None:
    rig = Rig()

    async def script() -> None:
        socket = await rig.up()
        assert rig.bench.coverage.since_ms == NOW_MS
        rig.bench.clock.advance(100_000)
        socket.cut()
        await until(lambda: rig.bench.coverage.since_ms is None)
        rig.bench.clock.advance(500)
        await rig.up()
        await until(lambda: rig.bench.coverage.since_ms is not None)
        assert rig.bench.coverage.since_ms == NOW_MS + 100_500
        assert (rig.bench.tally.reconnects, rig.bench.tally.gaps) == (1, 1)

    during(rig.streams.run(), script)


def test_a_venue_that_is_down_is_tried_again() -> None:
    rig = Rig()
    rig.venue.down = 2

    async def script() -> None:
        await rig.up()
        assert len(rig.venue.urls) == 3

    during(rig.streams.run(), script)


def test_a_refused_subscription_is_a_lost_connection() -> None:
    rig = Rig()

    async def script() -> None:
        socket = await rig.up()
        socket.refuses = True
        rig.watch(BTC)
        await until(lambda: len(rig.venue.sockets) == 2)
        assert socket.closed

    during(rig.streams.run(), script)


@pytest.mark.parametrize(
    "patience", [replace(QUICK, canary_s=0.02), replace(QUICK, market_s=0.0)], ids=["no mark prices", "nothing at all"]
)
def test_a_silent_connection_is_given_up(patience: Patience) -> None:
    rig = Rig(patience)

    async def script() -> None:
        first = await rig.up()
        first.silence_s = 1.0
        await until(lambda: len(rig.venue.sockets) >= 2)
        assert first.closed

    during(rig.streams.run(), script)


def test_the_silence_for_which_a_connection_is_given_up_belongs_to_the_gap() -> None:
    rig = Rig(replace(QUICK, market_s=20.0))

    async def script() -> None:
        first = await rig.up()
        rig.bench.clock.advance(100_000)
        first.silence_s = 25.0
        await until(lambda: len(rig.venue.sockets) >= 2)
        await until(lambda: len(rig.told) == 1)
        assert (rig.told[0].from_ms, rig.told[0].to_ms) == (NOW_MS + 75_000, NOW_MS + 100_000)

    during(rig.streams.run(), script)


def test_mark_prices_that_stayed_away_say_since_when_a_connection_was_of_no_use() -> None:
    """Pings may still come where the subscriptions are lost."""
    rig = Rig(replace(QUICK, canary_s=0.2))

    async def script() -> None:
        await rig.up()
        rig.bench.clock.advance(100_000)
        await until(lambda: len(rig.told) == 1)
        assert rig.told[0].to_ms - rig.told[0].from_ms >= 200

    during(rig.streams.run(), script)


def test_liquidations_that_stay_away_while_mark_prices_come_are_subscribed_again() -> None:
    rig = Rig(replace(QUICK, liquidations_s=0.03))

    async def script() -> None:
        socket = await rig.up()
        rig.bench.clock.advance(100_000)
        await until(lambda: ("-", (ALL_LIQUIDATIONS,)) in socket.history)
        await until(lambda: bool(rig.bench.notifier.alerts))
        again = socket.history.index(("-", (ALL_LIQUIDATIONS,))) + 1
        assert socket.history[again] == ("+", (ALL_LIQUIDATIONS,))
        assert rig.bench.notifier.keys()[0] == "liquidations_silent"
        assert rig.bench.coverage.since_ms == NOW_MS + 100_000
        assert not socket.closed

    during(rig.streams.run(), script)


def test_a_connection_is_renewed_without_a_gap() -> None:
    rig = Rig(replace(QUICK, renew_after_s=0.05))

    async def script() -> None:
        first = await rig.up()
        await until(lambda: len(rig.venue.sockets) >= 2 and first.closed)
        successor = rig.venue.sockets[1]
        assert successor.streams == BASE
        assert rig.bench.coverage.since_ms == NOW_MS
        assert (rig.bench.tally.gaps, rig.bench.tally.reconnects) == (0, 0)

    during(rig.streams.run(), script)


def test_a_renewal_that_fails_leaves_the_old_connection_in_place() -> None:
    rig = Rig(replace(QUICK, renew_after_s=0.05))

    async def script() -> None:
        first = await rig.up()
        rig.venue.down = 1
        await until(lambda: len(rig.venue.urls) >= 2)
        await settled()
        assert not first.closed
        await until(lambda: len(rig.venue.sockets) >= 2 and first.closed)
        assert rig.bench.tally.gaps == 0

    during(rig.streams.run(), script)


def test_the_end_of_the_run_closes_every_connection() -> None:
    rig = Rig()

    async def script() -> None:
        rig.watch(*(Symbol(f"A{number}USDT") for number in range(250)))
        await rig.up(2)

    during(rig.streams.run(), script)
    assert rig.venue.living == []
