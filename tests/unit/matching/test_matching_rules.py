"""What the venue refuses, and with which code."""

from decimal import Decimal

import pytest

from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import Leg, Status
from undertow.adapters.paper.floor import DAY_MS, Rules
from undertow.domain.ids import Symbol
from undertow.domain.order import TimeInForce

LIMIT = {"quantity": 1, "price": 100}


@pytest.mark.parametrize(
    ("kind", "parameters", "code"),
    [
        ("LIMIT", {"quantity": 1}, -1102),
        ("LIMIT", {"price": 100}, -1102),
        ("LIMIT", {"quantity": 1, "price": 100, "time_in_force": None}, -1102),
        ("LIMIT", {**LIMIT, "stop_price": 90}, -1106),
        ("LIMIT", {**LIMIT, "close_position": True}, -1106),
        ("LIMIT", {**LIMIT, "activation_price": 90}, -1106),
        ("MARKET", {}, -1102),
        ("MARKET", {"quantity": 1, "price": 100}, -1106),
        ("MARKET", {"quantity": 1, "time_in_force": TimeInForce.GTC}, -1114),
        ("STOP", {"quantity": 1, "price": 106}, -1102),
        ("STOP", {"quantity": 1, "stop_price": 105}, -1102),
        ("TAKE_PROFIT", {"price": 96, "stop_price": 95}, -1102),
        ("STOP_MARKET", {"quantity": 1}, -1102),
        ("STOP_MARKET", {"stop_price": 105}, -1102),
        ("STOP_MARKET", {"quantity": 1, "stop_price": 105, "price": 105}, -1106),
        ("STOP_MARKET", {"quantity": 1, "stop_price": 105, "close_position": True}, -4137),
        ("STOP_MARKET", {"stop_price": 105, "close_position": True, "reduce_only": False}, -4138),
        ("STOP_MARKET", {"stop_price": 105, "close_position": True, "reduce_only": True}, -1106),
        ("STOP", {"price": 106, "stop_price": 105, "close_position": True}, -4139),
        ("TRAILING_STOP_MARKET", {"quantity": 1}, -1102),
        ("TRAILING_STOP_MARKET", {"callback_rate": 1}, -1102),
        ("TRAILING_STOP_MARKET", {"callback_rate": 1, "close_position": True}, -4139),
        ("TRAILING_STOP_MARKET", {"quantity": 1, "callback_rate": "0.09"}, -1130),
        ("TRAILING_STOP_MARKET", {"quantity": 1, "callback_rate": "5.1"}, -1130),
        ("TRAILING_STOP_MARKET", {"quantity": 1, "callback_rate": 1, "activation_price": 0}, -4135),
        ("LIMIT", {**LIMIT, "price": 0}, -4001),
        ("LIMIT", {**LIMIT, "price": 1_000_001}, -4002),
        ("LIMIT", {**LIMIT, "price": "0.05"}, -4013),
        ("LIMIT", {**LIMIT, "price": "100.05"}, -1111),
        ("STOP_MARKET", {"quantity": 1, "stop_price": 0}, -4006),
        ("STOP_MARKET", {"quantity": 1, "stop_price": 1_000_001}, -4007),
        ("LIMIT", {**LIMIT, "quantity": 0}, -4003),
        ("LIMIT", {**LIMIT, "quantity": "0.0005"}, -4004),
        ("LIMIT", {**LIMIT, "quantity": 1001}, -4005),
        ("MARKET", {"quantity": 101}, -4005),
        ("LIMIT", {**LIMIT, "quantity": "1.0001"}, -1111),
        ("LIMIT", {**LIMIT, "quantity": "0.049"}, -4164),
        ("LIMIT", {**LIMIT, "price": "115.1"}, -4016),
        ("STOP", {"quantity": 1, "price": "121", "stop_price": 105}, -4183),
        ("LIMIT", {**LIMIT, "client_order_id": "x" * 37}, -4015),
        ("LIMIT", {**LIMIT, "client_order_id": ""}, -4015),
        ("LIMIT", {**LIMIT, "client_order_id": "mit Leerzeichen"}, -1100),
        ("LIMIT", {**LIMIT, "leg": Leg.LONG}, -4061),
        ("LIMIT", {**LIMIT, "symbol": Symbol("NOUSDT")}, -1121),
        ("LIMIT", {**LIMIT, "reduce_only": True}, -2022),
        ("STOP_MARKET", {"quantity": 1, "stop_price": 105, "reduce_only": True}, -2022),
        ("LIMIT", {"quantity": 1, "peg_offset": "-1", "price": 100}, -1106),
    ],
)
def test_a_buy_order_is_refused_in_one_way_mode(desk, kind, parameters, code):
    with desk.refused(code):
        desk.place("BUY", kind, **parameters)


