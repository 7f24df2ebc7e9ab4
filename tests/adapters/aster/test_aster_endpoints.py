"""The endpoint table against the documentation: paths, weights, authentication, priorities."""

from typing import Any

import pytest
from tests.adapters.aster.documented import ALL, PUBLIC

from undertow.adapters.aster.budget import Priority
from undertow.adapters.aster.rest import endpoints
from undertow.adapters.aster.rest.endpoints import Endpoint
from undertow.adapters.aster.signing import Generation, Security

# Method, V1 path, V3 path (None: the generation lacks it), weight without parameters that matter.
DOCUMENTED = [
    ("GET", "v1/ping", "v3/ping", 1),
    ("GET", "v1/time", "v3/time", 1),
    ("GET", "v1/exchangeInfo", "v3/exchangeInfo", 1),
    ("GET", "v1/depth", "v3/depth", 10),
    ("GET", "v1/trades", "v3/trades", 1),
    ("GET", "v1/historicalTrades", "v3/historicalTrades", 20),
    ("GET", "v1/aggTrades", "v3/aggTrades", 20),
    ("GET", "v1/klines", "v3/klines", 5),
    ("GET", "v1/indexPriceKlines", "v3/indexPriceKlines", 5),
    ("GET", "v1/markPriceKlines", "v3/markPriceKlines", 5),
    ("GET", "v1/openInterest", "v3/openInterest", 1),  # not documented: whether there is one is asked at run time
    ("GET", "v1/premiumIndex", "v3/premiumIndex", 1),
    ("GET", "v1/fundingRate", "v3/fundingRate", 1),
    ("GET", "v1/fundingInfo", "v3/fundingInfo", 1),
    ("GET", "v1/ticker/24hr", "v3/ticker/24hr", 40),
    ("GET", "v1/ticker/price", "v3/ticker/price", 2),
    ("GET", "v1/ticker/bookTicker", "v3/ticker/bookTicker", 2),
    ("GET", None, "v3/indexreferences", 1),
    ("POST", "v1/order", "v3/order", 1),
    ("POST", "v1/order/test", "v3/order/test", 1),
    ("PUT", None, "v3/order", 1),
    ("POST", "v1/batchOrders", "v3/batchOrders", 5),
    ("GET", "v1/order", "v3/order", 1),
    ("DELETE", "v1/order", "v3/order", 1),
    ("DELETE", "v1/allOpenOrders", "v3/allOpenOrders", 1),
    ("DELETE", "v1/batchOrders", "v3/batchOrders", 1),
    ("POST", "v1/countdownCancelAll", "v3/countdownCancelAll", 10),
    ("GET", "v1/openOrder", "v3/openOrder", 1),
    ("GET", "v1/openOrders", "v3/openOrders", 40),
    ("GET", "v1/allOrders", "v3/allOrders", 5),
    ("POST", None, "v3/chase", 1),
    ("POST", None, "v3/placeStrategyOrder", 50),
    ("POST", None, "v3/updateStrategyOrder", 50),
    ("GET", None, "v3/strategyOpenOrder", 5),
    ("GET", None, "v3/strategyHistoryOrder", 5),
    ("POST", None, "v3/noop", 1),
    ("POST", None, "v3/mmp", 1),
    ("GET", None, "v3/mmp", 1),
    ("DELETE", None, "v3/mmp", 1),
    ("POST", None, "v3/mmpReset", 1),
    ("POST", None, "v3/stpMode", 1),
    ("GET", None, "v3/stpMode", 30),
    ("DELETE", None, "v3/guardedCancelOrder", 1),
    ("DELETE", None, "v3/guardedBatchOrders", 1),
    ("POST", "v1/positionSide/dual", "v3/positionSide/dual", 1),
    ("GET", "v1/positionSide/dual", "v3/positionSide/dual", 30),
    ("POST", "v1/multiAssetsMargin", "v3/multiAssetsMargin", 1),
    ("GET", "v1/multiAssetsMargin", "v3/multiAssetsMargin", 30),
    ("POST", "v1/leverage", "v3/leverage", 1),
    ("POST", "v1/marginType", "v3/marginType", 1),
    ("POST", "v1/positionMargin", "v3/positionMargin", 1),
    ("GET", "v1/positionMargin/history", "v3/positionMargin/history", 1),
    ("GET", "v2/balance", "v3/balance", 5),
    ("GET", "v4/account", "v3/accountWithJoinMargin", 5),
    ("GET", "v2/positionRisk", "v3/positionRisk", 5),
    ("GET", "v1/userTrades", "v3/userTrades", 5),
    ("GET", "v1/income", "v3/income", 30),
    ("GET", "v1/leverageBracket", "v3/leverageBracket", 1),
    ("GET", "v1/adlQuantile", "v3/adlQuantile", 5),
    ("GET", "v1/forceOrders", "v3/forceOrders", 50),
    ("GET", "v1/commissionRate", "v3/commissionRate", 20),
    ("GET", "v1/remainingOpenableNotionalValue", None, 20),
    ("POST", "v1/asset/wallet/transfer", "v3/asset/wallet/transfer", 5),
    ("GET", None, "v3/agent", 1),
    ("GET", None, "v3/announcement/direct", 1),
    ("GET", None, "v3/announcement/directById", 1),
    ("POST", "v1/listenKey", "v3/listenKey", 1),
    ("PUT", "v1/listenKey", "v3/listenKey", 1),
    ("DELETE", "v1/listenKey", "v3/listenKey", 1),
]


