"""The door itself: who may call what, how answers are dressed, and what a failure looks like."""

import json
import logging
import re
from collections.abc import Callable

import pytest
from tests.functions.api_caller import ALL_SCOPES, Answer, ApiCaller
from tests.functions.conftest import PAGE
from tests.services.world import World

from undertow.api.app import create_app
from undertow.api.routes import ROUTES, Route, Scope
from undertow.ports import DocumentsUnavailable
from undertow.services.console import Console

DATA = [route for route in ROUTES if route.scope is not None]
PUBLIC = [route for route in ROUTES if route.scope is None]


def call(api: ApiCaller, route: Route) -> int:
    return ask(api, route).status


def ask(api: ApiCaller, route: Route) -> Answer:
    path = re.sub(r"\{\w+\}", "index-B7xq0aZk.js" if route.name == "asset" else "hunter", route.path)
    if route.method == "PUT":
        return api.put(path, {}, route.path)
    if route.method == "POST":
        return api.post_to(path, {}, route.path)
    return api.get(path, resource=route.path)


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.mark.parametrize("route", DATA, ids=name)
def test_a_route_that_was_wired_without_an_authoriser_answers_nothing(api: ApiCaller, route: Route) -> None:
    api.scopes = None
    assert call(api, route) == 403


@pytest.mark.parametrize("route", DATA, ids=name)
def test_a_route_asks_for_its_own_scope_and_no_other_will_do(api: ApiCaller, route: Route) -> None:
    assert route.scope is not None
    api.scopes = " ".join(scope.value for scope in Scope if scope is not route.scope)
    assert call(api, route) == 403
    api.scopes = route.scope.value
    assert call(api, route) != 403


@pytest.mark.parametrize("route", PUBLIC, ids=name)
def test_what_anybody_may_fetch_needs_no_token_and_opens_no_store(route: Route) -> None:
    def no_console() -> Console:
        raise AssertionError("a public route asked for data")

    api = ApiCaller(create_app(no_console, PAGE), scopes=None)
    assert call(api, route) == 200


def test_health_says_that_the_api_answers_and_nothing_else(api: ApiCaller) -> None:
    api.scopes = None
    assert api.get("/api/health").json == {"status": "ok"}


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_every_answer_carries_the_security_headers(api: ApiCaller, route: Route) -> None:
    answer = ask(api, route)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    if route.name not in ("page", "asset"):
        assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_an_unexpected_failure_is_a_problem_without_details(
    world: World, console: Console, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken() -> Console:
        raise RuntimeError("secret detail")

    answer = ApiCaller(create_app(broken, PAGE)).get("/api/positions")
    assert (answer.status, answer.json["code"]) == (500, "internal_error")
    assert "secret detail" not in answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("failure", "status"), [(lambda: DocumentsUnavailable("throttled"), 503)])
def test_a_store_that_does_not_answer_is_said_to_be_away(failure: Callable[[], Exception], status: int) -> None:
    def away() -> Console:
        raise failure()

    answer = ApiCaller(create_app(away, PAGE)).get("/api/positions")
    assert (answer.status, answer.json["code"]) == (status, "parameters_unavailable")


def test_the_console_is_opened_once(console: Console) -> None:
    opened = []

    def opening() -> Console:
        opened.append(1)
        return console

    api = ApiCaller(create_app(opening, PAGE), ALL_SCOPES)
    for _ in range(3):
        assert api.get("/api/positions").status == 200
    assert len(opened) == 1


def test_times_are_whole_milliseconds_and_figures_are_texts(api: ApiCaller, world: World) -> None:
    world.holding()
    for path in ("/api/positions", "/api/account", "/api/stats", "/api/config", "/api/exchange-limits", "/api/trades"):
        text = api.get(path).text
        assert not re.search(r"[:\[,]-?\d+\.\d", re.sub(r'"[^"]*"', '""', text)), path
        json.loads(text)


def test_the_application_leaves_our_loggers_as_they_are(api: ApiCaller) -> None:
    assert logging.getLogger("undertow").level == logging.NOTSET
    assert not logging.getLogger("undertow").handlers