@pytest.mark.parametrize(
    ("kind", "parameters", "code"),
    [
        ("LIMIT", {**LIMIT, "price": "84.9"}, -4024),
        ("STOP", {"quantity": 1, "price": "80.7", "stop_price": 95}, -4184),
    ],
)
def test_a_sell_order_is_bounded_from_below_only(desk, kind, parameters, code):
    with desk.refused(code):
        desk.place("SELL", kind, **parameters)
    assert desk.place("SELL", quantity=1, price=500).status is Status.NEW


@pytest.mark.parametrize(("price", "quantity", "code"), [("100.2", 1, -4014), ("100.5", "1.5", -4023)])
def test_prices_and_quantities_keep_to_their_grids(make_desk, price, quantity, code):
    coarse = {"tick_size": Decimal("0.5"), "min_price": Decimal("0.5"), "lot_size": Decimal("0.2")}
    desk = make_desk(**coarse, min_quantity=Decimal("0.2"))
    with desk.refused(code):
        desk.place("BUY", quantity=quantity, price=price)


@pytest.mark.parametrize(
    ("side", "leg", "more", "code"),
    [
        ("BUY", None, LIMIT, -4061),
        ("BUY", Leg.BOTH, LIMIT, -4061),
        ("BUY", Leg.LONG, {**LIMIT, "reduce_only": True}, -1106),
        ("BUY", Leg.LONG, {**LIMIT, "reduce_only": False}, -1106),
        ("SELL", Leg.LONG, LIMIT, -2022),
        ("BUY", Leg.SHORT, LIMIT, -2022),
        ("BUY", Leg.LONG, {"kind": "STOP_MARKET", "stop_price": 105, "close_position": True}, -4061),
        ("SELL", Leg.SHORT, {"kind": "STOP_MARKET", "stop_price": 95, "close_position": True}, -4061),
    ],
)
def test_an_order_is_refused_in_hedge_mode(desk, side, leg, more, code):
    desk.hedge()
    desk.drain()
    with desk.refused(code):
        desk.place(
            side, more.get("kind", "LIMIT"), leg=leg, **{name: each for name, each in more.items() if name != "kind"}
        )


def test_in_hedge_mode_one_may_not_close_more_than_there_is(desk):
    desk.hedge()
    desk.place("BUY", quantity=2, price=101, leg=Leg.LONG)
    desk.drain()
    with desk.refused(-2022):
        desk.place("SELL", "MARKET", quantity="2.001", leg=Leg.LONG)
    desk.place("SELL", "MARKET", quantity=2, leg=Leg.LONG)
    assert not desk.account.open_positions()


def test_both_sides_of_a_hedge_account_stand_apart(desk):
    desk.hedge()
    desk.place("BUY", "MARKET", quantity=2, leg=Leg.LONG)
    desk.place("SELL", "MARKET", quantity=3, leg=Leg.SHORT)
    assert (desk.position(Leg.LONG).amount, desk.position(Leg.SHORT).amount) == (2, -3)


def test_a_one_way_position_flips_through_zero_in_one_trade(desk):
    desk.place("BUY", quantity=2, price=101)
    desk.drain()
    desk.place("SELL", "MARKET", quantity=5)
    (trade,) = [event for event in desk.order_events() if event.trade_id]
    assert trade.realized_pnl == Decimal("-0.2")
    assert (desk.position().amount, desk.position().entry_price) == (-3, 100)


def test_a_reduce_only_order_never_turns_the_position(desk):
    desk.place("BUY", quantity=2, price=101)
    order = desk.place("SELL", "MARKET", quantity=5, reduce_only=True)
    assert (order.status, order.filled, desk.position().amount) == (Status.EXPIRED, 2, 0)


