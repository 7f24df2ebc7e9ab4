"""A read gives the truth or fails; it never looks like nothing."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.adapters.aster.scripted import (
    ID,
    MAIN,
    NOW_MS,
    PAYLOADS,
    SYMBOL,
    ScriptedVenue,
    order_answer,
    read_payload,
    refused,
)

from undertow.adapters.aster.venue import AsterVenue
from undertow.domain.account import PositionMode
from undertow.domain.ids import Symbol
from undertow.domain.outcome import (
    VenueReadFailed,
    VenueUnreachable,
)


def test_an_order_is_found_by_our_id(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.on("GET order", order_answer())
    news = venue.fetch_order(SYMBOL, ID)
    assert news is not None
    assert news.client_order_id == ID
    assert dict(script.requests[0].url.params)["origClientOrderId"] == ID


def test_an_order_the_venue_does_not_know_is_none(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.refuse("GET order", -2013, "Order does not exist.")
    assert venue.fetch_order(SYMBOL, ID) is None


READS: list[tuple[str, Callable[[AsterVenue], Any]]] = [
    ("GET order", lambda venue: venue.fetch_order(SYMBOL, ID)),
    ("GET openOrders", lambda venue: venue.fetch_open_orders()),
    ("GET positionRisk", lambda venue: venue.fetch_positions()),
    ("GET accountWithJoinMargin", lambda venue: venue.fetch_balance()),
    ("GET leverageBracket", lambda venue: venue.fetch_brackets()),
    ("GET userTrades", lambda venue: venue.fetch_fills(SYMBOL, NOW_MS - 1000)),
    ("GET adlQuantile", lambda venue: venue.fetch_adl_ranks(PositionMode.HEDGE)),
]


@pytest.mark.parametrize(("route", "read"), READS, ids=[route for route, _ in READS])
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx.ReadTimeout("slow"), id="time-out"),
        pytest.param(refused(-1001, status=503), id="503"),
        pytest.param(refused(-1007), id="-1007"),
        pytest.param(refused(-2015), id="bad key"),
        pytest.param(refused(-1121), id="bad symbol"),
        pytest.param(httpx.Response(200, json={"unexpected": 1}), id="not as documented"),
        pytest.param(httpx.Response(200, text="<html>"), id="page"),
        pytest.param(httpx.Response(200, json=[{"symbol": "DOGEUSDT"}]), id="row cut short"),
    ],
)
def test_a_failed_read_is_never_an_empty_answer(
    answer: Any, route: str, read: Callable[[AsterVenue], Any], venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.on(route, answer)
    with pytest.raises(VenueReadFailed):
        read(venue)


@pytest.mark.parametrize(("route", "read"), READS, ids=[route for route, _ in READS])
def test_a_read_that_was_not_sent_says_so(
    route: str, read: Callable[[AsterVenue], Any], venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.on(route, httpx.ConnectError("refused"))
    with pytest.raises(VenueUnreachable):
        read(venue)


@pytest.mark.parametrize("first", [httpx.RemoteProtocolError("closed meanwhile"), refused(-1001, status=503)])
def test_a_read_is_tried_a_second_time(first: Any, venue: AsterVenue, script: ScriptedVenue) -> None:
    script.on("GET positionRisk", first, read_payload("http_get_positionRisk_hedge"))
    assert len(venue.fetch_positions()) == 2
    assert len(script.requests) == 2


def test_a_read_refused_for_its_time_is_tried_again_with_the_right_one(
    venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.on("GET positionRisk", refused(-1021), read_payload("http_get_positionRisk_one_way"))
    script.on("GET time", {"serverTime": NOW_MS + 40})
    assert venue.fetch_positions() == []
    assert len(script.asked("GET time")) == 5


def test_an_answer_about_another_order_is_a_failed_read(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.on("GET order", order_answer(clientOrderId="ut-e-older"))
    with pytest.raises(VenueReadFailed):
        venue.fetch_order(SYMBOL, ID)


def test_open_orders_positions_and_balance(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.on("GET openOrders", [read_payload("http_get_order")])
    script.on("GET positionRisk", read_payload("http_get_positionRisk_one_way"))
    script.on("GET accountWithJoinMargin", httpx.Response(200, text=PLAIN_ACCOUNT))
    assert [news.client_order_id for news in venue.fetch_open_orders()] == ["abc"]
    assert venue.fetch_positions() == []
    balance = venue.fetch_balance()
    assert (balance.account, balance.equity, balance.time_ms) == (MAIN, Decimal("23.5"), NOW_MS)


PLAIN_ACCOUNT = (
    '{"totalWalletBalance":"24","availableBalance":"20","totalUnrealizedProfit":"-0.5",'
    '"totalInitialMargin":"4","totalMaintMargin":"0.2"}'
)


@pytest.mark.parametrize("name", ["http_get_leverageBracket", "http_get_leverageBracket_symbol"])
def test_leverage_brackets_come_as_an_object_or_an_array(name: str, venue: AsterVenue, script: ScriptedVenue) -> None:
    written = (PAYLOADS / f"{name}.json").read_text(encoding="utf-8")
    script.on("GET leverageBracket", httpx.Response(200, text=written))
    (bracket,) = venue.fetch_brackets()[Symbol("ETHUSDT")]
    assert (bracket.max_leverage, bracket.maintenance_ratio) == (75, Decimal("0.0065"))
    assert script.requests[0].url.params.get("symbol") is None


def tier(number: int, floor: str, cap: str, ratio: str = "0.01") -> str:
    return (
        f'{{"bracket":{number},"initialLeverage":50,"notionalFloor":{floor},"notionalCap":{cap},'
        f'"maintMarginRatio":{ratio},"cum":0.1}}'
    )


def brackets_answer(*tiers: str, symbol: str = "ETHUSDT") -> str:
    return f'{{"symbol":"{symbol}","brackets":[{",".join(tiers)}]}}'


GOOD = brackets_answer(tier(1, "0", "50000"), tier(2, "50000", "250000", "0.025"))


def test_ratios_are_read_digit_by_digit_and_tiers_by_rising_notional(venue: AsterVenue, script: ScriptedVenue) -> None:
    falling = brackets_answer(tier(2, "50000", "250000.5", "0.1"), tier(1, "0", "50000", "0.004"))
    script.on("GET leverageBracket", httpx.Response(200, text=f"[{falling}]"))
    first, second = venue.fetch_brackets()[Symbol("ETHUSDT")]
    assert (first.maintenance_ratio, first.cumulative) == (Decimal("0.004"), Decimal("0.1"))
    assert (second.maintenance_ratio, second.notional_cap) == (Decimal("0.1"), Decimal("250000.5"))


@pytest.mark.parametrize(
    "odd",
    [
        "{}",
        "7",
        brackets_answer(symbol="ODDUSDT"),
        brackets_answer(tier(1, "0", "0"), symbol="ODDUSDT"),
        brackets_answer(tier(1, "-1", "5"), symbol="ODDUSDT"),
        brackets_answer(tier(1, "0", "5", "1"), symbol="ODDUSDT"),
        brackets_answer(tier(1, "0", "5", "0"), symbol="ODDUSDT"),
        brackets_answer(tier(1, "0", "5", '"0.01"'), symbol="ODDUSDT"),
        brackets_answer(tier(1, "0", "1e400"), symbol="ODDUSDT"),
        brackets_answer(tier(1, "0", "50000"), tier(2, "40000", "90000"), symbol="ODDUSDT"),
    ],
)
def test_a_symbol_whose_tiers_cannot_be_read_is_left_out_and_keeps_no_other_waiting(
    odd: str, venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.on("GET leverageBracket", httpx.Response(200, text=f"[{odd},{GOOD}]"))
    assert list(venue.fetch_brackets()) == ["ETHUSDT"]
