"""Changing parameters: against the version that was seen, as a whole, on record, and confirmed where risk grows."""

import json
from typing import Any

import pytest
from tests.functions.api_caller import ApiCaller
from tests.functions.console_world import GLOBALS
from tests.services.world import World

from undertow.adapters.ssm.store import SsmDocuments
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
SYMBOL = {"strategy": "hunter", "symbol": "BTCUSDT"}
CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("/api/config", {"globals": GLOBALS}),
    ("/api/config", {"strategy": "hunter", "base": BASE}),
    ("/api/config/symbol", {**SYMBOL, "settings": {"leverage": 5}}),
    ("/api/config/symbol/add", {"strategy": "hunter", "symbol": "ETHUSDT", "settings": {}}),
    ("/api/config/symbol/remove", SYMBOL),
]


def audit(world: World) -> list[AuditRow]:
    return list(world.desk.repositories.audit.recent(0, 10**13, 100))


def stored(documents: SsmDocuments) -> dict[str, Any]:
    found = documents.strategy(HUNTER)
    assert found is not None
    return {"version": found.version, **json.loads(found.text)}


# --- the version that was seen --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "body"), CHANGES)
def test_every_change_names_the_version_that_was_seen(
    api: ApiCaller, documents: SsmDocuments, world: World, path: str, body: dict[str, Any]
) -> None:
    before = stored(documents)
    missing, moved = api.post(path, body), api.post(path, {**body, "confirm": True}, if_match='"9"')
    unread = api.post(path, body, if_match="the last one")
    assert (missing.status, missing.json["code"]) == (428, "version_missing")
    assert unread.json["flaws"][0]["field"] == "If-Match"
    if path != "/api/config/symbol/add" and path != "/api/config/symbol/remove":
        assert (moved.status, moved.json["code"]) == (412, "document_moved")
    assert stored(documents) == before
    assert audit(world) == []


def test_the_globals_are_read_with_the_tag_for_their_next_change(api: ApiCaller) -> None:
    read = api.get("/api/config/globals")
    assert (read.status, read.headers["ETag"], read.json["version"]) == (200, '"1"', 1)
    globals_ = {**read.json["document"], "rate_limit_buffer_pct": 20}
    written = api.post("/api/config", {"globals": globals_}, if_match=read.headers["ETag"])
    assert (written.status, written.headers["ETag"]) == (200, '"2"')
    assert api.get("/api/config/globals").headers["ETag"] == '"2"'


def test_globals_can_be_checked_before_anything_is_stored(
    api: ApiCaller, documents: SsmDocuments, world: World
) -> None:
    assert api.post("/api/config/validate", GLOBALS, key=None).json == {"valid": True, "flaws": [], "warnings": []}
    wrong = {**GLOBALS, "unprotected_alert_s": 20, "rate_limit_buffer_pct": 91, "extra_symbols": ["A B"]}
    answer = api.post("/api/config/validate", wrong, key=None)
    assert (answer.status, answer.json["valid"]) == (200, False)
    assert {flaw["field"] for flaw in answer.json["flaws"]} == {"rate_limit_buffer_pct", "extra_symbols.0"}
    apart = api.post("/api/config/validate", {**GLOBALS, "unprotected_alert_s": 20}, key=None)
    assert [flaw["field"] for flaw in apart.json["flaws"]] == ["unprotected_close_s"]
    assert documents.globals() is not None
    assert audit(world) == []


@pytest.mark.parametrize(("path", "body"), CHANGES[2:])
def test_the_answer_to_a_change_carries_the_tag_for_the_next_one(
    api: ApiCaller, documents: SsmDocuments, path: str, body: dict[str, Any]
) -> None:
    if path.endswith("add"):
        api.post("/api/config/symbol/remove", SYMBOL, if_match="1")
        body = {**SYMBOL, "settings": {}, "confirm": True}
    version = stored(documents)["version"]
    answer = api.post(path, body, if_match=f'W/"{version}"')
    assert (answer.status, answer.headers["ETag"]) == (200, f'"{version + 1}"')


def test_a_version_in_the_body_is_no_version_that_was_seen(api: ApiCaller) -> None:
    answer = api.post("/api/config/symbol", {**SYMBOL, "version": 1, "settings": {}}, if_match="1")
    assert (answer.status, answer.json["flaws"][0]["field"]) == (400, "version")


