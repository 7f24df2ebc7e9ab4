"""The gateway's one greedy route reaches each route of the table, and nothing that is not in it."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from tests.functions.api_caller import ALL_SCOPES
from tests.functions.conftest import PAGE

from undertow.api.app import create_app
from undertow.api.by_path import GREEDY, by_path, route_of
from undertow.api.routes import ROUTES, Route
from undertow.services.console import Console

DATA = [route for route in ROUTES if route.scope is not None]
VALUE = "a b.ü'\"<x>"


def event(method: str, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {
        "resource": GREEDY,
        "path": path,
        "httpMethod": method,
        "headers": {"content-type": "application/json"},
        "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()} or None,
        "pathParameters": {"proxy": path.removeprefix("/api/")},
        "body": None,
        "isBase64Encoded": False,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": GREEDY,
            "path": f"/paper{path}",
            "authorizer": {"principalId": "abcdefgh", "scopes": ALL_SCOPES},
        },
    }


@pytest.mark.parametrize("route", DATA, ids=lambda route: f"{route.method} {route.path}")
def test_each_route_is_found_with_what_stands_in_the_place_of_its_variables(route: Route) -> None:
    path = re.sub(r"{\w+}", VALUE, route.path)
    names = re.findall(r"{(\w+)}", route.path)
    assert route_of(route.method, path) == (route, dict.fromkeys(names, VALUE))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/"),
        ("GET", "/api/nothing"),
        ("GET", "/api/positions/"),
        ("GET", "//api/positions"),
        ("GET", "/api//positions"),
        ("GET", "/API/positions"),
        ("GET", "/api/strategies/"),
        ("GET", "/api/strategies/hunter/"),
        ("GET", "/api/strategies//changes"),
        ("POST", "/api/positions"),
        ("DELETE", "/api/strategies/hunter"),
        ("get", "/api/positions"),
        ("GET", "/api/pause"),
        ("GET", "/api/../api/positions"),
    ],
)
def test_what_is_not_in_the_table_is_no_route(method: str, path: str) -> None:
    assert route_of(method, path) is None


def test_a_name_that_is_a_route_of_its_own_is_no_value_of_a_variable() -> None:
    found = route_of("GET", "/api/strategies/schema")
    assert found is not None
    assert found[0].name == "strategy_schema"


def test_the_function_answers_as_if_the_gateway_had_known_the_route(console: Console) -> None:
    handler = by_path(create_app(lambda: console, PAGE))
    assert handler(event("GET", "/api/positions"), None)["statusCode"] == 200
    assert handler(event("GET", "/api/strategies/hunter"), None)["statusCode"] == 200
    assert handler(event("GET", "/api/positions", {"account": "other"}), None)["statusCode"] == 404


def test_the_function_refuses_what_the_policy_should_have_refused(console: Console) -> None:
    asked = event("POST", "/api/resume")
    asked["requestContext"]["authorizer"]["scopes"] = "read"
    assert by_path(create_app(lambda: console, PAGE))(asked, None)["statusCode"] == 403


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/nothing"), ("DELETE", "/api/positions")])
def test_what_nobody_answers_is_a_problem(console: Console, method: str, path: str) -> None:
    answer = by_path(create_app(lambda: console, PAGE))(event(method, path), None)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (404, "no_such_route")


def test_an_event_of_a_route_that_the_gateway_knows_is_left_as_it_is() -> None:
    seen: list[Mapping[str, Any]] = []
    known = {"resource": "/api/health", "httpMethod": "GET"}
    by_path(lambda given, _context: seen.append(given))(known, None)
    assert seen == [known]
