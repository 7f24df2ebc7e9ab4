"""Alerts from a terminal: what is open, whether routes are heard, and what they need, typed without being shown."""

import json
from typing import Any

import pytest
from tests.commands.conftest import CommandLine
from tests.functions.console_world import GLOBALS
from tests.services.world import START_MS, World

from undertow.adapters.memory import RecordingRoutes
from undertow.domain.alert import Alert, AlertLevel, Over, over
from undertow.ports import RouteRefused

HOUR_MS = 3_600_000


def begun(world: World, key: str = "clock#aster", **changes: Any) -> Alert:
    fields: dict[str, Any] = {
        "key": key,
        "level": AlertLevel.HIGH,
        "message": "our clock and the venue's are apart",
        "facts": {},
        "first_ms": START_MS - HOUR_MS,
        "last_ms": START_MS - HOUR_MS,
        "told_ms": START_MS - HOUR_MS,
    }
    alert = Alert(**{**fields, **changes})
    assert world.desk.repositories.alerts.save(alert)
    return alert


def ended(world: World, key: str) -> None:
    changed = over(begun(world, key), Over(key, "it went away", START_MS - HOUR_MS + 1))
    assert changed is not None
    assert world.desk.repositories.alerts.save(changed)


def test_open_alerts_are_listed_with_what_to_do(undertow: CommandLine, world: World) -> None:
    begun(world)
    ended(world, "worker_silent")
    assert undertow("alerts", "list") == 0
    assert "clock#aster" in undertow.out
    assert undertow.out.splitlines()[-1].endswith("19")
    assert "worker_silent" not in undertow.out


def test_those_of_the_last_days_are_listed_too(undertow: CommandLine, world: World) -> None:
    ended(world, "worker_silent")
    assert undertow("alerts", "list", "--days", "1") == 0
    assert "it went away" in undertow.out
    assert undertow("alerts", "list", "--days", "1", "--level", "critical") == 0
    assert undertow.out == "no alerts in the last 1 days"


def test_no_alerts_is_said(undertow: CommandLine) -> None:
    assert undertow("alerts", "list") == 0
    assert undertow.out == "no alert is open"


def test_programs_get_everything(undertow: CommandLine, world: World) -> None:
    begun(world)
    assert undertow("alerts", "list", "--json") == 0
    told = json.loads(undertow.out)
    assert told["open"] == {"high": 1}
    assert told["alerts"][0]["runbook"] == {"number": 19, "title": "The clocks are apart"}


def configure(undertow: CommandLine, routes: dict[str, Any]) -> None:
    file = undertow.file({**GLOBALS, "alerts": {"routes": routes}})
    assert undertow("params", "set-globals", file) == 0


def test_a_test_goes_through_every_route_whatever_its_level(undertow: CommandLine, routes: RecordingRoutes) -> None:
    configure(undertow, {"phone": {"kind": "telegram", "levels": ["critical"]}, "topics": {"kind": "sns"}})
    undertow.operator.console.sources.params.refreshed()
    assert undertow("alerts", "test") == 0
    assert [name for name, _ in routes.told] == ["phone", "topics"]
    assert routes.told[0][1].title == "[test] INFO: this is a test, nothing happened"


def test_a_route_that_fails_its_test_fails_the_command_after_the_others(
    undertow: CommandLine, routes: RecordingRoutes
) -> None:
    configure(undertow, {"phone": {"kind": "telegram"}, "topics": {"kind": "sns"}})
    undertow.operator.console.sources.params.refreshed()
    routes.troubles["phone"] = [RouteRefused("HTTP 401")]
    assert undertow("alerts", "test") == 1
    assert "phone (telegram): FAILED: HTTP 401" in undertow.out
    assert "topics (sns): took it" in undertow.out


def test_a_route_that_is_not_there_cannot_be_tested(undertow: CommandLine) -> None:
    assert undertow("alerts", "test", "--route", "pigeon") == 4
    assert "there is no route pigeon" in undertow.err


def test_what_a_route_needs_is_asked_for_without_showing_it(undertow: CommandLine) -> None:
    token = "123456:AAF-secret_token_of_a_bot_0123456789"
    assert undertow("secrets", "put-route", "phone", "--kind", "telegram", answers=[token, "-100"]) == 0
    assert all(question.startswith("(hidden)") for question in undertow.terminal.questions)
    assert undertow.operator.route_secrets.get("phone", "telegram") == {"bot_token": token, "chat_id": "-100"}
    assert token not in undertow.out + undertow.err


def test_a_program_gives_it_on_standard_input(undertow: CommandLine) -> None:
    given = '{"url": "https://watch.example/ping/id"}'
    assert undertow("secrets", "put-route", "dead-man", stdin=given) == 0
    assert undertow.operator.route_secrets.get("dead-man", "dead-man") == {"url": "https://watch.example/ping/id"}


@pytest.mark.parametrize("stdin", ["https://secret.example", '{"url": "ftp://secret.example"}'])
def test_what_cannot_be_used_is_refused_and_not_repeated(undertow: CommandLine, stdin: str) -> None:
    assert undertow("secrets", "put-route", "room", "--kind", "discord", stdin=stdin) == 3
    assert "secret.example" not in undertow.out + undertow.err


def test_a_route_that_nothing_is_known_of_needs_its_kind(undertow: CommandLine) -> None:
    assert undertow("secrets", "put-route", "room", stdin="{}") == 2
    assert "--kind" in undertow.err
