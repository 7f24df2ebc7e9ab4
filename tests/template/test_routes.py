"""The gateway knows the page, what anybody may ask, and one greedy route for everything else of the API."""

from __future__ import annotations

from typing import Any

from undertow.api.by_path import GREEDY
from undertow.api.routes import ROUTES

Resources = dict[str, dict[str, Any]]

MOST_EVENTS = 40
"""A statement of the function's policy has some 400 bytes, and the policy at most 20,480."""


def events(functions: Resources) -> list[dict[str, Any]]:
    api = functions["Api"]["Properties"]["Events"].values()
    assert {event["Type"] for event in api} == {"Api"}
    return [event["Properties"] for event in api]


def test_the_template_has_what_anybody_may_fetch_and_one_greedy_route_a_method(functions: Resources) -> None:
    deployed = sorted((event["Method"], event["Path"]) for event in events(functions))
    public = [(route.method, route.path) for route in ROUTES if route.scope is None]
    methods = {route.method for route in ROUTES if route.scope is not None}
    assert deployed == sorted([*public, *((method, GREEDY) for method in methods)])
    assert len(deployed) <= MOST_EVENTS


def test_the_greedy_route_reaches_every_route_with_data() -> None:
    before = GREEDY.removesuffix("{proxy+}")
    assert all(route.path.startswith(before) for route in ROUTES if route.scope is not None)


def test_only_what_anybody_may_fetch_is_deployed_without_the_authoriser(functions: Resources) -> None:
    deployed = {(e["Method"], e["Path"]) for e in events(functions) if e.get("Auth", {}).get("Authorizer") == "NONE"}
    assert deployed == {(route.method, route.path) for route in ROUTES if route.scope is None}


def test_every_other_route_asks_the_authoriser_and_forgets_its_answer_within_a_minute(template: dict[str, Any]) -> None:
    api = template["Resources"]["DashboardApi"]["Properties"]
    assert api["Auth"]["DefaultAuthorizer"] == "Token"
    assert api["Auth"]["Authorizers"]["Token"]["Identity"]["ReauthorizeEvery"] <= 60


def test_the_stage_throttles_callers(template: dict[str, Any]) -> None:
    (settings,) = template["Resources"]["DashboardApi"]["Properties"]["MethodSettings"]
    assert (settings["HttpMethod"], settings["ResourcePath"]) == ("*", "/*")
    assert 0 < settings["ThrottlingRateLimit"] <= 50
    assert 0 < settings["ThrottlingBurstLimit"] <= 100


def test_answers_are_compressed_for_whoever_can_read_that(template: dict[str, Any]) -> None:
    assert 0 < template["Resources"]["DashboardApi"]["Properties"]["MinimumCompressionSize"] <= 2_048