# --- what is stored -------------------------------------------------------------------------------------------------


def test_a_symbols_own_settings_are_replaced_and_the_old_ones_are_on_record(
    api: ApiCaller, documents: SsmDocuments, world: World
) -> None:
    settings = {"leverage": 5, "stop_loss_pct": 0.5}
    answer = api.post("/api/config/symbol", {**SYMBOL, "settings": settings}, if_match='"1"')
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
    answer = api.post("/api/config/symbol", {**SYMBOL, "settings": {"leverage": 500, "stop": 1}}, if_match="1")
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
    assert api.post("/api/config/symbol", {**SYMBOL, "settings": {"leverage": 5}}, if_match="1").status == 200
    answer = api.post("/api/config/symbol", {**SYMBOL, "settings": {"leverage": 4}}, if_match="1")
    assert (answer.status, answer.json["code"]) == (412, "document_moved")
    assert stored(documents)["symbols"]["BTCUSDT"]["leverage"] == 5
    assert len(audit(world)) == 1


def test_a_symbol_is_added_and_removed_by_name(api: ApiCaller, documents: SsmDocuments) -> None:
    removed = api.post("/api/config/symbol/remove", SYMBOL, if_match="1")
    assert removed.status == 200
    assert removed.json["warnings"] == ["it has no symbols, so it trades nothing"]
    added = api.post("/api/config/symbol/add", {**SYMBOL, "settings": {"leverage": 3}, "confirm": True}, if_match="2")
    assert (added.status, added.json["version"]) == (200, 3)
    assert stored(documents)["symbols"] == {"BTCUSDT": {"leverage": 3}}


def test_a_symbol_that_the_venue_does_not_list_is_refused_with_the_likely_one(api: ApiCaller) -> None:
    answer = api.post("/api/config/symbol/add", {"strategy": "hunter", "symbol": "BTCUSD"}, if_match="1")
    assert answer.status == 422
    assert answer.json["flaws"] == [{"field": "symbol", "value": '"BTCUSD"', "allowed": "did you mean BTCUSDT?"}]


def test_a_symbol_is_not_added_twice(api: ApiCaller) -> None:
    answer = api.post("/api/config/symbol/add", SYMBOL, if_match="1")
    assert (answer.status, answer.json["flaws"][0]["field"]) == (422, "symbol")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/config/symbol", {"strategy": "hunter", "symbol": "ETHUSDT", "settings": {}}),
        ("/api/config/symbol/remove", {"strategy": "hunter", "symbol": "ETHUSDT"}),
        ("/api/config/symbol/add", {"strategy": "other", "symbol": "BTCUSDT"}),
        ("/api/config", {"strategy": "other", "base": BASE}),
    ],
)
def test_nothing_is_created_in_passing(
    api: ApiCaller, documents: SsmDocuments, path: str, body: dict[str, object]
) -> None:
    before = stored(documents)
    answer = api.post(path, body, if_match="1")
    assert (answer.status, answer.json["code"]) == (404, "no_such_document")
    assert stored(documents) == before
    assert len(documents.strategies()) == 1


def test_the_base_of_a_strategy_is_replaced(api: ApiCaller, documents: SsmDocuments) -> None:
    answer = api.post("/api/config", {"strategy": "hunter", "base": {**BASE, "cooldown_sec": 90}}, if_match="1")
    assert answer.status == 200
    assert stored(documents)["base"]["cooldown_sec"] == 90


def test_globals_are_replaced_and_what_is_unwise_is_said(api: ApiCaller, documents: SsmDocuments, world: World) -> None:
    changed = api.get("/api/config/globals").json["document"]
    changed["accounts"]["main"]["limits"]["max_leverage"] = 3
    answer = api.post("/api/config", {"globals": changed}, if_match="1")
    assert (answer.status, answer.json["version"]) == (200, 2)
    assert any("every entry will be refused" in warning for warning in answer.json["warnings"])
    assert [row.action for row in audit(world)] == ["globals:set"]


