"""Stops, take-profits and trailing stops: when they trigger, and what they do then."""

from decimal import Decimal

import pytest

from undertow.adapters.paper.events import Execution, Leg, Status
from undertow.adapters.paper.floor import Rules
from undertow.domain.order import OrderType, WorkingType

MARK = WorkingType.MARK_PRICE


@pytest.mark.parametrize(
    ("kind", "side", "stop", "waits_at", "triggers_at"),
    [
        ("STOP_MARKET", "BUY", 105, "104.9", "105.0"),
        ("STOP_MARKET", "SELL", 95, "95.1", "95.0"),
        ("TAKE_PROFIT_MARKET", "BUY", 95, "95.1", "95.0"),
        ("TAKE_PROFIT_MARKET", "SELL", 105, "104.9", "105.0"),
    ],
)
@pytest.mark.parametrize("working", list(WorkingType))
def test_the_working_price_decides_when_a_stop_triggers(desk, kind, side, stop, waits_at, triggers_at, working):
    order = desk.place(side, kind, quantity=1, stop_price=stop, working_type=working)
    by_mark = working is MARK

    # The other price alone does not trigger it.
    other = {"last": triggers_at, "mark": 100} if by_mark else {"mark": triggers_at, "last": 100}
    desk.quote(100, "100.1", **other)
    assert order.type is OrderType(kind)
    desk.quote(100, "100.1", last=waits_at, mark=waits_at)
    assert order.type is OrderType(kind)

    desk.quote(100, "100.1", last=triggers_at, mark=triggers_at)
    assert (order.type, order.original_type, order.status) == (OrderType.MARKET, OrderType(kind), Status.FILLED)


@pytest.mark.parametrize(
    ("kind", "side", "stop"),
    [
        ("STOP_MARKET", "BUY", 100),
        ("STOP_MARKET", "BUY", 99),
        ("STOP_MARKET", "SELL", 100),
        ("TAKE_PROFIT_MARKET", "BUY", 101),
        ("TAKE_PROFIT_MARKET", "SELL", 99),
    ],
)
def test_a_stop_that_would_trigger_at_once_is_refused(desk, kind, side, stop):
    with desk.refused(-2021):
        desk.place(side, kind, quantity=1, stop_price=stop)


def test_a_triggered_stop_limit_becomes_a_limit_order_that_may_rest(desk):
    desk.place("BUY", quantity=1, price=101)
    order = desk.place("SELL", "STOP", quantity=1, price=97, stop_price=95, reduce_only=True)

    desk.flat_quote(94)

    assert (order.type, order.status) == (OrderType.LIMIT, Status.NEW)
    desk.flat_quote(98)
    assert (order.status, order.average_price) == (Status.FILLED, 97)


def test_a_trigger_is_reported_as_new_under_its_later_type_and_then_as_trades(desk):
    desk.place("BUY", "STOP_MARKET", quantity=1, stop_price=105)
    desk.drain()

    desk.flat_quote(105)

    renewed, traded = desk.order_events()
    assert (renewed.execution, renewed.type, renewed.original_type) == (Execution.NEW, "MARKET", "STOP_MARKET")
    assert (traded.execution, traded.status) == (Execution.TRADE, Status.FILLED)


@pytest.mark.parametrize(("hedge", "leg"), [(False, None), (True, Leg.LONG)])
def test_close_position_closes_whatever_is_there_when_it_triggers(desk, hedge, leg):
    if hedge:
        desk.hedge()
    desk.place("BUY", quantity=1, price=101, leg=leg)
    stop = desk.place("SELL", "STOP_MARKET", stop_price=95, close_position=True, leg=leg)
    desk.place("BUY", quantity=2, price=101, leg=leg)

    desk.flat_quote(94)

    assert (stop.status, stop.filled) == (Status.FILLED, 3)
    assert not desk.account.open_positions()


def test_close_position_without_a_position_expires_when_it_triggers(desk):
    stop = desk.place("SELL", "STOP_MARKET", stop_price=95, close_position=True)
    desk.flat_quote(94)
    assert stop.status is Status.EXPIRED
    assert not desk.account.open_positions()


def test_a_stop_left_over_from_a_closed_position_hits_the_next_one(desk):
    """The venue does not clean up after us."""
    desk.place("BUY", quantity=1, price=101)
    stop = desk.place("SELL", "STOP_MARKET", stop_price=95, close_position=True)
    desk.place("SELL", "MARKET", quantity=1, reduce_only=True)
    desk.place("BUY", quantity=2, price=101)
    assert stop.status is Status.NEW

    desk.flat_quote(94)
    assert stop.filled == 2


def test_the_venue_may_take_close_orders_away_with_the_position(make_desk):
    desk = make_desk(Rules(close_orders_expire_when_flat=True))
    desk.place("BUY", quantity=1, price=101)
    stop = desk.place("SELL", "STOP_MARKET", stop_price=95, close_position=True)
    desk.place("SELL", "MARKET", quantity=1, reduce_only=True)
    assert stop.status is Status.EXPIRED


