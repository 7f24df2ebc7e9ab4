"""From frames to what is stored and forwarded."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from stream_worker import measure
from tests.services.worker_rig import (
    BTC,
    CHINESE,
    ETH,
    NOW_MS,
    Bench,
    book_frame,
    liquidation,
    liquidation_frame,
    mark_event,
    marks_frame,
    text,
)

from undertow.domain.ids import Symbol
from undertow.domain.market import BestPrices, Side


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    made.coverage.begin(NOW_MS - 3_600_000)
    made.measurer.watch({BTC: frozenset({60}), CHINESE: frozenset()})
    yield made
    made.close()


def test_every_liquidation_is_stored_and_watched_ones_are_forwarded(bench: Bench) -> None:
    bench.measurer.take(liquidation_frame(BTC))
    bench.measurer.take(liquidation_frame(ETH))
    assert [one.symbol for one in bench.stored] == [BTC, ETH]
    assert [one.liquidation.symbol for one in bench.send()] == [BTC]


def test_a_combined_frame_is_the_same_liquidation_as_a_bare_one(bench: Bench) -> None:
    bench.measurer.take(liquidation_frame(combined=True))
    bench.measurer.take(liquidation_frame())
    assert len(bench.stored) == 1
    assert bench.tally.duplicates == 1


def test_a_name_that_is_not_ascii_travels_to_the_queue(bench: Bench) -> None:
    bench.measurer.take(liquidation_frame(CHINESE))
    (sent,) = bench.send()
    assert sent.liquidation.symbol == CHINESE


def test_windows_are_kept_by_symbol_and_side(bench: Bench) -> None:
    bench.measurer.take(liquidation_frame(BTC, NOW_MS - 2_000, "SELL", "1"))
    bench.measurer.take(liquidation_frame(BTC, NOW_MS - 1_000, "BUY", "2"))
    bench.measurer.take(liquidation_frame(CHINESE, NOW_MS - 500, "SELL", "4"))
    bench.measurer.take(liquidation_frame(BTC, NOW_MS, "SELL", "8"))
    last = next(one for one in bench.send() if one.liquidation.quantity == 8)
    assert (last.liquidation.side, last.windows[60].tokens, last.windows[60].tokens_before) == (
        Side.SELL,
        Decimal(9),
        Decimal(1),
    )


def test_each_window_length_of_the_strategies_is_measured_beside_the_default(bench: Bench) -> None:
    bench.measurer.watch({BTC: frozenset({10, 300})})
    bench.measurer.take(liquidation_frame(BTC, NOW_MS - 20_000))
    bench.measurer.take(liquidation_frame(BTC, NOW_MS))
    last = bench.send()[-1]
    assert {seconds: window.events for seconds, window in last.windows.items()} == {10: 1, 60: 2, 300: 2}


def test_an_event_comes_once_however_often_it_is_delivered(bench: Bench) -> None:
    for _ in range(3):
        bench.measurer.take(liquidation_frame())
    assert len(bench.stored) == len(bench.send()) == 1
    assert (bench.tally.liquidations_in, bench.tally.duplicates) == (1, 2)


def test_an_event_that_comes_later_than_its_window_is_stored_and_forwarded_uncounted(bench: Bench) -> None:
    bench.measurer.take(liquidation_frame(BTC, NOW_MS))
    bench.measurer.take(liquidation_frame(BTC, NOW_MS - 60_000))
    late = bench.send()[-1]
    assert len(bench.stored) == 2
    assert late.windows[60].usdt == late.windows[60].usdt_before == Decimal(100)


@pytest.mark.parametrize(
    ("off_ms", "kept"),
    [
        (measure.AHEAD_MS, True),
        (measure.AHEAD_MS + 1, False),
        (-measure.BEHIND_MS, True),
        (-measure.BEHIND_MS - 1, False),
    ],
)
def test_an_event_from_another_time_is_quarantined(bench: Bench, off_ms: int, kept: bool) -> None:
    bench.measurer.take(liquidation_frame(BTC, NOW_MS + off_ms))
    assert len(bench.stored) == (1 if kept else 0)
    assert bench.tally.quarantined == (0 if kept else 1)


def test_time_is_judged_by_the_venues_clock(bench: Bench) -> None:
    bench.measurer.take(marks_frame(mark_event(BTC, at_ms=NOW_MS + 60_000)))
    bench.measurer.take(liquidation_frame(BTC, NOW_MS + 60_000))
    assert len(bench.stored) == 1


def test_one_absurd_stamp_does_not_move_the_venues_clock(bench: Bench) -> None:
    for _ in range(3):
        bench.measurer.take(marks_frame(mark_event(BTC)))
    bench.measurer.take(marks_frame(mark_event(BTC, at_ms=NOW_MS + 500_000)))
    assert bench.venue_clock.latest_ms() == bench.venue_clock.earliest_ms() == NOW_MS


def test_after_we_were_held_up_fresh_events_are_not_taken_for_events_of_the_future(bench: Bench) -> None:
    for second in range(60):
        bench.measurer.take(marks_frame(mark_event(BTC, at_ms=NOW_MS - 60_000 + second * 1_000)))
    bench.measurer.take(liquidation_frame(BTC, NOW_MS))
    assert len(bench.stored) == 1


def test_the_last_best_prices_and_mark_price_go_along(bench: Bench) -> None:
    bench.measurer.take(book_frame(BTC, "98", "102"))
    bench.measurer.take(book_frame(BTC, "99", "101"))
    bench.measurer.take(marks_frame(mark_event(ETH, "7"), mark_event(BTC, "100.5")))
    bench.measurer.take(liquidation_frame())
    bench.send()
    (message,) = bench.queue.messages()
    assert message.book == BestPrices(Decimal(99), Decimal(1), Decimal(101), Decimal(2), NOW_MS)
    assert message.mark is not None
    assert (message.mark.price, message.mark.funding_rate) == (Decimal("100.5"), Decimal("0.0001"))


def test_best_prices_that_cannot_be_read_are_none_and_quarantined(bench: Bench) -> None:
    bench.measurer.take(book_frame(BTC, "102", "98"))
    bench.measurer.take(liquidation_frame())
    bench.send()
    (message,) = bench.queue.messages()
    assert message.book is None
    assert bench.tally.quarantined == 1


def test_best_prices_of_another_symbol_are_never_attached(bench: Bench) -> None:
    forged = book_frame(ETH).replace('"e":', '"x":{"s":"BTCUSDT"},"e":')
    bench.measurer.take(forged)
    bench.measurer.take(liquidation_frame())
    bench.send()
    assert bench.queue.messages()[0].book is None


def test_symbols_no_longer_watched_are_stored_but_not_forwarded(bench: Bench) -> None:
    bench.measurer.watch({ETH: frozenset()})
    bench.measurer.take(liquidation_frame(BTC))
    bench.measurer.take(liquidation_frame(ETH))
    assert len(bench.stored) == 2
    assert [one.liquidation.symbol for one in bench.send()] == [ETH]


def test_a_symbol_that_is_added_brings_the_window_it_had_all_along(bench: Bench) -> None:
    bench.measurer.take(liquidation_frame(ETH, NOW_MS - 1_000))
    bench.measurer.watch({ETH: frozenset()})
    bench.measurer.take(liquidation_frame(ETH, NOW_MS))
    (sent,) = bench.send()
    assert sent.windows[60].events == 2
    assert bench.queue.messages()[0].window_covered


def test_a_window_is_covered_when_the_stream_was_heard_for_all_of_it(bench: Bench) -> None:
    bench.coverage.begin(NOW_MS - 60_000)
    bench.measurer.take(liquidation_frame(BTC, NOW_MS - 1))
    bench.send()
    bench.measurer.take(liquidation_frame(BTC, NOW_MS))
    bench.send()
    assert [message.window_covered for message in bench.queue.messages()] == [False, True]


def test_a_longer_window_is_covered_once_it_has_grown_to_its_length(bench: Bench) -> None:
    bench.measurer.watch({BTC: frozenset({120})})
    for later_ms in (0, 59_999, 60_000):
        bench.clock.set(NOW_MS + later_ms)
        bench.measurer.take(liquidation_frame(BTC, NOW_MS + later_ms))
        bench.send()
    assert [message.window_covered for message in bench.queue.messages()] == [False, False, True]


def test_a_strategy_with_a_short_window_waits_no_longer_than_that(bench: Bench) -> None:
    bench.coverage.begin(NOW_MS - 5_000)
    bench.measurer.watch({BTC: frozenset({5})})
    for later_ms in (-1, 0):
        bench.measurer.take(liquidation_frame(BTC, NOW_MS + later_ms))
        bench.send()
    assert [message.window_covered for message in bench.queue.messages()] == [False, True]


def test_what_was_stored_before_is_counted_and_not_sent_again(bench: Bench) -> None:
    bench.measurer.remember([liquidation(1, BTC, NOW_MS - 10_000), liquidation(2, ETH, NOW_MS - 5_000)])
    bench.measurer.take(liquidation_frame(BTC))
    (sent,) = bench.send()
    assert sent.windows[60].events == 2
    assert len(bench.stored) == 1


def test_a_feed_of_invented_names_does_not_fill_the_memory_nor_shake_the_watched_ones(bench: Bench) -> None:
    bench.measurer.take(liquidation_frame(BTC, NOW_MS - 1_000))
    for number in range(measure.UNWATCHED + 500):
        bench.measurer.take(liquidation_frame(f"X{number}USDT"))
    bench.measurer.take(liquidation_frame(BTC, NOW_MS))
    assert bench.send()[-1].windows[60].events == 2
    assert len(bench.stored) == measure.UNWATCHED + 502


def test_a_symbol_that_was_forgotten_is_not_covered_before_its_window_has_passed_again(bench: Bench) -> None:
    bench.measurer.take(liquidation_frame(ETH, NOW_MS - 1_000))
    for number in range(measure.UNWATCHED + 500):
        bench.measurer.take(liquidation_frame(f"X{number}USDT"))
    bench.measurer.watch({ETH: frozenset()})
    bench.measurer.take(liquidation_frame(ETH, NOW_MS))
    bench.send()
    assert not bench.queue.messages()[-1].window_covered


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "null",
        "[1]",
        '"text"',
        "{",
        text({"e": "kline"}),
        text({"e": "forceOrder"}),
        liquidation_frame(quantity="NaN"),
        liquidation_frame(quantity="1e400"),
        liquidation_frame(quantity="1_000"),
        liquidation_frame(quantity="１２"),
        liquidation_frame(price="0"),
        liquidation_frame(price="-1"),
        liquidation_frame(price="9" * 40),
        liquidation_frame(side="HOLD"),
        liquidation_frame(symbol="\ud800"),
        marks_frame(mark_event(BTC, "NaN")),
        marks_frame(None),
        "[" * 100_000,
    ],
)
def test_a_frame_that_is_not_as_documented_is_counted_and_changes_nothing(bench: Bench, frame: str) -> None:
    bench.measurer.take(frame)
    assert bench.tally.quarantined == 1
    assert bench.stored == []
    assert bench.send() == []


def test_a_mark_price_that_cannot_be_read_does_not_cost_the_others(bench: Bench) -> None:
    bench.measurer.watch({BTC: frozenset(), ETH: frozenset()})
    bench.measurer.take(marks_frame(mark_event(ETH, "2"), mark_event(BTC, "Infinity"), mark_event(ETH, "3")))
    assert bench.tally.quarantined == 1
    mark = bench.quotes.of(ETH)[1]
    assert mark is not None
    assert mark.price == Decimal(3)


def test_mark_prices_of_symbols_nobody_watches_are_not_kept(bench: Bench) -> None:
    bench.measurer.take(marks_frame(mark_event(BTC), mark_event(ETH)))
    assert bench.quotes.of(Symbol("ETHUSDT")) == (None, None)
