from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.adapters.aster.scripted import ScriptedVenue

from undertow.adapters.aster.budget import LimitKind, Priority, RateLimit
from undertow.adapters.aster.connection import AsterConnection
from undertow.adapters.aster.market_data import AsterMarketData
from undertow.domain.ids import Symbol
from undertow.domain.outcome import VenueReadFailed
from undertow.ports import MarketData

Payload = Callable[[str], Any]
NOW_MS = 1_748_310_859_508
BTC = Symbol("BTCUSDT")


@pytest.fixture
def market_data(connection: AsterConnection) -> AsterMarketData:
    data: MarketData = AsterMarketData(connection)
    assert isinstance(data, AsterMarketData)
    return data


def test_instruments_come_with_the_limits_of_the_address(
    market_data: AsterMarketData, connection: AsterConnection, script: ScriptedVenue, payload: Payload
) -> None:
    info = payload("http_get_exchangeInfo")
    info["rateLimits"][0]["limit"] = 1000
    script.on("GET exchangeInfo", info)
    (instrument,) = market_data.fetch_instruments()
    assert (instrument.symbol, instrument.fetched_at_ms) == ("DOGEUSDT", NOW_MS)
    learned = RateLimit(LimitKind.WEIGHT, 60_000, 1, 1000)
    assert connection.budget.share(learned, Priority.PROTECTIVE) == 900
    assert connection.budget.state().used == {"x-mbx-used-weight-1m": 1, "x-mbx-order-count-1m": 0}


def test_an_odd_listing_leaves_out_its_own_symbol_only(
    market_data: AsterMarketData, script: ScriptedVenue, payload: Payload, caplog: pytest.LogCaptureFixture
) -> None:
    info = payload("http_get_exchangeInfo")
    (good,) = info["symbols"]
    without_base = {name: value for name, value in good.items() if name != "baseAsset"}
    broken = good | {"symbol": "BADUSDT", "filters": []}
    delivery = good | {"symbol": "OLDUSDT_240628", "contractType": "CURRENT_QUARTER"}
    info["symbols"] = [without_base, broken, delivery, None, good]
    script.on("GET exchangeInfo", info)
    assert [instrument.symbol for instrument in market_data.fetch_instruments()] == ["DOGEUSDT"]
    assert [record.__dict__["symbol"] for record in caplog.records] == ["BADUSDT"]


def test_an_exchange_info_without_symbols_or_limits_is_a_failed_read(
    market_data: AsterMarketData, script: ScriptedVenue, payload: Payload
) -> None:
    for missing in ("symbols", "rateLimits"):
        info = {name: value for name, value in payload("http_get_exchangeInfo").items() if name != missing}
        script.on("GET exchangeInfo", info)
        with pytest.raises(VenueReadFailed):
            market_data.fetch_instruments()


def test_best_prices_and_mark_price_of_one_symbol(
    market_data: AsterMarketData, script: ScriptedVenue, payload: Payload
) -> None:
    script.on("GET ticker/bookTicker", payload("http_get_bookTicker"))
    script.on("GET premiumIndex", payload("http_get_premiumIndex"))
    assert market_data.fetch_best_prices(BTC).bid == 4
    assert market_data.fetch_mark_price(BTC).price == Decimal("11793.63104562")


@pytest.mark.parametrize("answer", [[], [{}], [1, 2], {"symbol": "ETHUSDT"}])
def test_the_price_of_another_symbol_is_a_failed_read(
    answer: Any, market_data: AsterMarketData, script: ScriptedVenue
) -> None:
    script.on("GET premiumIndex", answer)
    with pytest.raises(VenueReadFailed):
        market_data.fetch_mark_price(BTC)
