"""A test of the alert routes is asked for over the API: on record, once, and sent by who may read the addresses."""

import json
from typing import Any

import pytest
from tests.functions.api_caller import ApiCaller
from tests.functions.conftest import PAGE
from tests.functions.console_world import GLOBALS, MarksOfATest, new_console
from tests.services.world import START_MS, World

from undertow.adapters.memory import RecordingMeter, RecordingRoutes, RecordingTrials
from undertow.adapters.ssm.store import SsmDocuments
from undertow.api.app import create_app
from undertow.domain.alert import RouteTrial
from undertow.ports import ParamsSource, RouteRefused
from undertow.services.carry_out_trial import CarryOutTrial
from undertow.services.console import Console
from undertow.services.tell_alert import TellAlert
from undertow.services.try_routes import TryRoutes

BY = "token abcdefgh"
ROUTES = {"desk": {"kind": "discord"}, "phone": {"kind": "telegram", "levels": ["critical"]}}


@pytest.fixture
def trials() -> RecordingTrials:
    return RecordingTrials()


@pytest.fixture
def console(world: World, documents: SsmDocuments, venue_marks: MarksOfATest, trials: RecordingTrials) -> Console:
    documents.store_globals(json.dumps({**GLOBALS, "alerts": {"routes": ROUTES}}), expected=1)
    return new_console(world, documents, venue_marks, trials)


@pytest.fixture
def api(console: Console) -> ApiCaller:
    return ApiCaller(create_app(lambda: console, PAGE))


def actions(world: World) -> list[tuple[str, str, str]]:
    return [(row.by, row.action, row.subject) for row in world.desk.repositories.audit.recent(0, 10**13, 10)]


def carry_out(world: World, params: ParamsSource, trial: RouteTrial, routes: RecordingRoutes) -> None:
    alerts, clock = world.desk.repositories.alerts, world.clock
    tell = TellAlert(alerts, params, routes, "test", clock, RecordingMeter())
    CarryOutTrial(alerts, TryRoutes(params, routes, "test", clock), tell, clock)(trial)


def outcomes(api: ApiCaller) -> dict[str, Any]:
    return {route["name"]: route["tested"] for route in api.get("/api/settings").json["alerts"]["routes"]}


def test_every_route_is_asked_for_and_the_press_is_on_record(
    api: ApiCaller, trials: RecordingTrials, world: World
) -> None:
    answer = api.post("/api/alerts/test", {})
    assert (answer.status, answer.json) == (200, {"asked_ms": START_MS, "routes": ["desk", "phone"]})
    assert trials.asked == [RouteTrial("desk", BY, START_MS), RouteTrial("phone", BY, START_MS)]
    assert actions(world) == [(BY, "alert:test", "desk, phone")]


def test_one_route_may_be_asked_for_alone(api: ApiCaller, trials: RecordingTrials) -> None:
    assert api.post("/api/alerts/test", {"route": "phone"}).json["routes"] == ["phone"]
    assert [trial.route for trial in trials.asked] == ["phone"]


def test_the_same_key_asks_once(api: ApiCaller, trials: RecordingTrials) -> None:
    first, again = (api.post("/api/alerts/test", {"route": "desk"}, key="pressed-once") for _ in range(2))
    assert first.text == again.text
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(trials.asked) == 1


def test_a_route_that_is_not_there_is_named_and_nothing_is_on_record(
    api: ApiCaller, trials: RecordingTrials, world: World
) -> None:
    answer = api.post("/api/alerts/test", {"route": "pager"})
    assert (answer.status, answer.json["code"]) == (404, "no_such_alert_route")
    assert api.post("/api/alerts/test", {"route": "no such name"}).status == 400
    assert (trials.asked, actions(world)) == ([], [])


def test_a_queue_that_is_away_is_no_success(api: ApiCaller, trials: RecordingTrials) -> None:
    trials.away = True
    answer = api.post("/api/alerts/test", {})
    assert (answer.status, answer.json["code"]) == (503, "trial_not_taken")


def test_a_test_needs_a_key_of_the_callers_own(api: ApiCaller) -> None:
    assert api.post("/api/alerts/test", {}, key=None).json["code"] == "key_missing"


def test_what_came_of_it_stands_in_the_settings(
    api: ApiCaller, console: Console, trials: RecordingTrials, world: World
) -> None:
    assert outcomes(api) == {"desk": None, "phone": None}
    api.post("/api/alerts/test", {})
    routes = RecordingRoutes(troubles={"phone": [RouteRefused("401: a wrong token")]})
    for trial in trials.asked:
        carry_out(world, console.sources.params, trial, routes)
    assert outcomes(api) == {
        "desk": {"asked_ms": START_MS, "by": BY, "outcome": "took", "trouble": ""},
        "phone": {"asked_ms": START_MS, "by": BY, "outcome": "failed", "trouble": "401: a wrong token"},
    }
    assert api.get("/api/settings").json["alerts"]["routes"][0]["told_ms"] == START_MS
