"""The market around a tape's prints: one state at each moment, whatever was asked before."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local.venue.candles import INTERVALS, next_opening, opening
from local.venue.happenings import FundingDue, Liquidated, Ticked
from local.venue.market import TapeMarket
from local.venue.ports import CandleOf, Market
from local.venue.tape import Tape
from local.venue.throttle import throttled
from tests.unit.taped import START_MS, busiest, frame, synthetic, tapes

from undertow.domain.ids import Symbol

BTC = Symbol("BTCUSDT")
MINUTE = 60_000


def market(tape: Tape | None = None, speed: float = 20, seed: int = 1) -> TapeMarket:
    return TapeMarket(tape or synthetic(), seed=seed, speed=speed, start_ms=START_MS)


def small(*times: int, symbol: str = "BTCUSDT") -> Tape:
    return Tape("small", [frame(symbol, 10**12 + time) for time in times])


def test_it_serves_the_rest_door_as_agreed() -> None:
    served: Market = market()
    assert BTC in served.symbols()


@pytest.mark.parametrize("tape", tapes(), ids=lambda tape: tape.name)
def test_every_liquidation_of_the_tape_is_pushed_once_at_its_restamped_time(tape: Tape) -> None:
    played = market(tape)
    pushed = [
        event for step in range(400) for event in played.until(START_MS + (step + 1) * tape.length_ms // 20 // 390)
    ]
    assert [type(event) for event in pushed] == [Liquidated] * len(tape.frames)
    for event, taped in zip(pushed, tape.frames, strict=True):
        assert isinstance(event, Liquidated)
        assert event.payload["E"] == START_MS + (taped.event_ms - tape.start_ms) // 20
        assert event.payload["o"] == {**taped.order, "T": START_MS + (taped.trade_ms - tape.start_ms) // 20}
    progress = played.progress()
    assert progress.finished
    assert progress.frames_played == progress.frames_sent == progress.frames_sent_distinct == len(tape.frames)


@pytest.mark.parametrize("tape", tapes(), ids=lambda tape: tape.name)
def test_the_market_trades_at_every_print_and_quotes_around_it(tape: Tape) -> None:
    played = market(tape, speed=5)
    symbols = [symbol for symbol in busiest(tape) if symbol in played.symbols()]
    played.watch("test", symbols)
    ticks = [event for event in played.until(START_MS + tape.length_ms // 5 + 2_000) if isinstance(event, Ticked)]
    for symbol in symbols:
        own = [tick for tick in ticks if tick.symbol == symbol]
        traded = Counter((tick.trade.price, tick.trade.quantity) for tick in own)
        printed = Counter((taped.price, taped.quantity) for taped in tape.frames if taped.symbol == symbol)
        assert printed - traded == Counter()
        assert [tick.trade.id for tick in own] == list(range(own[0].trade.id, own[0].trade.id + len(own)))
        for tick in own:
            quote = tick.quote
            assert 0 < quote.bid <= tick.trade.price == quote.last <= quote.ask
            assert quote.bid < quote.ask
            assert min(quote.bid_quantity, quote.ask_quantity, quote.mark, quote.index) > 0


def test_prices_and_quantities_lie_on_the_grids_of_the_instrument() -> None:
    played = market()
    played.watch("test", busiest(played.tape, 20))
    for tick in played.until(START_MS + 20_000):
        if isinstance(tick, Ticked):
            rules = played.contract(tick.symbol).instrument
            quote = tick.quote
            assert quote.bid % rules.tick_size == quote.ask % rules.tick_size == 0
            assert quote.bid_quantity % rules.lot_size == quote.ask_quantity % rules.lot_size == 0


@given(st.lists(st.integers(0, 60_000), min_size=1, max_size=12), st.integers(0, 1_000))
@settings(max_examples=30, deadline=None)
def test_the_state_at_a_moment_does_not_depend_on_what_was_asked_before(stops: list[int], seed: int) -> None:
    walked, jumped = market(seed=seed), market(seed=seed)
    for stop in sorted(stops):
        walked.until(START_MS + stop)
        walked.quote(BTC)
    jumped.until(START_MS + max(stops))
    assert walked.quote(BTC) == jumped.quote(BTC)
    assert walked.update_id(BTC) == jumped.update_id(BTC)
    assert walked.depth(BTC, 20) == jumped.depth(BTC, 20)
    assert walked.prints(BTC) == jumped.prints(BTC)
    assert walked.funding(BTC) == jumped.funding(BTC)


@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=30))
@settings(max_examples=30, deadline=None)
def test_the_events_do_not_depend_on_how_often_they_are_fetched(steps: list[int]) -> None:
    often, once = market(), market()
    for played in (often, once):
        played.watch("test", busiest(played.tape))
    now_ms, fetched = START_MS, []
    for step in steps:
        now_ms += step
        fetched += often.until(now_ms)
    assert fetched == once.until(now_ms)
    assert [event.time_ms for event in fetched] == sorted(event.time_ms for event in fetched)


def test_only_watched_symbols_have_beats_and_each_watcher_speaks_for_itself() -> None:
    played = market()
    played.watch("a", [Symbol("BTCUSDT"), Symbol("ETHUSDT")])
    played.watch("b", [Symbol("ETHUSDT"), Symbol("NOSUCHUSDT")])
    played.watch("a", [])
    ticked = {event.symbol for event in played.until(START_MS + 5_000) if isinstance(event, Ticked)}
    assert ticked == {"ETHUSDT"}


def test_after_the_last_print_the_market_lives_on() -> None:
    frames = [frame("BTCUSDT", 10**12 + time, price="100.0001") for time in (0, 5_000)]
    played = market(Tape("small", frames))
    played.watch("test", [BTC])
    played.until(START_MS + 60_000)
    later = [event.quote.last for event in played.until(START_MS + 120_000) if isinstance(event, Ticked)]
    assert len(later) > 200
    assert len(set(later)) > 50
    assert played.progress().finished


def test_a_market_may_open_long_before_its_tape_and_the_tape_may_be_put_off() -> None:
    tape = small(0, 5_000)
    played = TapeMarket(tape, seed=1, speed=1, start_ms=START_MS + 86_400_000, opens_ms=START_MS)
    played.watch("test", [BTC])
    before = played.until(START_MS + 10_000)
    assert len(before) == 40
    assert {type(event) for event in before} == {Ticked}
    assert played.progress().position_ms == 0
    played.begin(START_MS + 12_000, speed=1)
    after = played.until(START_MS + 20_000)
    assert [event.time_ms - START_MS for event in after if isinstance(event, Liquidated)] == [12_000, 17_000]
    numbers = [event.trade.id for event in [*before, *after] if isinstance(event, Ticked)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_several_liquidations_of_a_symbol_within_a_second_leave_the_first_and_the_latest() -> None:
    tape = small(0, 200, 400, 900, 2_500)
    pushed = [(at_ms - tape.start_ms, kept.event_ms - tape.start_ms) for at_ms, kept in throttled(tape.frames)]
    assert pushed == [(0, 0), (1_000, 900), (2_500, 2_500)]


def test_the_rule_runs_in_tape_time_so_that_a_compressed_tape_loses_nothing_more() -> None:
    tape = small(0, 1_000, 2_000, 3_000)
    played = market(tape, speed=100)
    times = [event.time_ms - START_MS for event in played.until(START_MS + 1_000)]
    assert times == [0, 10, 20, 30]


def test_symbols_do_not_wait_for_each_other() -> None:
    frames = sorted(
        [frame("AUSDT", 1_000), frame("BUSDT", 1_001), frame("AUSDT", 1_500)], key=lambda taped: taped.event_ms
    )
    assert [(at_ms, kept.symbol) for at_ms, kept in throttled(frames)] == [
        (1_000, "AUSDT"),
        (1_001, "BUSDT"),
        (2_000, "AUSDT"),
    ]


@pytest.mark.parametrize("symbol", ["BTCUSDT_251226", "ETHBTC", "USDT"])
def test_what_the_venue_does_not_trade_is_liquidated_on_the_stream_but_not_listed(symbol: str) -> None:
    played = market(small(0, symbol=symbol))
    assert list(played.symbols()) == []
    assert [event.symbol for event in played.until(START_MS + 1)] == [symbol]
    with pytest.raises(KeyError):
        played.contract(Symbol(symbol))


@pytest.mark.parametrize("tape", tapes(), ids=lambda tape: tape.name)
def test_every_symbol_has_plausible_rules_and_brackets_that_join(tape: Tape) -> None:
    played = market(tape)
    for symbol in played.symbols():
        contract = played.contract(symbol)
        rules = contract.instrument
        price = next(taped.price for taped in tape.frames if taped.symbol == symbol)
        assert price / 10**7 < rules.tick_size <= price / 100
        assert symbol == rules.base_asset + rules.quote_asset
        largest = max(taped.quantity for taped in tape.frames if taped.symbol == symbol)
        assert rules.min_quantity <= largest <= rules.max_quantity
        for lower, upper in pairwise(contract.brackets):
            cap = lower.notional_cap
            assert upper.notional_floor == cap
            below = cap * lower.maintenance_ratio - lower.cumulative
            assert below == cap * upper.maintenance_ratio - upper.cumulative
            assert upper.max_leverage < lower.max_leverage


def test_the_book_is_as_deep_as_asked_and_agrees_with_the_best_prices() -> None:
    played = market()
    played.until(START_MS + 3_000)
    bids, asks = played.depth(BTC, 20)
    quote = played.quote(BTC)
    assert (bids[0].price, asks[0].price) == (quote.bid, quote.ask)
    assert len(bids) == len(asks) == 20
    assert all(upper.price > lower.price for upper, lower in pairwise(bids))
    assert len(played.depth(BTC, 1_000)[0]) == 100


@pytest.mark.parametrize(
    ("interval", "of"),
    [*((interval, CandleOf.LAST) for interval in INTERVALS), ("5m", CandleOf.MARK), ("1h", CandleOf.INDEX)],
)
def test_candles_follow_each_other_without_a_gap(interval: str, of: CandleOf) -> None:
    played = market()
    played.until(START_MS + 30_000)
    candles = played.candles(BTC, interval, of)
    assert candles[-1].open_time_ms == opening(interval, START_MS + 30_000)
    for before, after in pairwise(candles):
        assert before.close_time_ms + 1 == after.open_time_ms == next_opening(interval, before.open_time_ms)
    assert all(candle.low <= min(candle.open, candle.close) for candle in candles)
    assert all(candle.high >= max(candle.open, candle.close) for candle in candles)


def test_a_minute_candle_that_was_followed_is_made_of_every_trade() -> None:
    played = market()
    played.watch("test", [BTC])
    open_ms = opening("1m", START_MS) + MINUTE
    played.until(open_ms - 1)
    played.candles(BTC, "1m", CandleOf.LAST)
    trades = []
    for step in range(1, 61):
        trades += [event.trade for event in played.until(open_ms + step * 1_000 - 1) if isinstance(event, Ticked)]
        candle = played.candles(BTC, "1m", CandleOf.LAST)[-1]
    assert candle.open_time_ms == open_ms
    assert (candle.high, candle.low) == (max(t.price for t in trades), min(t.price for t in trades))
    assert (candle.close, candle.trades) == (trades[-1].price, len(trades))
    assert candle.volume == sum(t.quantity for t in trades)
    assert candle.taker_buy_volume == sum(t.quantity for t in trades if not t.buyer_is_maker)
    played.until(open_ms + MINUTE + 500)
    assert played.candles(BTC, "1m", CandleOf.LAST)[-2] == candle


def test_candles_that_nobody_asked_for_are_there_when_somebody_does() -> None:
    played = market()
    played.until(START_MS + 1_000)
    played.candles(BTC, "1m", CandleOf.LAST)
    played.until(START_MS + 20 * MINUTE)
    candles = played.candles(BTC, "1m", CandleOf.LAST)
    assert all(after.open_time_ms - before.open_time_ms == MINUTE for before, after in pairwise(candles))


@pytest.mark.parametrize("tape", tapes(), ids=lambda tape: tape.name)
def test_recorded_candles_are_the_markets_own_at_real_speed(tape: Tape) -> None:
    for symbol, recorded in tape.candles.items():
        played = market(tape, speed=1)
        played.watch("test", [symbol])
        ticks = [event for event in played.until(START_MS + tape.length_ms) if isinstance(event, Ticked)]
        by_minute = {candle.open_time_ms // MINUTE: candle for candle in recorded}
        for tick in ticks:
            candle = by_minute.get(int(played.timing.tape(tick.time_ms)) // MINUTE)
            assert candle is None or candle.low <= tick.trade.price <= candle.high
        assert {int(played.timing.tape(tick.time_ms)) // MINUTE for tick in ticks} & set(by_minute)


def test_funding_is_due_when_the_published_time_comes() -> None:
    played = market()
    promised = played.funding(BTC)
    played.until(promised.next_time_ms - 1_000)
    played.watch("test", [BTC])
    due = [event for event in played.until(promised.next_time_ms) if isinstance(event, FundingDue)]
    assert [(event.time_ms, event.rate) for event in due] == [(promised.next_time_ms, promised.rate)]
    paid = played.funding_history(BTC)[-1]
    assert (paid.rate, paid.time_ms) == (promised.rate, promised.next_time_ms)
    assert promised.floor <= promised.rate <= promised.cap


def test_the_mark_stays_near_the_price() -> None:
    played = market()
    for step in range(60):
        played.until(START_MS + step * 1_000)
        quote = played.quote(BTC)
        assert abs(quote.mark / quote.last - 1) < Decimal("0.03")
        assert abs(quote.index / quote.mark - 1) < Decimal("0.03")


def test_the_rolling_day_holds_the_present_price() -> None:
    played = market()
    for step in range(5):
        played.until(START_MS + step * 7_000)
        day = played.day(BTC)
        assert day.low <= day.last <= day.high
        assert day.last == played.quote(BTC).last
        assert day.close_time_ms == START_MS + step * 7_000


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf")])
def test_a_tape_does_not_run_backward(speed: float) -> None:
    with pytest.raises(ValueError, match="forward"):
        market(speed=speed)