def test_a_second_close_order_in_the_same_direction_is_allowed_unless_the_rules_say_otherwise(desk, make_desk):
    for stop_price in (95, 94):
        desk.place("SELL", "STOP_MARKET", stop_price=stop_price, close_position=True)

    strict = make_desk(Rules(single_close_position=True))
    strict.place("SELL", "STOP_MARKET", stop_price=95, close_position=True)
    strict.place("SELL", "TAKE_PROFIT_MARKET", stop_price=110, close_position=True)
    strict.place("BUY", "STOP_MARKET", stop_price=110, close_position=True)
    strict.drain()
    with strict.refused(-4130):
        strict.place("SELL", "STOP_MARKET", stop_price=94, close_position=True)


@pytest.mark.parametrize(("protect", "status"), [(True, Status.EXPIRED), (False, Status.FILLED)])
def test_a_protected_stop_expires_when_last_price_and_mark_are_torn_apart(desk, protect, status):
    desk.place("BUY", quantity=1, price=101)
    stop = desk.place("SELL", "STOP_MARKET", quantity=1, stop_price=95, reduce_only=True, price_protect=protect)

    desk.quote(94, "94.1", last=94, mark=100)

    assert stop.status is status


def test_a_reducing_stop_is_cut_to_the_position(desk):
    desk.place("BUY", quantity=5, price=101)
    stop = desk.place("SELL", "STOP_MARKET", quantity=5, stop_price=95, reduce_only=True)
    desk.place("SELL", "MARKET", quantity=3, reduce_only=True)

    desk.flat_quote(94)

    assert stop.filled == 2
    assert stop.status is Status.EXPIRED
    assert desk.position().amount == 0


def test_an_opening_stop_that_cannot_be_paid_any_more_expires(desk):
    stop = desk.place("BUY", "STOP_MARKET", quantity=100, stop_price=105)
    desk.exchange.set_leverage("main", stop.symbol, 1, desk.now_ms)

    desk.flat_quote(105)

    assert stop.status is Status.EXPIRED
    assert not desk.account.open_positions()


@pytest.mark.parametrize(
    ("side", "path", "triggers"),
    [
        ("SELL", [101, 104, "103.1"], False),
        ("SELL", [101, 104, "102.9"], True),
        ("SELL", [99], True),
        ("BUY", [99, 96, "96.9"], False),
        ("BUY", [99, 96, "97.0"], True),
        ("BUY", [101], True),
    ],
)
def test_a_trailing_stop_follows_the_extreme_and_turns_at_its_rate(desk, side, path, triggers):
    order = desk.place(side, "TRAILING_STOP_MARKET", quantity=1, callback_rate=1)
    for price in path:
        desk.flat_quote(price)
    assert (order.status is Status.FILLED) is triggers


def test_a_trailing_stop_with_an_activation_price_waits_for_it(desk):
    order = desk.place("SELL", "TRAILING_STOP_MARKET", quantity=1, callback_rate=1, activation_price=105)
    for price in (104, 98):
        desk.flat_quote(price)
        assert order.type is OrderType.TRAILING_STOP_MARKET
    for price in (106, "104.9"):
        desk.flat_quote(price)
    assert order.status is Status.FILLED


@pytest.mark.parametrize(("side", "activation"), [("SELL", 99), ("BUY", 101)])
def test_a_trailing_stop_whose_activation_is_behind_it_is_refused(desk, side, activation):
    with desk.refused(-2021):
        desk.place(side, "TRAILING_STOP_MARKET", quantity=1, callback_rate=1, activation_price=activation)


def test_a_countdown_cancels_everything_of_its_symbol_stops_included(desk):
    desk.place("BUY", quantity=1, price=101)
    entry = desk.place("BUY", quantity=1, price=90)
    stop = desk.place("SELL", "STOP_MARKET", stop_price=95, close_position=True)
    desk.exchange.set_countdown("main", stop.symbol, 1_000, desk.now_ms)

    desk.exchange.on_time(desk.now_ms + 999)
    assert stop.status is Status.NEW
    desk.exchange.set_countdown("main", stop.symbol, 1_000, desk.now_ms + 999)
    desk.exchange.on_time(desk.now_ms + 1_500)
    assert stop.status is Status.NEW
    desk.exchange.on_time(desk.now_ms + 1_999)
    assert (entry.status, stop.status) == (Status.CANCELED, Status.CANCELED)


def test_a_countdown_of_zero_disarms(desk):
    entry = desk.place("BUY", quantity=1, price=90)
    desk.exchange.set_countdown("main", entry.symbol, 1_000, desk.now_ms)
    desk.exchange.set_countdown("main", entry.symbol, 0, desk.now_ms)
    desk.exchange.on_time(desk.now_ms + 5_000)
    assert entry.status is Status.NEW


def test_nothing_rounds_a_trailing_rate(desk):
    order = desk.place("SELL", "TRAILING_STOP_MARKET", quantity=1, callback_rate="0.5")
    desk.quote(100, "100.1", last="99.6")
    assert order.status is Status.NEW
    desk.quote(100, "100.1", last=Decimal("99.5"))
    assert order.status is Status.FILLED
