"""Every endpoint of Aster's futures API that is not about wallets, builders or sub-accounts, as one table.

Paths, weights and authentication are those of the venue's documentation (V1 "legacy" and V3 "Pro API", 2026-06-30).
Weights and priorities are functions of the parameters, because the venue's weights are, and because the parameters of
an order tell whether it opens or closes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from undertow.adapters.aster.budget import Priority
from undertow.adapters.aster.signing import Generation, Security

Params = Mapping[str, Any]
"""Parameters by the venue's names, before encoding; those that are None are not sent."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row. An endpoint that a generation lacks has no path there. ``orders`` is its part of the order count."""

    method: str
    paths: Mapping[Generation, str]
    security: Mapping[Generation, Security]
    weight: Callable[[Params], int]
    orders: Callable[[Params], int]
    priority: Callable[[Params], Priority]


T = TypeVar("T")


def _always(value: T) -> Callable[[Params], T]:
    return lambda _: value


_V1, _V3 = Generation.V1, Generation.V3
_PUBLIC: Final = {_V1: Security.NONE, _V3: Security.NONE}
_KEYED: Final = {_V1: Security.KEY, _V3: Security.NONE}
_STREAM: Final = {_V1: Security.KEY, _V3: Security.SIGNED}
_SIGNED: Final = {_V1: Security.SIGNED, _V3: Security.SIGNED}
_NO_ORDERS: Final = _always(0)
_ONE_ORDER: Final = _always(1)
_NORMAL: Final = _always(Priority.NORMAL)
_PROTECTIVE: Final = _always(Priority.PROTECTIVE)


def _endpoint(
    method: str,
    tail: str,
    security: Mapping[Generation, Security] = _SIGNED,
    *,
    weight: int | Callable[[Params], int] = 1,
    orders: Callable[[Params], int] = _NO_ORDERS,
    priority: Callable[[Params], Priority] = _NORMAL,
    v1: str | None = "",
    v3: str | None = "",
) -> Endpoint:
    """A row with the path ``/fapi/<generation>/<tail>``; ``v1`` or ``v3`` give another path, None means none."""
    own = {_V1: v1, _V3: v3}
    paths = {generation: path or f"/fapi/{generation}/{tail}" for generation, path in own.items() if path is not None}
    return Endpoint(method, paths, security, weight if callable(weight) else _always(weight), orders, priority)


# --- weights and priorities that depend on the parameters ---------------------------------------------------------


def _depth_weight(params: Params) -> int:
    limit = params.get("limit") or 500
    return 2 if limit <= 50 else 5 if limit <= 100 else 10 if limit <= 500 else 20


def _klines_weight(params: Params) -> int:
    limit = params.get("limit") or 500
    return 1 if limit < 100 else 2 if limit < 500 else 5 if limit <= 1000 else 10


def _by_symbol(with_symbol: int, without: int) -> Callable[[Params], int]:
    return lambda params: with_symbol if params.get("symbol") else without


def _batch_size(params: Params) -> int:
    return len(params["batchOrders"])


def _strategy_size(params: Params) -> int:
    return len(params["subOrderList"])


def _order_priority(order: Params) -> Priority:
    """Exits may use the reserved share. In hedge mode the two sides tell an exit, in one-way mode reduceOnly does."""
    sides = (order.get("side"), order.get("positionSide"))
    closes = order.get("reduceOnly") is True or order.get("closePosition") is True
    exits = closes or sides in (("SELL", "LONG"), ("BUY", "SHORT"))
    return Priority.PROTECTIVE if exits else Priority.NORMAL


def _batch_priority(params: Params) -> Priority:
    exits = all(_order_priority(order) is Priority.PROTECTIVE for order in params["batchOrders"])
    return Priority.PROTECTIVE if exits else Priority.NORMAL


# --- market data --------------------------------------------------------------------------------------------------

