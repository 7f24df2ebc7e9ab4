"""Whether everything runs, what people did, and that somebody has seen an alert."""

from dataclasses import replace
from typing import Any

import pytest
from tests.functions.api_caller import Answer, ApiCaller
from tests.services.world import ACCOUNT, START_MS, World
from tests.unit.builders import intent, order

from undertow.domain.account import Heartbeat, VenueHealth
from undertow.domain.alert import Alert, AlertLevel, Over, over
from undertow.domain.contact import Asked, ClockOffset, Contact, VenueCount
from undertow.domain.ids import ClientOrderId
from undertow.domain.imports import Checkpoint
from undertow.domain.market import PositionSide, Venue
from undertow.domain.order import OrderState, Purpose
from undertow.domain.outcome import Unconfirmed
from undertow.domain.reconciliation import LegProof, ReconciliationReport
from undertow.domain.recording import RecordingGap

HOUR_MS = 3_600_000


def operations(api: ApiCaller) -> Any:
    answer = api.get("/api/operations")
    assert answer.status == 200, answer.text
    return answer.json


def delays(api: ApiCaller) -> dict[str, Any]:
    return {row["what"]: row for row in operations(api)["latency"]["rows"]}


def alert(world: World, key: str, level: AlertLevel = AlertLevel.CRITICAL, ended: bool = False, count: int = 1) -> None:
    found = Alert(key, level, f"{key} is wrong", {}, START_MS - 5_000, START_MS - 1_000, START_MS - 5_000, count=count)
    assert world.desk.repositories.alerts.save(found)
    if ended:
        closed = over(found, Over(key, "it is well", START_MS))
        assert closed is not None
        assert world.desk.repositories.alerts.save(closed)


# --- operations -----------------------------------------------------------------------------------------------------


def test_a_desk_on_which_nothing_has_happened_shows_no_made_up_figure(api: ApiCaller) -> None:
    found = operations(api)
    assert (found["workers"], found["unknown_orders"], found["failures"]["rows"]) == ([], [], [])
    assert found["version"]
    for row in found["latency"]["rows"]:
        assert (row["count"], row["p50_ms"], row["p99_ms"], row["max_ms"]) == (0, None, None, None)
    (account,) = found["reconciliation"]
    assert (account["account"], account["latest"], account["history"]) == ("main", None, [])


def test_a_worker_is_late_after_three_beats(api: ApiCaller, world: World) -> None:
    beat = Heartbeat("w1", START_MS - HOUR_MS, START_MS, START_MS - 500, None, None, 4, 1_000, 900, 1, 0, 2, True)
    world.desk.repositories.heartbeats.put(beat)
    world.clock.advance(30_000)
    (worker,) = operations(api)["workers"]
    assert (worker["late"], worker["market_age_ms"], worker["user_age_ms"]) == (False, 30_500, None)
    assert (worker["running_ms"], worker["reconnects"]) == (HOUR_MS, 2)
    world.clock.advance(1)
    assert operations(api)["workers"][0]["late"]


def test_gaps_of_the_last_day_are_added_up_and_the_open_one_counts_until_now(api: ApiCaller, world: World) -> None:
    kept = world.desk.repositories
    kept.liquidations.record_gap(Venue.ASTER, RecordingGap(START_MS - 9_000, START_MS - 4_000, "reconnected"))
    kept.heartbeats.put(Heartbeat("w1", 3, START_MS, START_MS, None, None, 0, 0, 0, 0, 0, 0, True))
    world.clock.advance(40_000)
    (venue,) = operations(api)["venues"]
    assert (venue["gaps"]["count"], venue["gaps"]["total_ms"]) == (2, 5_000 + 40_000)
    assert [gap["to_ms"] for gap in venue["gaps"]["latest"]] == [None, START_MS - 4_000]


def test_a_venue_that_must_not_be_called_says_until_when(api: ApiCaller, world: World) -> None:
    assert operations(api)["venues"][0]["blocked_until_ms"] is None
    world.desk.repositories.healths.set(VenueHealth(Venue.ASTER, START_MS + 9_000, "429"))
    (venue,) = operations(api)["venues"]
    assert (venue["blocked_until_ms"], venue["reason"]) == (START_MS + 9_000, "429")
    world.clock.advance(9_000)
    assert operations(api)["venues"][0]["blocked_until_ms"] is None


