"""Orders that the venue manages by itself, and its safeguards. All of it exists on V3 only."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, TypedDict

from undertow.adapters.aster.rest import endpoints
from undertow.adapters.aster.rest.orders import OrderSide, WireOrderType, WirePositionSide
from undertow.adapters.aster.rest.wire import JsonArray, JsonObject, Wire

StrategyType = Literal["OTO", "OCO", "OTOCO"]
DrivenOn = Literal[
    "NEW", "PARTIALLY_FILLED_OR_FILLED", "FILLED", "CANCELED", "REPLACED", "STOPPED", "REJECTED", "EXPIRED"
]
Trigger = Literal["PLACE_ORDER", "CANCEL_ORDER"]
StpMode = Literal["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"]


class SubOrder(TypedDict, total=False):
    """One order of a strategy. ``strategySubId`` counts from "1"; IOC and FOK are not admitted."""

    strategySubId: str
    securityType: Literal["USDT_FUTURES"]
    symbol: str
    side: OrderSide
    positionSide: WirePositionSide
    type: WireOrderType
    quantity: Decimal
    price: Decimal
    stopPrice: Decimal
    timeInForce: Literal["GTC", "GTX", "HIDDEN"]
    workingType: Literal["CONTRACT_PRICE", "MARK_PRICE"]
    reduceOnly: bool
    closePosition: bool
    priceProtect: bool
    clientOrderId: str
    activationPrice: Decimal
    callbackRate: Decimal
    firstDrivenId: str
    firstDrivenOn: DrivenOn
    firstTrigger: Trigger
    secondDrivenId: str
    secondDrivenOn: DrivenOn
    secondTrigger: Trigger


class StrategiesApi:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def chase(
        self,
        symbol: str,
        side: OrderSide,
        quantityUnit: Literal["BASE", "QUOTE"],
        quantity: Decimal,
        positionSide: WirePositionSide | None = None,
        reduceOnly: bool | None = None,
        chaseOffset: Decimal | None = None,
        chaseOffsetType: Literal["ABSOLUTE"] | None = None,
        maxChaseOffset: Decimal | None = None,
        maxChaseOffsetType: Literal["ABSOLUTE", "PERCENTAGE"] | None = None,
        timeInForce: Literal["GTX"] | None = None,
        clientStrategyId: str | None = None,
    ) -> JsonObject:
        """An order that follows the best price, moved once a second; ``clientStrategyId`` has at most 28 letters."""
        params = {
            "symbol": symbol,
            "side": side,
            "positionSide": positionSide,
            "quantityUnit": quantityUnit,
            "quantity": quantity,
            "reduceOnly": reduceOnly,
            "chaseOffset": chaseOffset,
            "chaseOffsetType": chaseOffsetType,
            "maxChaseOffset": maxChaseOffset,
            "maxChaseOffsetType": maxChaseOffsetType,
            "timeInForce": timeInForce,
            "clientStrategyId": clientStrategyId,
        }
        return self._wire.object(endpoints.CHASE, params)

    def place_strategy_order(
        self, strategyType: StrategyType, subOrderList: Sequence[SubOrder], clientStrategyId: str | None = None
    ) -> JsonObject:
        """Two orders for OTO and OCO, three for OTOCO."""
        params = {"strategyType": strategyType, "subOrderList": subOrderList, "clientStrategyId": clientStrategyId}
        return self._wire.object(endpoints.PLACE_STRATEGY_ORDER, params)

    def update_strategy_order(
        self, strategyId: int, strategyType: StrategyType, subOrderList: Sequence[SubOrder]
    ) -> JsonArray:
        """One result per order of the strategy."""
        params = {"strategyId": strategyId, "strategyType": strategyType, "subOrderList": subOrderList}
        return self._wire.array(endpoints.UPDATE_STRATEGY_ORDER, params)

    def strategy_open_order(
        self, strategyType: StrategyType, strategyId: int | None = None, clientStrategyId: str | None = None
    ) -> JsonArray:
        params = {"strategyId": strategyId, "clientStrategyId": clientStrategyId, "strategyType": strategyType}
        return self._wire.array(endpoints.STRATEGY_OPEN_ORDER, params)

    def strategy_history_order(
        self,
        strategyType: StrategyType,
        strategyId: int | None = None,
        clientStrategyId: str | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
    ) -> JsonArray:
        """Reaches 90 days back."""
        params = {
            "strategyId": strategyId,
            "clientStrategyId": clientStrategyId,
            "strategyType": strategyType,
            "startTime": startTime,
            "endTime": endTime,
            "limit": limit,
        }
        return self._wire.array(endpoints.STRATEGY_HISTORY_ORDER, params)

    def noop(self, nonce: int) -> JsonObject:
        """Spend ``nonce``, so that a transaction still queued under it fails with -4225. Best effort."""
        return self._wire.object(endpoints.NOOP, {"nonce": nonce})

    def set_mmp(
        self,
        symbol: str,
        windowTimeInMilliseconds: int,
        frozenTimeInMilliseconds: int,
        qtyLimit: Decimal | None = None,
        valueLimit: Decimal | None = None,
        deltaLimit: Decimal | None = None,
    ) -> JsonObject:
        """Market-maker protection: how much may trade within a window before quoting is frozen."""
        params = {
            "symbol": symbol,
            "windowTimeInMilliseconds": windowTimeInMilliseconds,
            "frozenTimeInMilliseconds": frozenTimeInMilliseconds,
            "qtyLimit": qtyLimit,
            "valueLimit": valueLimit,
            "deltaLimit": deltaLimit,
        }
        return self._wire.object(endpoints.SET_MMP, params)

    def get_mmp(self, symbol: str | None = None) -> JsonArray:
        return self._wire.array(endpoints.GET_MMP, {"symbol": symbol})

    def delete_mmp(self, symbol: str) -> JsonObject:
        return self._wire.object(endpoints.DELETE_MMP, {"symbol": symbol})

    def reset_mmp(self, symbol: str) -> JsonObject:
        return self._wire.object(endpoints.RESET_MMP, {"symbol": symbol})

    def set_stp_mode(self, stpMode: StpMode) -> JsonObject:
        """The account's default of self-trade prevention."""
        return self._wire.object(endpoints.SET_STP_MODE, {"stpMode": stpMode})

    def get_stp_mode(self) -> JsonObject:
        return self._wire.object(endpoints.GET_STP_MODE, {})

    def guarded_cancel_order(
        self, symbol: str, nonce: int, orderId: int | None = None, origClientOrderId: str | None = None
    ) -> JsonObject:
        """Cancel an order that is still queued on chain; ``nonce`` is the one it was placed with."""
        params = {"symbol": symbol, "orderId": orderId, "origClientOrderId": origClientOrderId, "nonce": nonce}
        return self._wire.object(endpoints.GUARDED_CANCEL_ORDER, params)

    def guarded_cancel_batch(
        self,
        symbol: str,
        nonce: int,
        orderIdList: Sequence[int] | None = None,
        origClientOrderIdList: Sequence[str] | None = None,
    ) -> JsonArray:
        params = {
            "symbol": symbol,
            "orderIdList": orderIdList,
            "origClientOrderIdList": origClientOrderIdList,
            "nonce": nonce,
        }
        return self._wire.array(endpoints.GUARDED_CANCEL_BATCH, params)
