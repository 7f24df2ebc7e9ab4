"""The endpoints of the raw client, and which of them the venue documents as public."""

from undertow.adapters.aster.rest import endpoints
from undertow.adapters.aster.rest.endpoints import Endpoint

ALL = {name: value for name, value in vars(endpoints).items() if isinstance(value, Endpoint)}
PUBLIC = {
    *("ping", "time", "exchangeInfo", "depth", "trades", "aggTrades", "klines", "indexPriceKlines", "markPriceKlines"),
    *("openInterest", "premiumIndex", "fundingRate", "fundingInfo", "ticker/24hr", "ticker/price", "ticker/bookTicker"),
    *("indexreferences", "historicalTrades"),
}
