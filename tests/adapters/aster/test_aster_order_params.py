"""An approved order on the wire."""

from decimal import Decimal
from typing import Any

import pytest
from tests.adapters.aster.scripted import (
    ID,
    SYMBOL,
    approved,
)

from undertow.adapters.aster.venue import order_params
from undertow.domain.account import PositionMode
from undertow.domain.market import PositionSide
from undertow.domain.order import OrderType, Purpose, TimeInForce, WorkingType
from undertow.risk.approval import ApprovedOrder


def wire(order: ApprovedOrder) -> dict[str, Any]:
    return {name: value for name, value in order_params(order).items() if value is not None}


def test_a_hedge_entry_names_its_side_and_no_reduce_only() -> None:
    assert wire(approved(time_in_force=TimeInForce.IOC)) == {
        "symbol": SYMBOL,
        "side": "BUY",
        "positionSide": "LONG",
        "type": "LIMIT",
        "timeInForce": "IOC",
        "quantity": Decimal(100),
        "price": Decimal("0.0700"),
        "newClientOrderId": ID,
        "newOrderRespType": "RESULT",
    }


def test_a_limit_order_always_says_how_long_it_stands() -> None:
    assert wire(approved())["timeInForce"] == "GTC"


def test_a_hedge_exit_closes_by_the_opposite_side() -> None:
    sent = wire(approved(Purpose.EXIT, OrderType.MARKET))
    assert (sent["side"], sent["positionSide"]) == ("SELL", "LONG")
    assert not {"reduceOnly", "price", "timeInForce"} & sent.keys()


def test_a_one_way_exit_is_reduce_only_and_names_no_position_side() -> None:
    sent = wire(approved(Purpose.EXIT, OrderType.MARKET, PositionMode.ONE_WAY, position_side=PositionSide.SHORT))
    assert (sent["side"], sent["reduceOnly"]) == ("BUY", True)
    assert "positionSide" not in sent


def test_a_one_way_entry_is_not_reduce_only() -> None:
    assert "reduceOnly" not in wire(approved(mode=PositionMode.ONE_WAY))


@pytest.mark.parametrize("mode", PositionMode)
def test_a_stop_for_the_whole_position_has_neither_quantity_nor_reduce_only(mode: PositionMode) -> None:
    stop = approved(
        Purpose.STOP_LOSS,
        OrderType.STOP_MARKET,
        mode,
        quantity=None,
        close_position=True,
        stop_price=Decimal("0.0650"),
        working_type=WorkingType.MARK_PRICE,
        price_protect=True,
    )
    sent = wire(stop)
    assert (sent["closePosition"], sent["stopPrice"], sent["workingType"], sent["priceProtect"]) == (
        True,
        Decimal("0.0650"),
        "MARK_PRICE",
        True,
    )
    assert not {"quantity", "reduceOnly", "price", "timeInForce"} & sent.keys()


def test_what_belongs_to_conditional_orders_is_sent_with_them_only() -> None:
    plain = approved(stop_price=Decimal(1), working_type=WorkingType.MARK_PRICE, price_protect=True)
    assert not {"stopPrice", "workingType", "priceProtect"} & wire(plain).keys()
