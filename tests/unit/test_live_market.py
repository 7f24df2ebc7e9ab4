"""The market of a live venue's public data, told by hand."""

from decimal import Decimal
from typing import Any

from local.venue.funding import CAP, FLOOR, INTEREST
from local.venue.happenings import FundingDue, Quoted, Revalued, Traded
from local.venue.listings import contract_of
from local.venue.live import STALE_MS, Listed, LiveMarket
from local.venue.ports import Day, Funding, Print, Quote
from local.venue.tape import TapeCandle

from undertow.domain.ids import Symbol
from undertow.domain.market import BestPrices, MarkPrice

BTC = Symbol("BTCUSDT")
NOW_MS = 1_800_000_000_000
DUE_MS = NOW_MS + 60_000
ONE = Decimal(1)


def prices(bid: int, ask: int, time_ms: int = NOW_MS) -> BestPrices:
    return BestPrices(bid=Decimal(bid), bid_quantity=ONE, ask=Decimal(ask), ask_quantity=ONE, time_ms=time_ms)


def mark(price: int, next_ms: int = DUE_MS, rate: str = "0.0001") -> MarkPrice:
    return MarkPrice(Decimal(price), NOW_MS, Decimal(price), Decimal(rate), next_ms)


def market() -> LiveMarket:
    """Opened with a book of 100 to 101, connected, and heard at ``NOW_MS``; bitcoin is watched."""
    at = Decimal(100)
    contract = contract_of(BTC, (), [TapeCandle(0, at, at, at, at)], NOW_MS)
    quote = Quote(at, ONE, at + 1, ONE, at, at, at, NOW_MS)
    funding = Funding(Decimal("0.0001"), DUE_MS, 8, INTEREST, CAP, FLOOR)
    day = Day(at, at, at, at, ONE, ONE, at, NOW_MS, NOW_MS, 1, 1, 1)
    made = LiveMarket("live", [Listed(contract, quote, funding, day)], NOW_MS)
    made.watch("engine", [BTC])
    made.connected()
    made.hear_book(BTC, prices(100, 101), NOW_MS)
    made.hear_mark(BTC, mark(100), NOW_MS)
    made.until(NOW_MS)
    return made


def kinds(events: Any) -> list[type]:
    return [type(event) for event in events]


def test_what_is_heard_of_a_watched_symbol_happens_once_and_in_order() -> None:
    told = market()
    told.hear_book(BTC, prices(102, 103), NOW_MS + 1)
    told.hear_trade(BTC, Print(7, Decimal(103), ONE, NOW_MS + 2, False), NOW_MS + 2)
    told.hear_mark(BTC, mark(104), NOW_MS + 3)
    assert kinds(told.until(NOW_MS + 10)) == [Quoted, Traded, Revalued]
    assert told.until(NOW_MS + 20) == []
    assert (told.quote(BTC).bid, told.quote(BTC).last, told.quote(BTC).mark) == (102, 103, 104)


def test_an_unwatched_symbol_moves_without_events_and_its_last_price_stays_in_the_spread() -> None:
    told = market()
    told.watch("engine", [])
    told.hear_book(BTC, prices(110, 111), NOW_MS + 1)
    assert told.until(NOW_MS + 1) == []
    assert told.quote(BTC).last == 110


def test_a_quote_is_good_while_both_books_and_marks_come_and_no_longer() -> None:
    told = market()
    assert told.is_fresh(BTC)
    told.hear_book(BTC, prices(100, 101), NOW_MS + STALE_MS)
    told.until(NOW_MS + STALE_MS)
    assert told.is_fresh(BTC)
    told.until(NOW_MS + STALE_MS + 1)
    assert not told.is_fresh(BTC)


def test_after_a_reconnection_a_book_counts_from_when_it_is_heard_and_not_from_before() -> None:
    told = market()
    told.connected()
    assert not told.is_fresh(BTC)
    told.recall_book(BTC, prices(90, 91), NOW_MS + 1)
    assert told.is_fresh(BTC)
    told.recall_book(BTC, prices(80, 81), NOW_MS + 2)
    assert told.quote(BTC).bid == 90


def test_funding_is_due_when_the_venue_names_the_next_time_at_the_rate_it_named_before() -> None:
    told = market()
    told.hear_mark(BTC, mark(100, rate="0.0003"), DUE_MS - 1)
    told.hear_mark(BTC, mark(100, DUE_MS + 8 * 3_600_000, "0.0009"), DUE_MS + 500)
    due = [event for event in told.until(DUE_MS + 500) if isinstance(event, FundingDue)]
    assert [(event.symbol, event.rate) for event in due] == [(BTC, Decimal("0.0003"))]
    assert told.funding(BTC).rate == Decimal("0.0009")


def test_liquidations_are_heard_only_while_the_connection_that_tells_of_them_lives() -> None:
    told = market()
    assert not told.hears_liquidations
    told.began_hearing()
    assert told.hears_liquidations
    told.ended_hearing()
    assert not told.hears_liquidations


def test_the_book_s_number_grows_with_every_change_and_over_a_restart() -> None:
    told = market()
    first = told.update_id(BTC)
    told.hear_book(BTC, prices(100, 102), NOW_MS + 1)
    assert told.update_id(BTC) == first + 1 > NOW_MS


def test_what_was_not_heard_is_not_made_up() -> None:
    told = market()
    assert told.latest_candles(BTC, "1m") == ()
    assert told.funding_history(BTC) == ()
    assert told.prints(BTC) == ()
