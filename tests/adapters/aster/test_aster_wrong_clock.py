"""Requests refused for their time."""

from collections.abc import Callable

import httpx
import pytest
from tests.adapters.aster.scripted import (
    ID,
    MAIN,
    NOW_MS,
    ScriptedVenue,
    SettableNow,
    approved,
    order_answer,
    refused,
)

from undertow.adapters.aster.connection import AsterConnection, Credentials, KeyCredentials
from undertow.adapters.aster.venue import AsterVenue
from undertow.domain.order import OrderState, OrderType, Purpose
from undertow.domain.outcome import (
    Accepted,
    Rejected,
    Unconfirmed,
    VenueBlocked,
    VenueUnreachable,
)


def sent_ids(script: ScriptedVenue) -> list[str]:
    bodies = [dict(httpx.QueryParams(request.content.decode())) for request in script.asked("POST order")]
    return [body["newClientOrderId"] for body in bodies]


def test_a_timestamp_outside_the_window_is_measured_and_tried_once_more_under_the_same_id(
    venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.on("POST order", refused(-1021), order_answer())
    script.on("GET time", {"serverTime": NOW_MS + 900})
    assert isinstance(venue.submit(approved()), Accepted)
    assert sent_ids(script) == [ID, ID]
    assert len(script.asked("GET time")) == 5
    first, second = (dict(httpx.QueryParams(r.content.decode())) for r in script.asked("POST order"))
    assert int(second["nonce"]) - int(first["nonce"]) == 900_000


def test_a_second_refusal_for_the_time_is_a_rejection(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.refuse("POST order", -1021, "Timestamp for this request is outside of the recvWindow.")
    script.on("GET time", {"serverTime": NOW_MS})
    outcome = venue.submit(approved())
    assert isinstance(outcome, Rejected)
    assert outcome.code == -1021
    assert len(sent_ids(script)) == 2


def test_a_clock_that_cannot_be_measured_leaves_the_rejection(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.refuse("POST order", -1021, "late")
    script.on("GET time", httpx.ReadTimeout("slow"))
    outcome = venue.submit(approved())
    assert isinstance(outcome, Rejected)
    assert outcome.code == -1021
    assert len(sent_ids(script)) == 1


def test_the_second_try_may_end_unconfirmed(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.on("POST order", refused(-1021), httpx.ReadTimeout("slow"))
    script.on("GET time", {"serverTime": NOW_MS})
    assert isinstance(venue.submit(approved()), Unconfirmed)


def test_v1_tries_again_with_a_new_timestamp(
    open_connection: Callable[[Credentials | None], AsterConnection], script: ScriptedVenue
) -> None:
    venue = AsterVenue(MAIN, open_connection(KeyCredentials("k", "s")))
    script.on("POST order", refused(-1021), order_answer())
    script.on("GET time", {"serverTime": NOW_MS + 900})
    assert isinstance(venue.submit(approved()), Accepted)
    times = [dict(httpx.QueryParams(r.content.decode()))["timestamp"] for r in script.asked("POST order")]
    assert times == [str(NOW_MS), str(NOW_MS + 900)]


def test_after_a_spent_nonce_the_order_is_asked_for_before_another_try(
    venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.refuse("POST order", -4225, "Nonce Expired")
    script.on("GET time", {"serverTime": NOW_MS})
    script.on("GET order", order_answer(status="FILLED"))
    outcome = venue.submit(approved())
    assert isinstance(outcome, Accepted)
    assert outcome.news.state is OrderState.FILLED
    assert len(sent_ids(script)) == 1


def test_an_order_unknown_after_a_spent_nonce_is_sent_once_more(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.on("POST order", refused(-4225), order_answer())
    script.on("GET time", {"serverTime": NOW_MS})
    script.refuse("GET order", -2013, "Order does not exist.")
    assert isinstance(venue.submit(approved()), Accepted)
    assert sent_ids(script) == [ID, ID]


def test_an_order_that_cannot_be_asked_for_after_a_spent_nonce_is_unconfirmed(
    venue: AsterVenue, script: ScriptedVenue
) -> None:
    script.refuse("POST order", -4225)
    script.on("GET time", {"serverTime": NOW_MS})
    script.on("GET order", httpx.ReadTimeout("slow"))
    assert isinstance(venue.submit(approved()), Unconfirmed)
    assert len(sent_ids(script)) == 1


def test_with_a_clock_more_than_a_second_off_nothing_is_opened_and_exits_still_go(
    venue: AsterVenue, connection: AsterConnection, script: ScriptedVenue, now: SettableNow
) -> None:
    script.on("GET time", {"serverTime": NOW_MS + 1500})
    script.on("POST order", order_answer())
    connection.sync_clock()
    with pytest.raises(VenueBlocked, match="1500 ms off"):
        venue.submit(approved())
    assert script.asked("POST order") == []
    assert isinstance(venue.submit(approved(Purpose.EXIT, OrderType.MARKET)), Accepted)


def test_a_wrong_clock_is_measured_again_after_a_minute(
    venue: AsterVenue, connection: AsterConnection, script: ScriptedVenue, now: SettableNow
) -> None:
    script.on("GET time", {"serverTime": NOW_MS + 1500})
    script.on("POST order", order_answer())
    connection.sync_clock()
    now.ms += 60_000
    script.on("GET time", {"serverTime": NOW_MS + 60_000})
    assert isinstance(venue.submit(approved()), Accepted)


def test_a_wrong_clock_that_cannot_be_measured_again_stays_wrong(
    venue: AsterVenue, connection: AsterConnection, script: ScriptedVenue, now: SettableNow
) -> None:
    script.on("GET time", {"serverTime": NOW_MS + 1500})
    connection.sync_clock()
    now.ms += 60_000
    script.on("GET time", httpx.ReadTimeout("slow"))
    with pytest.raises(VenueBlocked, match="measuring failed"):
        venue.submit(approved())
    script.on("GET time", {"serverTime": now.ms - 4000})
    with pytest.raises(VenueBlocked, match="4000 ms off"):
        venue.submit(approved())
    assert script.asked("POST order") == []


def test_a_ban_met_while_the_clock_is_measured_is_told_as_a_ban(
    venue: AsterVenue, script: ScriptedVenue, now: SettableNow
) -> None:
    script.refuse("POST order", -1021)
    script.refuse("GET time", -1003, status=418)
    with pytest.raises(VenueBlocked) as met:
        venue.submit(approved())
    assert not met.value.entries_only


def test_a_ban_met_while_a_wrong_clock_is_measured_again_is_told_as_a_ban(
    venue: AsterVenue, connection: AsterConnection, script: ScriptedVenue, now: SettableNow
) -> None:
    script.on("GET time", {"serverTime": NOW_MS + 1500})
    connection.sync_clock()
    now.ms += 60_000
    script.refuse("GET time", -1003, status=418)
    with pytest.raises(VenueBlocked) as met:
        venue.submit(approved())
    assert not met.value.entries_only


def test_too_many_orders_block_entries_only(venue: AsterVenue, script: ScriptedVenue) -> None:
    script.refuse("POST order", -1015, status=429)
    with pytest.raises(VenueBlocked) as met:
        venue.submit(approved())
    assert met.value.entries_only


def taking(now: SettableNow, milliseconds: int) -> Callable[[httpx.Request], httpx.Response]:
    """A venue that takes its time to say what time it is."""

    def answer(_request: httpx.Request) -> httpx.Response:
        now.ms += milliseconds
        return httpx.Response(200, json={"serverTime": now.ms - milliseconds // 2})

    return answer


@pytest.mark.parametrize(("each_ms", "sent"), [(1_000, 2), (1_001, 1)])
def test_an_entry_whose_signal_perished_while_the_clock_was_measured_is_not_sent_again(
    venue: AsterVenue, script: ScriptedVenue, now: SettableNow, each_ms: int, sent: int
) -> None:
    script.on("POST order", refused(-1021), order_answer())
    script.on("GET time", taking(now, each_ms))
    entry = approved(expires_at_ms=NOW_MS + 5_000)
    if sent == 2:
        assert isinstance(venue.submit(entry), Accepted)
    else:
        with pytest.raises(VenueUnreachable, match="perished"):
            venue.submit(entry)
    assert len(sent_ids(script)) == sent


def test_an_entry_that_waited_for_a_wrong_clock_to_be_measured_perishes_too(
    venue: AsterVenue, connection: AsterConnection, script: ScriptedVenue, now: SettableNow
) -> None:
    script.on("GET time", {"serverTime": NOW_MS + 1500})
    connection.sync_clock()
    now.ms += 60_000
    script.on("GET time", taking(now, 1_001))
    with pytest.raises(VenueUnreachable, match="perished"):
        venue.submit(approved(expires_at_ms=now.ms + 5_000))
    assert script.asked("POST order") == []
