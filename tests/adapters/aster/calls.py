"""One call of every method of the raw client, with what it must look like on the wire."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from undertow.adapters.aster.rest import AsterRest

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
