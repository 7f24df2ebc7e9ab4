"""Profit from trades and incomes: examples that were worked out by hand."""

from tests.unit.accounts import DAY_MS, HOUR_MS, MIDNIGHT_MS, MINUTE_MS, entered, received, traded
from tests.unit.builders import BTC, HUNTER, LONG, NOW_MS, SHORT, d, position

from undertow.domain.accounting.books import Books, History, books_of
from undertow.domain.accounting.legs import Nets, union
from undertow.domain.accounting.profit import Grouping, grouped, total, within
from undertow.domain.accounting.trips import record_of
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, PositionId, StrategyId, Symbol
from undertow.domain.income import Income, IncomeKind
from undertow.domain.market import PositionSide, Side
from undertow.domain.session import SessionId, TradeSession

BUY, SELL = Side.BUY, Side.SELL
ETH = Symbol("ETHUSDT")


def books(trades: list[Fill], incomes: list[Income] | None = None, **more: object) -> Books:
    return books_of(History(union(trades, ()), incomes or [], **more))  # type: ignore[arg-type]


def test_net_profit_is_realised_less_commissions_plus_funding_plus_other_income() -> None:
    # Buys 2 at 1000, receives 0.50 and pays 0.75 of funding, sells 2 at 1010: 20 of profit, fees 0.80 and 0.808.
    kept = books(
        [
            traded(BUY, "2", "1000", fee="0.8"),
            traded(SELL, "2", "1010", realized="20", fee="0.808", at_ms=NOW_MS + 10 * HOUR_MS),
        ],
        [
            received(IncomeKind.FUNDING, "0.5", NOW_MS + HOUR_MS),
            received(IncomeKind.FUNDING, "-0.75", NOW_MS + 9 * HOUR_MS),
            received(IncomeKind.REBATE, "0.1", NOW_MS + 9 * HOUR_MS),
        ],
    )
    profit = total(kept.lines)
    assert (profit.realized, profit.commission, profit.funding, profit.other) == (
        d("20"),
        d("1.608"),
        d("-0.25"),
        d("0.1"),
    )
    assert profit.net == d("18.242")
    assert (profit.volume, profit.trades) == (d("4020"), 2)
    (trip,) = kept.trips
    assert (trip.net, trip.held_ms) == (d("18.142"), 10 * HOUR_MS)


def test_what_the_venue_lists_as_realised_profit_or_commission_is_not_counted_again() -> None:
    trades = [traded(BUY, "1", fee="1"), traded(SELL, "1", realized="5", fee="1", at_ms=NOW_MS + 1)]
    listed = [
        received(IncomeKind.REALIZED_PNL, "5", NOW_MS + 1),
        received(IncomeKind.COMMISSION, "-1"),
        received(IncomeKind.TRANSFER, "100", NOW_MS - 1),
    ]
    assert total(books(trades, listed).lines) == total(books(trades).lines)


def test_fees_and_profits_in_another_asset_are_told_apart_and_never_added() -> None:
    kept = books_of(
        History(
            [
                traded(BUY, "1", fee="0.002", commission_asset="ASTER"),
                traded(SELL, "1", realized="3", fee="0.1", symbol=Symbol("BTCUSD1"), commission_asset="USD1"),
            ],
            [received(IncomeKind.REBATE, "0.5", asset="ASTER"), received(IncomeKind.FUNDING, "-1", asset="USDC")],
            quotes={Symbol("BTCUSD1"): "USD1"},
        )
    )
    profit = total(kept.lines)
    assert profit.net == 0
    assert profit.apart == {"ASTER": d("0.498"), "USD1": d("2.9"), "USDC": d("-1")}


def test_what_is_earned_in_the_quote_asset_stands_nowhere_else() -> None:
    kept = books([traded(BUY, "1", fee="0.1"), traded(SELL, "1", realized="3", fee="0.1", at_ms=NOW_MS + 1)])
    assert [(line.realized, line.commission, line.apart) for line in kept.lines] == [
        (0, d("0.1"), {}),
        (3, d("0.1"), {}),
    ]


