"""The endpoint table against the documentation, and the shape of every request the raw client makes."""

import inspect
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.adapters.aster.scripted import ScriptedVenue

from undertow.adapters.aster.budget import Priority
from undertow.adapters.aster.connection import AgentCredentials, AsterConnection, Credentials, KeyCredentials
from undertow.adapters.aster.rest import AsterRest, endpoints
from undertow.adapters.aster.rest.endpoints import Endpoint
from undertow.adapters.aster.signing import Generation, Security

ALL = {name: value for name, value in vars(endpoints).items() if isinstance(value, Endpoint)}

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

PUBLIC = {
    *("ping", "time", "exchangeInfo", "depth", "trades", "aggTrades", "klines", "indexPriceKlines", "markPriceKlines"),
    *("openInterest", "premiumIndex", "fundingRate", "fundingInfo", "ticker/24hr", "ticker/price", "ticker/bookTicker"),
    *("indexreferences", "historicalTrades"),
}


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


# --- one call of every method ----------------------------------------------------------------------------------------

Call = tuple[str, Callable[[AsterRest], Any], str, str]
ONE = Decimal("1.50")

# Method of the client, the call, "METHOD tail", and the parameters as they stand on the wire before authentication.
CALLS: list[Call] = [
    ("market.ping", lambda rest: rest.market.ping(), "GET ping", ""),
    ("market.time", lambda rest: rest.market.time(), "GET time", ""),
    ("market.exchange_info", lambda rest: rest.market.exchange_info(), "GET exchangeInfo", ""),
    ("market.depth", lambda rest: rest.market.depth("BTCUSDT", 5), "GET depth", "symbol=BTCUSDT&limit=5"),
    ("market.trades", lambda rest: rest.market.trades("BTCUSDT", 10), "GET trades", "symbol=BTCUSDT&limit=10"),
    (
        "market.historical_trades",
        lambda rest: rest.market.historical_trades("BTCUSDT", 10, 7),
        "GET historicalTrades",
        "symbol=BTCUSDT&limit=10&fromId=7",
    ),
    (
        "market.agg_trades",
        lambda rest: rest.market.agg_trades("BTCUSDT", startTime=1, endTime=2),
        "GET aggTrades",
        "symbol=BTCUSDT&startTime=1&endTime=2",
    ),
    (
        "market.klines",
        lambda rest: rest.market.klines("BTCUSDT", "1m", 1, 2, 3),
        "GET klines",
        "symbol=BTCUSDT&interval=1m&startTime=1&endTime=2&limit=3",
    ),
    (
        "market.index_price_klines",
        lambda rest: rest.market.index_price_klines("BTCUSDT", "1h"),
        "GET indexPriceKlines",
        "pair=BTCUSDT&interval=1h",
    ),
    (
        "market.mark_price_klines",
        lambda rest: rest.market.mark_price_klines("BTCUSDT", "1h", limit=9),
        "GET markPriceKlines",
        "symbol=BTCUSDT&interval=1h&limit=9",
    ),
    ("market.open_interest", lambda rest: rest.market.open_interest("A"), "GET openInterest", "symbol=A"),
    ("market.premium_index", lambda rest: rest.market.premium_index(), "GET premiumIndex", ""),
    (
        "market.funding_rate",
        lambda rest: rest.market.funding_rate("BTCUSDT", 1, 2, 3),
        "GET fundingRate",
        "symbol=BTCUSDT&startTime=1&endTime=2&limit=3",
    ),
    ("market.funding_info", lambda rest: rest.market.funding_info("A"), "GET fundingInfo", "symbol=A"),
    ("market.ticker_24hr", lambda rest: rest.market.ticker_24hr("A"), "GET ticker/24hr", "symbol=A"),
    ("market.ticker_price", lambda rest: rest.market.ticker_price("A"), "GET ticker/price", "symbol=A"),
    (
        "market.ticker_book",
        lambda rest: rest.market.ticker_book("币安人生USDT"),
        "GET ticker/bookTicker",
        "symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT",
    ),
    ("market.index_references", lambda rest: rest.market.index_references("A"), "GET indexreferences", "symbol=A"),
    (
        "orders.new_order",
        lambda rest: rest.orders.new_order(
            symbol="BTCUSDT",
            side="BUY",
            type="LIMIT",
            positionSide=None,
            timeInForce="GTX",
            quantity=Decimal("0.00100"),
            price=Decimal("1E+3"),
            reduceOnly=True,
            newClientOrderId="ut-e-a",
        ),
        "POST order",
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.001&price=1000&reduceOnly=true"
        "&newClientOrderId=ut-e-a",
    ),
    (
        "orders.test_order",
        lambda rest: rest.orders.test_order(symbol="A", side="SELL", type="MARKET", quantity=ONE),
        "POST order/test",
        "symbol=A&side=SELL&type=MARKET&quantity=1.5",
    ),
    (
        "orders.modify_order",
        lambda rest: rest.orders.modify_order("A", ONE, Decimal(7), orderId=3),
        "PUT order",
        "symbol=A&orderId=3&quantity=1.5&price=7",
    ),
    (
        "orders.batch_orders",
        lambda rest: rest.orders.batch_orders(
            [
                {
                    "symbol": "ASTERUSDT",
                    "type": "LIMIT",
                    "side": "BUY",
                    "timeInForce": "GTC",
                    "quantity": Decimal(20),
                    "price": Decimal("0.5"),
                }
            ]
        ),
        "POST batchOrders",
        "batchOrders=%5B%7B%22symbol%22%3A%22ASTERUSDT%22%2C%22type%22%3A%22LIMIT%22%2C%22side%22%3A%22BUY%22%2C"
        "%22timeInForce%22%3A%22GTC%22%2C%22quantity%22%3A%2220%22%2C%22price%22%3A%220.5%22%7D%5D",
    ),
    ("orders.query_order", lambda rest: rest.orders.query_order("A", 3), "GET order", "symbol=A&orderId=3"),
    (
        "orders.cancel_order",
        lambda rest: rest.orders.cancel_order("A", origClientOrderId="ut-e-a"),
        "DELETE order",
        "symbol=A&origClientOrderId=ut-e-a",
    ),
    (
        "orders.cancel_all_open_orders",
        lambda rest: rest.orders.cancel_all_open_orders("A"),
        "DELETE allOpenOrders",
        "symbol=A",
    ),
    (
        "orders.cancel_batch_orders",
        lambda rest: rest.orders.cancel_batch_orders("A", [1, 2]),
        "DELETE batchOrders",
        "symbol=A&orderIdList=%5B1%2C2%5D",
    ),
    (
        "orders.cancel_batch_orders by our ids",
        lambda rest: rest.orders.cancel_batch_orders("A", origClientOrderIdList=["a", "b"]),
        "DELETE batchOrders",
        "symbol=A&origClientOrderIdList=%5B%22a%22%2C%22b%22%5D",
    ),
    (
        "orders.countdown_cancel_all",
        lambda rest: rest.orders.countdown_cancel_all("A", 120_000),
        "POST countdownCancelAll",
        "symbol=A&countdownTime=120000",
    ),
    ("orders.open_order", lambda rest: rest.orders.open_order("A", 3), "GET openOrder", "symbol=A&orderId=3"),
    ("orders.open_orders", lambda rest: rest.orders.open_orders(), "GET openOrders", ""),
    (
        "orders.all_orders",
        lambda rest: rest.orders.all_orders("A", startTime=1, limit=3),
        "GET allOrders",
        "symbol=A&startTime=1&limit=3",
    ),
    (
        "strategies.chase",
        lambda rest: rest.strategies.chase("A", "BUY", "BASE", ONE, chaseOffset=Decimal(0), timeInForce="GTX"),
        "POST chase",
        "symbol=A&side=BUY&quantityUnit=BASE&quantity=1.5&chaseOffset=0&timeInForce=GTX",
    ),
    (
        "strategies.place_strategy_order",
        lambda rest: rest.strategies.place_strategy_order("OTO", [{"strategySubId": "1", "quantity": ONE}], "s-1"),
        "POST placeStrategyOrder",
        "strategyType=OTO&subOrderList=%5B%7B%22strategySubId%22%3A%221%22%2C%22quantity%22%3A%221.5%22%7D%5D"
        "&clientStrategyId=s-1",
    ),
    (
        "strategies.update_strategy_order",
        lambda rest: rest.strategies.update_strategy_order(9, "OCO", [{"reduceOnly": True}]),
        "POST updateStrategyOrder",
        "strategyId=9&strategyType=OCO&subOrderList=%5B%7B%22reduceOnly%22%3A%22true%22%7D%5D",
    ),
    (
        "strategies.strategy_open_order",
        lambda rest: rest.strategies.strategy_open_order("OTO", strategyId=9),
        "GET strategyOpenOrder",
        "strategyId=9&strategyType=OTO",
    ),
    (
        "strategies.strategy_history_order",
        lambda rest: rest.strategies.strategy_history_order("OTO", clientStrategyId="s", startTime=1, endTime=2),
        "GET strategyHistoryOrder",
        "clientStrategyId=s&strategyType=OTO&startTime=1&endTime=2",
    ),
    ("strategies.noop", lambda rest: rest.strategies.noop(5), "POST noop", "nonce=5"),
    (
        "strategies.set_mmp",
        lambda rest: rest.strategies.set_mmp("A", 100, 200, qtyLimit=ONE),
        "POST mmp",
        "symbol=A&windowTimeInMilliseconds=100&frozenTimeInMilliseconds=200&qtyLimit=1.5",
    ),
    ("strategies.get_mmp", lambda rest: rest.strategies.get_mmp("A"), "GET mmp", "symbol=A"),
    ("strategies.delete_mmp", lambda rest: rest.strategies.delete_mmp("A"), "DELETE mmp", "symbol=A"),
    ("strategies.reset_mmp", lambda rest: rest.strategies.reset_mmp("A"), "POST mmpReset", "symbol=A"),
    (
        "strategies.set_stp_mode",
        lambda rest: rest.strategies.set_stp_mode("EXPIRE_TAKER"),
        "POST stpMode",
        "stpMode=EXPIRE_TAKER",
    ),
    ("strategies.get_stp_mode", lambda rest: rest.strategies.get_stp_mode(), "GET stpMode", ""),
    (
        "strategies.guarded_cancel_order",
        lambda rest: rest.strategies.guarded_cancel_order("A", 5, orderId=3),
        "DELETE guardedCancelOrder",
        "symbol=A&orderId=3&nonce=5",
    ),
    (
        "strategies.guarded_cancel_batch",
        lambda rest: rest.strategies.guarded_cancel_batch("A", 5, [3, 4]),
        "DELETE guardedBatchOrders",
        "symbol=A&orderIdList=%5B3%2C4%5D&nonce=5",
    ),
    (
        "account.set_position_mode",
        lambda rest: rest.account.set_position_mode(True),
        "POST positionSide/dual",
        "dualSidePosition=true",
    ),
    ("account.get_position_mode", lambda rest: rest.account.get_position_mode(), "GET positionSide/dual", ""),
    (
        "account.set_multi_assets",
        lambda rest: rest.account.set_multi_assets(False),
        "POST multiAssetsMargin",
        "multiAssetsMargin=false",
    ),
    ("account.get_multi_assets", lambda rest: rest.account.get_multi_assets(), "GET multiAssetsMargin", ""),
    ("account.leverage", lambda rest: rest.account.leverage("A", 10), "POST leverage", "symbol=A&leverage=10"),
    (
        "account.margin_type",
        lambda rest: rest.account.margin_type("A", "CROSSED"),
        "POST marginType",
        "symbol=A&marginType=CROSSED",
    ),
    (
        "account.position_margin",
        lambda rest: rest.account.position_margin("A", ONE, 1, "LONG"),
        "POST positionMargin",
        "symbol=A&positionSide=LONG&amount=1.5&type=1",
    ),
    (
        "account.position_margin_history",
        lambda rest: rest.account.position_margin_history("A", 2, limit=3),
        "GET positionMargin/history",
        "symbol=A&type=2&limit=3",
    ),
    ("account.balance", lambda rest: rest.account.balance(), "GET balance", ""),
    ("account.account", lambda rest: rest.account.account(), "GET account", ""),
    ("account.position_risk", lambda rest: rest.account.position_risk("A"), "GET positionRisk", "symbol=A"),
    (
        "account.user_trades",
        lambda rest: rest.account.user_trades("A", fromId=7, limit=1000),
        "GET userTrades",
        "symbol=A&fromId=7&limit=1000",
    ),
    (
        "account.income",
        lambda rest: rest.account.income("A", "FUNDING_FEE", 1, 2, 3),
        "GET income",
        "symbol=A&incomeType=FUNDING_FEE&startTime=1&endTime=2&limit=3",
    ),
    ("account.leverage_bracket", lambda rest: rest.account.leverage_bracket("A"), "GET leverageBracket", "symbol=A"),
    ("account.adl_quantile", lambda rest: rest.account.adl_quantile(), "GET adlQuantile", ""),
    (
        "account.force_orders",
        lambda rest: rest.account.force_orders(autoCloseType="ADL", startTime=1),
        "GET forceOrders",
        "autoCloseType=ADL&startTime=1",
    ),
    ("account.commission_rate", lambda rest: rest.account.commission_rate("A"), "GET commissionRate", "symbol=A"),
    (
        "account.remaining_openable_notional",
        lambda rest: rest.account.remaining_openable_notional("A", 10),
        "GET remainingOpenableNotionalValue",
        "symbol=A&leverage=10",
    ),
    (
        "account.transfer",
        lambda rest: rest.account.transfer(ONE, "USDT", "t-1", "FUTURE_SPOT"),
        "POST asset/wallet/transfer",
        "amount=1.5&asset=USDT&clientTranId=t-1&kindType=FUTURE_SPOT",
    ),
    ("account.agents", lambda rest: rest.account.agents(), "GET agent", ""),
    (
        "account.direct_announcements",
        lambda rest: rest.account.direct_announcements(1, 20),
        "GET announcement/direct",
        "page=1&size=20",
    ),
    (
        "account.direct_announcement",
        lambda rest: rest.account.direct_announcement(7),
        "GET announcement/directById",
        "id=7",
    ),
    ("user_stream.start", lambda rest: rest.user_stream.start(), "POST listenKey", ""),
    ("user_stream.keep_alive", lambda rest: rest.user_stream.keep_alive(), "PUT listenKey", ""),
    ("user_stream.close", lambda rest: rest.user_stream.close(), "DELETE listenKey", ""),
]
NAMED_OTHERWISE = {
    ("GET", "balance"): ("/fapi/v2/balance", "/fapi/v3/balance"),
    ("GET", "account"): ("/fapi/v4/account", "/fapi/v3/accountWithJoinMargin"),
    ("GET", "positionRisk"): ("/fapi/v2/positionRisk", "/fapi/v3/positionRisk"),
}