def test_an_order_without_an_answer_is_listed_with_its_age(api: ApiCaller, world: World) -> None:
    world.venue.answers = [lambda _: Unconfirmed("timeout")]
    entry = world.entered()
    world.clock.advance(3_000)
    (unknown,) = operations(api)["unknown_orders"]
    assert (unknown["client_order_id"], unknown["state"], unknown["purpose"]) == (entry, "unconfirmed", "entry")
    assert unknown["age_ms"] >= 3_000


def test_an_order_that_is_just_being_sent_is_no_trouble(api: ApiCaller, world: World) -> None:
    sent = order(OrderState.IN_FLIGHT, created_at_ms=world.clock.now_ms(), updated_at_ms=world.clock.now_ms())
    assert world.desk.repositories.orders.add(sent)
    world.clock.advance(4_999)
    assert operations(api)["unknown_orders"] == []
    world.clock.advance(1)
    assert [row["state"] for row in operations(api)["unknown_orders"]] == ["in_flight"]


def test_delays_are_those_that_the_rows_tell(api: ApiCaller, world: World) -> None:
    """A hundred stops, answered after 1 to 100 ms and heard of again later; two that no answer is known of."""
    orders = world.desk.repositories.orders
    for number in range(1, 103):
        name = ClientOrderId(f"stop-{number}")
        stop = order(OrderState.OPEN, intent(client_order_id=name, purpose=Purpose.STOP_LOSS))
        stop = replace(stop, created_at_ms=START_MS - HOUR_MS, updated_at_ms=START_MS, version=3)
        if number <= 100:
            stop = replace(stop, answered_at_ms=START_MS - HOUR_MS + number)
        if number == 102:
            stop = replace(stop, state=OrderState.UNCONFIRMED)
        assert orders.add(stop)
    answer = delays(api)["answer"]
    assert (answer["count"], answer["p50_ms"], answer["p99_ms"], answer["max_ms"]) == (100, 50, 99, 100)


def test_an_entry_tells_how_long_it_took_from_the_liquidation_to_its_fill(api: ApiCaller, world: World) -> None:
    world.holding()
    found = delays(api)
    assert [found[name]["count"] for name in ("decision", "order", "fill")] == [1, 1, 1]
    assert found["answer"]["count"] == len(
        world.desk.repositories.orders.recent(ACCOUNT.id, 0, START_MS + HOUR_MS, 100)
    )


def test_a_pass_that_found_a_difference_shows_what_waits_for_it(api: ApiCaller, world: World) -> None:
    leg = LegProof(intent().symbol, PositionSide.LONG, doubt="a difference")
    report = ReconciliationReport(ACCOUNT.id, 7, START_MS - 2_000, START_MS - 1_100, (leg,), adjusted=1)
    world.desk.repositories.reconciliations.save(report, historic=True)
    (account,) = operations(api)["reconciliation"]
    assert (account["latest"]["proven"], account["latest"]["took_ms"]) == (False, 900)
    assert account["latest"]["doubts"] == {"BTCUSDT": "a difference"}
    assert [one["epoch"] for one in account["history"]] == [7]


def test_an_import_says_how_far_it_is_and_why_it_stopped(api: ApiCaller, world: World) -> None:
    started = Checkpoint(
        ACCOUNT.id, "income", START_MS - 1_000, START_MS - 500, START_MS, START_MS, rows=20, error="no", version=1
    )
    assert world.desk.repositories.checkpoints.save(started)
    (account,) = operations(api)["imports"]
    (job,) = account["jobs"]
    assert (job["stream"], job["done_pct"], job["rows"], job["error"]) == ("income", 50, 20, "no")
    assert account["complete_to_ms"] == START_MS - 500


