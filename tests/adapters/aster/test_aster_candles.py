"""Candles and open interest over REST."""

from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.adapters.aster.scripted import ScriptedVenue, refused

from undertow.adapters.aster.connection import AsterConnection
from undertow.adapters.aster.intervals import INTERVALS
from undertow.adapters.aster.market_data import AsterMarketData
from undertow.adapters.ssm.ladder_settings import INTERVALS_S
from undertow.domain.ids import Symbol
from undertow.domain.market import Candle, OpenInterest
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.signals.vwap import vwap_interval_s

BTC = Symbol("BTCUSDT")
START_MS = 1_499_040_000_000


@pytest.fixture
def market_data(connection: AsterConnection) -> AsterMarketData:
    return AsterMarketData(connection)


def row(number: int = 0, **changes: Any) -> list[Any]:
    """A row of the documented form: open time, open, high, low, close, volume, close time, and five more."""
    open_ms = START_MS + number * 300_000
    named = {"t": open_ms, "o": "2", "h": "4", "l": "1", "c": "3", "v": "5.5", "T": open_ms + 299_999} | changes
    return [*named.values(), "2434.19", 308, "1756.8", "28.46", "17928899.6"]


def test_candles_come_oldest_first(market_data: AsterMarketData, script: ScriptedVenue) -> None:
    script.on("GET klines", [row(0), row(1)])

    first, second = market_data.fetch_candles(BTC, 300, 2)

    two, four, one, three = map(Decimal, (2, 4, 1, 3))
    assert first == Candle(START_MS, START_MS + 299_999, two, four, one, three, Decimal("5.5"))
    assert second.open_time_ms == START_MS + 300_000
    asked = script.asked("GET klines")[0].url.params
    assert (asked["interval"], asked["limit"]) == ("5m", "2")


def test_the_venue_has_a_name_for_every_length_that_a_setting_can_ask_for() -> None:
    assert {*INTERVALS_S.values(), *(vwap_interval_s(minutes) for minutes in range(5, 961))} <= set(INTERVALS)


@pytest.mark.parametrize(
    "rows",
    [
        {"symbol": "BTCUSDT"},
        [[1, 2]],
        [row(o="0")],
        [row(h="NaN")],
        [row(v="-1")],
        [row(t=0)],
        [row(h="2.5")],
        [row(l="2.5")],
        [row(T=START_MS + 59_999)],
        [row(1), row(0)],
        [row(0), row(0)],
    ],
)
def test_candles_that_are_not_as_documented_are_a_failed_read(
    rows: Any, market_data: AsterMarketData, script: ScriptedVenue
) -> None:
    script.on("GET klines", rows)
    with pytest.raises(VenueReadFailed):
        market_data.fetch_candles(BTC, 300, 2)


def test_open_interest_where_there_is_some(market_data: AsterMarketData, script: ScriptedVenue) -> None:
    script.on("GET openInterest", {"symbol": "BTCUSDT", "openInterest": "10659.509", "time": START_MS})

    assert market_data.fetch_open_interest(BTC) == OpenInterest(Decimal("10659.509"), START_MS)


@pytest.mark.parametrize(
    "answer",
    [
        refused(-5000, "Path /fapi/v3/openInterest, Method GET is invalid", 404),
        refused(-5000, "Path /fapi/v3/openInterest, Method GET is invalid", 400),
        httpx.Response(404, text="<html>Not Found</html>"),
        httpx.Response(404, json={}),
        httpx.Response(200, text="<!doctype html><html></html>"),
    ],
)
def test_a_venue_without_open_interest_says_so_in_one_of_several_ways(
    answer: httpx.Response, market_data: AsterMarketData, script: ScriptedVenue
) -> None:
    script.on("GET openInterest", answer)

    assert market_data.fetch_open_interest(BTC) is None
    assert len(script.asked("GET openInterest")) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(503, text="busy"), VenueReadFailed),
        (httpx.Response(502, text="<html>Bad Gateway</html>"), VenueReadFailed),
        (refused(-1121, "Invalid symbol.", 400), VenueReadFailed),
        (httpx.Response(200, json={"symbol": "ETHUSDT", "openInterest": "1", "time": START_MS}), VenueReadFailed),
        (httpx.Response(200, json={"symbol": "BTCUSDT", "openInterest": "-1", "time": START_MS}), VenueReadFailed),
        (refused(-1003, "Too many requests", 429), VenueUnreachable),
    ],
)
def test_a_venue_in_trouble_has_not_said_that_it_has_none(
    answer: httpx.Response, error: type[Exception], market_data: AsterMarketData, script: ScriptedVenue
) -> None:
    script.on("GET openInterest", answer)
    with pytest.raises(error):
        market_data.fetch_open_interest(BTC)
