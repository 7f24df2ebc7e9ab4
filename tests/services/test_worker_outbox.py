"""The worker's outboxes over a queue that can be slow, fail, refuse and forget to answer."""

import asyncio
import json
from decimal import Decimal

import pytest
from tests.services.worker_rig import MAIN, FakeQueue, during, liquidation, settled

from undertow.adapters.memory.clock import SettableClock
from undertow.adapters.sqs import messages, outbox
from undertow.adapters.sqs.outbox import LiquidationsOutbox, UserEventsOutbox
from undertow.adapters.sqs.sender import SendFailed
from undertow.domain.event import StreamGap
from undertow.domain.ids import Symbol
from undertow.domain.market import BestPrices, MarkPrice, Venue, VolumeWindow

BOOK = BestPrices(Decimal(1), Decimal(2), Decimal(3), Decimal(4), 5)
WINDOWS = {60: VolumeWindow(60, Decimal(100), Decimal(1), Decimal(0), Decimal(0), 1, 1)}


def liquidations(queue: FakeQueue) -> LiquidationsOutbox:
    def market(symbol: Symbol) -> tuple[BestPrices | None, MarkPrice | None]:
        return BOOK, None

    return LiquidationsOutbox(Venue.ASTER, 7, queue, market, SettableClock(2_000))


def user_events(queue: FakeQueue) -> UserEventsOutbox:
    return UserEventsOutbox(Venue.ASTER, queue, SettableClock(2_000))


def ids(queue: FakeQueue) -> list[str]:
    return [one.liquidation.id for one in queue.liquidations()]


def put(box: LiquidationsOutbox, number: int, symbol: str = "BTCUSDT", *, covered: bool = True) -> None:
    box.put(liquidation(number, symbol), WINDOWS, 1_001, covered=covered)


def test_an_idle_outbox_sends_at_once_and_a_busy_one_gathers() -> None:
    queue = FakeQueue()
    box = liquidations(queue)

    async def script() -> None:
        queue.gate = asyncio.Event()
        put(box, 1)
        await settled()
        assert len(queue.batches) == 1
        for number in range(2, 6):
            put(box, number)
        await settled()
        assert len(queue.batches) == 1
        queue.gate.set()
        await box.drained()
        assert [len(batch) for batch in queue.batches] == [1, 1]
        assert ids(queue) == ["id1", "id2", "id3", "id4", "id5"]
        assert (box.sent.requests, box.sent.messages, box.sent.items) == (2, 2, 5)

    during(box.run(1), script)


def test_symbols_do_not_wait_for_each_other() -> None:
    queue = FakeQueue()
    box = liquidations(queue)

    async def script() -> None:
        queue.gate = asyncio.Event()
        put(box, 1, "BTCUSDT")
        await settled()
        put(box, 2, "ETHUSDT")
        put(box, 3, "BTCUSDT")
        await settled()
        groups = [[entry.group for entry in batch] for batch in queue.batches]
        assert groups == [["aster#BTCUSDT"], ["aster#ETHUSDT"]]
        queue.gate.set()
        await box.drained()
        assert sorted(ids(queue)) == ["id1", "id2", "id3"]

    during(box.run(2), script)


def test_the_market_is_attached_when_the_message_is_made() -> None:
    queue = FakeQueue()
    box = liquidations(queue)

    async def script() -> None:
        put(box, 1)
        await box.drained()
        read = messages.read_liquidations(queue.taken[0].body)
        assert (read.book, read.mark, read.epoch, read.sent_at_ms) == (BOOK, None, 7, 2_000)

    during(box.run(), script)


def test_one_uncovered_liquidation_makes_its_message_uncovered() -> None:
    queue = FakeQueue()
    box = liquidations(queue)

    async def script() -> None:
        put(box, 1, covered=True)
        put(box, 2, covered=False)
        await box.drained()
        put(box, 3, covered=True)
        await box.drained()
        assert [messages.read_liquidations(entry.body).window_covered for entry in queue.taken] == [False, True]

    during(box.run(), script)


def test_a_message_that_may_have_arrived_is_sent_again_letter_by_letter() -> None:
    queue = FakeQueue(answers=[SendFailed("timeout"), SendFailed("reset")])
    box = liquidations(queue)

    async def script() -> None:
        put(box, 1)
        await settled()
        put(box, 2)
        await box.drained()
        assert queue.batches[0] == queue.batches[1] == queue.batches[2]
        assert ids(queue) == ["id1", "id2"]
        assert box.sent.failures == 2

    during(box.run(1), script)


def test_only_the_failed_part_of_a_batch_is_sent_again() -> None:
    queue = FakeQueue(answers=[{1: False}])
    box = liquidations(queue)

    async def script() -> None:
        for number, symbol in enumerate(["AUSDT", "BUSDT", "CUSDT"]):
            put(box, number, symbol)
        await box.drained()
        assert [[entry.group for entry in batch] for batch in queue.batches] == [
            ["aster#AUSDT", "aster#BUSDT", "aster#CUSDT"],
            ["aster#BUSDT"],
        ]

    during(box.run(1), script)


