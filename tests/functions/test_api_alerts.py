"""Alerts over the API: open ones first, counted by level, whatever else is asked for."""

from typing import Any

from tests.functions.api_caller import ApiCaller
from tests.services.world import START_MS, World

from undertow.domain.alert import Alert, AlertLevel, Over, over

DAY_MS = 86_400_000


def begun(world: World, key: str, level: AlertLevel = AlertLevel.HIGH, age_ms: int = 0) -> Alert:
    at_ms = START_MS - age_ms
    alert = Alert(key, level, "something is wrong", {"symbol": "BTCUSDT"}, at_ms, at_ms, at_ms)
    assert world.desk.repositories.alerts.save(alert)
    return alert


def ended(world: World, key: str, age_ms: int = 0) -> None:
    alert = begun(world, key, age_ms=age_ms)
    changed = over(alert, Over(key, "it is well", alert.last_ms + 1))
    assert changed is not None
    assert world.desk.repositories.alerts.save(changed)


def keys(answer: Any) -> list[str]:
    return [row["key"] for row in answer["alerts"]]


def test_open_alerts_come_first_however_old_they_are(api: ApiCaller, world: World) -> None:
    ended(world, "worker_silent")
    begun(world, "clock#aster", age_ms=60 * DAY_MS)
    answer = api.get("/api/alerts").json
    assert keys(answer) == ["clock#aster", "worker_silent"]
    assert answer["open"] == {"high": 1}


def test_a_row_tells_all_that_is_known_and_what_to_do(api: ApiCaller, world: World) -> None:
    begun(world, "unprotected#main#BTCUSDT#LONG", AlertLevel.CRITICAL)
    (row,) = api.get("/api/alerts").json["alerts"]
    assert row == {
        "key": "unprotected#main#BTCUSDT#LONG",
        "episode": 1,
        "level": "critical",
        "state": "open",
        "message": "something is wrong",
        "resolution": "",
        "facts": {"symbol": "BTCUSDT"},
        "first_ms": START_MS,
        "last_ms": START_MS,
        "resolved_ms": None,
        "count": 1,
        "acknowledged_ms": None,
        "acknowledged_by": "",
        "told": {},
        "runbook": {"number": 5, "title": "An unprotected position"},
    }


def test_only_open_ones_may_be_asked_for(api: ApiCaller, world: World) -> None:
    ended(world, "worker_silent")
    begun(world, "clock#aster")
    assert keys(api.get("/api/alerts", state="open").json) == ["clock#aster"]


def test_what_is_over_is_bounded_by_time_and_number(api: ApiCaller, world: World) -> None:
    for age in range(5):
        ended(world, f"venue_config#main#{age}", age_ms=age)
    assert keys(api.get("/api/alerts", from_ms=START_MS - 3, to_ms=START_MS - 1, limit=2).json) == [
        "venue_config#main#1",
        "venue_config#main#2",
    ]


def test_nonsense_is_refused(api: ApiCaller) -> None:
    assert api.get("/api/alerts", state="loud").status == 400
    assert api.get("/api/alerts", limit=0).status == 400


def test_it_takes_the_scope_read(api: ApiCaller) -> None:
    api.scopes = "pause write"
    assert api.get("/api/alerts").status == 403
