"""Every request counts where it was asked, and the venue's own count and clock are taken over."""

from typing import Any

import httpx
import pytest
from tests.adapters.aster.scripted import V3, ScriptedVenue, SettableNow

from undertow.adapters.aster.budget import LimitKind, RateLimit
from undertow.adapters.aster.connection import AsterConnection, connect
from undertow.adapters.aster.errors import AsterError, HeldBack
from undertow.adapters.aster.tally import WeightTally
from undertow.domain.contact import Asked, ClockOffset, Contact, VenueCount

BALANCE = "GET /fapi/v3/balance"


@pytest.fixture
def tally() -> WeightTally:
    return WeightTally("reconcile")


@pytest.fixture
def connection(script: ScriptedVenue, now: SettableNow, tally: WeightTally) -> AsterConnection:
    return connect("https://venue.test", V3, now, lane=0, transport=httpx.MockTransport(script), tally=tally)


def taken(tally: WeightTally) -> Contact:
    (one,) = tally.take()
    return one


def told(used: object) -> httpx.Response:
    return httpx.Response(200, json=[], headers={"X-MBX-USED-WEIGHT-1M": str(used)})


def test_a_request_counts_under_its_endpoint_with_its_weight(
    connection: AsterConnection, script: ScriptedVenue, tally: WeightTally
) -> None:
    script.on("GET balance", told(27))
    connection.rest.account.balance()
    connection.rest.account.balance()

    one = taken(tally)

    assert one.by_endpoint == {BALANCE: Asked(2, 10)}
    assert one.count is not None
    assert (one.count.used, one.count.limit) == (27, 2400)
    assert one.function == "reconcile"


@pytest.mark.parametrize("answer", [httpx.ReadTimeout("slow"), httpx.Response(503), httpx.Response(429, json={})])
def test_a_request_that_fails_counts_too(
    answer: Any, connection: AsterConnection, script: ScriptedVenue, tally: WeightTally
) -> None:
    script.on("GET balance", answer)
    with pytest.raises(AsterError):
        connection.rest.account.balance()
    assert taken(tally).by_endpoint == {BALANCE: Asked(1, 5)}


def test_a_request_that_is_held_back_was_never_asked(
    connection: AsterConnection, script: ScriptedVenue, tally: WeightTally
) -> None:
    script.on("GET balance", httpx.Response(418, json={"code": -1003, "msg": "banned"}))
    with pytest.raises(AsterError):
        connection.rest.account.balance()
    with pytest.raises(HeldBack):
        connection.rest.account.balance()
    assert taken(tally).by_endpoint == {BALANCE: Asked(1, 5)}


@pytest.mark.parametrize("count", ["", "many", "-1", "1.5"])
def test_a_count_that_cannot_be_read_is_not_known(
    count: str, connection: AsterConnection, script: ScriptedVenue, tally: WeightTally
) -> None:
    script.on("GET balance", told(count))
    connection.rest.account.balance()
    assert taken(tally).count is None


def test_a_count_that_came_in_the_next_minute_is_of_neither(
    connection: AsterConnection, script: ScriptedVenue, now: SettableNow, tally: WeightTally
) -> None:
    def late(_: httpx.Request) -> httpx.Response:
        now.ms += 60_000
        return told(3)

    script.on("GET balance", late)
    connection.rest.account.balance()
    assert taken(tally).count is None


def test_the_venues_clock_is_kept_as_it_was_measured(
    connection: AsterConnection, script: ScriptedVenue, now: SettableNow, tally: WeightTally
) -> None:
    script.on("GET time", httpx.Response(200, json={"serverTime": now.ms + 740}))
    connection.sync_clock()
    assert [one.clock for one in tally.take() if one.clock] == [ClockOffset(740, now.ms + 740)]


def test_the_limit_is_the_one_that_the_venue_lists(
    connection: AsterConnection, script: ScriptedVenue, tally: WeightTally
) -> None:
    connection.budget.learn([RateLimit(LimitKind.WEIGHT, 60_000, 1, 1000)])
    script.on("GET balance", told(5))
    connection.rest.account.balance()
    count = taken(tally).count
    assert isinstance(count, VenueCount)
    assert count.limit == 1000