Opener = Callable[[Credentials | None], AsterConnection]


def calls_of(generation: Generation) -> list[Any]:
    chosen = []
    for call in CALLS:
        method, tail = call[2].split(" ")
        offered = next(
            endpoint
            for endpoint in ALL.values()
            if endpoint.method == method and any(p.endswith(_tails(method, tail)) for p in endpoint.paths.values())
        )
        if generation in offered.paths:
            chosen.append(pytest.param(call, id=call[0]))
    return chosen


def _tails(method: str, tail: str) -> tuple[str, ...]:
    return tuple(NAMED_OTHERWISE.get((method, tail), (f"1/{tail}", f"3/{tail}")))


def test_every_method_of_the_client_is_called_here() -> None:
    rest = AsterRest.__init__.__globals__
    parts = {"market": "MarketApi", "orders": "OrdersApi", "strategies": "StrategiesApi", "account": "AccountApi"}
    parts["user_stream"] = "UserStreamApi"
    methods = {
        f"{part}.{name}"
        for part, api in parts.items()
        for name, _ in inspect.getmembers(rest[api], inspect.isfunction)
        if not name.startswith("_")
    }
    assert {name.split(" ")[0] for name, *_ in CALLS} == methods
    assert len(methods) == len(ALL)


def parameters(request: httpx.Request) -> str:
    return (request.url.query if request.method == "GET" else request.content).decode()