def test_failures_of_a_kind_stand_in_one_row_with_their_counts(api: ApiCaller, world: World) -> None:
    alert(world, "unprotected#main#BTCUSDT#LONG", count=3)
    alert(world, "unprotected#main#ETHUSDT#LONG", ended=True, count=2)
    alert(world, "clock#aster", AlertLevel.HIGH, ended=True)
    alert(world, "bad_strategy:hunter", AlertLevel.HIGH)
    alert(world, "switch#main", AlertLevel.INFO)
    rows = {row["kind"]: row for row in operations(api)["failures"]["rows"]}
    assert set(rows) == {"unprotected", "clock", "bad_strategy"}
    unprotected = rows["unprotected"]
    assert (unprotected["open"], unprotected["episodes"], unprotected["reports"]) == (1, 2, 5)
    assert (unprotected["level"], unprotected["runbook"]["number"]) == ("critical", 5)
    assert unprotected["subjects"] == ["main#BTCUSDT#LONG", "main#ETHUSDT#LONG"]
    assert (rows["clock"]["open"], rows["bad_strategy"]["subjects"]) == (0, ["hunter"])


# --- what people did ------------------------------------------------------------------------------------------------


def audit(api: ApiCaller, **query: Any) -> Any:
    answer = api.get("/api/audit", **query)
    assert answer.status == 200, answer.text
    return answer.json


def test_every_action_of_a_person_is_listed_with_what_it_changed(api: ApiCaller) -> None:
    api.post("/api/pause", {"account": "main", "reason": "a walk"})
    (entry,) = audit(api)["items"]
    assert (entry["by"], entry["action"], entry["subject"]) == ("token abcdefgh", "switch:paused", "main")
    assert '+  "switch": "paused"' in entry["difference"] or '"a walk"' in entry["difference"]