def path(version_and_tail: str | None) -> str | None:
    return None if version_and_tail is None else f"/fapi/{version_and_tail}"


def test_the_table_holds_every_documented_endpoint_and_no_other() -> None:
    rows = sorted(
        (endpoint.method, str(endpoint.paths.get(Generation.V1)), str(endpoint.paths.get(Generation.V3)))
        for endpoint in ALL.values()
    )
    assert rows == sorted((method, str(path(v1)), str(path(v3))) for method, v1, v3, _ in DOCUMENTED)


def row(method: str, v1: str | None, v3: str | None) -> Endpoint:
    wanted = (method, path(v1), path(v3))
    return next(e for e in ALL.values() if (e.method, e.paths.get(Generation.V1), e.paths.get(Generation.V3)) == wanted)


@pytest.mark.parametrize(("method", "v1", "v3", "weight"), DOCUMENTED)
def test_weights_are_the_documented_ones(method: str, v1: str | None, v3: str | None, weight: int) -> None:
    assert row(method, v1, v3).weight({}) == weight


@pytest.mark.parametrize(("method", "v1", "v3", "weight"), DOCUMENTED)
def test_each_endpoint_is_authenticated_as_documented(method: str, v1: str | None, v3: str | None, weight: int) -> None:
    tail = str(v3 or v1).split("/", 1)[1]
    security = row(method, v1, v3).security
    if tail == "listenKey":
        assert security == {Generation.V1: Security.KEY, Generation.V3: Security.SIGNED}
    elif tail == "historicalTrades":
        assert security == {Generation.V1: Security.KEY, Generation.V3: Security.NONE}
    else:
        assert set(security.values()) == {Security.NONE if tail in PUBLIC else Security.SIGNED}


@pytest.mark.parametrize(
    ("endpoint", "params", "weight"),
    [
        (endpoints.DEPTH, {"limit": 50}, 2),
        (endpoints.DEPTH, {"limit": 100}, 5),
        (endpoints.DEPTH, {"limit": 500}, 10),
        (endpoints.DEPTH, {"limit": 1000}, 20),
        (endpoints.KLINES, {"limit": 99}, 1),
        (endpoints.KLINES, {"limit": 100}, 2),
        (endpoints.KLINES, {"limit": 499}, 2),
        (endpoints.KLINES, {"limit": 1000}, 5),
        (endpoints.KLINES, {"limit": 1001}, 10),
        (endpoints.TICKER_24HR, {"symbol": "BTCUSDT"}, 1),
        (endpoints.TICKER_BOOK, {"symbol": "BTCUSDT"}, 1),
        (endpoints.OPEN_ORDERS, {"symbol": "BTCUSDT"}, 1),
        (endpoints.FORCE_ORDERS, {"symbol": "BTCUSDT"}, 20),
    ],
)
def test_weights_follow_the_parameters(endpoint: Endpoint, params: dict[str, Any], weight: int) -> None:
    assert endpoint.weight(params) == weight


@pytest.mark.parametrize(
    ("order", "priority"),
    [
        ({"side": "BUY", "positionSide": "LONG"}, Priority.NORMAL),
        ({"side": "SELL", "positionSide": "SHORT"}, Priority.NORMAL),
        ({"side": "SELL", "positionSide": "LONG"}, Priority.PROTECTIVE),
        ({"side": "BUY", "positionSide": "SHORT"}, Priority.PROTECTIVE),
        ({"side": "BUY"}, Priority.NORMAL),
        ({"side": "BUY", "positionSide": "BOTH"}, Priority.NORMAL),
        ({"side": "BUY", "reduceOnly": True}, Priority.PROTECTIVE),
        ({"side": "BUY", "reduceOnly": False}, Priority.NORMAL),
        ({"side": "BUY", "closePosition": True}, Priority.PROTECTIVE),
    ],
)
def test_exits_may_use_the_share_kept_for_them(order: dict[str, Any], priority: Priority) -> None:
    assert endpoints.NEW_ORDER.priority(order) is priority
    assert endpoints.BATCH_ORDERS.priority({"batchOrders": [order, order]}) is priority


def test_a_batch_with_one_entry_is_no_protective_request() -> None:
    exit_order = {"side": "SELL", "positionSide": "LONG"}
    entry = {"side": "BUY", "positionSide": "LONG"}
    assert endpoints.BATCH_ORDERS.priority({"batchOrders": [exit_order, entry]}) is Priority.NORMAL


def test_only_placements_count_as_orders() -> None:
    counting = {name for name, endpoint in ALL.items() if endpoint.orders({"batchOrders": [1], "subOrderList": [1]})}
    assert counting == {
        *("NEW_ORDER", "MODIFY_ORDER", "BATCH_ORDERS", "CHASE", "PLACE_STRATEGY_ORDER", "UPDATE_STRATEGY_ORDER")
    }
    assert endpoints.BATCH_ORDERS.orders({"batchOrders": [1, 2, 3]}) == 3
