"""Orders: place, change, ask, cancel."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, Required, TypedDict, Unpack

from undertow.adapters.aster.rest import endpoints
from undertow.adapters.aster.rest.wire import JsonArray, JsonObject, Wire
from undertow.domain.market import PositionSide, Side
from undertow.domain.order import OrderType, TimeInForce, WorkingType

OrderSide = Literal["BUY", "SELL"] | Side
WirePositionSide = Literal["BOTH", "LONG", "SHORT"] | PositionSide
WireOrderType = (
    Literal["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"]
    | OrderType
)
WireTimeInForce = Literal["GTC", "IOC", "FOK", "GTX", "HIDDEN"] | TimeInForce
WireWorkingType = Literal["CONTRACT_PRICE", "MARK_PRICE"] | WorkingType


class OrderParams(TypedDict, total=False):
    """Parameters of an order. The last three exist on V3 only; ``pegOffset`` moves away from the market."""

    symbol: Required[str]
    side: Required[OrderSide]
    type: Required[WireOrderType]
    positionSide: WirePositionSide | None
    timeInForce: WireTimeInForce | None
    quantity: Decimal | None
    reduceOnly: bool | None
    price: Decimal | None
    newClientOrderId: str | None
    stopPrice: Decimal | None
    closePosition: bool | None
    activationPrice: Decimal | None
    callbackRate: Decimal | None
    workingType: WireWorkingType | None
    priceProtect: bool | None
    newOrderRespType: Literal["ACK", "RESULT"] | None
    pegPriceType: Literal["COUNTERPARTY_1", "QUEUE_1"] | None
    pegOffset: Decimal | None
    stpMode: Literal["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"] | None


class OrdersApi:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def new_order(self, **order: Unpack[OrderParams]) -> JsonObject:
        return self._wire.object(endpoints.NEW_ORDER, order)

    def test_order(self, **order: Unpack[OrderParams]) -> JsonObject:
        """Validated and not sent to the book; the answer's fields mean nothing."""
        return self._wire.object(endpoints.TEST_ORDER, order)

    def modify_order(
        self,
        symbol: str,
        quantity: Decimal,
        price: Decimal,
        orderId: int | None = None,
        origClientOrderId: str | None = None,
    ) -> JsonObject:
        """V3 only, LIMIT orders only. A refusal leaves the order as it was."""
        params = {
            "symbol": symbol,
            "orderId": orderId,
            "origClientOrderId": origClientOrderId,
            "quantity": quantity,
            "price": price,
        }
        return self._wire.object(endpoints.MODIFY_ORDER, params)

    def batch_orders(self, orders: Sequence[OrderParams]) -> JsonArray:
        """At most 5. Elements of the answer stand in the order of the request; each is an order or an error."""
        return self._wire.array(endpoints.BATCH_ORDERS, {"batchOrders": orders})

    def query_order(self, symbol: str, orderId: int | None = None, origClientOrderId: str | None = None) -> JsonObject:
        params = {"symbol": symbol, "orderId": orderId, "origClientOrderId": origClientOrderId}
        return self._wire.object(endpoints.QUERY_ORDER, params)

    def cancel_order(self, symbol: str, orderId: int | None = None, origClientOrderId: str | None = None) -> JsonObject:
        params = {"symbol": symbol, "orderId": orderId, "origClientOrderId": origClientOrderId}
        return self._wire.object(endpoints.CANCEL_ORDER, params)

    def cancel_all_open_orders(self, symbol: str) -> JsonObject:
        """Takes stops and targets of the symbol away as well."""
        return self._wire.object(endpoints.CANCEL_ALL_OPEN_ORDERS, {"symbol": symbol})

    def cancel_batch_orders(
        self,
        symbol: str,
        orderIdList: Sequence[int] | None = None,
        origClientOrderIdList: Sequence[str] | None = None,
    ) -> JsonArray:
        """At most 10, by one kind of id."""
        params = {"symbol": symbol, "orderIdList": orderIdList, "origClientOrderIdList": origClientOrderIdList}
        return self._wire.array(endpoints.CANCEL_BATCH_ORDERS, params)

    def countdown_cancel_all(self, symbol: str, countdownTime: int) -> JsonObject:
        """Cancel everything of the symbol in ``countdownTime`` ms, stops included, unless called again; 0 disarms."""
        params = {"symbol": symbol, "countdownTime": countdownTime}
        return self._wire.object(endpoints.COUNTDOWN_CANCEL_ALL, params)

    def open_order(self, symbol: str, orderId: int | None = None, origClientOrderId: str | None = None) -> JsonObject:
        params = {"symbol": symbol, "orderId": orderId, "origClientOrderId": origClientOrderId}
        return self._wire.object(endpoints.OPEN_ORDER, params)

    def open_orders(self, symbol: str | None = None) -> JsonArray:
        return self._wire.array(endpoints.OPEN_ORDERS, {"symbol": symbol})

    def all_orders(
        self,
        symbol: str,
        orderId: int | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
    ) -> JsonArray:
        """The times span less than 7 days; without them the last 7 days."""
        params = {"symbol": symbol, "orderId": orderId, "startTime": startTime, "endTime": endTime, "limit": limit}
        return self._wire.array(endpoints.ALL_ORDERS, params)