def test_a_refused_liquidation_is_given_up_and_counted() -> None:
    queue = FakeQueue(answers=[{0: True}])
    box = liquidations(queue)

    async def script() -> None:
        put(box, 1)
        await box.drained()
        put(box, 2)
        await box.drained()
        assert ids(queue) == ["id2"]
        assert box.dropped == 1

    during(box.run(), script)


def test_while_the_queue_is_down_the_oldest_liquidations_are_given_up_and_counted() -> None:
    queue = FakeQueue()
    box = liquidations(queue)
    size = len(messages.liquidation_text(liquidation(100_000), WINDOWS, 1_001)) + 1
    fits = outbox.SPOOL_BYTES // size

    async def script() -> None:
        for number in range(100_000, 100_000 + fits + 50):
            put(box, number)
        assert box.is_full
        assert box.dropped == 50
        serving = asyncio.ensure_future(box.run())
        await box.drained()
        serving.cancel()
        assert ids(queue) == [f"id{number}" for number in range(100_050, 100_000 + fits + 50)]
        assert max(len(entry.body.encode()) for entry in queue.taken) < 64 * 1024

    asyncio.run(script())


def test_the_same_liquidations_make_the_same_message_in_every_worker() -> None:
    first, second = FakeQueue(), FakeQueue()

    async def script() -> None:
        for queue, clock_ms in ((first, 2_000), (second, 9_000)):
            box = LiquidationsOutbox(Venue.ASTER, clock_ms, queue, lambda _: (None, None), SettableClock(clock_ms))
            put(box, 1)
            serving = asyncio.ensure_future(box.run())
            await box.drained()
            serving.cancel()

    asyncio.run(script())
    assert first.taken[0].digest == second.taken[0].digest
    assert first.taken[0].group == second.taken[0].group


def test_user_frames_keep_their_order_and_a_gap_stands_between_them() -> None:
    queue = FakeQueue()
    box = user_events(queue)
    gap = StreamGap(MAIN, 500, 1_500, "reconnect")

    async def script() -> None:
        box.put(MAIN, "*", '{"n":1}', 1_000)
        box.put(MAIN, "*", '{"n":2}', 1_001)
        box.put_gap(gap)
        box.put(MAIN, "*", '{"n":3}', 1_002)
        await box.drained()
        assert queue.user() == ['{"n":1}', '{"n":2}', gap, '{"n":3}']
        assert len(queue.taken) == 3
        assert {entry.group for entry in queue.taken} == {"main#*"}

    during(box.run(), script)


def test_user_events_survive_any_number_of_failures() -> None:
    queue = FakeQueue(answers=[SendFailed("down")] * 3)
    box = user_events(queue)

    async def script() -> None:
        box.put(MAIN, "BTCUSDT", '{"n":1}', 1_000)
        await box.drained()
        assert queue.user() == ['{"n":1}']

    during(box.run(), script)


@pytest.mark.parametrize("letters", [outbox.LONGEST_FRAME_BYTES, outbox.LONGEST_FRAME_BYTES // 2])
def test_a_frame_that_no_message_can_carry_becomes_a_gap(letters: int) -> None:
    queue = FakeQueue()
    box = user_events(queue)

    async def script() -> None:
        box.put(MAIN, "BTCUSDT", '"' * letters, 1_000)
        await box.drained()
        assert queue.user() == [StreamGap(MAIN, 1_000, 2_000, "frame_too_long")]
        assert box.replaced_by_gaps == 1

    during(box.run(), script)


def test_frames_that_the_queue_refuses_become_a_gap() -> None:
    queue = FakeQueue(answers=[{0: True}])
    box = user_events(queue)

    async def script() -> None:
        box.put(MAIN, "BTCUSDT", '{"n":1}', 1_000)
        await box.drained()
        assert queue.user() == [StreamGap(MAIN, 1_000, 2_000, "frame_refused")]

    during(box.run(1), script)


def test_a_user_spool_that_overflows_is_replaced_by_one_gap_that_covers_it() -> None:
    queue = FakeQueue()
    box = user_events(queue)
    frame = "x" * 100_000

    async def script() -> None:
        needed = outbox.USER_SPOOL_BYTES // messages.quoted_bytes(frame) + 1
        for number in range(needed):
            box.put(MAIN, "BTCUSDT", frame, 1_000 + number)
        box.put(MAIN, "BTCUSDT", "after", 1_999)
        serving = asyncio.ensure_future(box.run())
        await box.drained()
        serving.cancel()
        assert sorted(queue.user(), key=str) == [StreamGap(MAIN, 1_000, 2_000, "spool_full"), "after"]

    asyncio.run(script())


def test_a_frame_is_carried_letter_by_letter() -> None:
    queue = FakeQueue()
    box = user_events(queue)
    frame = '{"s":"币安人生USDT","c":"\\u0041\\n"}'

    async def script() -> None:
        box.put(MAIN, "币安人生USDT", frame, 1_000)
        await box.drained()
        assert json.loads(queue.taken[0].body)["frames"] == [frame]
        assert queue.taken[0].group.isascii()

    during(box.run(), script)
