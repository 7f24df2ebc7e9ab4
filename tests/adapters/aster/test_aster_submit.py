"""What becomes of an order: a rejection needs evidence, everything else is unconfirmed."""

from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.adapters.aster.scripted import (
    NEXT_MINUTE_MS,
    NOW_MS,
    ScriptedVenue,
    approved,
    order_answer,
    refused,
)

from undertow.adapters.aster.venue import AsterVenue
from undertow.domain.account import PositionMode
from undertow.domain.order import OrderState, OrderType, Purpose
from undertow.domain.outcome import (
    Accepted,
    Rejected,
    Unconfirmed,
    VenueBlocked,
    VenueUnreachable,
)


def test_a_taken_order_is_accepted_with_what_filled(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.on("POST order", order_answer(status="FILLED", executedQty="100", avgPrice="0.0699"))
    outcome = venue.submit(approved())
    assert isinstance(outcome, Accepted)
    assert outcome.news.state is OrderState.FILLED
    assert (outcome.news.filled_quantity, outcome.news.average_price) == (Decimal(100), Decimal("0.0699"))
    assert len(script.requests) == 1


@pytest.mark.parametrize("status", ["EXPIRED", "CANCELED", "PARTIALLY_FILLED", "NEW"])
def test_an_order_that_ended_at_once_was_accepted_all_the_same(
    status: str, venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.on("POST order", order_answer(status=status))
    assert isinstance(venue.submit(approved()), Accepted)


@pytest.mark.parametrize("code", [-1111, -2010, -2018, -2019, -2021, -2022, -2027, -4061, -4131, -4164, -5060, -2015])
def test_a_code_of_the_venue_is_a_rejection(code: int, venue: AsterVenue, script: ScriptedVenue) -> None:
    script.refuse("POST order", code, "no")
    assert venue.submit(approved()) == Rejected(code, "no")
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("mode", "sent_first", "sent_then"),
    [
        (PositionMode.ONE_WAY, "reduceOnly=true", "positionSide=LONG"),
        (PositionMode.HEDGE, "positionSide=LONG", "reduceOnly=true"),
    ],
)
def test_an_exit_goes_in_the_mode_that_the_owner_toggled_the_account_to(
    mode: PositionMode, sent_first: str, sent_then: str, venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.on("POST order", refused(-4061, "mode"), order_answer(status="FILLED"))
    assert isinstance(venue.submit(approved(Purpose.EXIT, OrderType.MARKET, mode)), Accepted)
    first, then = (request.content.decode() for request in script.asked("POST order"))
    assert sent_first in first
    assert sent_then not in first
    assert sent_then in then
    assert sent_first not in then


def test_an_exit_that_no_mode_admits_is_rejected(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.refuse("POST order", -4061, "mode")
    assert venue.submit(approved(Purpose.EXIT, OrderType.MARKET)) == Rejected(-4061, "mode")
    assert len(script.asked("POST order")) == 2


def test_an_order_answered_in_status_rejected_is_rejected(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.on("POST order", order_answer(status="REJECTED"))
    assert isinstance(venue.submit(approved()), Rejected)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(refused(-1001, status=503), id="503"),
        pytest.param(refused(-4116), id="an order of that id is open"),
        pytest.param(refused(-2019, status=503), id="503 with the code of a rejection"),
        pytest.param(httpx.Response(502, text="<html>"), id="gateway page"),
        pytest.param(httpx.Response(403, text="<html>"), id="firewall page"),
        pytest.param(refused(-1000, "An unknown error occurred"), id="-1000"),
        pytest.param(refused(-1006), id="-1006"),
        pytest.param(refused(-1007), id="-1007"),
        pytest.param(httpx.ReadTimeout("slow"), id="time-out"),
        pytest.param(httpx.WriteTimeout("slow"), id="time-out while sending"),
        pytest.param(httpx.ReadError("reset"), id="reset"),
        pytest.param(httpx.RemoteProtocolError("disconnected"), id="disconnected"),
        pytest.param(httpx.Response(200, text="{"), id="cut off"),
        pytest.param(httpx.Response(200, json={}), id="empty"),
        pytest.param(httpx.Response(200, json=[1]), id="an array"),
    ],
)
def test_whatever_is_no_evidence_is_unconfirmed_and_is_sent_once(
    answer: Any, venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.on("POST order", answer)
    outcome = venue.submit(approved())
    assert isinstance(outcome, Unconfirmed)
    assert outcome.cause
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "change",
    [{"clientOrderId": "ut-e-other"}, {"symbol": "BTCUSDT"}, {"status": "PENDING"}, {"executedQty": "NaN"}],
)
def test_an_answer_that_is_not_about_our_order_is_unconfirmed(
    change: dict[str, str], venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.on("POST order", order_answer(**change))
    assert isinstance(venue.submit(approved()), Unconfirmed)


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow")])
def test_only_a_missing_connection_proves_that_nothing_was_sent(
    error: httpx.RequestError, venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.on("POST order", error)
    with pytest.raises(VenueUnreachable) as raised:
        venue.submit(approved())
    assert not isinstance(raised.value, VenueBlocked)


def test_a_rate_limit_blocks_until_its_time_and_the_next_order_is_not_even_sent(
    venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.refuse("POST order", -1003, "Too many requests", status=429)
    for _ in range(2):
        with pytest.raises(VenueBlocked) as raised:
            venue.submit(approved())
        assert raised.value.until_ms == NEXT_MINUTE_MS
    assert len(script.requests) == 1


def test_a_ban_stops_reads_as_well(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.refuse("POST order", -1003, f"IP banned until {NOW_MS + 900_000}", status=418)
    with pytest.raises(VenueBlocked):
        venue.submit(approved())
    with pytest.raises(VenueBlocked) as raised:
        venue.fetch_positions()
    assert raised.value.until_ms == NOW_MS + 900_000
    assert len(script.requests) == 1