def test_a_resting_reduce_only_order_expires_when_the_market_comes_and_there_is_nothing_left(desk):
    desk.place("BUY", quantity=2, price=101)
    target = desk.place("SELL", quantity=2, price=105, reduce_only=True)
    desk.place("SELL", "MARKET", quantity=2, reduce_only=True)
    desk.flat_quote(106)
    assert (target.status, desk.position().amount) == (Status.EXPIRED, 0)


def test_a_client_id_is_unique_among_open_orders_only(desk):
    first = desk.place("BUY", quantity=1, price=99, client_order_id="a")
    desk.drain()
    with desk.refused(-4116):
        desk.place("BUY", quantity=1, price=98, client_order_id="a")

    desk.flat_quote(98)
    assert first.status is Status.FILLED
    again = desk.place("BUY", "MARKET", quantity=1, client_order_id="a")
    assert again.id != first.id
    assert desk.exchange.order("main", first.symbol, None, "a", desk.now_ms) is again


def test_order_counts_per_symbol_are_bounded(make_desk):
    desk = make_desk(max_orders=3, max_algo_orders=2)
    for stop in (90, 91):
        desk.place("SELL", "STOP_MARKET", stop_price=stop, close_position=True)
    desk.drain()
    with desk.refused(-4045):
        desk.place("SELL", "STOP_MARKET", stop_price=92, close_position=True)
    desk.place("BUY", quantity=1, price=90)
    desk.drain()
    with desk.refused(-2025):
        desk.place("BUY", quantity=1, price=91)


def test_a_small_order_that_only_closes_is_exempt_from_the_smallest_notional(desk):
    desk.place("BUY", quantity=1, price=101)
    assert desk.place("SELL", "MARKET", quantity="0.01", reduce_only=True).status is Status.FILLED


@pytest.mark.parametrize(("status", "code"), [("SETTLING", -4140), ("PENDING_TRADING", -4140), ("CLOSE", -4141)])
def test_nothing_opens_on_a_symbol_that_does_not_trade(make_desk, status, code):
    desk = make_desk(status=status)
    with desk.refused(code):
        desk.place("BUY", quantity=1, price=99)


def test_post_only_can_be_refused_instead_of_expired(make_desk):
    desk = make_desk(Rules(post_only_refused=True))
    with desk.refused(-5022):
        desk.place("BUY", quantity=1, price=101, time_in_force=TimeInForce.GTX)


def test_canceling_an_order_that_is_gone_is_refused(desk):
    order = desk.place("BUY", quantity=1, price=99, client_order_id="a")
    desk.exchange.cancel("main", order.symbol, None, "a", desk.now_ms)
    for order_id, name in ((order.id, None), (None, "a"), (None, "never"), (12345, None)):
        with pytest.raises(ExchangeError, match="-2011"):
            desk.exchange.cancel("main", order.symbol, order_id, name, desk.now_ms)
    with pytest.raises(ExchangeError, match="-1102"):
        desk.exchange.cancel("main", order.symbol, None, None, desk.now_ms)


def test_nobody_finds_or_cancels_the_order_of_another_account(desk):
    order = desk.place("BUY", quantity=1, price=99, client_order_id="a")
    with pytest.raises(ExchangeError, match="-2013"):
        desk.exchange.order("other", order.symbol, order.id, None, desk.now_ms)
    with pytest.raises(ExchangeError, match="-2011"):
        desk.exchange.cancel("other", order.symbol, order.id, None, desk.now_ms)


def test_orders_that_ended_without_a_fill_are_forgotten_after_seven_days(desk):
    empty = desk.place("BUY", quantity=1, price=99)
    partly = desk.place("BUY", quantity=11, price="100.1")
    for order in (empty, partly):
        desk.exchange.cancel("main", order.symbol, order.id, None, desk.now_ms)

    later_ms = desk.now_ms + 7 * DAY_MS + 1
    assert desk.exchange.order("main", empty.symbol, empty.id, None, later_ms - 1) is empty
    with pytest.raises(ExchangeError, match="-2013"):
        desk.exchange.order("main", empty.symbol, empty.id, None, later_ms)
    assert list(desk.exchange.orders("main", None, later_ms)) == [partly]


def test_checking_an_order_leaves_no_trace(desk):
    desk.exchange.check("main", desk.request("BUY", quantity=1, price=99), desk.now_ms)
    assert not desk.exchange.floor.orders.all
    assert not desk.drain()
