"""History and sessions over HTTP."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.functions.api_caller import Answer, ApiCaller
from tests.functions.bookkeeping import after, kept_books
from tests.functions.console_world import STRATEGY
from tests.functions.holdings import hold
from tests.services.world import World
from tests.unit.builders import ACCOUNT, BTC, NOW_MS, SHORT, d, position

from undertow.domain.ids import PositionId
from undertow.domain.position import Slot
from undertow.ports import LedgerEntry, WriteOutcome

ONE = "/api/strategies/{strategy_id}"


@pytest.fixture
def twice_applied(api: ApiCaller) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(STRATEGY))
    for version, leverage in ((1, 5), (2, 7)):
        document["base"]["leverage"] = leverage
        confirmed = {**document, "confirm": True}
        assert api.put("/api/strategies/hunter", confirmed, ONE, str(version)).status == 200
    return document


def changes(api: ApiCaller, name: str = "hunter") -> Answer:
    return api.get(f"/api/strategies/{name}/changes", resource=f"{ONE}/changes")


def restore(api: ApiCaller, version: object, if_match: str | None) -> Answer:
    return api.post_to("/api/strategies/hunter/restore", {"version": version}, f"{ONE}/restore", if_match)


@pytest.mark.usefixtures("twice_applied")
def test_changes_tell_who_changed_which_line(api: ApiCaller) -> None:
    newest, older = changes(api).json["changes"]
    assert (newest["version"], newest["by"], newest["action"]) == (3, "token abcdefgh", "strategy:apply")
    assert '-    "leverage": 5' in newest["difference"]
    assert '+    "leverage": 7' in newest["difference"]
    assert older["document"]["base"]["leverage"] == 5


@pytest.mark.usefixtures("twice_applied")
def test_restoring_makes_an_earlier_version_the_newest_one(api: ApiCaller) -> None:
    assert restore(api, 2, None).status == 428
    assert restore(api, 2, "2").status == 412
    assert restore(api, 9, "3").status == 404
    assert restore(api, "x", "3").status == 400
    answer = restore(api, 2, "3")
    assert (answer.status, answer.json["version"], answer.json["document"]["base"]["leverage"]) == (200, 4, 5)
    assert answer.headers["ETag"] == '"4"'


def test_a_strategy_that_never_was_has_no_history(api: ApiCaller) -> None:
    assert changes(api, "other").status == 404


def test_starting_fresh_archives_one_session_and_opens_the_next(
    api: ApiCaller, world: World, twice_applied: dict[str, Any]
) -> None:
    hold(world, reserved="12")
    world.clock.advance(60_000)
    body = {"account": "main", "strategy": "hunter", "note": "new thresholds"}
    answer = api.post("/api/sessions/start-fresh", body)
    assert answer.status == 200
    assert answer.json["archived"]["archived_at_ms"] == answer.json["opened"]["opened_at_ms"] == NOW_MS + 60_000
    newest, archived = api.get("/api/sessions", account="main").json["sessions"]
    assert (newest["open"], newest["note"], newest["open_positions"]) == (True, "new thresholds", 0)
    assert (archived["open"], archived["open_positions"], archived["archived_by"]) == (False, 1, "token abcdefgh")


def test_only_a_strategy_of_the_account_is_started_fresh(api: ApiCaller) -> None:
    assert api.post("/api/sessions/start-fresh", {"account": "main", "strategy": "other"}).status == 404
    assert api.post("/api/sessions/start-fresh", {"account": "other", "strategy": "hunter"}).status == 404
    assert api.post("/api/sessions/start-fresh", {"strategy": "hunter"}).status == 400
    assert api.get("/api/sessions", strategy="hunter").json["sessions"] == []


def test_a_session_tells_what_its_positions_earned_with_their_funding(api: ApiCaller, world: World) -> None:
    kept_books(world)
    (row,) = api.get("/api/sessions", account="main").json["sessions"]
    assert (row["closed_positions"], row["wins"]) == (1, 1)
    assert (row["funding"], row["funding_untold"], row["net_pnl"]) == ("-0.5", 0, "17.9")


def test_funding_that_may_be_of_the_other_side_too_is_in_no_session_and_said(api: ApiCaller, world: World) -> None:
    kept_books(world)
    ledger = world.desk.repositories.ledger
    short = position(id=PositionId("p-short"), side=SHORT, quantity=d("0"), realized_pnl=d("-5"), commission=d("0.2"))
    lost = replace(short, opened_at_ms=after(1, 1), closed_at_ms=after(1, 2), updated_at_ms=after(1, 2))
    entry = LedgerEntry(ledger.slot(ACCOUNT, BTC, SHORT), Slot(ACCOUNT, BTC, SHORT), closed=lost)
    assert ledger.write(entry) is WriteOutcome.WRITTEN
    (row,) = api.get("/api/sessions", account="main").json["sessions"]
    assert (row["closed_positions"], row["wins"]) == (2, 1)
    assert (row["funding"], row["funding_untold"], row["net_pnl"]) == ("0", 2, "13.2")
