"""Margin, leverage, liquidation, funding and transfers."""

from decimal import Decimal

import pytest

from undertow.adapters.paper.accounts import Position
from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import (
    AccountEvent,
    Execution,
    ForcedOrder,
    Leg,
    LeverageEvent,
    MarginCallEvent,
    ModeEvent,
    Status,
)
from undertow.domain.account import MarginType
from undertow.domain.ids import Symbol

BTC, ETH = Symbol("BTCUSDT"), Symbol("ETHUSDT")


def isolated(desk, leverage=10):
    desk.exchange.set_margin_type("main", BTC, MarginType.ISOLATED, desk.now_ms)
    desk.exchange.set_leverage("main", BTC, leverage, desk.now_ms)


def test_an_order_that_needs_more_margin_than_is_free_is_refused(desk):
    desk.exchange.set_leverage("main", BTC, 1, desk.now_ms)
    desk.drain()
    desk.place("BUY", quantity=90, price=100)
    desk.drain()
    with desk.refused(-2019):
        desk.place("BUY", quantity=11, price=100)
    desk.place("BUY", quantity=10, price=100)


def test_an_order_above_the_mark_must_carry_its_loss_too(desk):
    desk.exchange.set_leverage("main", BTC, 1, desk.now_ms)
    desk.drain()
    with desk.refused(-2019):
        desk.place("BUY", quantity=95, price=105)


def test_in_one_way_mode_orders_of_both_sides_share_their_margin(desk):
    desk.exchange.set_leverage("main", BTC, 10, desk.now_ms)
    desk.place("BUY", quantity=100, price=99)
    one_side = desk.exchange.standing("main").order_margin
    desk.place("SELL", quantity=90, price=101)
    assert desk.exchange.standing("main").order_margin == one_side == 990


def test_in_hedge_mode_each_side_needs_its_own(desk):
    desk.hedge()
    desk.exchange.set_leverage("main", BTC, 10, desk.now_ms)
    desk.place("BUY", quantity=100, price=99, leg=Leg.LONG)
    desk.place("SELL", quantity=100, price=101, leg=Leg.SHORT)
    assert desk.exchange.standing("main").order_margin == 2000


def test_waiting_stops_and_closing_orders_claim_no_margin(desk):
    desk.place("BUY", quantity=1, price=101)
    desk.place("BUY", "STOP_MARKET", quantity=10, stop_price=110)
    desk.place("SELL", quantity=1, price=110, reduce_only=True)
    assert desk.exchange.standing("main").order_margin == 0


def test_leverage_bounds_the_position_by_its_bracket(desk):
    cap = desk.exchange.set_leverage("main", BTC, 100, desk.now_ms)
    assert cap == 50_000
    desk.drain()
    with desk.refused(-2027):
        desk.place("BUY", quantity=501, price=100)
    desk.place("BUY", quantity=499, price=99)
    desk.drain()
    with desk.refused(-2027):
        desk.place("BUY", quantity=10, price=99)


@pytest.mark.parametrize("leverage", [0, 101, -5])
def test_leverage_outside_its_range_is_refused(desk, leverage):
    with desk.refused(-4028):
        desk.exchange.set_leverage("main", BTC, leverage, desk.now_ms)


def test_leverage_of_an_isolated_position_only_rises(desk):
    isolated(desk)
    desk.place("BUY", quantity=10, price=101)
    desk.drain()
    with desk.refused(-4161):
        desk.exchange.set_leverage("main", BTC, 5, desk.now_ms)
    desk.exchange.set_leverage("main", BTC, 20, desk.now_ms)
    assert desk.drain()[-1] == LeverageEvent("main", desk.now_ms, BTC, 20)


def test_leverage_is_not_lowered_below_what_the_balance_carries(desk):
    desk.exchange.set_leverage("main", BTC, 50, desk.now_ms)
    desk.place("BUY", quantity=1000, price=99)
    desk.drain()
    with desk.refused(-2028):
        desk.exchange.set_leverage("main", BTC, 5, desk.now_ms)


def test_margin_type_changes_only_on_an_empty_symbol(desk):
    set_type = desk.exchange.set_margin_type
    with desk.refused(-4046):
        set_type("main", BTC, MarginType.CROSS, desk.now_ms)
    order = desk.place("BUY", quantity=1, price=99)
    desk.drain()
    with desk.refused(-4047):
        set_type("main", BTC, MarginType.ISOLATED, desk.now_ms)
    desk.exchange.cancel("main", BTC, order.id, None, desk.now_ms)
    desk.place("BUY", "MARKET", quantity=1)
    desk.drain()
    with desk.refused(-4048):
        set_type("main", BTC, MarginType.ISOLATED, desk.now_ms)
    desk.place("SELL", "MARKET", quantity=1)
    set_type("main", BTC, MarginType.ISOLATED, desk.now_ms)
    assert desk.account.is_isolated(BTC)


