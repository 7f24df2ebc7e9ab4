"""The user data stream: whose events reach whom, and how a listen key ends."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from local.venue.hub import encoded
from local.venue.user_frames import user_frame
from tests.adapters.stream_rig import START_MS, closing, everything, heard, rig, until

from undertow.adapters.aster.user_messages import read_user
from undertow.adapters.paper.events import (
    AccountEvent,
    BalanceLine,
    Execution,
    Leg,
    LeverageEvent,
    MarginCallEvent,
    MarginCallLine,
    ModeEvent,
    OrderEvent,
    PositionLine,
    Status,
    UserEvent,
)
from undertow.domain.account import MarginType
from undertow.domain.event import AccountChanged, ConfigChanged, MarginCalled, OrderChanged
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import Side
from undertow.domain.order import TimeInForce, WorkingType

MAIN, OTHER = AccountId("main"), AccountId("other")
BTC = Symbol("暗流USDT")


def d(text: str) -> Decimal:
    return Decimal(text)


def order_event(**changes: Any) -> OrderEvent:
    facts: dict[str, Any] = {
        "account": MAIN,
        "time_ms": START_MS,
        "symbol": BTC,
        "client_order_id": "ut-e-1",
        "order_id": 8886774,
        "side": Side.BUY,
        "leg": Leg.LONG,
        "type": "LIMIT",
        "original_type": "LIMIT",
        "time_in_force": TimeInForce.GTC,
        "quantity": d("3"),
        "price": d("0.1"),
        "average_price": d("1") / d("3"),
        "stop_price": d("0"),
        "execution": Execution.TRADE,
        "status": Status.PARTIALLY_FILLED,
        "last_quantity": d("1"),
        "cumulative_quantity": d("1"),
        "last_price": d("0.1"),
        "commission_asset": "USDT",
        "commission": d("0.000035"),
        "trade_id": 77,
        "bid_notional": d("0.2"),
        "ask_notional": d("0"),
        "maker": True,
        "reduce_only": False,
        "close_position": False,
        "working_type": WorkingType.CONTRACT_PRICE,
        "activation_price": None,
        "callback_rate": None,
        "realized_pnl": d("0"),
    }
    return OrderEvent(**{**facts, **changes})


POSITION = PositionLine(BTC, Leg.SHORT, d("-2"), d("2") / d("3"), d("1.5"), d("-0.25"), MarginType.ISOLATED, d("7"))
ACCOUNT = AccountEvent(MAIN, START_MS, "ORDER", (BalanceLine("USDT", d("100"), d("93"), d("0")),), (POSITION,))
CALL_LINE = MarginCallLine(BTC, Leg.LONG, d("2"), MarginType.CROSS, d("0"), d("0.1"), d("-3"), d("1"))


def test_an_order_event_has_every_documented_field() -> None:
    sent = user_frame(order_event())
    assert set(sent) == {"e", "E", "T", "o"}
    identity, amounts = {"s", "c", "i", "t", "T", "x", "X", "ps"}, {"q", "p", "ap", "sp", "l", "z", "L", "b", "a", "rp"}
    plain_fields = identity | amounts | {"S", "o", "f", "ot", "wt", "m", "R", "cp"}
    assert set(sent["o"]) == plain_fields | {"N", "n"}
    assert sent["o"]["ap"] == "0.3333333333"
    assert (sent["o"]["m"], sent["o"]["t"], sent["o"]["ps"]) == (True, 77, "LONG")


def test_commission_is_absent_where_none_was_charged_and_trailing_fields_where_it_does_not_trail() -> None:
    resting = user_frame(order_event(commission=None, commission_asset=None))["o"]
    assert not {"N", "n", "AP", "cr"} & set(resting)
    trailing = user_frame(order_event(activation_price=d("0.2"), callback_rate=d("0.5")))["o"]
    assert (trailing["AP"], trailing["cr"]) == ("0.2", "0.5")


@pytest.mark.parametrize(
    ("event", "parsed"),
    [
        (order_event(), OrderChanged),
        (ACCOUNT, AccountChanged),
        (MarginCallEvent(MAIN, START_MS, d("10"), (CALL_LINE,)), MarginCalled),
        (LeverageEvent(MAIN, START_MS, BTC, 20), ConfigChanged),
        (ModeEvent(MAIN, START_MS, True, False), ConfigChanged),
    ],
)
def test_our_own_parser_reads_every_user_event(event: UserEvent, parsed: type) -> None:
    read = read_user(encoded(user_frame(event)), MAIN)
    assert isinstance(read, OrderChanged | AccountChanged | MarginCalled | ConfigChanged)
    assert (type(read), read.account, read.event_time_ms) == (parsed, MAIN, START_MS)


def test_what_was_filled_is_what_our_parser_reads() -> None:
    read = read_user(encoded(user_frame(order_event())), MAIN)
    assert isinstance(read, OrderChanged)
    assert read.fill is not None
    assert (read.fill.symbol, read.fill.quantity, read.fill.price) == (BTC, d("1"), d("0.1"))
    assert (read.fill.commission, read.fill.trade_id) == (d("0.000035"), 77)


def test_events_reach_the_sockets_of_their_account_only() -> None:
    async def scene() -> None:
        async with rig() as venue:
            keys = {account: venue.listen_keys.open(account, START_MS) for account in (MAIN, OTHER)}
            async with (
                venue.connect(f"/ws/{keys[MAIN]}") as main,
                venue.connect(f"/stream?streams={keys[MAIN]}/btcusdt@aggTrade") as wrapped,
                venue.connect(f"/ws/{keys[OTHER]}") as other,
                venue.connect("/ws/nobodyskey") as nobody,
            ):
                await until(lambda: len(venue.hub) == 4)
                venue.feed.hear(order_event())
                assert (await heard(main))["e"] == "ORDER_TRADE_UPDATE"
                frame = await heard(wrapped)
                assert frame["stream"] == keys[MAIN]
                assert frame["data"]["o"]["s"] == BTC
                assert await everything(other) == []
                assert await everything(nobody) == []

    asyncio.run(scene())


def test_an_expired_key_is_told_once_and_then_the_socket_stays_open_and_silent() -> None:
    async def scene() -> None:
        async with rig() as venue:
            key = venue.listen_keys.open(MAIN, START_MS)
            async with venue.connect(f"/ws/{key}") as client:
                await until(lambda: venue.hub.has_listeners(key))
                venue.listen_keys.expire(MAIN)
                venue.after(50)
                venue.feed.hear(order_event())
                venue.after(2_000)
                assert await everything(client) == [{"e": "listenKeyExpired", "E": START_MS + 50}]
                await (await client.ping())

    asyncio.run(scene())


def test_a_key_lives_for_an_hour_unless_it_is_extended() -> None:
    async def scene() -> None:
        async with rig(speed=1) as venue:
            key = venue.listen_keys.open(MAIN, START_MS)
            async with venue.connect(f"/ws/{key}") as client:
                await until(lambda: venue.hub.has_listeners(key))
                venue.hub.tick(START_MS + 59 * 60_000)
                assert venue.listen_keys.extend(MAIN, START_MS + 59 * 60_000)
                venue.hub.tick(START_MS + 118 * 60_000)
                assert await everything(client) == []
                venue.hub.tick(START_MS + 119 * 60_000)
                assert [frame["e"] for frame in await everything(client)] == ["listenKeyExpired"]

    asyncio.run(scene())


def test_after_expiry_a_new_key_and_a_new_socket_hear_again() -> None:
    async def scene() -> None:
        async with rig() as venue:
            old = venue.listen_keys.open(MAIN, START_MS)
            venue.listen_keys.expire(MAIN)
            new = venue.listen_keys.open(MAIN, START_MS)
            assert new != old
            async with venue.connect(f"/ws/{new}") as client, venue.connect(f"/ws/{old}") as stale:
                await until(lambda: len(venue.hub) == 2)
                venue.feed.hear(ACCOUNT)
                assert (await heard(client))["a"]["m"] == "ORDER"
                assert await everything(stale) == []

    asyncio.run(scene())


def test_a_closed_key_closes_its_sockets() -> None:
    async def scene() -> None:
        async with rig() as venue:
            key = venue.listen_keys.open(MAIN, START_MS)
            async with venue.connect(f"/ws/{key}") as client:
                await until(lambda: venue.hub.has_listeners(key))
                assert venue.listen_keys.close(MAIN, START_MS)
                venue.after(50)
                assert (await closing(client))[0] == 1000

    asyncio.run(scene())