@pytest.mark.parametrize("call", calls_of(Generation.V3))
def test_v3_request(call: Call, open_connection: Opener, script: ScriptedVenue) -> None:
    request = made(call, open_connection, script, Generation.V3)
    tail = call[2].split(" ")[1]
    if tail in PUBLIC:
        assert parameters(request) == call[3]
    else:
        rest = parameters(request).removeprefix(call[3]).removeprefix("&")
        names = [pair.split("=")[0] for pair in rest.split("&")]
        assert parameters(request).startswith(call[3])
        # noop and guarded cancels name the nonce they mean, and are signed under that one alone.
        fresh = [] if "nonce=" in call[3] else ["nonce"]
        assert names == [*fresh, "user", "signer", "signature"]
    assert "x-mbx-apikey" not in request.headers


@pytest.mark.parametrize("call", calls_of(Generation.V1))
def test_v1_request(call: Call, open_connection: Opener, script: ScriptedVenue) -> None:
    request = made(call, open_connection, script, Generation.V1)
    tail = call[2].split(" ")[1]
    keyed = tail in ("historicalTrades", "listenKey")
    if tail in PUBLIC or keyed:
        assert parameters(request) == call[3]
    else:
        rest = parameters(request).removeprefix(call[3]).removeprefix("&")
        assert parameters(request).startswith(call[3])
        assert [pair.split("=")[0] for pair in rest.split("&")] == ["recvWindow", "timestamp", "signature"]
    assert ("x-mbx-apikey" in request.headers) == (keyed or tail not in PUBLIC)


