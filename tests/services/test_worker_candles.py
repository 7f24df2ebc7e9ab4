"""Candles: handed on once, in order, closed, and what is missing is fetched at a bounded pace."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from stream_worker import candles
from stream_worker.candles import AGAIN_AFTER_MS, GRACE_MS, Candles
from tests.services.worker_rig import BTC, ETH, Bench, during, kline_frame, until

from undertow.adapters.aster.messages import Kline
from undertow.adapters.memory.clock import SettableClock
from undertow.domain.ids import Symbol
from undertow.domain.market import Candle
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable

MINUTE_MS = 60_000
START_MS = 1_765_417_000_000 // MINUTE_MS * MINUTE_MS
ONE = Decimal(1)


def candle(number: int) -> Candle:
    """The minute that begins ``number`` minutes after the start."""
    open_ms = START_MS + number * MINUTE_MS
    return Candle(open_ms, open_ms + MINUTE_MS - 1, ONE, ONE, ONE, ONE, ONE)


def kline(number: int, *, closed: bool = True, symbol: Symbol = BTC) -> Kline:
    one = candle(number)
    return Kline(
        symbol, "1m", one.open_time_ms, one.close_time_ms, ONE, ONE, ONE, ONE, ONE, ONE, 1, closed, one.close_time_ms
    )


@dataclass
class FakeSource:
    """Answers with the minutes that have begun by ``clock``; ``fails`` come first."""

    clock: SettableClock
    missing: set[int] = field(default_factory=set)
    fails: list[Exception] = field(default_factory=list)
    asked: list[tuple[Symbol, int, int]] = field(default_factory=list)

    def fetch_candles(self, symbol: Symbol, interval_s: int, limit: int) -> Sequence[Candle]:
        self.asked.append((symbol, interval_s, limit))
        if self.fails:
            raise self.fails.pop(0)
        now = (self.clock.now_ms() - START_MS) // MINUTE_MS
        return [candle(number) for number in range(now - limit + 1, now + 1) if number not in self.missing]


class Rig:
    def __init__(self) -> None:
        self.clock = SettableClock(START_MS + 30_000)
        self.source = FakeSource(self.clock)
        self.taken: list[tuple[Symbol, int]] = []
        self.candles = Candles(self.source, self.take, self.clock)

    def take(self, symbol: Symbol, interval_s: int, one: Candle) -> None:
        assert interval_s == 60
        self.taken.append((symbol, (one.open_time_ms - START_MS) // MINUTE_MS))

    @property
    def numbers(self) -> list[int]:
        return [number for _, number in self.taken]


@pytest.fixture
def rig() -> Rig:
    return Rig()


def play(rig: Rig, count: int) -> None:
    """Let so many fetches happen."""

    async def script() -> None:
        await until(lambda: rig.candles.fetches >= count)
        await asyncio.sleep(0.05)

    during(rig.candles.run(every_s=0.001), script)


def test_at_the_start_only_closed_candles_are_handed_on(rig: Rig) -> None:
    rig.candles.watch({(BTC, 60): 3})
    play(rig, 1)

    assert rig.source.asked == [(BTC, 60, 4)]
    assert rig.taken == [(BTC, -3), (BTC, -2), (BTC, -1)]


def test_the_stream_goes_on_where_the_fetch_ended_and_open_candles_say_nothing(rig: Rig) -> None:
    rig.candles.watch({(BTC, 60): 2})
    play(rig, 1)
    rig.clock.advance(MINUTE_MS)
    rig.candles.hear(kline(0, closed=False))
    rig.candles.hear(kline(0))
    rig.candles.hear(kline(0))
    rig.candles.hear(kline(-1))

    assert rig.numbers == [-2, -1, 0]


def test_before_the_first_fetch_the_stream_has_nothing_to_go_on_from(rig: Rig) -> None:
    rig.candles.watch({(BTC, 60): 2})
    rig.candles.hear(kline(0))
    rig.candles.hear(kline(0, symbol=ETH))

    assert rig.taken == []


def test_a_candle_that_the_stream_left_out_is_fetched_with_those_after_it(rig: Rig) -> None:
    rig.candles.watch({(BTC, 60): 5})
    play(rig, 1)
    rig.clock.advance(2 * MINUTE_MS + AGAIN_AFTER_MS)
    rig.candles.hear(kline(1))  # 0 never came

    play(rig, 2)

    assert rig.numbers == [-5, -4, -3, -2, -1, 0, 1, 2]


def test_a_stream_that_says_nothing_is_made_up_for_by_fetches(rig: Rig) -> None:
    rig.candles.watch({(BTC, 60): 2})
    play(rig, 1)
    rig.clock.set(START_MS + MINUTE_MS + GRACE_MS - 1)
    assert rig.candles.missing == 0
    rig.clock.advance(1)
    assert rig.candles.missing == 1


def test_a_hole_in_what_the_venue_tells_is_not_filled(rig: Rig) -> None:
    rig.source.missing = {-2}
    rig.candles.watch({(BTC, 60): 3})
    play(rig, 1)

    assert rig.taken == [(BTC, -3), (BTC, -1)]


@pytest.mark.parametrize("error", [VenueUnreachable("down"), VenueReadFailed("html")])
def test_a_venue_that_does_not_answer_is_asked_again_later_and_never_guessed_for(rig: Rig, error: Exception) -> None:
    rig.source.fails = [error]
    rig.candles.watch({(BTC, 60): 2})
    play(rig, 1)
    assert rig.taken == []
    assert rig.candles.failures == 1

    rig.clock.advance(AGAIN_AFTER_MS)
    play(rig, 2)
    assert len(rig.taken) == 2


def test_a_failing_symbol_does_not_keep_the_others_waiting(rig: Rig) -> None:
    rig.source.fails = [VenueReadFailed("html")]
    rig.candles.watch({(BTC, 60): 2, (ETH, 60): 2})
    play(rig, 2)

    assert {symbol for symbol, _, _ in rig.source.asked} == {BTC, ETH}
    assert {symbol for symbol, _ in rig.taken} < {BTC, ETH}


def test_what_is_watched_no_more_is_neither_heard_nor_fetched(rig: Rig) -> None:
    rig.candles.watch({(BTC, 60): 2, (ETH, 60): 2})
    play(rig, 2)
    rig.candles.watch({(ETH, 60): 2})
    rig.clock.advance(MINUTE_MS)
    rig.candles.hear(kline(0))
    rig.candles.hear(kline(0, symbol=ETH))

    assert rig.taken[-1] == (ETH, 0)
    assert list(rig.candles.pairs) == [(ETH, 60)]


def test_a_longer_need_is_fetched_from_the_beginning(rig: Rig) -> None:
    rig.candles.watch({(BTC, 60): 2})
    play(rig, 1)
    rig.taken.clear()
    rig.candles.watch({(BTC, 60): 4})
    play(rig, 2)

    assert rig.numbers == [-4, -3, -2, -1]


def test_frames_of_candles_are_heard_and_broken_ones_quarantined(rig: Rig) -> None:
    bench = Bench(candles=rig.candles)
    rig.candles.watch({(BTC, 60): 2})
    play(rig, 1)
    for frame in (kline_frame(BTC, START_MS), kline_frame(BTC, START_MS).replace('"o":"10"', '"o":"-1"')):
        bench.measurer.take(frame)

    assert rig.numbers == [-2, -1, 0]
    assert bench.tally.quarantined == 1


def test_fetches_stay_far_inside_the_budget_of_an_address() -> None:
    """Weight 2 each, at most 5 for the longest of all."""
    assert 5 * 60 / candles.REQUEST_EVERY_S <= 2_400 / 4