def test_a_trade_known_to_the_ledger_and_to_the_venue_counts_once_as_the_venue_tells_it() -> None:
    booked = traded(SELL, "1", realized="5", fee="0.2")
    imported = traded(SELL, "1", realized="5", fee="0.3", trade_id=booked.trade_id)
    fresh = traded(SELL, "1", at_ms=NOW_MS + 1)
    elsewhere = traded(SELL, "1", trade_id=booked.trade_id, symbol=ETH)
    assert union([imported, elsewhere], [booked, fresh]) == [imported, elsewhere, fresh]


def test_a_one_way_trade_through_zero_is_split_and_its_profit_belongs_to_the_closing_part() -> None:
    nets = Nets()
    (opened,) = nets.take(traded(BUY, "3", of=None, fee="0.3"))
    closed, reopened = nets.take(traded(SELL, "4", "1100", of=None, realized="300", fee="0.8"))
    assert (opened.side, opened.opens, opened.commission) == (LONG, True, d("0.3"))
    assert (closed.side, closed.opens, closed.quantity, closed.realized, closed.commission) == (
        LONG,
        False,
        3,
        300,
        d("0.6"),
    )
    assert (reopened.side, reopened.opens, reopened.quantity, reopened.realized) == (SHORT, True, 1, 0)
    assert reopened.commission == d("0.2")
    assert (closed.trades, reopened.trades) == (1, 0)
    assert (nets.open(BTC, LONG), nets.open(BTC, SHORT)) == (0, 1)


def test_a_one_way_trade_that_only_closes_is_one_part() -> None:
    nets = Nets()
    nets.take(traded(SELL, "3", of=None))
    (closed,) = nets.take(traded(BUY, "2", of=None, realized="4", fee="0.7"))
    assert (closed.side, closed.opens, closed.realized, closed.commission) == (SHORT, False, 4, d("0.7"))
    assert nets.open(BTC, SHORT) == 1


def test_of_a_pair_of_one_size_the_payments_are_shared_so_that_nothing_is_made_up() -> None:
    trades = [traded(BUY, "1", of=LONG, fee="0"), traded(SELL, "1", of=SHORT, fee="0")]
    paid = [received(IncomeKind.FUNDING, "0.2", NOW_MS + 1), received(IncomeKind.FUNDING, "-0.2", NOW_MS + 1)]
    sides = grouped(books(trades, paid).lines, Grouping.SIDE)
    assert (sides["LONG"].funding, sides["SHORT"].funding) == (0, 0)


def test_an_uneven_commission_is_split_without_losing_a_digit() -> None:
    nets = Nets()
    nets.take(traded(BUY, "1", of=None))
    closed, opened = nets.take(traded(SELL, "3", of=None, realized="1", fee="0.1"))
    assert closed.commission == d("0.033333333333")
    assert closed.commission + opened.commission == d("0.1")


def test_both_sides_of_a_hedged_symbol_keep_a_net_of_their_own_beside_the_one_way_net() -> None:
    nets = Nets()
    nets.take(traded(BUY, "2", of=LONG))
    nets.take(traded(SELL, "5", of=SHORT))
    assert (nets.open(BTC, LONG), nets.open(BTC, SHORT)) == (2, 5)
    nets.take(traded(BUY, "5", of=SHORT))
    nets.take(traded(SELL, "2", of=LONG))
    nets.take(traded(SELL, "1", of=None))  # the account was switched to one-way while flat
    assert (nets.open(BTC, LONG), nets.open(BTC, SHORT)) == (0, 1)


def test_what_was_opened_before_the_history_begins_is_closed_without_opening_the_other_side() -> None:
    kept = books([traded(BUY, "2", of=None, realized="7", fee="1"), traded(SELL, "9", of=SHORT, at_ms=NOW_MS + 1)])
    (unknown, open_one) = kept.trips
    assert (unknown.side, unknown.opened_at_ms, unknown.net, unknown.held_ms) == (SHORT, None, 6, None)
    assert (open_one.side, open_one.closed_at_ms) == (SHORT, None)