def made(call: Call, open_connection: Opener, script: ScriptedVenue, generation: Generation) -> httpx.Request:
    """Make ``call`` and return the one request it sent, with method and path checked."""
    _, make, route, _ = call
    method, tail = route.split(" ")
    named = NAMED_OTHERWISE.get((method, tail), (f"/fapi/v1/{tail}", f"/fapi/v3/{tail}"))
    expected = named[0 if generation is Generation.V1 else 1]
    script.on(f"{method} {expected.split('/', 3)[3]}", {})
    credentials = V1_CREDENTIALS if generation is Generation.V1 else V3_CREDENTIALS
    make(open_connection(credentials).rest)
    request: httpx.Request = script.requests[0]
    assert len(script.requests) == 1
    assert (request.method, request.url.path) == (method, expected)
    return request


V1_CREDENTIALS = KeyCredentials(api_key="k" * 64, secret="s" * 64)
V3_CREDENTIALS = AgentCredentials(user="0x63DD5aCC6b1aa0f563956C0e534DD30B6dcF7C4e", agent_key="0x" + "11" * 32)


def test_an_endpoint_that_the_generation_lacks_is_refused_before_anything_is_sent(
    open_connection: Opener, script: ScriptedVenue
) -> None:
    with pytest.raises(ValueError, match="does not exist in v1"):
        open_connection(V1_CREDENTIALS).rest.strategies.noop(1)
    assert script.requests == []
