"""What people do: each action is checked as a whole, is on record, and says when somebody else was faster."""

import json

import pytest
from tests.functions.api_caller import ApiCaller
from tests.services.world import ACCOUNT, World

from undertow.domain.account import Control, Switch
from undertow.ports import AuditRow


def control(world: World) -> Control:
    return world.desk.repositories.controls.get(ACCOUNT.id)


def audit(world: World) -> list[AuditRow]:
    return list(world.desk.repositories.audit.recent(0, 10**13, 100))


# --- pause and resume -----------------------------------------------------------------------------------------------


def test_a_pause_stops_entries_at_once_and_is_on_record(api: ApiCaller, world: World) -> None:
    answer = api.post("/api/pause", {"account": "main", "reason": "news at two"})
    assert (answer.status, answer.json["switches"][0]["state"]) == (200, "paused")
    (decision,) = world.desk.evaluate(world.liquidation_batch())
    assert decision.gate == "paused"
    (row,) = audit(world)
    assert (row.by, row.action, row.subject) == ("token abcdefgh", "switch:paused", "main")
    assert json.loads(row.before)["switch"] == "running"
    assert json.loads(row.after) == {"switch": "paused", "version": 2, "reason": "news at two"}


def test_a_pause_without_a_name_pauses_every_account_and_needs_no_body(api: ApiCaller, world: World) -> None:
    assert api.post("/api/pause", "").status == 200
    assert control(world).switch is Switch.PAUSED


def test_pausing_twice_changes_nothing(api: ApiCaller, world: World) -> None:
    api.post("/api/pause", {"account": "main"})
    before = control(world)
    world.clock.advance(1_000)
    assert api.post("/api/pause", {"account": "main"}).json["switches"][0]["version"] == before.version
    assert control(world) == before


@pytest.mark.parametrize("switch", [Switch.CLOSE_ONLY, Switch.FLATTEN])
def test_a_pause_never_loosens_a_stricter_switch(api: ApiCaller, world: World, switch: Switch) -> None:
    world.switch(switch)
    assert api.post("/api/pause", {"account": "main"}).json["switches"][0]["state"] == switch.value
    assert control(world).switch is switch


def test_an_account_that_was_never_switched_can_be_paused(api: ApiCaller, world: World) -> None:
    del world.store.controls[ACCOUNT.id]
    assert api.post("/api/pause", {"account": "main"}).json["switches"][0]["version"] == 1


def test_a_resume_needs_to_have_seen_the_present_switch(api: ApiCaller, world: World) -> None:
    api.post("/api/pause", {"account": "main"})
    stale = api.post("/api/resume", {"account": "main", "version": 1})
    assert (stale.status, stale.json["code"]) == (409, "switch_moved")
    assert control(world).switch is Switch.PAUSED
    assert api.post("/api/resume", {"account": "main", "version": 2}).status == 200
    assert control(world).switch is Switch.RUNNING
    assert [row.action for row in audit(world)].count("switch:running") == 1


@pytest.mark.parametrize("body", [{}, {"account": "main"}, {"version": 1}, {"account": "main", "version": "1x"}])
def test_a_resume_names_the_account_and_the_version(api: ApiCaller, body: dict[str, object]) -> None:
    assert api.post("/api/resume", body).status == 400


def test_resuming_an_account_that_is_not_there_is_not_found(api: ApiCaller) -> None:
    assert api.post("/api/resume", {"account": "other", "version": 1}).status == 404


@pytest.mark.parametrize(
    "body",
    ["{", "[]", "null", '{"reason": NaN}', '{"account": "main", "account": "main"}', '{"reason": "\\ud800"}'],
)
def test_a_body_that_is_no_json_object_is_refused(api: ApiCaller, world: World, body: str) -> None:
    answer = api.post("/api/pause", body)
    assert (answer.status, answer.json["flaws"][0]["field"]) == (400, "body")
    assert control(world).switch is Switch.RUNNING


@pytest.mark.parametrize("reason", ["", "x" * 201, "a\nb", 5, None])
def test_a_reason_is_a_line_of_text(api: ApiCaller, reason: object) -> None:
    answer = api.post("/api/pause", {"reason": reason})
    assert answer.status == (200 if reason is None else 400)


def test_a_body_beyond_all_measure_is_refused(api: ApiCaller) -> None:
    answer = api.post("/api/pause", '{"reason": "' + "x" * 20_000 + '"}')
    assert (answer.status, answer.json["code"]) == (413, "too_large")
