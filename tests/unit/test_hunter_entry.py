"""The order that acts on a signal: its size, its identity, its life."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import (
    ACCOUNT,
    BTC,
    HUNTER,
    LONG,
    NOW_MS,
    SHORT,
    batch,
    book,
    d,
    hunter_params,
    instrument,
    liquidation,
    measured,
)

from undertow.domain.ids import AccountId, LiquidationId, StrategyId, Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import LiquidationBatch, PositionSide, Side
from undertow.domain.order import OrderIntent, OrderType, Purpose, TimeInForce
from undertow.risk.approval import Refusal
from undertow.strategies.hunter import HunterParams, detect, entry
from undertow.strategies.signal import Signal

MAX_AGE_MS = 5_000


def signal(side: PositionSide = LONG, **changes: Any) -> Signal:
    return Signal(side, liquidation(**changes), {}, {})


def ordered(
    acted_on: Signal | None = None,
    of: LiquidationBatch | None = None,
    params: HunterParams | None = None,
    rules: Instrument | None = None,
    *,
    strategy: StrategyId = HUNTER,
    account: AccountId = ACCOUNT,
    layer: int = 0,
) -> OrderIntent:
    wanted = entry(
        acted_on or signal(),
        of or batch(),
        params or hunter_params(),
        rules or instrument(),
        strategy,
        account,
        layer,
        MAX_AGE_MS,
    )
    assert isinstance(wanted, OrderIntent), wanted
    return wanted


def test_an_entry_is_a_limit_order_that_dies_with_its_signal() -> None:
    wanted = ordered(params=hunter_params(time_in_force=TimeInForce.GTX, order_ttl_s=45), layer=3)
    assert (wanted.purpose, wanted.type, wanted.time_in_force) == (Purpose.ENTRY, OrderType.LIMIT, TimeInForce.GTX)
    assert (wanted.account, wanted.symbol, wanted.strategy, wanted.layer) == (ACCOUNT, BTC, HUNTER, 3)
    assert (wanted.side, wanted.position_side, wanted.leverage, wanted.ttl_s) == (Side.BUY, LONG, 10, 45)
    assert wanted.expires_at_ms == NOW_MS - 50 + MAX_AGE_MS
    assert (wanted.stop_price, wanted.close_position, wanted.reduces) == (None, False, False)


@pytest.mark.parametrize(("side", "price"), [(LONG, "100010"), (SHORT, "100000")])
def test_an_entry_is_priced_on_the_side_it_opens(side: PositionSide, price: str) -> None:
    assert ordered(signal(side)).price == d(price)


@pytest.mark.parametrize(
    ("trade_value", "leverage", "price", "quantity"),
    [
        ("100", 10, "100000", "0.01"),
        ("100", 1, "100000", "0.001"),
        ("199", 1, "100000", "0.001"),
        ("99", 1, "100000", "0"),
        ("100", 10, "99999.9", "0.01"),
        ("100", 10, "30000.1", "0.033"),
        ("1000000", 50, "1000", "1000"),
    ],
)
def test_the_size_is_margin_times_leverage_rounded_down_to_a_lot(
    trade_value: str, leverage: int, price: str, quantity: str
) -> None:
    params = hunter_params(trade_value=d(trade_value), leverage=leverage, price_offset_pct=d("0"))
    wanted = ordered(of=batch(book=None, mark=replace(_mark(), price=d(price))), params=params)
    assert (wanted.price, wanted.quantity) == (d(price), d(quantity))
    assert params.notional == d(trade_value) * leverage


def _mark() -> Any:
    return batch().mark


@given(
    st.decimals("0.01", "1000000", places=2, allow_nan=False),
    st.integers(1, 50),
    st.decimals("0.1", "999999", places=1, allow_nan=False),
)
def test_an_order_never_costs_more_margin_than_was_set(trade_value: Decimal, leverage: int, bid: Decimal) -> None:
    params = hunter_params(trade_value=trade_value, leverage=leverage)
    wanted = ordered(of=batch(book=book(str(bid), str(bid + d("0.1")))), params=params)
    assert wanted.notional <= params.notional
    assert wanted.margin <= trade_value
    assert wanted.price is not None
    missing = params.notional - wanted.notional
    assert wanted.quantity == 1000 or missing < d("0.001") * wanted.price


@pytest.mark.parametrize(
    ("sentence", "of", "rules"),
    [
        ("neither book nor mark", batch(book=None, mark=None), instrument()),
        ("a price that rounds to nothing", batch(book=book("0.05", "0.07")), instrument(min_price=d("0"))),
        (
            "a price that rounds below nothing",
            batch(book=book("0.05", "0.07")),
            instrument(min_price=d("0.2"), tick_size=d("0.5")),
        ),
    ],
)
def test_without_a_price_there_is_no_order(sentence: str, of: LiquidationBatch, rules: Instrument) -> None:
    refusal = entry(signal(), of, hunter_params(), rules, HUNTER, ACCOUNT, 0, MAX_AGE_MS)
    assert isinstance(refusal, Refusal)
    assert refusal.gate == "price"


def test_the_same_signal_makes_the_same_order_whenever_it_is_asked() -> None:
    answers = [detect(measured(), batch(), hunter_params(), MAX_AGE_MS, NOW_MS + later) for later in (0, 4_000)]
    orders = [ordered(answer) for answer in answers if isinstance(answer, Signal)]
    assert len(orders) == 2
    assert orders[0] == orders[1]


def test_a_moved_book_another_layer_or_new_parameters_do_not_make_a_second_order_of_one_signal() -> None:
    again = ordered(
        of=batch(book=book("99000", "99001"), epoch=2),
        params=hunter_params(trade_value=d("50"), leverage=3),
        layer=4,
    )
    assert again.client_order_id == ordered().client_order_id


def test_strategies_accounts_symbols_and_liquidations_make_orders_of_their_own() -> None:
    ids = [
        ordered().client_order_id,
        ordered(strategy=StrategyId("other")).client_order_id,
        ordered(account=AccountId("other")).client_order_id,
        ordered(signal(symbol=Symbol("币安人生USDT"))).client_order_id,
        ordered(signal(id=LiquidationId("liq2"))).client_order_id,
    ]
    assert len(set(ids)) == len(ids)


@given(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=40), st.text(st.characters(codec="utf-8"), max_size=40)
)
def test_the_id_of_an_order_is_one_that_the_venue_admits(symbol: str, event: str) -> None:
    wanted = ordered(signal(symbol=Symbol(symbol), id=LiquidationId(event)))
    assert re.fullmatch(r"[\.A-Z\:/a-z0-9_-]{1,36}", wanted.client_order_id)
    assert wanted.client_order_id.startswith("ut-e-")
