"""Mutated frames through the worker: none crashes it, each is counted, and what leaves it is as documented.

Nothing that orders is anywhere near: what can be got wrong here is a number in a message. So every message is read as
the function that decides reads it.
"""

import asyncio
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

import pytest
from stream_worker.accounts import AccountStream
from stream_worker.candles import Candles
from tests.services.worker_rig import (
    BTC,
    MAIN,
    NOW_MS,
    QUICK,
    Bench,
    FakeVenue,
    kline_frame,
    liquidation_frame,
    mark_event,
    marks_frame,
    order_frame,
    text,
    until,
)

from undertow.adapters.memory.clock import SettableClock
from undertow.domain.ids import Symbol
from undertow.domain.market import Candle

FRAMES = 100_000
LARGEST = Decimal(10) ** 15

POISON = [
    *('"NaN"', '"Infinity"', '"-Infinity"', '"1e400"', '"1_000"', '"１２"', '"-1"', '"0"', '"-0"', '"0.0"', '""'),
    *("NaN", "Infinity", "-Infinity", "1e400", "1E+999999999", "1_000", "-0", "0", "-1", "1.5", "007", "0x10"),
    *('"' + "9" * 40 + '"', '"0.' + "1" * 40 + '"', "9" * 400, '"1"', '"2.5"', "true", "false", "null"),
    *('"\\ud800"', '"\\u0000"', '"💥"', '"' + "A" * 3_000 + '"', '"币安人生USDT"', '" 1"', '"+1"', '"1."', '".5"'),
    *("{}", "[]", "[[]]", '{"a":{}}', "[" * 2_000, '"BUY"', '"SELL"', '"LONG"', str(NOW_MS), str(10**18), str(2**63)),
]
LETTERS = ["{", "}", "[", "]", '"', ",", ":", "\\", "\x00", "e", "-", ".", "9", "NaN", "\u2028", "١"]
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null')


def mutations(original: str, seed: str, count: int) -> Iterator[str]:
    """``original`` with a value or a name replaced, letters put in or cut out, a piece doubled, or the end torn off."""
    rng = random.Random(seed)
    spans = [found.span() for found in TOKEN.finditer(original)]
    length = len(original)
    for _ in range(count):
        kind = rng.random()
        start, end = rng.choice(spans)
        if kind < 0.6:
            yield original[:start] + rng.choice(POISON) + original[end:]
        elif kind < 0.75:
            first, second = sorted(rng.sample(spans, 2))
            middle = original[first[1] : second[0]]
            yield original[: first[0]] + rng.choice(POISON) + middle + rng.choice(POISON) + original[second[1] :]
        elif kind < 0.85:
            at = rng.randrange(length)
            yield original[:at] + rng.choice(LETTERS) + original[at + rng.randint(0, 3) :]
        elif kind < 0.9:
            yield original[: rng.randrange(length)]
        elif kind < 0.95:
            yield original[:start] + original[start:end] * 2 + original[end:]
        else:
            yield original[:start] + original[end:]


def account_update() -> str:
    position = {
        "s": "BTCUSDT",
        "pa": "1",
        "ep": "100",
        "cr": "0",
        "up": "0.5",
        "mt": "isolated",
        "iw": "5",
        "ps": "LONG",
    }
    wallet = {"a": "USDT", "wb": "100", "cw": "95", "bc": "0"}
    return text({"e": "ACCOUNT_UPDATE", "E": NOW_MS, "T": NOW_MS, "a": {"m": "ORDER", "B": [wallet], "P": [position]}})


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    made.coverage.begin(NOW_MS - 3_600_000)
    made.measurer.watch({BTC: frozenset()})
    yield made
    made.close()


def test_mutated_liquidations_are_stored_as_documented_or_quarantined(bench: Bench) -> None:
    for number, frame in enumerate(mutations(liquidation_frame(combined=True), "forceOrder", FRAMES), 1):
        bench.measurer.take(frame)
        if number % 1_000 == 0:
            bench.send()
    tally = bench.tally
    assert tally.frames_in == FRAMES
    assert tally.liquidations_in + tally.duplicates + tally.mark_frames + tally.quarantined == FRAMES
    assert len(bench.stored) == tally.liquidations_in
    assert 0.5 * FRAMES < tally.quarantined < FRAMES
    assert tally.liquidations_in > 10
    # Reading them back is the proof: the reader takes nothing but plain positive numbers.
    sent = bench.send()
    assert len(sent) == tally.forwarded
    for one in [*bench.stored, *(measured.liquidation for measured in sent)]:
        assert 0 < one.quantity < LARGEST
        assert 0 < one.price < LARGEST
    assert all(window.usdt.is_finite() for one in sent for window in one.windows.values())


