"""Orders that hang on each other, chases, and market-maker protection."""

from decimal import Decimal

import pytest

from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import Status
from undertow.adapters.paper.market_maker_protection import Protection
from undertow.adapters.paper.strategy import (
    Chase,
    Drive,
    DrivenOn,
    StrategyStatus,
    StrategyType,
    SubOrder,
    Trigger,
)
from undertow.domain.ids import Symbol
from undertow.domain.order import TimeInForce

BTC = Symbol("BTCUSDT")
PLACED_BY_1 = Drive("1", DrivenOn.FILLED, Trigger.PLACE_ORDER)


def canceled_by(driver, on=DrivenOn.PARTIALLY_FILLED_OR_FILLED):
    return Drive(driver, on, Trigger.CANCEL_ORDER)


def bracket(desk):
    """An entry, and behind it a target and a stop that take each other away."""
    entry = SubOrder("1", desk.request("BUY", quantity=1, price=99))
    target = SubOrder(
        "2", desk.request("SELL", quantity=1, price=105, reduce_only=True), (PLACED_BY_1, canceled_by("3"))
    )
    stop = SubOrder(
        "3",
        desk.request("SELL", "STOP_MARKET", quantity=1, stop_price=95, reduce_only=True),
        (PLACED_BY_1, canceled_by("2")),
    )
    return [entry, target, stop]


def place(desk, kind, subs, **more):
    return desk.exchange.strategies.place("main", StrategyType(kind), more.get("client_id"), subs, desk.now_ms)


def status(desk, sub):
    return desk.exchange.floor.orders.all[sub.order_id].status


def test_target_and_stop_wait_for_the_entry_and_end_each_other(desk):
    entry, target, stop = bracket(desk)
    strategy = place(desk, "OTOCO", [entry, target, stop])
    assert (target.waits, stop.waits, strategy.status) == (True, True, StrategyStatus.NEW)

    desk.flat_quote("98.9")
    assert [status(desk, sub) for sub in (entry, target, stop)] == [Status.FILLED, Status.NEW, Status.NEW]
    assert strategy.status is StrategyStatus.WORKING

    desk.flat_quote(106)
    assert [status(desk, sub) for sub in (target, stop)] == [Status.FILLED, Status.CANCELED]
    assert strategy.status is StrategyStatus.FINISHED
    assert not desk.account.open_positions()


def test_an_entry_that_is_canceled_takes_what_waits_for_it_along(desk):
    entry, target, stop = bracket(desk)
    strategy = place(desk, "OTOCO", [entry, target, stop])
    desk.exchange.cancel("main", BTC, entry.order_id, None, desk.now_ms)
    assert strategy.status is StrategyStatus.FINISHED
    assert (target.dropped, stop.dropped) == (0, 0)


def test_one_of_two_orders_cancels_the_other(desk):
    subs = [
        SubOrder("1", desk.request("BUY", quantity=1, price=99), (canceled_by("2"),)),
        SubOrder("2", desk.request("BUY", "STOP_MARKET", quantity=1, stop_price=105), (canceled_by("1"),)),
    ]
    place(desk, "OCO", subs)
    desk.flat_quote("105.2")
    assert [status(desk, sub) for sub in subs] == [Status.CANCELED, Status.FILLED]


@pytest.mark.parametrize("on", [DrivenOn.CANCELED, DrivenOn.REPLACED, DrivenOn.NEW])
def test_a_driver_may_drive_on_any_of_its_states(desk, on):
    subs = [
        SubOrder("1", desk.request("BUY", quantity=1, price=99)),
        SubOrder("2", desk.request("BUY", quantity=1, price=98), (Drive("1", on, Trigger.PLACE_ORDER),)),
    ]
    place(desk, "OTO", subs)
    assert subs[1].waits is (on is not DrivenOn.NEW)
    if on is DrivenOn.CANCELED:
        desk.exchange.cancel("main", BTC, subs[0].order_id, None, desk.now_ms)
    elif on is DrivenOn.REPLACED:
        desk.exchange.modify("main", BTC, subs[0].order_id, None, Decimal(2), Decimal(99), desk.now_ms)
    assert status(desk, subs[1]) is Status.NEW


def test_a_part_that_is_refused_when_its_time_comes_is_dropped_with_its_code(desk):
    subs = [
        SubOrder("1", desk.request("BUY", quantity=1, price=99)),
        SubOrder("2", desk.request("BUY", "STOP_MARKET", quantity=1, stop_price=98), (PLACED_BY_1,)),
    ]
    strategy = place(desk, "OTO", subs)
    desk.flat_quote("98.5")
    assert subs[1].dropped == -2021
    assert strategy.status is StrategyStatus.FINISHED