def test_position_mode_changes_only_on_an_empty_account(desk):
    set_mode = desk.exchange.set_position_mode
    with desk.refused(-4059):
        set_mode("main", False, desk.now_ms)
    order = desk.place("BUY", quantity=1, price=99)
    desk.drain()
    with desk.refused(-4067):
        set_mode("main", True, desk.now_ms)
    desk.exchange.cancel("main", BTC, order.id, None, desk.now_ms)
    desk.place("BUY", "MARKET", quantity=1)
    desk.drain()
    with desk.refused(-4068):
        set_mode("main", True, desk.now_ms)
    desk.place("SELL", "MARKET", quantity=1)
    desk.drain()
    set_mode("main", True, desk.now_ms)
    assert desk.drain() == [ModeEvent("main", desk.now_ms, hedge=True, multi_assets=False)]


def test_joint_margin_and_isolated_margin_exclude_each_other(desk):
    isolated(desk)
    desk.place("BUY", quantity=1, price=99)
    desk.drain()
    with desk.refused(-4168):
        desk.exchange.set_multi_assets("main", True, desk.now_ms)
    desk.exchange.cancel_all("main", BTC, desk.now_ms)
    desk.exchange.set_multi_assets("main", True, desk.now_ms)
    assert not desk.account.is_isolated(BTC)
    desk.drain()
    with desk.refused(-4168):
        desk.exchange.set_margin_type("main", BTC, MarginType.ISOLATED, desk.now_ms)


def test_the_liquidation_price_of_the_reference(make_desk):
    """Quantity 1, entry 100, leverage 10, maintenance 0.5 %, long: 90.4523."""
    desk = make_desk()
    isolated(desk)
    desk.quote("99.9", 100, mark=100)
    desk.place("BUY", quantity=1, price=100)
    assert desk.position().isolated_wallet == 10
    assert round(desk.exchange.liquidation_price("main", desk.position()), 4) == Decimal("90.4523")


def test_an_isolated_long_is_liquidated_where_its_price_says(desk):
    isolated(desk)
    desk.quote("99.9", 100, mark=100)
    desk.place("BUY", quantity=1, price=100)
    kept = desk.place("BUY", quantity=1, price=80)
    price = desk.exchange.liquidation_price("main", desk.position())

    desk.quote("91.0", "91.1", mark=price + Decimal("0.01"))
    assert desk.position().amount == 1
    desk.drain()
    desk.quote("91.0", "91.1", mark=price)

    assert desk.position().amount == 0
    assert kept.status is Status.CANCELED
    events = desk.drain()
    forced = next(event for event in events if isinstance(event, ForcedOrder))
    assert (forced.side, forced.quantity, forced.price, forced.average_price) == ("SELL", 1, 90, 91)
    (done,) = [event for event in events if getattr(event, "execution", None) is Execution.CALCULATED]
    assert done.type == "LIQUIDATION"
    assert done.client_order_id.startswith("autoclose-")
    assert done.commission == 0
    # 10 of margin, 9 lost in the market, 0.91 of fee: 0.09 come back.
    assert desk.account.wallet == 10_000 - Decimal("0.035") - 9 - Decimal("0.91")


@pytest.mark.parametrize(("side", "gap"), [("BUY", "50"), ("SELL", "190")])
def test_an_isolated_position_never_costs_more_than_its_margin(desk, side, gap):
    """The market jumps past bankruptcy: the insurance fund takes the position over at the bankruptcy price."""
    isolated(desk)
    order = desk.place(side, "MARKET", quantity=1)
    before = desk.account.wallet

    desk.flat_quote(gap)

    assert desk.position().amount == 0
    lost = before - desk.account.wallet
    margin = order.average_price / 10
    assert margin - Decimal("0.2") <= lost <= margin


def test_a_cross_account_is_closed_position_by_position_until_the_rest_can_be_carried(make_desk):
    desk = make_desk(deposit=1_000, liquidation_fee=Decimal("0.0001"))
    for symbol in (BTC, ETH):
        desk.exchange.set_leverage("main", symbol, 50, desk.now_ms)
    desk.place("BUY", "MARKET", quantity=100)
    desk.place("BUY", "MARKET", quantity=4, symbol=ETH)
    stop = desk.place("SELL", "STOP_MARKET", stop_price=40, close_position=True, symbol=ETH)

    desk.flat_quote("90.8")

    assert [position.symbol for position in desk.account.open_positions()] == [ETH]
    assert stop.status is Status.CANCELED
    assert desk.account.wallet >= 0
    assert desk.account.wallet == desk.wallet_by_the_books()


def test_a_strained_account_is_called_once_before_it_is_liquidated(make_desk):
    desk = make_desk(deposit=1_000)
    desk.exchange.set_leverage("main", BTC, 50, desk.now_ms)
    desk.place("BUY", "MARKET", quantity=100)
    calls = []
    for price in ("91.5", "90.85", "90.84", "95", "90.85"):
        desk.flat_quote(price)
        calls.append(sum(isinstance(event, MarginCallEvent) for event in desk.drain()))
    assert calls == [0, 1, 0, 0, 1]
    assert desk.position().is_open