PING: Final = _endpoint("GET", "ping", _PUBLIC)
TIME: Final = _endpoint("GET", "time", _PUBLIC, priority=_PROTECTIVE)
EXCHANGE_INFO: Final = _endpoint("GET", "exchangeInfo", _PUBLIC)
DEPTH: Final = _endpoint("GET", "depth", _PUBLIC, weight=_depth_weight)
TRADES: Final = _endpoint("GET", "trades", _PUBLIC)
HISTORICAL_TRADES: Final = _endpoint("GET", "historicalTrades", _KEYED, weight=20)
AGG_TRADES: Final = _endpoint("GET", "aggTrades", _PUBLIC, weight=20)
KLINES: Final = _endpoint("GET", "klines", _PUBLIC, weight=_klines_weight)
INDEX_PRICE_KLINES: Final = _endpoint("GET", "indexPriceKlines", _PUBLIC, weight=_klines_weight)
MARK_PRICE_KLINES: Final = _endpoint("GET", "markPriceKlines", _PUBLIC, weight=_klines_weight)
OPEN_INTEREST: Final = _endpoint("GET", "openInterest", _PUBLIC)
PREMIUM_INDEX: Final = _endpoint("GET", "premiumIndex", _PUBLIC)
FUNDING_RATE: Final = _endpoint("GET", "fundingRate", _PUBLIC)
FUNDING_INFO: Final = _endpoint("GET", "fundingInfo", _PUBLIC)
TICKER_24HR: Final = _endpoint("GET", "ticker/24hr", _PUBLIC, weight=_by_symbol(1, 40))
TICKER_PRICE: Final = _endpoint("GET", "ticker/price", _PUBLIC, weight=_by_symbol(1, 2))
TICKER_BOOK: Final = _endpoint("GET", "ticker/bookTicker", _PUBLIC, weight=_by_symbol(1, 2))
INDEX_REFERENCES: Final = _endpoint("GET", "indexreferences", _PUBLIC, v1=None)

# --- orders -------------------------------------------------------------------------------------------------------

NEW_ORDER: Final = _endpoint("POST", "order", orders=_ONE_ORDER, priority=_order_priority)
TEST_ORDER: Final = _endpoint("POST", "order/test")
MODIFY_ORDER: Final = _endpoint("PUT", "order", orders=_ONE_ORDER, v1=None)
BATCH_ORDERS: Final = _endpoint("POST", "batchOrders", weight=5, orders=_batch_size, priority=_batch_priority)
QUERY_ORDER: Final = _endpoint("GET", "order", priority=_PROTECTIVE)
CANCEL_ORDER: Final = _endpoint("DELETE", "order", priority=_PROTECTIVE)
CANCEL_ALL_OPEN_ORDERS: Final = _endpoint("DELETE", "allOpenOrders", priority=_PROTECTIVE)
CANCEL_BATCH_ORDERS: Final = _endpoint("DELETE", "batchOrders", priority=_PROTECTIVE)
COUNTDOWN_CANCEL_ALL: Final = _endpoint("POST", "countdownCancelAll", weight=10, priority=_PROTECTIVE)
OPEN_ORDER: Final = _endpoint("GET", "openOrder", priority=_PROTECTIVE)
OPEN_ORDERS: Final = _endpoint("GET", "openOrders", weight=_by_symbol(1, 40), priority=_PROTECTIVE)
ALL_ORDERS: Final = _endpoint("GET", "allOrders", weight=5)

# --- server-side strategies and safeguards, V3 only ---------------------------------------------------------------

