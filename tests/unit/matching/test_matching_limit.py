"""Limit and market orders against the book, in every time in force."""

from decimal import Decimal

import pytest

from undertow.adapters.paper.events import Execution, Status
from undertow.adapters.paper.orders import Peg, SelfTrade
from undertow.domain.ids import AccountId
from undertow.domain.order import TimeInForce

OTHER = AccountId("other")


def test_a_limit_order_below_the_market_rests_and_says_so(desk):
    order = desk.place("BUY", quantity=1, price=99)

    assert order.status is Status.NEW
    (event,) = desk.order_events()
    assert (event.execution, event.status, event.trade_id) == (Execution.NEW, Status.NEW, 0)
    assert event.commission is None
    assert event.bid_notional == 99


def test_a_limit_order_that_crosses_takes_the_offered_price_not_its_own(desk):
    order = desk.place("BUY", quantity=5, price=105)

    assert order.status is Status.FILLED
    assert order.average_price == Decimal("100.1")


def test_a_large_order_sweeps_level_by_level_and_each_level_is_a_trade(desk):
    order = desk.place("BUY", quantity=35, price=105)

    trades = [event for event in desk.order_events() if event.execution is Execution.TRADE]
    assert [(trade.last_price, trade.last_quantity) for trade in trades] == [
        (Decimal("100.1"), 10),
        (Decimal("100.2"), 20),
        (Decimal("100.3"), 5),
    ]
    assert [trade.cumulative_quantity for trade in trades] == [10, 30, 35]
    assert [trade.status for trade in trades] == [Status.PARTIALLY_FILLED, Status.PARTIALLY_FILLED, Status.FILLED]
    assert len({trade.trade_id for trade in trades}) == 3
    assert order.status is Status.FILLED


def test_what_was_taken_is_gone_until_the_market_moves(desk):
    desk.place("BUY", quantity=10, price=105)
    second = desk.place("BUY", quantity=1, price=105)
    assert second.average_price == Decimal("100.2")

    desk.flat_quote(100)
    third = desk.place("BUY", quantity=1, price=105)
    assert third.average_price == Decimal("100.1")


def test_the_rest_of_a_partly_filled_limit_order_stands_and_fills_later_as_maker(desk):
    order = desk.place("BUY", quantity=15, price="100.1")
    assert (order.status, order.filled) == (Status.PARTIALLY_FILLED, 10)

    desk.flat_quote("99.9")

    assert order.status is Status.FILLED
    last = desk.order_events()[-1]
    assert last.maker
    assert last.last_price == Decimal("100.1")
    assert last.commission == Decimal("100.1") * 5 * Decimal("0.0001")


def test_a_resting_order_fills_no_more_than_what_the_market_offers_at_its_price(desk):
    order = desk.place("BUY", quantity=50, price=99)

    desk.quote("98.9", "98.9", ask_quantity=8)

    # 8 at 98.9 and 16 at 99.0, the second level.
    assert (order.status, order.filled) == (Status.PARTIALLY_FILLED, 24)


def test_better_priced_and_older_orders_fill_first(desk):
    worse = desk.place("BUY", quantity=5, price="98.9")
    older = desk.place("BUY", quantity=5, price=99)
    newer = desk.place("BUY", quantity=5, price=99)

    desk.quote("98.5", 99, ask_quantity=7)

    assert [order.filled for order in (older, newer, worse)] == [5, 2, 0]


@pytest.mark.parametrize(
    ("tif", "quantity", "price", "status", "filled"),
    [
        (TimeInForce.GTC, 15, "100.1", Status.PARTIALLY_FILLED, 10),
        (TimeInForce.HIDDEN, 15, "100.1", Status.PARTIALLY_FILLED, 10),
        (TimeInForce.IOC, 15, "100.1", Status.EXPIRED, 10),
        (TimeInForce.IOC, 5, "100.1", Status.FILLED, 5),
        (TimeInForce.IOC, 5, 99, Status.EXPIRED, 0),
        (TimeInForce.FOK, 15, "100.1", Status.EXPIRED, 0),
        (TimeInForce.FOK, 15, "100.2", Status.FILLED, 15),
        (TimeInForce.FOK, 5, 99, Status.EXPIRED, 0),
        (TimeInForce.GTX, 5, "100.1", Status.EXPIRED, 0),
        (TimeInForce.GTX, 5, 100, Status.NEW, 0),
    ],
)
def test_time_in_force_decides_what_becomes_of_the_rest(desk, tif, quantity, price, status, filled):
    order = desk.place("BUY", quantity=quantity, price=price, time_in_force=tif)

    assert (order.status, order.filled) == (status, filled)
    first, *_, last = [*desk.order_events()] * 2
    assert first.execution is Execution.NEW
    assert last.status is status


def test_a_market_order_sweeps_to_the_bound_around_the_mark_and_the_rest_expires(make_desk):
    desk = make_desk(market_take_bound=Decimal("0.002"), deposit=10_000_000)

    order = desk.place("BUY", "MARKET", quantity=50)

    # Up to 100.2: 10 at 100.1 and 20 at 100.2.
    assert (order.status, order.filled) == (Status.EXPIRED, 30)