def test_nobody_ends_below_zero(make_desk):
    """A stop that executes far beyond bankruptcy before the account can be liquidated."""
    desk = make_desk(deposit=300)
    desk.exchange.set_leverage("main", BTC, 50, desk.now_ms)
    desk.place("BUY", "MARKET", quantity=100)
    desk.place("SELL", "STOP_MARKET", stop_price=95, close_position=True)

    desk.quote(85, "85.1", mark=85, bid_quantity=1_000)

    assert desk.account.wallet == 0
    assert desk.wallet_by_the_books() == 0


@pytest.mark.parametrize(
    ("side", "rate", "received"), [("BUY", "0.001", -1), ("BUY", "-0.001", 1), ("SELL", "0.001", 1)]
)
def test_longs_pay_shorts_when_the_rate_is_positive(desk, side, rate, received):
    desk.place(side, "MARKET", quantity=10)
    before = desk.account.wallet
    desk.drain()

    desk.exchange.on_funding(BTC, Decimal(rate), desk.now_ms)

    assert desk.account.wallet - before == received
    (event,) = desk.drain()
    assert isinstance(event, AccountEvent)
    assert (event.reason, event.balances[0].change, event.positions) == ("FUNDING_FEE", received, ())


def test_an_isolated_position_pays_funding_from_its_own_margin(desk):
    isolated(desk)
    desk.place("BUY", "MARKET", quantity=10)
    before, cross = desk.position().isolated_wallet, desk.account.cross_wallet
    desk.drain()

    desk.exchange.on_funding(BTC, Decimal("0.001"), desk.now_ms)

    assert desk.position().isolated_wallet == before - 1
    assert desk.account.cross_wallet == cross
    (event,) = desk.drain()
    assert [line.symbol for line in event.positions] == [BTC]


def test_isolated_margin_is_added_and_taken_within_bounds(desk):
    change = desk.exchange.change_isolated_margin
    with desk.refused(-4049):
        change("main", BTC, None, Decimal(1), desk.now_ms)
    isolated(desk)
    desk.drain()
    with desk.refused(-4054):
        change("main", BTC, None, Decimal(1), desk.now_ms)
    desk.place("BUY", "MARKET", quantity=10)
    desk.drain()
    with desk.refused(-4050):
        change("main", BTC, None, Decimal(10_001), desk.now_ms)
    change("main", BTC, None, Decimal(50), desk.now_ms)
    assert desk.position().isolated_wallet == Decimal("150.1")
    assert desk.drain()[-1].reason == "MARGIN_TRANSFER"
    with desk.refused(-4051):
        change("main", BTC, None, Decimal(-51), desk.now_ms)
    change("main", BTC, None, Decimal(-49), desk.now_ms)


def test_transfers_move_money_between_the_wallets_once_per_id(desk):
    desk.exchange.transfer("main", "USDT", Decimal(100), "t1", desk.now_ms)
    assert (desk.account.wallet, desk.account.spot_wallet) == (10_100, 400)
    desk.drain()
    with desk.refused(-4115):
        desk.exchange.transfer("main", "USDT", Decimal(100), "t1", desk.now_ms)
    with desk.refused(-4114):
        desk.exchange.transfer("main", "USDT", Decimal(100), "t" * 65, desk.now_ms)
    with desk.refused(-1108):
        desk.exchange.transfer("main", "DOGE", Decimal(100), "t2", desk.now_ms)
    with desk.refused(-2018):
        desk.exchange.transfer("main", "USDT", Decimal(-10_101), "t3", desk.now_ms)
    desk.exchange.transfer("main", "USDT", Decimal(-10_100), "t3", desk.now_ms)
    assert desk.account.wallet == 0


def test_auto_deleveraging_is_told_apart_from_liquidation(desk):
    desk.place("BUY", "MARKET", quantity=10)
    desk.drain()
    desk.exchange.deleverage("main", desk.position(), Decimal(4), desk.now_ms)
    assert desk.position().amount == 6
    done = desk.order_events()[-1]
    assert (done.client_order_id, done.execution) == ("adl_autoclose", Execution.CALCULATED)


def test_before_its_first_quote_a_symbol_has_no_depth(make_desk):
    desk = make_desk()
    desk.exchange.floor.books[BTC]._quote = None
    with pytest.raises(ExchangeError, match="-1112"):
        desk.place("BUY", "MARKET", quantity=1)


def test_profit_is_booked_with_eight_decimals_whatever_price_it_was_made_at():
    position = Position(BTC, Leg.BOTH)
    position.trade(Decimal("0.150"), Decimal("99.5"))
    realized, _ = position.trade(Decimal("-0.150"), Decimal("99.28309889"))
    assert realized == position.realized == Decimal("-0.03253517")


def test_deleveraging_takes_no_more_than_there_is(desk):
    desk.place("BUY", "MARKET", quantity=10)
    held = desk.position()
    desk.exchange.deleverage("main", held, Decimal(19), desk.now_ms)
    assert held.amount == 0
