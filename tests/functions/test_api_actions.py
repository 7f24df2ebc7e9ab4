"""What people do: each action is checked as a whole, is on record, and says when somebody else was faster."""

import json
from typing import Any

import pytest
from tests.functions.api_caller import ApiCaller
from tests.services.world import ACCOUNT, World

from undertow.adapters.ssm.store import SsmDocuments
from undertow.domain.account import Control, Switch
from undertow.domain.ids import StrategyId
from undertow.ports import AuditRow

HUNTER = StrategyId("hunter")
BASE = {
    "leverage": 10,
    "trade_value_usdt": "100",
    "max_position_margin_usdt": "500",
    "max_position_notional_usdt": "5000",
    "volume_threshold_long": "10000",
    "volume_threshold_short": "10000",
}


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


# --- parameters -----------------------------------------------------------------------------------------------------


def stored(documents: SsmDocuments) -> dict[str, Any]:
    found = documents.strategy(HUNTER)
    assert found is not None
    return {"version": found.version, **json.loads(found.text)}


def test_a_symbols_own_settings_are_replaced_and_the_old_ones_are_on_record(
    api: ApiCaller, documents: SsmDocuments, world: World
) -> None:
    answer = api.post(
        "/api/config/symbol",
        {"strategy": "hunter", "symbol": "BTCUSDT", "version": 1, "settings": {"leverage": 5, "stop_loss_pct": 0.5}},
    )
    assert (answer.status, answer.json["version"]) == (200, 2)
    assert stored(documents)["symbols"] == {"BTCUSDT": {"leverage": 5, "stop_loss_pct": "0.5"}}
    (row,) = audit(world)
    assert (row.action, row.subject, row.by) == ("strategy:apply", "hunter", "token abcdefgh")
    assert json.loads(row.before)["symbols"] == {"BTCUSDT": {}}
    assert json.loads(row.after)["symbols"]["BTCUSDT"]["leverage"] == 5


def test_a_bad_setting_is_refused_with_field_value_and_range_and_nothing_changes(
    api: ApiCaller, documents: SsmDocuments, world: World
) -> None:
    before = stored(documents)
    answer = api.post(
        "/api/config/symbol",
        {"strategy": "hunter", "symbol": "BTCUSDT", "version": 1, "settings": {"leverage": 500, "stop": 1}},
    )
    assert (answer.status, answer.json["code"]) == (422, "bad_document")
    assert {
        "field": "symbols.BTCUSDT.leverage",
        "value": "500",
        "allowed": "a whole number from 1 to 50 (x)",
    } in answer.json["flaws"]
    assert len(answer.json["flaws"]) == 2
    assert stored(documents) == before
    assert audit(world) == []


def test_somebody_elses_change_meanwhile_is_not_overwritten(
    api: ApiCaller, documents: SsmDocuments, world: World
) -> None:
    change = {"strategy": "hunter", "symbol": "BTCUSDT", "version": 1, "settings": {"leverage": 5}}
    assert api.post("/api/config/symbol", change).status == 200
    answer = api.post("/api/config/symbol", {**change, "settings": {"leverage": 6}})
    assert (answer.status, answer.json["code"]) == (409, "document_moved")
    assert stored(documents)["symbols"]["BTCUSDT"]["leverage"] == 5
    assert len(audit(world)) == 1


def test_a_symbol_is_added_and_removed_by_name(api: ApiCaller, documents: SsmDocuments) -> None:
    removed = api.post("/api/config/symbol/remove", {"strategy": "hunter", "symbol": "BTCUSDT", "version": 1})
    assert removed.status == 200
    assert removed.json["warnings"] == ["it has no symbols, so it trades nothing"]
    added = api.post(
        "/api/config/symbol/add",
        {"strategy": "hunter", "symbol": "BTCUSDT", "version": 2, "settings": {"leverage": 3}},
    )
    assert (added.status, added.json["version"]) == (200, 3)
    assert stored(documents)["symbols"] == {"BTCUSDT": {"leverage": 3}}


def test_a_symbol_that_the_venue_does_not_list_is_refused_with_the_likely_one(api: ApiCaller) -> None:
    answer = api.post("/api/config/symbol/add", {"strategy": "hunter", "symbol": "BTCUSD", "version": 1})
    assert answer.status == 422
    assert answer.json["flaws"] == [{"field": "symbol", "value": '"BTCUSD"', "allowed": "did you mean BTCUSDT?"}]


def test_a_symbol_is_not_added_twice(api: ApiCaller) -> None:
    answer = api.post("/api/config/symbol/add", {"strategy": "hunter", "symbol": "BTCUSDT", "version": 1})
    assert (answer.status, answer.json["flaws"][0]["field"]) == (422, "symbol")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/config/symbol", {"strategy": "hunter", "symbol": "ETHUSDT", "version": 1, "settings": {}}),
        ("/api/config/symbol/remove", {"strategy": "hunter", "symbol": "ETHUSDT", "version": 1}),
        ("/api/config/symbol/add", {"strategy": "other", "symbol": "BTCUSDT", "version": 1}),
        ("/api/config", {"strategy": "other", "version": 0, "base": BASE}),
    ],
)
def test_nothing_is_created_in_passing(
    api: ApiCaller, documents: SsmDocuments, path: str, body: dict[str, object]
) -> None:
    before = stored(documents)
    answer = api.post(path, body)
    assert (answer.status, answer.json["code"]) == (404, "no_such_document")
    assert stored(documents) == before
    assert len(documents.strategies()) == 1


def test_the_base_of_a_strategy_is_replaced(api: ApiCaller, documents: SsmDocuments) -> None:
    answer = api.post("/api/config", {"strategy": "hunter", "version": 1, "base": {**BASE, "cooldown_sec": 90}})
    assert answer.status == 200
    assert stored(documents)["base"]["cooldown_sec"] == 90


def test_globals_are_replaced_and_what_is_unwise_is_said(api: ApiCaller, documents: SsmDocuments, world: World) -> None:
    current = documents.globals()
    assert current is not None
    changed = json.loads(current.text)
    changed["accounts"]["main"]["limits"]["max_leverage"] = 3
    answer = api.post("/api/config", {"version": 1, "globals": changed})
    assert (answer.status, answer.json["version"]) == (200, 2)
    assert any("every entry will be refused" in warning for warning in answer.json["warnings"])
    assert [row.action for row in audit(world)] == ["globals:set"]


@pytest.mark.parametrize(
    "body",
    [
        {"version": 1},
        {"version": 1, "globals": {}, "strategy": "hunter", "base": {}},
        {"version": 1, "base": {}},
        {"globals": {}},
        {"version": 1, "globals": []},
    ],
)
def test_a_change_says_of_what_and_from_which_version(api: ApiCaller, body: dict[str, object]) -> None:
    assert api.post("/api/config", body).status == 400
