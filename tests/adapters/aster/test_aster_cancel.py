"""What becomes of a cancel."""

from typing import Any

import httpx
import pytest
from tests.adapters.aster.scripted import (
    ID,
    NOW_MS,
    SYMBOL,
    ScriptedVenue,
    read_payload,
    refused,
)

from undertow.adapters.aster.venue import AsterVenue
from undertow.domain.outcome import (
    Canceled,
    NotOpen,
    Unconfirmed,
    VenueBlocked,
    VenueUnreachable,
)


def test_a_cancelled_order_tells_what_had_filled(venue: AsterVenue, script: ScriptedVenue) -> None:
    answer = read_payload("http_delete_order") | {"executedQty": "4", "cumQuote": "37"}
    script.on("DELETE order", answer)
    outcome = venue.cancel(SYMBOL, ID)
    assert isinstance(outcome, Canceled)
    assert outcome.news.filled_quantity == 4


@pytest.mark.parametrize("code", [-2011, -2013])
def test_an_order_that_is_gone_is_not_open_and_nothing_more_is_assumed(
    code: int, venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.refuse("DELETE order", code, "Unknown order sent.")
    assert venue.cancel(SYMBOL, ID) == NotOpen()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("slow"),
        refused(-1007),
        refused(-1001, status=503),
        refused(-2015),
        httpx.Response(200, json={}),
    ],
)
def test_any_other_end_of_a_cancel_is_unconfirmed(answer: Any, venue: AsterVenue, script: ScriptedVenue) -> None:
    script.on("DELETE order", answer)
    assert isinstance(venue.cancel(SYMBOL, ID), Unconfirmed)


def test_a_cancel_refused_for_its_time_is_sent_again(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.on("DELETE order", refused(-4225), read_payload("http_delete_order"))
    script.on("GET time", {"serverTime": NOW_MS})
    assert isinstance(venue.cancel(SYMBOL, ID), Canceled)
    script.refuse("DELETE order", -1021)
    assert isinstance(venue.cancel(SYMBOL, ID), Unconfirmed)


def test_a_cancel_that_was_not_sent_says_so(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.on("DELETE order", httpx.ConnectError("refused"))
    with pytest.raises(VenueUnreachable):
        venue.cancel(SYMBOL, ID)
    script.refuse("DELETE order", -1003, status=429)
    with pytest.raises(VenueBlocked):
        venue.cancel(SYMBOL, ID)


def test_a_ban_met_while_the_clock_is_measured_for_a_cancel_is_told_as_a_ban(
    venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.refuse("DELETE order", -1021)
    script.refuse("GET time", -1003, status=418)
    with pytest.raises(VenueBlocked):
        venue.cancel(SYMBOL, ID)
