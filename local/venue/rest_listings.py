"""exchangeInfo: what is traded and by which rules (aster.md section 9.1)."""

from typing import Final

from local.venue.http import Json
from local.venue.routes import Call, Route, Security, route
from local.venue.wire import fixed, places_of

from undertow.adapters.paper.accounts import ASSET
from undertow.adapters.paper.contract import Contract
from undertow.domain.numbers import plain
from undertow.domain.order import OrderType, TimeInForce


def exchange_info(call: Call) -> Json:
    contracts = call.house.exchange.contracts().values()
    return {
        "timezone": "UTC",
        "serverTime": call.now_ms,
        "exchangeFilters": [],
        "rateLimits": _rate_limits(call),
        "assets": [{"asset": ASSET, "marginAvailable": True, "autoAssetExchange": 0}],
        "symbols": [_listing(contract) for contract in contracts],
    }


def spot_exchange_info(call: Call) -> Json:
    """There is no spot market here; clients that ask for one find it empty."""
    return {
        "timezone": "UTC",
        "serverTime": call.now_ms,
        "exchangeFilters": [],
        "rateLimits": _rate_limits(call),
        "assets": [],
        "symbols": [],
    }


def _rate_limits(call: Call) -> Json:
    limits = call.house.limits
    return [
        {"rateLimitType": kind, "interval": "MINUTE", "intervalNum": 1, "limit": limit}
        for kind, limit in (("REQUEST_WEIGHT", limits.weight_per_minute), ("ORDERS", limits.orders_per_minute))
    ]


def _listing(contract: Contract) -> Json:
    known = contract.instrument
    types = [each.value for each in OrderType]
    return {
        "symbol": known.symbol,
        "pair": known.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": 4133404800000,
        "onboardDate": 1569398400000,
        "status": known.status,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": known.base_asset,
        "quoteAsset": known.quote_asset,
        "marginAsset": known.margin_asset,
        "pricePrecision": places_of(known.tick_size),
        "quantityPrecision": places_of(known.lot_size),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "settlePlan": 0,
        "triggerProtect": fixed(known.trigger_protect, 4),
        "liquidationFee": fixed(known.liquidation_fee, 6),
        "marketTakeBound": plain(known.market_take_bound),
        "filters": _filters(contract),
        "OrderType": types,
        "orderTypes": types,
        "timeInForce": [each.value for each in TimeInForce],
    }


def _filters(contract: Contract) -> Json:
    known = contract.instrument
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": plain(known.min_price),
            "maxPrice": plain(known.max_price),
            "tickSize": plain(known.tick_size),
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": plain(known.min_quantity),
            "maxQty": plain(known.max_quantity),
            "stepSize": plain(known.lot_size),
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": plain(known.market_min_quantity),
            "maxQty": plain(known.market_max_quantity),
            "stepSize": plain(known.market_lot_size),
        },
        {"filterType": "MAX_NUM_ORDERS", "limit": known.max_orders},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": known.max_algo_orders},
        {"filterType": "MIN_NOTIONAL", "notional": plain(known.min_notional)},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": fixed(known.price_multiplier_up, 4),
            "multiplierDown": fixed(known.price_multiplier_down, 4),
            "multiplierDecimal": "4",
        },
    ]


ROUTES: Final[tuple[Route, ...]] = (
    route("GET", "exchangeInfo", exchange_info, Security.NONE),
    route("GET", "", spot_exchange_info, Security.NONE, v1="/api/v1/exchangeInfo", v3="/api/v3/exchangeInfo"),
)