class NoSource:
    def fetch_candles(self, symbol: Symbol, interval_s: int, limit: int) -> Sequence[Candle]:
        raise AssertionError("nothing is fetched here")


def test_mutated_candles_are_heard_as_documented_or_quarantined() -> None:
    taken: list[Candle] = []
    candles = Candles(NoSource(), lambda *given: taken.append(given[2]), SettableClock(NOW_MS))
    bench = Bench(candles=candles)
    opened_ms = NOW_MS // 60_000 * 60_000 - 60_000
    for frame in mutations(kline_frame(BTC, opened_ms), "kline", FRAMES // 2):
        # As if the candle before had just been fetched: whatever passes for the next one is taken.
        candles.watch({(BTC, 60): 1}, anew=[BTC])
        candles.learn(BTC, 60, [_minute(opened_ms - 60_000)])
        bench.measurer.take(frame)
    heard = [one for one in taken if one.open_time_ms == opened_ms]
    assert 10 < len(heard) < FRAMES // 2
    assert bench.tally.quarantined > FRAMES // 10
    for one in heard:
        assert all(0 < price < LARGEST for price in (one.open, one.high, one.low, one.close))
        assert 0 <= one.volume < LARGEST


def _minute(open_ms: int) -> Candle:
    return Candle(open_ms, open_ms + 59_999, *[Decimal(1)] * 5)


@pytest.mark.parametrize("wrapped", [False, True], ids=["of all symbols", "of one"])
def test_mutated_mark_prices_are_kept_as_documented_or_quarantined(bench: Bench, wrapped: bool) -> None:
    original = text({"stream": "btcusdt@markPrice@1s", "data": mark_event()}) if wrapped else marks_frame(mark_event())
    kept = set()
    for frame in mutations(original, f"markPrice {wrapped}", FRAMES):
        bench.measurer.take(frame)
        mark = bench.quotes.of(BTC)[1]
        if mark is not None:
            kept.add(mark.price)
    assert bench.tally.frames_in == FRAMES
    assert bench.stored == []
    assert all(0 < price < LARGEST for price in kept)
    assert bench.tally.quarantined > 0.4 * FRAMES
    assert abs(bench.venue_clock.offset_ms) < 600_000


@pytest.mark.parametrize("make", [order_frame, account_update], ids=["ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE"])
def test_mutated_user_events_go_on_readable_or_are_quarantined_and_asked_for(make: Callable[[], str]) -> None:
    bench, venue = Bench(), FakeVenue()

    class Keys:
        def obtain(self) -> str:
            return "key"

        def renew(self) -> bool:
            return True

    account = AccountStream(
        MAIN,
        Keys(),
        lambda key: key,
        venue.open,
        bench.user_outbox,
        bench.quarantine,
        bench.notifier,
        bench.tally,
        bench.clock,
        QUICK,
        random.Random(1),
        NOW_MS,
    )

    async def main() -> None:
        running = [asyncio.ensure_future(part) for part in (account.run(), bench.user_outbox.run())]
        await until(lambda: bool(venue.living))
        for number, frame in enumerate(mutations(make(), make.__name__, FRAMES), 1):
            venue.living[0].say(frame)
            if number % 5_000 == 0:
                bench.clock.advance(10_000)
                await until(lambda so_far=number: bench.tally.user_frames == so_far)
        await until(lambda: len(bench.user_queue.gaps()) > 1)
        await bench.user_outbox.drained()
        for part in running:
            part.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    asyncio.run(main())
    frames = [one for one in bench.user_queue.user() if isinstance(one, str)]
    assert bench.tally.user_frames == FRAMES
    assert len(frames) + bench.tally.quarantined == FRAMES
    assert 0.3 * FRAMES < bench.tally.quarantined < FRAMES
    assert len(venue.sockets) == 1
    assert all(json.loads(frame)["e"] for frame in frames)
    assert {gap.reason for gap in bench.user_queue.gaps()} == {"start", "unreadable_frame"}