CHASE: Final = _endpoint("POST", "chase", orders=_ONE_ORDER, priority=_order_priority, v1=None)
PLACE_STRATEGY_ORDER: Final = _endpoint("POST", "placeStrategyOrder", weight=50, orders=_strategy_size, v1=None)
UPDATE_STRATEGY_ORDER: Final = _endpoint("POST", "updateStrategyOrder", weight=50, orders=_strategy_size, v1=None)
STRATEGY_OPEN_ORDER: Final = _endpoint("GET", "strategyOpenOrder", weight=5, v1=None)
STRATEGY_HISTORY_ORDER: Final = _endpoint("GET", "strategyHistoryOrder", weight=5, v1=None)
NOOP: Final = _endpoint("POST", "noop", priority=_PROTECTIVE, v1=None)
SET_MMP: Final = _endpoint("POST", "mmp", v1=None)
GET_MMP: Final = _endpoint("GET", "mmp", v1=None)
DELETE_MMP: Final = _endpoint("DELETE", "mmp", v1=None)
RESET_MMP: Final = _endpoint("POST", "mmpReset", v1=None)
SET_STP_MODE: Final = _endpoint("POST", "stpMode", v1=None)
GET_STP_MODE: Final = _endpoint("GET", "stpMode", weight=30, v1=None)
GUARDED_CANCEL_ORDER: Final = _endpoint("DELETE", "guardedCancelOrder", priority=_PROTECTIVE, v1=None)
GUARDED_CANCEL_BATCH: Final = _endpoint("DELETE", "guardedBatchOrders", priority=_PROTECTIVE, v1=None)

# --- account ------------------------------------------------------------------------------------------------------

SET_POSITION_MODE: Final = _endpoint("POST", "positionSide/dual")
GET_POSITION_MODE: Final = _endpoint("GET", "positionSide/dual", weight=30)
SET_MULTI_ASSETS: Final = _endpoint("POST", "multiAssetsMargin")
GET_MULTI_ASSETS: Final = _endpoint("GET", "multiAssetsMargin", weight=30)
LEVERAGE: Final = _endpoint("POST", "leverage")
MARGIN_TYPE: Final = _endpoint("POST", "marginType")
POSITION_MARGIN: Final = _endpoint("POST", "positionMargin", priority=_PROTECTIVE)
POSITION_MARGIN_HISTORY: Final = _endpoint("GET", "positionMargin/history")
BALANCE: Final = _endpoint("GET", "balance", weight=5, v1="/fapi/v2/balance")
ACCOUNT: Final = _endpoint("GET", "accountWithJoinMargin", weight=5, v1="/fapi/v4/account")
POSITION_RISK: Final = _endpoint("GET", "positionRisk", weight=5, priority=_PROTECTIVE, v1="/fapi/v2/positionRisk")
USER_TRADES: Final = _endpoint("GET", "userTrades", weight=5)
INCOME: Final = _endpoint("GET", "income", weight=30)
LEVERAGE_BRACKET: Final = _endpoint("GET", "leverageBracket")
ADL_QUANTILE: Final = _endpoint("GET", "adlQuantile", weight=5)
FORCE_ORDERS: Final = _endpoint("GET", "forceOrders", weight=_by_symbol(20, 50))
COMMISSION_RATE: Final = _endpoint("GET", "commissionRate", weight=20)
REMAINING_OPENABLE_NOTIONAL: Final = _endpoint("GET", "remainingOpenableNotionalValue", weight=20, v3=None)
TRANSFER: Final = _endpoint("POST", "asset/wallet/transfer", weight=5)
AGENTS: Final = _endpoint("GET", "agent", v1=None)
DIRECT_ANNOUNCEMENTS: Final = _endpoint("GET", "announcement/direct", v1=None)
DIRECT_ANNOUNCEMENT: Final = _endpoint("GET", "announcement/directById", v1=None)

# --- user data stream ---------------------------------------------------------------------------------------------

START_USER_STREAM: Final = _endpoint("POST", "listenKey", _STREAM, priority=_PROTECTIVE)
KEEP_USER_STREAM: Final = _endpoint("PUT", "listenKey", _STREAM, priority=_PROTECTIVE)
CLOSE_USER_STREAM: Final = _endpoint("DELETE", "listenKey", _STREAM)