def test_the_list_of_actions_is_read_page_by_page(api: ApiCaller, world: World) -> None:
    for number in range(5):
        alert(world, f"clock#{number}", AlertLevel.HIGH)
        acknowledge(api, f"clock#{number}")
        world.clock.advance(number % 2)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = audit(api, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [entry["subject"] for entry in page["items"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == [f"clock#{number}" for number in range(5)]
    assert len(set(seen)) == 5


def test_a_cursor_that_the_list_did_not_make_is_not_understood(api: ApiCaller) -> None:
    assert api.get("/api/audit", cursor="abcdefghijklmnopqrstuvwx").status == 400


# --- an alert that somebody has seen ----------------------------------------------------------------------------------


def acknowledge(api: ApiCaller, key: str, episode: int = 1) -> Answer:
    return api.post("/api/alerts/ack", {"key": key, "episode": episode})


def test_who_has_seen_an_alert_and_when_is_kept_and_on_record(api: ApiCaller, world: World) -> None:
    alert(world, "worker_silent")
    answer = acknowledge(api, "worker_silent")
    assert (answer.status, answer.json["acknowledged_by"]) == (200, "token abcdefgh")
    (row,) = api.get("/api/alerts").json["alerts"]
    assert (row["state"], row["acknowledged_by"]) == ("open", "token abcdefgh")
    assert row["acknowledged_ms"] == answer.json["acknowledged_ms"]
    assert [entry["action"] for entry in audit(api)["items"]] == ["alert:acknowledge"]


def test_who_saw_it_first_stays(api: ApiCaller, world: World) -> None:
    alert(world, "worker_silent")
    first = acknowledge(api, "worker_silent").json
    world.clock.advance(5_000)
    assert acknowledge(api, "worker_silent").json == first
    assert len(audit(api)["items"]) == 1


@pytest.mark.parametrize(("key", "episode"), [("other", 1), ("worker_silent", 2), ("clock#aster", 1)])
def test_what_is_over_or_never_was_is_not_acknowledged(api: ApiCaller, world: World, key: str, episode: int) -> None:
    alert(world, "worker_silent")
    alert(world, "clock#aster", ended=True)
    answer = acknowledge(api, key, episode)
    assert (answer.status, answer.json["code"]) == (404, "no_such_alert")
    assert audit(api)["items"] == []


# --- what was asked of the venue ------------------------------------------------------------------------------------

ORDER, OPEN_ORDERS, KLINES = "POST /fapi/v3/order", "GET /fapi/v3/openOrders", "GET /fapi/v3/klines"


def asked_of_venue(world: World) -> None:
    """Two functions and the worker, in three minutes of which the last one runs."""
    minute, kept = START_MS // 60_000, world.desk.repositories.contacts
    told = VenueCount(460, 2400, START_MS - 1_000)
    kept.add(Contact(Venue.ASTER, "reconcile", minute, {OPEN_ORDERS: Asked(1, 40)}, told, ClockOffset(-30, START_MS)))
    kept.add(Contact(Venue.ASTER, "reconcile", minute - 1, {OPEN_ORDERS: Asked(1, 40), ORDER: Asked(1, 1)}))
    high = VenueCount(1_500, 2400, START_MS - 61_000)
    kept.add(Contact(Venue.ASTER, "evaluate-liquidations", minute - 1, {ORDER: Asked(3, 3)}, high))
    older = VenueCount(2_300, 2400, START_MS - 121_000)
    kept.add(Contact(Venue.ASTER, "stream-worker", minute - 2, {KLINES: Asked(2, 10)}, older, ClockOffset(900, 1)))


def test_weight_is_told_by_endpoint_and_function_the_heaviest_first(api: ApiCaller, world: World) -> None:
    asked_of_venue(world)
    (venue,) = operations(api)["venues"]
    assert venue["asked"]["by_endpoint"] == [
        row(OPEN_ORDERS, 2, 80, 40, 40, "reconcile"),
        row(KLINES, 2, 10, 0, 0, "stream-worker"),
        row(ORDER, 4, 4, 0, 4, "evaluate-liquidations", "reconcile"),
    ]
    assert venue["asked"]["by_function"] == [
        row("reconcile", 3, 81, 40, 41, OPEN_ORDERS, ORDER),
        row("stream-worker", 2, 10, 0, 0, KLINES),
        row("evaluate-liquidations", 3, 3, 0, 3, ORDER),
    ]
    assert venue["asked"]["from_ms"] == (START_MS // 60_000 - 4) * 60_000


def row(name: str, requests: int, weight: int, minute: int, before: int, *by: str) -> dict[str, Any]:
    counted = {"requests": requests, "weight": weight, "minute_weight": minute, "before_weight": before}
    return {"name": name, **counted, "by": list(by)}


def test_of_what_the_venue_counted_the_most_of_two_minutes_holds(api: ApiCaller, world: World) -> None:
    asked_of_venue(world)
    now = operations(api)["venues"][0]["asked"]["now"]
    assert now["weight"] == {"used": 1_500, "limit": 2_400, "used_pct": "62.5", "told_ms": START_MS - 61_000}
    assert now["clock"] == {"offset_ms": -30, "measured_ms": START_MS, "apart": False}


def test_an_old_count_is_shown_as_old_and_after_five_minutes_nothing_is_known(api: ApiCaller, world: World) -> None:
    asked_of_venue(world)
    world.clock.advance(2 * 60_000)
    old = operations(api)["venues"][0]["asked"]
    assert (old["now"]["weight"]["used"], old["now"]["weight"]["told_ms"]) == (460, START_MS - 1_000)
    world.clock.advance(3 * 60_000)
    gone = operations(api)["venues"][0]["asked"]
    assert (gone["now"]["weight"], gone["now"]["clock"], gone["by_endpoint"], gone["by_function"]) == (
        None,
        None,
        [],
        [],
    )


@pytest.mark.parametrize(("offset_ms", "apart"), [(500, False), (501, True), (-501, True)])
def test_clocks_more_than_half_a_second_apart_are_pointed_out(
    api: ApiCaller, world: World, offset_ms: int, apart: bool
) -> None:
    minute = START_MS // 60_000
    contact = Contact(Venue.ASTER, "reconcile", minute, {}, None, ClockOffset(offset_ms, START_MS))
    world.desk.repositories.contacts.add(contact)
    assert operations(api)["venues"][0]["asked"]["now"]["clock"]["apart"] is apart
    assert api.get("/api/overview").json["venues"][0]["clock"]["apart"] is apart