def test_a_market_order_is_refused_when_the_best_price_is_far_from_the_mark(desk):
    desk.quote(100, 120, mark=100)
    with desk.refused(-4131):
        desk.place("BUY", "MARKET", quantity=1)


@pytest.mark.parametrize(
    ("printed", "quantity", "filled"),
    [
        ("98.9", 3, 3),  # through the price: we were first
        ("99.0", 3, 0),  # at the price: 110 stood there before us
        ("99.0", 112, 2),
        ("99.1", 500, 0),  # never came down to us
    ],
)
def test_a_print_reaches_a_resting_order_once_its_turn_has_come(desk, printed, quantity, filled):
    order = desk.place("BUY", quantity=5, price=99)
    assert order.queue_ahead == 110

    desk.exchange.on_print(order.symbol, Decimal(printed), Decimal(quantity), True, desk.now_ms)

    assert order.filled == filled


def test_a_print_on_the_other_side_does_not_fill(desk):
    order = desk.place("BUY", quantity=5, price=99)
    desk.exchange.on_print(order.symbol, Decimal("98.9"), Decimal(50), False, desk.now_ms)
    assert order.filled == 0


def test_two_accounts_trade_with_each_other_inside_the_spread(desk):
    desk.quote(100, 101)
    maker = desk.place("SELL", quantity=2, price="100.5", account=OTHER)
    taker = desk.place("BUY", quantity=3, price="100.5")

    assert (maker.status, maker.average_price) == (Status.FILLED, Decimal("100.5"))
    assert (taker.status, taker.filled) == (Status.PARTIALLY_FILLED, 2)
    assert desk.position(account=OTHER).amount == -2


def test_a_hidden_order_gives_way_to_visible_ones_at_its_price(desk):
    desk.quote(100, 101)
    hidden = desk.place("SELL", quantity=2, price="100.5", account=OTHER, time_in_force=TimeInForce.HIDDEN)
    visible = desk.place("SELL", quantity=2, price="100.5", account=OTHER)

    desk.place("BUY", quantity=3, price="100.5")

    assert (visible.filled, hidden.filled) == (2, 1)


@pytest.mark.parametrize(
    ("mode", "maker_status", "taker_status"),
    [
        (SelfTrade.EXPIRE_TAKER, Status.NEW, Status.EXPIRED),
        (SelfTrade.EXPIRE_MAKER, Status.EXPIRED, Status.NEW),
        (SelfTrade.EXPIRE_BOTH, Status.EXPIRED, Status.EXPIRED),
    ],
)
def test_an_account_never_trades_with_itself(desk, mode, maker_status, taker_status):
    desk.quote(100, 101)
    maker = desk.place("SELL", quantity=2, price="100.5")
    taker = desk.place("BUY", quantity=2, price="100.5", self_trade=mode)

    assert (maker.status, taker.status) == (maker_status, taker_status)
    assert desk.position().amount == 0


@pytest.mark.parametrize(
    ("peg", "offset", "price"),
    [(Peg.QUEUE, None, "100"), (Peg.QUEUE, "-0.5", "99.5"), (Peg.COUNTERPARTY, None, "100.1")],
)
def test_a_pegged_order_takes_its_price_from_the_book(desk, peg, offset, price):
    offsets = {} if offset is None else {"peg_offset": offset}
    assert desk.place("BUY", quantity=1, peg=peg, **offsets).price == Decimal(price)


def test_a_modified_order_keeps_its_id_and_loses_its_turn(desk):
    first = desk.place("BUY", quantity=5, price=99)
    second = desk.place("BUY", quantity=5, price=99)
    desk.exchange.modify("main", first.symbol, first.id, None, Decimal(6), Decimal(99), desk.now_ms)

    desk.quote("98.5", 99, ask_quantity=5)

    assert (first.filled, second.filled) == (0, 5)
    assert first.quantity == 6


def test_a_modification_into_the_market_trades_at_once(desk):
    order = desk.place("BUY", quantity=5, price=99)
    desk.exchange.modify("main", order.symbol, order.id, None, Decimal(5), Decimal(101), desk.now_ms)
    assert order.average_price == Decimal("100.1")


def test_a_modification_that_breaks_a_filter_leaves_the_order_untouched(desk):
    order = desk.place("BUY", quantity=5, price=99)
    desk.drain()
    with desk.refused(-1111):
        desk.exchange.modify("main", order.symbol, order.id, None, Decimal(5), Decimal("99.05"), desk.now_ms)
    assert (order.price, order.quantity, order.modifications) == (99, 5, 0)


def test_a_modification_down_to_what_has_filled_ends_the_order(desk):
    order = desk.place("BUY", quantity=15, price="100.1")
    desk.exchange.modify("main", order.symbol, order.id, None, Decimal(10), Decimal("100.1"), desk.now_ms)
    assert (order.status, order.quantity) == (Status.CANCELED, 10)


def test_a_conditional_order_cannot_be_modified(desk):
    order = desk.place("BUY", "STOP_MARKET", quantity=1, stop_price=110)
    desk.drain()
    with desk.refused(-2013):
        desk.exchange.modify("main", order.symbol, order.id, None, Decimal(2), Decimal(99), desk.now_ms)