def test_a_malformed_strategy_places_nothing(desk):
    plain = SubOrder("1", desk.request("BUY", quantity=1, price=99))
    second = SubOrder("2", desk.request("BUY", quantity=1, price=98))
    with desk.refused(-4020):
        place(desk, "OTOCO", [plain, second])
    with desk.refused(-4020):
        place(desk, "OTO", [plain, SubOrder("3", second.request)])
    with desk.refused(-4020):
        place(desk, "OTO", [plain, SubOrder("2", second.request, (canceled_by("9"),))])
    with desk.refused(-1115):
        ioc = desk.request("BUY", quantity=1, price=99, time_in_force=TimeInForce.IOC)
        place(desk, "OTO", [SubOrder("1", ioc), second])
    with desk.refused(-4142):
        place(desk, "OTO", [SubOrder("1", desk.request("BUY", "STOP_MARKET", quantity=1, stop_price=90)), second])
    with desk.refused(-4003):
        place(desk, "OTO", [plain, SubOrder("2", desk.request("BUY", quantity=0, price=98), (PLACED_BY_1,))])


def test_a_strategy_is_found_changed_and_canceled_as_one(desk):
    entry, target, stop = bracket(desk)
    strategy = place(desk, "OTOCO", [entry, target, stop], client_id="mine")
    strategies = desk.exchange.strategies
    assert strategies.find("main", None, "mine") is strategies.find("main", strategy.id, None) is strategy
    assert strategies.find("other", strategy.id, None) is None

    strategies.update(strategy, stop, desk.request("SELL", "STOP_MARKET", quantity=1, stop_price=96), desk.now_ms)
    strategies.update(strategy, entry, desk.request("BUY", quantity=1, price=98), desk.now_ms)
    assert stop.request.stop_price == 96
    assert desk.exchange.floor.orders.all[entry.order_id].price == 98

    strategies.cancel(strategy, desk.now_ms)
    assert (status(desk, entry), strategy.status) == (Status.CANCELED, StrategyStatus.CANCELED)
    with pytest.raises(ExchangeError, match="-2011"):
        strategies.cancel(strategy, desk.now_ms)


def chase(desk, furthest=None, offset=0):
    request = desk.request("BUY", quantity=1, time_in_force=TimeInForce.GTX)
    best = desk.exchange.floor.books[BTC].quote.bid
    reach = None if furthest is None else Decimal(furthest)
    return desk.exchange.strategies.chase("main", None, request, Chase(Decimal(offset), reach, best), desk.now_ms)


def test_a_chase_follows_the_best_price_once_a_second(desk):
    strategy = chase(desk, offset="0.5")
    order = desk.exchange.floor.orders.all[strategy.subs[0].order_id]
    assert order.price == Decimal("99.5")

    desk.flat_quote(101)
    assert order.price == Decimal("99.5")
    desk.now_ms += 1_000
    desk.flat_quote(101)
    assert (order.price, order.status) == (Decimal("100.5"), Status.NEW)


def test_a_chase_gives_up_when_the_price_has_run_too_far(desk):
    strategy = chase(desk, furthest=2)
    order = desk.exchange.floor.orders.all[strategy.subs[0].order_id]
    desk.now_ms += 1_000
    desk.flat_quote("102.1")
    assert (order.status, strategy.status) == (Status.CANCELED, StrategyStatus.EXPIRED)


def test_a_chase_that_fills_is_finished(desk):
    strategy = chase(desk)
    desk.flat_quote(99)
    assert strategy.status is StrategyStatus.FINISHED


def protect(desk, **limits):
    facts = {"quantity_limit": None, "value_limit": None, "delta_limit": None, **limits}
    protection = Protection("main", BTC, 1_000, 5_000, **facts)
    desk.exchange.protections.all["main", BTC] = protection
    return protection


@pytest.mark.parametrize(
    ("limits", "freezes"),
    [
        ({"quantity_limit": Decimal(3)}, True),
        ({"quantity_limit": Decimal(4)}, False),
        ({"value_limit": Decimal(400)}, True),
        ({"delta_limit": Decimal(0)}, False),
    ],
)
def test_too_much_trading_within_the_window_freezes_quoting(desk, limits, freezes):
    protect(desk, **limits)
    resting = desk.place("BUY", quantity=1, price=90)
    desk.place("BUY", "MARKET", quantity=2)
    desk.place("SELL", "MARKET", quantity=2)
    assert (resting.status is Status.CANCELED) is (freezes or "delta_limit" in limits)


def test_frozen_quoting_thaws_after_its_time_or_by_a_reset(desk):
    protection = protect(desk, quantity_limit=Decimal(1))
    desk.place("BUY", "MARKET", quantity=2)
    desk.drain()
    with desk.refused(-2010):
        desk.place("BUY", quantity=1, price=90)
    desk.place("SELL", "MARKET", quantity=2)
    desk.now_ms += 5_000
    desk.place("BUY", quantity=1, price=90)

    protection.frozen_ms = 0
    desk.place("BUY", "MARKET", quantity=2)
    desk.now_ms += 1_000_000
    with pytest.raises(ExchangeError, match="-2010"):
        desk.place("BUY", quantity=1, price=90)
    desk.exchange.protections.reset(protection, desk.now_ms)
    desk.place("BUY", quantity=1, price=90)