def test_funding_is_shared_once_among_what_was_open_at_each_stamp() -> None:
    # 3 from 0:00, one third closed at 1:00: the payment at 0:30 is for 3, the one at 1:30 for 2, both are this trip's.
    kept = books(
        [
            traded(BUY, "3", fee="0"),
            traded(SELL, "1", realized="10", fee="0", at_ms=NOW_MS + HOUR_MS),
            traded(SELL, "2", realized="20", fee="0", at_ms=NOW_MS + 2 * HOUR_MS),
        ],
        [
            received(IncomeKind.FUNDING, "-0.30", NOW_MS + HOUR_MS // 2),
            received(IncomeKind.FUNDING, "-0.20", NOW_MS + 3 * HOUR_MS // 2),
            received(IncomeKind.FUNDING, "-9", NOW_MS + 3 * HOUR_MS),
        ],
    )
    (trip,) = kept.trips
    assert (trip.funding, trip.net) == (d("-0.5"), d("29.5"))
    assert grouped(kept.lines, Grouping.SIDE)[""].funding == -9  # nothing was open: it is nobody's, and not lost


def test_of_a_hedged_pair_the_larger_payment_is_the_larger_sides() -> None:
    trades = [traded(BUY, "2", of=LONG, fee="0"), traded(SELL, "1", of=SHORT, fee="0")]
    paid = [received(IncomeKind.FUNDING, "0.1", NOW_MS + 1), received(IncomeKind.FUNDING, "-0.2", NOW_MS + 1)]
    sides = grouped(books(trades, paid).lines, Grouping.SIDE)
    assert (sides["LONG"].funding, sides["SHORT"].funding) == (d("-0.2"), d("0.1"))
    (one,) = [received(IncomeKind.FUNDING, "-0.3", NOW_MS + 1)]
    sides = grouped(books(trades, [one]).lines, Grouping.SIDE)
    assert (sides["LONG"].funding, sides["SHORT"].funding) == (d("-0.2"), d("-0.1"))


def test_a_payment_in_the_millisecond_of_a_trade_is_for_what_was_open_before_it() -> None:
    kept = books(
        [traded(BUY, "1", fee="0"), traded(SELL, "1", fee="0", at_ms=NOW_MS + HOUR_MS)],
        [received(IncomeKind.FUNDING, "-1", NOW_MS), received(IncomeKind.FUNDING, "-2", NOW_MS + HOUR_MS)],
    )
    assert kept.trips[0].funding == -2


def held(
    name: str, strategy: StrategyId | None, opened_ms: int, closed_ms: int | None, side: PositionSide = LONG
) -> object:
    return position(id=PositionId(name), side=side, strategy=strategy, opened_at_ms=opened_ms, closed_at_ms=closed_ms)


def test_profit_belongs_to_the_strategy_and_session_of_the_position_that_was_open_then() -> None:
    ladder, account = StrategyId("ladder"), AccountId("main")
    half_ms = NOW_MS + 5 * MINUTE_MS
    kept = books(
        [
            traded(BUY, "1", fee="1"),
            traded(SELL, "1", realized="10", fee="1", at_ms=half_ms),
            traded(BUY, "1", fee="2", at_ms=half_ms),
            traded(SELL, "1", realized="-4", fee="2", at_ms=half_ms + HOUR_MS),
            traded(SELL, "1", of=SHORT, fee="5", at_ms=half_ms),
        ],
        positions=[held("p1", HUNTER, NOW_MS, half_ms), held("p2", ladder, half_ms, half_ms + HOUR_MS)],
        sessions=[
            TradeSession(SessionId("s1"), account, HUNTER, NOW_MS - 1, "anna", archived_at_ms=NOW_MS + 1),
            TradeSession(SessionId("s2"), account, HUNTER, NOW_MS + 1, "anna"),
        ],
    )
    by_strategy = {name: profit.net for name, profit in grouped(kept.lines, Grouping.STRATEGY).items()}
    assert by_strategy == {"hunter": 8, "ladder": -8, "": -5}
    by_session = {name: profit.net for name, profit in grouped(kept.lines, Grouping.SESSION).items()}
    assert by_session == {"s1": 8, "": -13}


def test_days_hours_and_weekdays_are_those_of_utc() -> None:
    late = traded(SELL, "1", realized="1", fee="0", at_ms=MIDNIGHT_MS - 1)
    early = traded(SELL, "1", realized="2", fee="0", at_ms=MIDNIGHT_MS)
    lines = books([late, early]).lines
    assert {key: one.net for key, one in grouped(lines, Grouping.DAY).items()} == {"2025-12-10": 1, "2025-12-11": 2}
    assert {key: one.net for key, one in grouped(lines, Grouping.HOUR).items()} == {"00": 2, "23": 1}
    assert list(grouped(lines, Grouping.WEEKDAY)) == ["3 Wednesday", "4 Thursday"]


def test_round_trips_tell_rates_and_averages_and_null_where_there_is_nothing_to_tell() -> None:
    def trip(result: str, at_ms: int, minutes: int) -> list[Fill]:
        return [
            traded(BUY, "1", fee="0", at_ms=at_ms),
            traded(SELL, "1", realized=result, fee="0", at_ms=at_ms + minutes * MINUTE_MS),
        ]

    kept = books([*trip("30", NOW_MS, 10), *trip("-10", NOW_MS + DAY_MS, 20), *trip("0", NOW_MS + 2 * DAY_MS, 30)])
    record = record_of(kept.closed_trips(0, NOW_MS + 3 * DAY_MS))
    assert (record.closed, record.wins, record.losses) == (3, 1, 1)
    assert (record.profit_factor, record.average_win, record.average_loss) == (3, 30, 10)
    assert (record.expectancy, record.average_hold_ms) == (d("20") / 3, 20 * MINUTE_MS)
    assert (record.best, record.worst) == (30, -10)
    only_won = record_of(kept.closed_trips(0, NOW_MS + DAY_MS - 1))
    assert (only_won.closed, only_won.profit_factor, only_won.win_rate_pct) == (1, None, 100)
    barely = books([*trip("0.5", NOW_MS, 10), *trip("-0.25", NOW_MS + DAY_MS, 10)])
    record = record_of(barely.closed_trips(0, NOW_MS + 2 * DAY_MS))
    assert (record.wins, record.losses, record.gross_profit, record.gross_loss) == (1, 1, d("0.5"), d("0.25"))
    nothing = record_of([])
    assert (nothing.win_rate_pct, nothing.profit_factor, nothing.expectancy, nothing.average_hold_ms) == (None,) * 4


def test_an_adjustment_without_a_time_counts_only_in_a_query_that_begins_before_the_first_record() -> None:
    first_ms = NOW_MS
    kept = books(
        [traded(SELL, "1", realized="1", fee="0", at_ms=first_ms + 5)],
        [received(IncomeKind.TRANSFER, "100", first_ms)],
        adjustments=[
            entered(IncomeKind.REALIZED_PNL, "50"),
            entered(IncomeKind.COMMISSION, "-7"),
            entered(IncomeKind.FUNDING, "2", first_ms + 9),
            entered(IncomeKind.OTHER, "1000", revoked_at_ms=first_ms),
            entered(IncomeKind.TRANSFER, "500"),
        ],
    )
    assert kept.cutoff_ms == first_ms
    assert total(within(kept.lines, first_ms - 1, first_ms + 10)).net == 1 + 50 - 7 + 2
    # The cut-off is the account's, not the query's: a query that begins at it, or later, has none of the past in it.
    assert total(within(kept.lines, first_ms, first_ms + 10)).net == 3
    assert total(within(kept.lines, first_ms + 6, first_ms + 10)).net == 2
    assert [(flow.time_ms, flow.amount) for flow in kept.flows] == [(first_ms - 1, 500), (first_ms, 100)]
