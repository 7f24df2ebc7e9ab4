"""What is measured beside windows: who is asked, what is counted once, what is told and how often it is made."""

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from stream_worker import cascades
from stream_worker.cascades import CascadeWatch
from stream_worker.survey import ATR_CANDLES, NOTHING, Survey, candle_needs
from tests.services.worker_rig import (
    BTC,
    ETH,
    NOW_MS,
    Bench,
    during,
    liquidation,
    liquidation_frame,
    mark_event,
    marks_frame,
    until,
)

from undertow.adapters.aws.worker_tables import StoreFailed
from undertow.adapters.memory.clock import SettableClock
from undertow.adapters.sqs.messages import read_liquidations
from undertow.domain.cascade import CascadeState
from undertow.domain.conditions import CascadeFormula, Colour, Conditions
from undertow.domain.ids import Symbol
from undertow.domain.market import BestPrices, Candle, OpenInterest, Venue
from undertow.ports import Measurements

ONE = Decimal(1)
RANKED = Measurements(percentile=True)
PLAIN = Measurements()
XRP = Symbol("XRPUSDT")
MAGNITUDE = CascadeFormula.MAGNITUDE
FIVE_MINUTES_MS = 300_000


class Rig:
    def __init__(self) -> None:
        self.clock = SettableClock(NOW_MS)
        self.book: BestPrices | None = None
        self.survey = Survey(Venue.ASTER, lambda _: (self.book, None), self.clock)
        self.bench = Bench(survey=self.survey)
        self.bench.clock = self.clock

    def tick(self) -> bool:
        return asyncio.run(self.survey.tick(self.clock.now_ms()))

    def colours(self) -> dict[Symbol, Colour]:
        state = self.survey.state(open_interest_served=False)
        return {symbol: readings[MAGNITUDE].colour for symbol, readings in state.symbols.items()}

    def told_of(self, symbol: Symbol) -> Conditions:
        """What a message of now would say."""
        liquidations = '[{"id":"a","side":"SELL","quantity":"1","price":"1","event_time_ms":1,"trade_time_ms":1,'
        liquidations += '"received_at_ms":1,"windows":[]}]'
        read = read_liquidations(
            f'{{"v":1,"venue":"aster","symbol":"{symbol}","epoch":1,"window_covered":true,"sent_at_ms":1,"book":null,'
            f'"mark":null,"conditions":{self.survey.text_of(symbol)},"liquidations":{liquidations}}}'
        )
        assert read.conditions is not None
        return read.conditions

    def quiet_minutes(self, minutes: int) -> None:
        """Mark prices that hardly move, so that returns can be told."""
        for second in range(minutes * 60):
            self.clock.advance(1_000)
            price = str(100 + second % 2)
            self.bench.measurer.take(marks_frame(*(mark_event(one, price, self.clock.now_ms()) for one in (BTC, ETH))))


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    made.bench.measurer.watch({BTC: frozenset(), ETH: frozenset()})
    return made


def candle(number: int) -> Candle:
    open_ms = NOW_MS // FIVE_MINUTES_MS * FIVE_MINUTES_MS + number * FIVE_MINUTES_MS
    return Candle(open_ms, open_ms + FIVE_MINUTES_MS - 1, Decimal(100), Decimal(101), Decimal(99), Decimal(100), ONE)


def test_only_asked_symbols_are_ranked_and_none_against_itself(rig: Rig) -> None:
    rig.survey.watch({BTC: RANKED, ETH: PLAIN})

    first, second = (rig.survey.hear(liquidation(number, BTC)) for number in range(2))

    assert first is not None
    assert second is not None
    assert (first.events, second.events, first.complete) == (0, 1, False)
    assert [rig.survey.hear(liquidation(3, symbol)) for symbol in (ETH, XRP)] == [None, None]


def test_an_event_counts_in_the_past_or_live_and_never_in_both(rig: Rig) -> None:
    rig.survey.watch({BTC: RANKED})
    before, late, after = (
        liquidation(number, at_ms=NOW_MS + offset) for number, offset in enumerate((-5_000, -1_000, 1_000))
    )
    rig.survey.hear(late)  # of before we began, and came live all the same
    rig.survey.hear(after)
    assert rig.survey.without_history() == {BTC: 30}
    for one in (after, late, before):  # the table has all of them by now
        rig.survey.remember(one)

    rank = rig.survey.hear(liquidation(9, at_ms=NOW_MS + 2_000))
    assert rank is not None
    assert rank.events == 3


