"""Properties over random histories: no money appears or vanishes, and fills add up to positions."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import AccountEvent, Leg, OrderEvent
from undertow.adapters.paper.orders import OrderRequest
from undertow.domain.account import MarginType
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import Side
from undertow.domain.order import OrderType, TimeInForce, WorkingType

BTC = Symbol("BTCUSDT")
ACCOUNTS = (AccountId("main"), AccountId("other"))


def history(seed: int, length: int = 150) -> Iterator[tuple[str, Any, Any]]:
    """A random walk of the price, with orders around it. Every seventh jump is wild enough to ruin somebody."""
    random = Random(seed)
    price = Decimal(100)
    for _ in range(length):
        what = random.choice(("order", "order", "order", "quote", "quote", "print", "cancel", "modify", "rest"))
        account = random.choice(ACCOUNTS)
        match what:
            case "order":
                yield what, account, _wanted(random, price)
            case "quote":
                reach = 120 if random.random() < 0.15 else 12
                price = min(max(price + Decimal(random.randint(-reach, reach)) / 10, Decimal(20)), Decimal(400))
                yield what, price, _quantity(random)
            case "cancel":
                yield what, account, random.randrange(10)
            case "rest" if random.random() < 0.5:
                yield "funding", Decimal(random.randint(-30, 30)) / 10_000, None
            case "rest":
                yield "leverage", account, random.choice((5, 20, 50, 100))
            case _:
                yield what, _near(random, price), _quantity(random)


def _wanted(random: Random, price: Decimal) -> dict[str, Any]:
    return {
        "side": random.choice(list(Side)),
        "type": random.choice([OrderType.LIMIT, OrderType.MARKET, *OrderType]),
        "leg": random.choice((Leg.LONG, Leg.SHORT)),
        "time_in_force": random.choice(list(TimeInForce)),
        "quantity": _quantity(random) * random.choice((1, 1, 20)),
        "price": _near(random, price),
        "stop_price": _near(random, price),
        "reduce_only": random.choice((None, None, True)),
        "close_position": random.random() < 0.4,
        "working_type": random.choice(list(WorkingType)),
        "callback_rate": Decimal(random.randint(1, 50)) / 10,
    }


def _near(random: Random, price: Decimal) -> Decimal:
    return price + Decimal(random.randint(-30, 30)) / 10


def _quantity(random: Random) -> Decimal:
    return Decimal(random.randint(100, 20_000)) / 1000


def shaped(hedge: bool, wanted: dict) -> OrderRequest:
    """Only the parameters that the type admits, so that most orders are taken."""
    kind, close = wanted["type"], False
    facts = {"symbol": BTC, "side": wanted["side"], "type": kind, "quantity": wanted["quantity"]}
    if kind is OrderType.LIMIT:
        facts |= {"time_in_force": wanted["time_in_force"], "price": wanted["price"]}
    elif kind in (OrderType.STOP, OrderType.TAKE_PROFIT):
        facts |= {"price": wanted["price"], "stop_price": wanted["stop_price"], "working_type": wanted["working_type"]}
    elif kind is OrderType.TRAILING_STOP_MARKET:
        facts |= {"callback_rate": wanted["callback_rate"]}
    elif kind is not OrderType.MARKET:
        close = wanted["close_position"]
        facts |= {"stop_price": wanted["stop_price"], "close_position": close, "working_type": wanted["working_type"]}
        if close:
            del facts["quantity"]
    if hedge:
        facts["leg"] = wanted["leg"]
    elif not close:
        facts["reduce_only"] = wanted["reduce_only"]
    return OrderRequest(**facts)


def run(desk, hedge: bool, seed: int) -> None:
    for what, first, second in history(seed):
        desk.now_ms += 1
        try:
            match what:
                case "order":
                    desk.exchange.place(first, shaped(hedge, second), desk.now_ms)
                case "quote":
                    spread = second % Decimal("0.5")
                    bid = first - spread + spread % Decimal("0.1")
                    desk.quote(bid, first + Decimal("0.1"), last=first, mark=first, ask_quantity=second)
                case "print":
                    desk.exchange.on_print(BTC, first, second, True, desk.now_ms)
                    desk.exchange.on_print(BTC, first, second, False, desk.now_ms)
                case "cancel":
                    mine = desk.exchange.open_orders(first)
                    if mine:
                        desk.exchange.cancel(first, BTC, mine[second % len(mine)].id, None, desk.now_ms)
                case "modify":
                    for order in desk.exchange.open_orders("main")[:1]:
                        desk.exchange.modify("main", BTC, order.id, None, second, first, desk.now_ms)
                case "funding":
                    desk.exchange.on_funding(BTC, first, desk.now_ms)
                case "leverage":
                    desk.exchange.set_leverage(first, BTC, second, desk.now_ms)
        except ExchangeError as refusal:
            assert refusal.code < 0  # noqa: PT017 - most refusals are expected here, and their codes are pinned elsewhere


def check_books(desk) -> None:
    floor = desk.exchange.floor
    for account in floor.accounts.values():
        rows = [row for row in floor.incomes if row.account == account.id]
        assert account.wallet == sum(row.amount for row in rows)
        for legs in account.positions.values():
            for position in legs.values():
                mine = [each for each in floor.trades if (each.account, each.leg) == (account.id, position.leg)]
                signed = [each.quantity if each.side is Side.BUY else -each.quantity for each in mine]
                assert position.amount == sum(signed)
                # What was paid for everything is what is still open plus what was lost: to the last digit.
                paid = sum((each.price * q for each, q in zip(mine, signed, strict=True)), Decimal(0))
                assert paid == position.cost - sum(each.realized for each in mine)
                assert position.isolated_wallet == 0 or position.is_open
    for order in floor.orders.all.values():
        fills = [trade for trade in floor.trades if trade.order_id == order.id]
        assert order.filled == sum(fill.quantity for fill in fills)
        assert order.filled_quote == sum(fill.price * fill.quantity for fill in fills)
        assert 0 <= order.filled <= order.quantity
        assert order.status.is_open == (order in floor.orders.open_of(order.symbol))


def check_events(desk) -> None:
    """What was reported is what is there."""
    floor, told = desk.exchange.floor, desk.exchange.drain_events()
    fills = [event for event in told if isinstance(event, OrderEvent) and event.trade_id]
    assert [event.trade_id for event in fills] == [trade.id for trade in floor.trades]
    last = {event.order_id: event for event in told if isinstance(event, OrderEvent)}
    for order in floor.orders.all.values():
        assert last[order.id].status is order.status
        assert last[order.id].cumulative_quantity == order.filled
    balances = {event.account: event for event in told if isinstance(event, AccountEvent)}
    for account, event in balances.items():
        assert event.balances[0].wallet == floor.accounts[account].wallet


@given(hedge=st.booleans(), isolated=st.booleans(), seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_money_is_conserved_and_fills_add_up_over_any_history(make_desk_once, hedge, isolated, seed):
    desk = make_desk_once()
    for account in ACCOUNTS:
        if hedge:
            desk.exchange.set_position_mode(account, True, desk.now_ms)
        if isolated:
            desk.exchange.set_margin_type(account, BTC, MarginType.ISOLATED, desk.now_ms)

    run(desk, hedge, seed)

    check_books(desk)
    check_events(desk)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_the_same_history_always_gives_the_same_events(make_desk_once, seed):
    told = []
    for _ in range(2):
        desk = make_desk_once()
        run(desk, False, seed)
        told.append(desk.exchange.drain_events())
    assert told[0] == told[1]