@pytest.mark.parametrize(
    "body",
    [{}, {"globals": {}, "strategy": "hunter", "base": {}}, {"base": {}}, {"globals": []}, {"globals": {}, "x": 1}],
)
def test_a_change_says_of_what(api: ApiCaller, body: dict[str, object]) -> None:
    assert api.post("/api/config", body, if_match="1").status == 400


# --- where more could be lost ---------------------------------------------------------------------------------------


def risky_globals() -> dict[str, Any]:
    changed = json.loads(json.dumps(GLOBALS))
    changed["accounts"]["main"]["limits"]["max_leverage"] = 40
    changed["accounts"]["main"]["risk"] = {"max_daily_loss_pct": None}
    return {"globals": changed}


RISKY: list[tuple[str, dict[str, Any], set[str]]] = [
    (
        "/api/config",
        risky_globals(),
        {"accounts.main.limits.max_leverage", "accounts.main.risk.max_daily_loss_pct"},
    ),
    ("/api/config", {"strategy": "hunter", "base": {**BASE, "leverage": 12}}, {"symbols.BTCUSDT.leverage"}),
    (
        "/api/config/symbol",
        {**SYMBOL, "settings": {"trade_value_usdt": "200", "cooldown_sec": 1}},
        {"symbols.BTCUSDT.trade_value_usdt", "symbols.BTCUSDT.cooldown_sec"},
    ),
]


@pytest.mark.parametrize(("path", "body", "grown"), RISKY)
def test_a_risk_increase_is_named_and_nothing_changes_until_it_is_confirmed(
    api: ApiCaller, documents: SsmDocuments, world: World, path: str, body: dict[str, Any], grown: set[str]
) -> None:
    for unconfirmed in (body, {**body, "confirm": False}):
        answer = api.post(path, unconfirmed, if_match="1")
        assert (answer.status, answer.json["code"]) == (409, "confirmation_needed")
        assert {row["field"] for row in answer.json["grows"]} == grown
        assert all(row["before"] != row["after"] for row in answer.json["grows"])
    assert stored(documents)["version"] == 1
    assert api.get("/api/config/globals").json["version"] == 1
    assert audit(world) == []
    assert api.post(path, {**body, "confirm": True}, if_match="1").status == 200
    assert len(audit(world)) == 1


def test_before_and_after_are_figures_that_a_person_can_read(api: ApiCaller) -> None:
    answer = api.post("/api/config", risky_globals(), if_match="1")
    assert answer.json["grows"] == [
        {"field": "accounts.main.limits.max_leverage", "before": "20", "after": "40"},
        {"field": "accounts.main.risk.max_daily_loss_pct", "before": "5", "after": "no bound"},
    ]
    assert "max_leverage from 20 to 40" in answer.json["detail"]


def test_a_confirmation_is_true_and_nothing_else(api: ApiCaller) -> None:
    not_true: list[Any] = ["true", 1, "yes", None, []]
    for said in not_true:
        body = {**SYMBOL, "settings": {"leverage": 12}, "confirm": said}
        assert api.post("/api/config/symbol", body, if_match="1").status in (400, 409)


def test_a_confirmation_does_not_stand_in_the_document(api: ApiCaller, documents: SsmDocuments) -> None:
    document = {name: value for name, value in stored(documents).items() if name != "version"}
    document["base"]["leverage"] = 12
    path, resource = "/api/strategies/hunter", "/api/strategies/{strategy_id}"
    assert api.put(path, document, resource, "1").json["code"] == "confirmation_needed"
    answer = api.put(path, {**document, "confirm": True}, resource, "1")
    assert answer.status == 200
    assert "confirm" not in stored(documents)


def test_restoring_a_riskier_version_is_confirmed_as_well(api: ApiCaller) -> None:
    api.post("/api/config/symbol", {**SYMBOL, "settings": {"leverage": 5}}, if_match="1")
    api.post("/api/config/symbol", {**SYMBOL, "settings": {"leverage": 4}}, if_match="2")
    path, resource = "/api/strategies/hunter/restore", "/api/strategies/{strategy_id}/restore"
    answer = api.post_to(path, {"version": 2}, resource, "3")
    assert answer.json["grows"] == [{"field": "symbols.BTCUSDT.leverage", "before": "4", "after": "5"}]
    assert api.post_to(path, {"version": 2, "confirm": True}, resource, "3").status == 200