def test_a_past_that_is_known_is_not_read_again_and_makes_ranks_complete(rig: Rig) -> None:
    rig.survey.watch({BTC: RANKED, ETH: PLAIN})
    assert rig.survey.without_history() == {BTC: 30, ETH: 1}

    rig.survey.remembered([BTC, ETH], NOW_MS - 1)
    rig.survey.remember(liquidation(1, at_ms=NOW_MS - 10))

    assert rig.survey.without_history() == {}
    rank = rig.survey.hear(liquidation(2))
    assert rank is not None
    assert (rank.events, rank.complete) == (0, True)


def test_a_percentile_that_is_asked_for_later_has_its_past_read(rig: Rig) -> None:
    rig.survey.watch({BTC: PLAIN})
    assert rig.survey.without_history() == {BTC: 1}
    rig.survey.remembered([BTC], NOW_MS - 1)

    assert rig.survey.watch({BTC: RANKED}) == {BTC}
    assert rig.survey.without_history() == {BTC: 30}


@pytest.mark.parametrize("meanwhile", [{}, {BTC: PLAIN}])
def test_a_past_that_was_read_for_what_was_asked_before_makes_no_rank_complete(
    rig: Rig, meanwhile: dict[Symbol, Measurements]
) -> None:
    """A month is read for minutes. What had been read of it by then is gone with what it was read for."""
    early, late = liquidation(1, at_ms=NOW_MS - 20_000), liquidation(2, at_ms=NOW_MS - 10_000)
    rig.survey.watch({BTC: RANKED, ETH: RANKED})
    assert rig.survey.without_history() == {BTC: 30, ETH: 30}
    rig.survey.remember(late)
    rig.survey.watch({**meanwhile, ETH: RANKED})
    rig.survey.watch({BTC: RANKED, ETH: RANKED})
    rig.survey.remember(early)
    rig.survey.remembered([BTC, ETH], NOW_MS - 1)

    assert rig.survey.without_history() == {BTC: 30}
    for one in (late, early):
        rig.survey.remember(one)
    rig.survey.remembered([BTC], NOW_MS - 1)
    rank = rig.survey.hear(liquidation(3))
    assert rank is not None
    assert (rank.events, rank.complete) == (2, True)


def test_a_new_wish_for_candles_keeps_the_percentile(rig: Rig) -> None:
    rig.survey.watch({BTC: RANKED})
    rig.survey.hear(liquidation(1))
    assert rig.survey.without_history() == {BTC: 30}
    rig.survey.remembered([BTC], NOW_MS - 1)

    assert rig.survey.watch({BTC: Measurements(percentile=True, atr_intervals_s=frozenset({300}))}) == {BTC}
    rank = rig.survey.hear(liquidation(2))
    assert rank is not None
    assert (rank.events, rank.complete) == (1, True)


def test_the_same_wish_changes_nothing(rig: Rig) -> None:
    assert rig.survey.watch({BTC: RANKED, ETH: PLAIN}) == {BTC, ETH}
    assert rig.survey.watch({BTC: RANKED, ETH: PLAIN}) == frozenset()
    assert rig.survey.watch({BTC: RANKED, XRP: PLAIN}) == {XRP}


def test_volatility_is_told_once_there_are_candles_enough_and_is_never_invented(rig: Rig) -> None:
    rig.survey.watch({BTC: Measurements(atr_intervals_s=frozenset({300}), vwap_minutes=frozenset({240}))})
    for number in range(-40, 0):
        rig.survey.hear_candle(BTC, 300, candle(number))
    assert rig.told_of(BTC).atrs == {}
    assert rig.told_of(BTC).vwaps == {}

    told = Rig()
    told.survey.watch({BTC: Measurements(atr_intervals_s=frozenset({300}), vwap_minutes=frozenset({240}))})
    for number in range(-ATR_CANDLES, 0):
        told.survey.hear_candle(BTC, 300, candle(number))

    assert told.told_of(BTC).atrs[300].pct == 2
    assert told.told_of(BTC).vwaps[240].price == 100


