"""Ticks: one for each account and interval, with every fresh mark price of the venue."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from stream_worker import ticks
from stream_worker.quarantine import Quarantine
from stream_worker.tally import Tally
from stream_worker.ticks import EVERY_MS, FRESH_MS, LatestMarks, Ticker
from tests.services.worker_rig import BTC, CHINESE, ETH, MAIN, NOW_MS, FakeQueue, mark_event

from undertow.adapters.memory.clock import SettableClock
from undertow.adapters.sqs.messages import TICK_GROUPS, read_ticks
from undertow.adapters.sqs.sender import SendFailed
from undertow.adapters.sqs.ticks import MARKS_BYTES, TicksOutbox
from undertow.domain.event import Ticks
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import MarkPrice, Venue

OTHER = AccountId("other")


class Rig:
    def __init__(self) -> None:
        self.clock = SettableClock(NOW_MS)
        self.tally = Tally()
        self.queue = FakeQueue()
        self.marks = LatestMarks(Quarantine(self.tally), self.clock)
        self.ticker = Ticker(self.marks, TicksOutbox(Venue.ASTER, self.queue), self.clock)
        self.ticker.watch([MAIN], [BTC])

    def tick(self) -> None:
        asyncio.run(self.ticker.tick())

    def sent(self) -> list[Ticks]:
        return [read_ticks(entry.body) for entry in self.queue.taken]


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_tick_carries_every_fresh_mark_price_watched_or_not(rig: Rig) -> None:
    for symbol, price in ((BTC, "100"), (CHINESE, "0.5")):
        rig.marks.note(mark_event(symbol, price))

    rig.tick()

    marks = {BTC: MarkPrice(Decimal(100), NOW_MS), CHINESE: MarkPrice(Decimal("0.5"), NOW_MS)}
    assert rig.sent() == [Ticks(Venue.ASTER, MAIN, NOW_MS, marks)]


def test_a_price_that_stopped_coming_is_left_out(rig: Rig) -> None:
    rig.marks.note(mark_event(BTC))
    rig.marks.note(mark_event(ETH, at_ms=NOW_MS - FRESH_MS - 1))

    rig.tick()

    assert list(rig.sent()[0].marks) == [BTC]


def test_without_any_fresh_price_no_tick_is_sent(rig: Rig) -> None:
    rig.marks.note(mark_event(BTC, at_ms=NOW_MS - FRESH_MS - 1))

    rig.tick()

    assert rig.queue.batches == []


def test_no_tick_waits_behind_one_that_a_process_died_with(rig: Rig) -> None:
    """Seed 856: the queue hid the tick for 15 s, and the three that followed in its group with it."""
    hidden_ms = 15_000  # the visibility of the queue, by the template
    for _ in range(2 * TICK_GROUPS):
        rig.marks.note(mark_event(BTC, at_ms=rig.clock.now_ms()))
        rig.tick()
        rig.clock.advance(EVERY_MS)

    groups = [entry.group for entry in rig.queue.taken]
    assert len(groups) == 2 * TICK_GROUPS
    for first, group in enumerate(groups):
        assert all(other != group for other in groups[first + 1 : first + hidden_ms // EVERY_MS])


def test_every_account_has_groups_of_its_own_and_the_same_prices(rig: Rig) -> None:
    rig.ticker.watch([MAIN, OTHER], [BTC])
    rig.marks.note(mark_event(BTC))

    rig.tick()

    assert [entry.group.split("#")[0] for entry in rig.queue.taken] == [MAIN, OTHER]
    assert len({entry.digest for entry in rig.queue.taken}) == 2
    assert rig.sent()[0].marks == rig.sent()[1].marks


@pytest.mark.parametrize("other_ms", [-400, 400])
def test_two_workers_whose_clocks_differ_a_little_send_one_tick(other_ms: int) -> None:
    now_ms = NOW_MS // EVERY_MS * EVERY_MS
    digests = []
    for at_ms in (now_ms, now_ms + other_ms):
        rig = Rig()
        rig.clock.set(at_ms)
        rig.marks.note(mark_event(BTC, at_ms=at_ms))
        rig.tick()
        digests.append(rig.queue.taken[0].digest)
    assert digests[0] == digests[1]


def test_the_next_tick_is_another_message_and_the_same_one_is_not_sent_twice(rig: Rig) -> None:
    rig.marks.note(mark_event(BTC))
    rig.tick()
    rig.tick()
    rig.clock.advance(EVERY_MS)
    rig.marks.note(mark_event(BTC, at_ms=NOW_MS + EVERY_MS))
    rig.tick()

    assert len({entry.digest for entry in rig.queue.taken}) == len(rig.queue.batches) == 2


def test_a_tick_that_does_not_arrive_is_not_sent_again(rig: Rig) -> None:
    rig.queue.answers = [SendFailed("down")]
    rig.marks.note(mark_event(BTC))

    rig.tick()

    assert rig.queue.taken == []
    assert rig.ticker.sent.failures == 1


@pytest.mark.parametrize(
    "event", [None, 5, {}, {"s": 5}, {"s": "BTCUSDT"}, mark_event(price="NaN"), mark_event(price="-1")]
)
def test_a_mark_price_that_cannot_be_read_is_quarantined_and_costs_the_others_nothing(rig: Rig, event: Any) -> None:
    rig.marks.note(mark_event(ETH))
    rig.marks.note(event)

    rig.tick()

    assert list(rig.sent()[0].marks) == [ETH]


def test_what_does_not_fit_is_left_out_and_the_watched_ones_come_first(rig: Rig) -> None:
    names = [Symbol(f"币{number}USDT") for number in range(ticks.MOST_SYMBOLS - 1)]
    for symbol in [*names, BTC, ETH]:
        rig.marks.note(mark_event(symbol))
    rig.ticker.watch([MAIN], [BTC])

    rig.tick()

    (entry,) = rig.queue.taken
    (sent,) = rig.sent()
    assert MARKS_BYTES - 200 < len(entry.body.encode()) < MARKS_BYTES + 200
    assert next(iter(sent.marks)) == BTC
    assert ETH not in sent.marks  # one name too many for the memory
