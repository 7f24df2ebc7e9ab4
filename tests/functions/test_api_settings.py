"""What the desk is set up with, and no secret among it."""

from typing import Any

import pytest
from tests.functions.api_caller import ApiCaller
from tests.services.world import ACCOUNT, START_MS, World
from tests.unit.builders import balance

from undertow.adapters.ssm.store import SsmDocuments
from undertow.adapters.ssm.tokens import SsmTokens
from undertow.domain.account import Heartbeat
from undertow.domain.alert import Alert, AlertLevel
from undertow.ports import AuditRow

DAY_MS = 86_400_000


@pytest.fixture
def tokens(documents: SsmDocuments, world: World) -> SsmTokens:
    return SsmTokens(documents.parameters, "/undertow/test", world.clock)


def settings(api: ApiCaller) -> Any:
    answer = api.get("/api/settings")
    assert answer.status == 200, answer.text
    return answer.json


def test_a_key_is_known_to_work_by_what_was_read_with_it(api: ApiCaller, world: World) -> None:
    world.store.balances.clear()
    (account,) = settings(api)["accounts"]
    assert (account["account"], account["mode"], account["needs_key"]) == ("main", "live", True)
    assert account["key_answered_ms"] is None
    world.desk.repositories.balances.save(balance(account=ACCOUNT.id, time_ms=START_MS - 9))
    assert settings(api)["accounts"][0]["key_answered_ms"] == START_MS - 9


def test_what_the_worker_listens_with_is_told_by_its_last_beat(api: ApiCaller, world: World) -> None:
    assert settings(api)["listening"] == {"renewed_ms": None, "heard_ms": None}
    beat = Heartbeat("w1", 3, START_MS, START_MS, START_MS - 5, START_MS - 7, 0, 0, 0, 0, 0, 0, True)
    world.desk.repositories.heartbeats.put(beat)
    assert settings(api)["listening"] == {"renewed_ms": START_MS - 7, "heard_ms": START_MS - 5}


def test_tokens_are_listed_without_anything_that_lets_somebody_in(
    api: ApiCaller, tokens: SsmTokens, world: World
) -> None:
    old, _ = tokens.create(frozenset({"read"}), 1)
    world.clock.advance(DAY_MS)
    gone, _ = tokens.create(frozenset({"write"}), 3)
    tokens.revoke(gone.id)
    kept, text = tokens.create(frozenset({"read", "pause"}), 3)
    answer = api.get("/api/settings")
    rows = answer.json["tokens"]
    assert (rows[0]["id"], rows[0]["state"]) == (kept.id, "valid")
    assert {row["id"]: row["state"] for row in rows} == {kept.id: "valid", gone.id: "revoked", old.id: "expired"}
    assert rows[0]["scopes"] == ["pause", "read"]
    moments = {"created_ms", "expires_ms", "revoked_ms", "last_action_ms", "last_used_ms"}
    assert set(rows[0]) == {"id", "scopes", "state"} | moments
    assert text not in answer.text
    assert text.split("_", 2)[2] not in answer.text
    assert "digest" not in answer.text


def test_a_token_that_changed_something_says_when(api: ApiCaller, tokens: SsmTokens, world: World) -> None:
    token, _ = tokens.create(frozenset({"pause"}), 3)
    world.desk.repositories.audit.append(_action(f"token {token.id}", START_MS - 3))
    world.desk.repositories.audit.append(_action(f"token {token.id}", START_MS - 8))
    assert settings(api)["tokens"][0]["last_action_ms"] == START_MS - 3


def _action(by: str, time_ms: int) -> AuditRow:
    return AuditRow(time_ms, by, "switch:paused", "main", "", "")


def test_a_route_says_what_it_took_last_and_what_is_wrong_with_it(api: ApiCaller, world: World) -> None:
    (route,) = settings(api)["alerts"]["routes"]
    assert route == {
        "name": "topics",
        "kind": "sns",
        "levels": ["critical", "high"],
        "told_ms": None,
        "trouble": "",
        "tested": None,
    }
    kept = world.desk.repositories.alerts
    told = Alert(
        "clock#aster", AlertLevel.HIGH, "apart", {}, START_MS, START_MS, START_MS, delivered={"topics": START_MS}
    )
    refused = Alert(
        "route_refused#topics", AlertLevel.HIGH, "refuses", {"cause": "no such topic"}, START_MS, START_MS, START_MS
    )
    assert kept.save(told)
    assert kept.save(refused)
    (route,) = settings(api)["alerts"]["routes"]
    assert (route["told_ms"], route["trouble"]) == (START_MS, "no such topic")


def test_how_often_an_alert_comes_again_is_told(api: ApiCaller) -> None:
    alerts = settings(api)["alerts"]
    assert (alerts["critical_again_ms"], alerts["high_again_ms"], alerts["dead_man"]) == (300_000, 1_800_000, False)