def test_until_prices_were_heard_long_enough_the_colour_is_unknown_and_blocks(rig: Rig) -> None:
    rig.survey.watch({BTC: PLAIN, ETH: PLAIN})
    assert rig.tick()
    assert rig.colours() == {BTC: Colour.UNKNOWN, ETH: Colour.UNKNOWN}
    assert rig.told_of(BTC).aggregates[MAGNITUDE].blocked

    rig.quiet_minutes(4)
    assert rig.tick()
    assert rig.colours() == {BTC: Colour.GREEN, ETH: Colour.GREEN}
    assert not rig.told_of(BTC).aggregates[MAGNITUDE].blocked
    assert not rig.tick()


def test_the_book_and_open_interest_are_measured_too(rig: Rig) -> None:
    rig.survey.watch({BTC: PLAIN, ETH: PLAIN})
    rig.quiet_minutes(4)
    now_ms = rig.clock.now_ms()
    rig.book = BestPrices(ONE, Decimal(3), Decimal(2), ONE, now_ms)
    rig.survey.hear_open_interest(BTC, OpenInterest(ONE, now_ms))
    rig.survey.hear_open_interest(XRP, OpenInterest(ONE, now_ms))
    rig.tick()

    told = rig.told_of(BTC)
    assert told.bias is not None
    assert told.bias.book == Decimal("0.5")
    assert "open_interest" in told.cascades[MAGNITUDE].counted
    assert "open_interest" not in rig.told_of(ETH).cascades[MAGNITUDE].counted


def test_conditions_become_text_once_until_the_next_measuring(rig: Rig) -> None:
    rig.survey.watch({BTC: PLAIN})
    rig.tick()
    first = rig.survey.text_of(BTC)
    rig.clock.advance(500)
    assert rig.survey.text_of(BTC) is first
    rig.tick()
    assert rig.survey.text_of(BTC) is not first
    assert rig.survey.text_of(ETH) == NOTHING


def test_ranks_and_conditions_travel_with_the_liquidations_they_belong_to(rig: Rig) -> None:
    rig.survey.watch({BTC: RANKED, ETH: PLAIN})
    rig.tick()
    for frame in (liquidation_frame(BTC, quantity="2"), liquidation_frame(BTC, quantity="3"), liquidation_frame(ETH)):
        rig.bench.measurer.take(frame)
    rig.bench.send()
    rig.bench.close()

    told = {message.symbol: message for message in rig.bench.queue.messages()}
    assert [one.percentile.events for one in told[BTC].liquidations if one.percentile is not None] == [0, 1]
    assert told[ETH].liquidations[0].percentile is None
    assert told[ETH].conditions is not None
    assert told[ETH].conditions.aggregates[MAGNITUDE].monitored_symbols == 2


def test_each_candle_length_is_asked_for_once_and_as_far_back_as_anybody_needs() -> None:
    wanted = Measurements(atr_intervals_s=frozenset({300, 60}), vwap_minutes=frozenset({960, 10}))

    assert candle_needs({BTC: wanted, ETH: PLAIN}) == {(BTC, 300): 192, (BTC, 60): ATR_CANDLES}


@dataclass
class FakeTable:
    states: list[CascadeState] = field(default_factory=list)
    failures: int = 0

    async def put(self, state: CascadeState) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreFailed("down")
        self.states.append(state)


def watch_of(rig: Rig, table: FakeTable, write_s: float = cascades.WRITE_S) -> CascadeWatch:
    return CascadeWatch(rig.survey, lambda: False, table.put, rig.clock, write_s=write_s, apart_s=0.001)


def test_a_change_is_written_at_once(rig: Rig) -> None:
    rig.survey.watch({BTC: PLAIN})
    rig.clock.set(NOW_MS // 1_000 * 1_000 + 999)
    table = FakeTable()
    watch = watch_of(rig, table, write_s=1e6)

    async def script() -> None:
        ticking = asyncio.ensure_future(watch.run())
        await until(lambda: bool(table.states))
        ticking.cancel()

    during(watch.write(), script)

    assert table.states[0].symbols[BTC][MAGNITUDE].colour is Colour.UNKNOWN


def test_without_a_change_it_is_written_now_and_then_and_again_after_a_failure(rig: Rig) -> None:
    table = FakeTable(failures=2)

    during(watch_of(rig, table, write_s=0.001).write(), lambda: until(lambda: len(table.states) >= 2))

    assert not table.states[0].open_interest_served
