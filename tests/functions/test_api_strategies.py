"""Strategies over HTTP: what is looked at, what is checked, and that nobody overwrites what he has not seen."""

import json
from typing import Any

import pytest
from tests.functions.api_caller import Answer, ApiCaller
from tests.functions.console_world import STRATEGY
from tests.services.world import World

from undertow.adapters.ssm.store import SsmDocuments
from undertow.domain.ids import StrategyId

ONE = "/api/strategies/{strategy_id}"


def one(api: ApiCaller, name: str = "hunter") -> Answer:
    return api.get(f"/api/strategies/{name}", resource=ONE)


def put(api: ApiCaller, document: object, if_match: str | None, name: str = "hunter") -> Answer:
    return api.put(f"/api/strategies/{name}", document, ONE, if_match)


@pytest.fixture
def strategy() -> dict[str, Any]:
    return json.loads(json.dumps(STRATEGY))  # type: ignore[no-any-return]


def test_the_list_names_every_strategy_with_its_version(api: ApiCaller) -> None:
    (row,) = api.get("/api/strategies").json["strategies"]
    assert row == {
        "id": "hunter",
        "kind": "hunter",
        "account": "main",
        "mode": "live",
        "enabled": True,
        "version": 1,
        "symbols": ["BTCUSDT"],
        "version_in_force": "1",
    }


def test_one_strategy_shows_its_document_and_what_is_in_force_for_each_symbol(api: ApiCaller) -> None:
    answer = one(api)
    assert (answer.status, answer.headers["ETag"]) == (200, '"1"')
    assert answer.json["document"]["base"]["leverage"] == 10
    (symbol,) = answer.json["in_force"]["symbols"]
    assert (symbol["symbol"], symbol["leverage"], symbol["trade_value_notional"]) == ("BTCUSDT", 10, "1000")


def test_a_strategy_that_is_not_there_is_an_error_that_says_how_to_create_it(api: ApiCaller) -> None:
    for answer in (one(api, "other"), api.post("/api/strategies/sync", {"strategy": "other"})):
        assert (answer.status, answer.json["code"]) == (404, "no_such_document")
        assert "undertow strategy apply FILE" in answer.json["detail"]
        assert "there are: hunter" in answer.json["detail"]


@pytest.mark.parametrize("name", ["Hunter", "h" * 40, "-a"])
def test_a_name_that_no_strategy_can_have_is_not_understood(api: ApiCaller, name: str) -> None:
    assert one(api, name).status == 400


def test_validating_tells_every_flaw_and_stores_nothing(
    api: ApiCaller, documents: SsmDocuments, strategy: dict[str, Any]
) -> None:
    strategy["base"] |= {"leverage": 500, "trade_value_usdt": "x"}
    answer = api.post("/api/strategies/validate", strategy)
    assert (answer.status, answer.json["valid"]) == (200, False)
    assert {flaw["field"] for flaw in answer.json["flaws"]} == {"base.leverage", "base.trade_value_usdt"}
    assert all(flaw["value"] and flaw["allowed"] for flaw in answer.json["flaws"])
    found = documents.strategy(StrategyId("hunter"))
    assert found is not None
    assert found.version == 1


def test_validating_tells_what_is_unwise(api: ApiCaller, strategy: dict[str, Any]) -> None:
    strategy["symbols"]["NOPEUSDT"] = {"leverage": 30}
    answer = api.post("/api/strategies/validate", strategy)
    assert answer.json["valid"]
    assert answer.json["changes_anything"]
    assert "NOPEUSDT is not traded at the venue" in answer.json["warnings"]
    assert any("max_leverage" in warning for warning in answer.json["warnings"])


def test_applying_needs_the_version_that_was_seen(api: ApiCaller, strategy: dict[str, Any]) -> None:
    missing = put(api, strategy, None)
    assert (missing.status, missing.json["code"]) == (428, "version_missing")
    assert put(api, strategy, "one").status == 400


def test_applying_a_seen_version_stores_the_next_one_and_says_so_in_the_tag(
    api: ApiCaller, strategy: dict[str, Any], world: World
) -> None:
    strategy["base"]["leverage"] = 5
    answer = put(api, strategy, '"1"')
    assert (answer.status, answer.json["version"], answer.headers["ETag"]) == (200, 2, '"2"')
    assert one(api).json["document"]["base"]["leverage"] == 5
    (row,) = world.desk.repositories.audit.recent(0, 10**13, 10)
    assert (row.action, row.by) == ("strategy:apply", "token abcdefgh")


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(api: ApiCaller, strategy: dict[str, Any]) -> None:
    strategy["base"]["leverage"] = 5
    assert put(api, strategy, "1").status == 200
    strategy["base"]["leverage"] = 6
    answer = put(api, strategy, "1")
    assert (answer.status, answer.json["code"]) == (412, "document_moved")
    assert one(api).json["document"]["base"]["leverage"] == 5


def test_a_flawed_document_is_refused_and_the_running_strategy_stays(api: ApiCaller, strategy: dict[str, Any]) -> None:
    strategy["base"]["leverage"] = 0
    answer = put(api, strategy, "1")
    assert (answer.status, answer.json["code"]) == (422, "bad_document")
    assert answer.json["flaws"][0]["field"] == "base.leverage"
    assert one(api).json["version"] == 1


def test_a_strategy_is_created_only_when_it_is_asked_for_in_so_many_words(
    api: ApiCaller, strategy: dict[str, Any]
) -> None:
    new = {**strategy, "id": "second"}
    assert put(api, new, "1", "second").status == 404
    assert put(api, new, "0").status == 400
    assert put(api, new, "0", "second").json["grows"] == [
        {"field": "symbols.BTCUSDT", "before": "does not trade", "after": "trades"}
    ]
    assert put(api, {**new, "confirm": True}, "0", "second").status == 200
    assert put(api, new, "0", "second").status == 412


def test_a_sync_shows_the_new_version_at_once_and_until_when_others_may_hold_the_old_one(
    api: ApiCaller, strategy: dict[str, Any], world: World
) -> None:
    one(api)
    strategy["base"]["leverage"] = 5
    put(api, strategy, "1")
    assert api.get("/api/strategies").json["strategies"][0]["version_in_force"] == "1"
    body = api.post("/api/strategies/sync", {}).json
    (row,) = body["strategies"]
    assert (row["stored_version"], row["seen"], row["in_step"]) == (2, "2", True)
    assert body["everywhere_by_ms"] == world.clock.now_ms() + 30_000
    assert row["last_decision"] is None
    assert api.get("/api/strategies").json["strategies"][0]["version_in_force"] == "2"


def test_a_sync_tells_by_which_version_was_decided_last(api: ApiCaller, world: World) -> None:
    world.entered()
    (row,) = api.post("/api/strategies/sync", {"strategy": "hunter"}).json["strategies"]
    assert row["last_decision"]["decided_at_ms"] == world.clock.now_ms()
