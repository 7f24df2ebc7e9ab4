"""Stops and targets: where they stand and what they are called."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import ACCOUNT, BTC, HUNTER, LONG, SHORT, d, instrument, position, protection

from undertow.domain.ids import AccountId, PositionId
from undertow.domain.market import PositionSide, Side
from undertow.domain.order import OrderType, Purpose, WorkingType
from undertow.risk.protection import stop_intent, stop_price, target_intent, target_price


@pytest.mark.parametrize(
    ("side", "entry", "stop", "target"),
    [
        (LONG, "1000", "990", "1020"),
        (SHORT, "1000", "1010", "980"),
        # Off the grid the stop is a part of a tick wider and the target a part of a tick further.
        (LONG, "1000.57", "990.5", "1020.6"),
        (SHORT, "1000.57", "1010.6", "980.5"),
        # An average such as 1000/3 ends after 28 digits; what is cut off is not worth a tick.
        (LONG, "333.3333333333333333333333333", "330.0", "340.0"),
        (SHORT, "333.3333333333333333333333333", "336.7", "326.6"),
    ],
)
def test_stop_and_target_stand_at_their_distance_from_the_average_entry(
    side: PositionSide, entry: str, stop: str, target: str
) -> None:
    held = position(side=side, entry_price=d(entry))
    assert stop_price(held, protection(), instrument()) == d(stop)
    assert target_price(held, protection(), instrument()) == d(target)


@given(
    st.decimals("0.2", "200000", places=8, allow_nan=False),
    st.decimals("0.01", "90", places=2, allow_nan=False),
    st.sampled_from([d("0.1"), d("0.01"), d("0.3"), d("0.00001")]),
    st.sampled_from(PositionSide),
)
def test_rounding_widens_a_stop_and_a_target_by_less_than_a_tick(
    entry: Decimal, pct: Decimal, tick: Decimal, side: PositionSide
) -> None:
    rules = instrument(tick_size=tick, min_price=d("0"), max_price=d("0"))
    held = position(side=side, entry_price=entry)
    params = protection(stop_loss_pct=pct, take_profit_pct=pct)
    distance = Fraction(entry) * Fraction(pct) / 100
    lost = side.sign * (Fraction(entry) - Fraction(stop_price(held, params, rules)))
    won = side.sign * (Fraction(target_price(held, params, rules)) - Fraction(entry))
    for found, trigger in ((lost, stop_price(held, params, rules)), (won, target_price(held, params, rules))):
        assert trigger > 0
        assert (Fraction(trigger) / Fraction(tick)).denominator == 1
        if trigger > tick:
            assert distance <= found < distance + Fraction(tick)


@pytest.mark.parametrize(
    ("sentence", "side", "entry", "rules", "stop", "target"),
    [
        ("a long's stop below the lowest price", LONG, "0.102", {}, "0.1", "0.2"),
        ("a short's target below the lowest price", SHORT, "0.101", {}, "0.2", "0.1"),
        ("a lowest price of none is a tick", SHORT, "0.1", {"min_price": "0"}, "0.2", "0.1"),
        ("a short's stop above the highest price", SHORT, "999999", {}, "1000000", "979999"),
        ("a long's target above the highest price", LONG, "999999", {}, "989999", "1000000"),
        ("a highest price off the grid", LONG, "999999", {"max_price": "1000000.05"}, "989999", "1000000"),
        ("no highest price", LONG, "999999", {"max_price": "0"}, "989999", "1019999"),
    ],
)
def test_a_trigger_that_the_venue_would_not_admit_stands_at_its_bound(
    sentence: str, side: PositionSide, entry: str, rules: dict[str, str], stop: str, target: str
) -> None:
    held = position(side=side, entry_price=d(entry))
    filters = instrument(**{name: d(value) for name, value in rules.items()})
    assert stop_price(held, protection(), filters).quantize(d("1")) == d(stop).quantize(d("1"))
    assert target_price(held, protection(), filters).quantize(d("1")) == d(target).quantize(d("1"))
    if d(entry) < 1:
        assert (stop_price(held, protection(), filters), target_price(held, protection(), filters)) == (
            d(stop),
            d(target),
        )


@pytest.mark.parametrize(("side", "order_side"), [(LONG, Side.SELL), (SHORT, Side.BUY)])
def test_a_stop_closes_the_whole_side_whatever_its_size_is_by_then(side: PositionSide, order_side: Side) -> None:
    held = position(side=side)
    params = protection(working_type=WorkingType.CONTRACT_PRICE, price_protect=True)
    stop = stop_intent(held, d("990"), params, attempt=0)
    assert (stop.purpose, stop.type, stop.side) == (Purpose.STOP_LOSS, OrderType.STOP_MARKET, order_side)
    assert (stop.close_position, stop.quantity, stop.price, stop.stop_price) == (True, None, None, d("990"))
    assert (stop.account, stop.symbol, stop.position_side, stop.position_id) == (ACCOUNT, BTC, side, held.id)
    assert (stop.working_type, stop.price_protect) == (WorkingType.CONTRACT_PRICE, True)
    assert (stop.strategy, stop.leverage, stop.expires_at_ms, stop.ttl_s) == (HUNTER, 10, None, None)
    assert stop.reduces


def test_a_target_takes_profit_at_market_in_the_same_way() -> None:
    target = target_intent(position(), d("1020"), protection(), attempt=0)
    assert (target.purpose, target.type) == (Purpose.TAKE_PROFIT, OrderType.TAKE_PROFIT_MARKET)
    assert (target.close_position, target.quantity, target.stop_price) == (True, None, d("1020"))
    assert (target.working_type, target.price_protect) == (WorkingType.MARK_PRICE, False)


def test_protecting_twice_in_the_same_situation_asks_for_the_same_orders() -> None:
    first, again = (stop_intent(position(), d(price), protection(), 0) for price in ("990.0", "990"))
    assert first.client_order_id == again.client_order_id


def test_each_attempt_each_trigger_each_position_and_each_purpose_has_an_id_of_its_own() -> None:
    ids = [
        stop_intent(position(), d("990"), protection(), 0).client_order_id,
        stop_intent(position(), d("990"), protection(), 1).client_order_id,
        stop_intent(position(), d("991"), protection(), 0).client_order_id,
        stop_intent(position(id=PositionId("p2")), d("990"), protection(), 0).client_order_id,
        stop_intent(position(account=AccountId("other")), d("990"), protection(), 0).client_order_id,
        target_intent(position(), d("990"), protection(), 0).client_order_id,
    ]
    assert len(set(ids)) == len(ids)
    assert all(len(order_id) <= 35 for order_id in ids), "room for a suffix"
