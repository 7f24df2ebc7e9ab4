"""Every route by everybody: what is answered is the table, through authoriser, policy and function together."""

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.functions.api_caller import ApiCaller
from tests.functions.authorized import Gateway
from tests.functions.conftest import PAGE
from tests.services.world import ACCOUNT, World

from undertow.adapters.memory import SettableClock
from undertow.adapters.memory.parameters import MemoryParameters
from undertow.adapters.ssm.store import SsmDocuments
from undertow.adapters.ssm.tokens import DAY_MS, SsmTokens
from undertow.api.app import create_app
from undertow.api.authorize import authorizer
from undertow.api.routes import ROUTES, Route, Scope
from undertow.api.sightings import NOTED_EVERY_MS
from undertow.domain.account import Switch
from undertow.ports import StoreBusy
from undertow.services.console import Console

STRANGERS = ("none", "malformed", "unknown", "basic", "expired", "revoked")
HOLDERS: Mapping[str, frozenset[str]] = {
    "read": frozenset({"read"}),
    "pause": frozenset({"pause"}),
    "write": frozenset({"write"}),
    "read-pause": frozenset({"read", "pause"}),
    "all": frozenset({"read", "pause", "write"}),
    "foreign": frozenset({"admin"}),
}
VARIABLES = {
    "name": "index-B7xq0aZk.js",
    "strategy_id": "hunter",
}


@pytest.fixture
def tokens() -> SsmTokens:
    return SsmTokens(MemoryParameters(), "/undertow/test", SettableClock(1_700_000_000_000))


@pytest.fixture
def headers(tokens: SsmTokens) -> Mapping[str, str | None]:
    """By kind of caller."""
    clock = tokens.clock
    assert isinstance(clock, SettableClock)
    every = HOLDERS["all"]
    _, expired = tokens.create(every, days=1)
    clock.advance(DAY_MS)
    kept, revoked = tokens.create(every, days=1)
    tokens.revoke(kept.id)
    held = {kind: f"Bearer {tokens.create(scopes, days=1)[1]}" for kind, scopes in HOLDERS.items()}
    return {
        "none": None,
        "malformed": "Bearer hello",
        "unknown": "Bearer ut_aaaaaaaa_" + "a" * 43,
        "basic": f"Basic {tokens.create(every, days=1)[1]}",
        "expired": f"Bearer {expired}",
        "revoked": f"Bearer {revoked}",
        **held,
    }


@pytest.fixture
def gateway(console: Console, tokens: SsmTokens) -> Gateway:
    return Gateway(create_app(lambda: console, PAGE), authorizer(lambda: tokens))


def ask(gateway: Gateway, route: Route, header: str | None) -> int:
    path = re.sub(r"{(\w+)}", lambda found: VARIABLES.get(found[1], "abc"), route.path)
    return gateway.ask(route.method, path, route.path, header, is_public=route.scope is None, if_match='"1"').status


@pytest.mark.parametrize("kind", [*STRANGERS, *HOLDERS])
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_each_caller_is_answered_exactly_by_the_table(
    gateway: Gateway, headers: Mapping[str, str | None], route: Route, kind: str
) -> None:
    status = ask(gateway, route, headers[kind])
    if route.scope is None:
        assert status == 200
    elif kind in STRANGERS:
        assert status == 401
    elif route.scope.value in HOLDERS[kind]:
        assert status not in (401, 403)
        assert status < 500
    else:
        assert status == 403


def test_whom_the_door_refuses_changes_nothing(
    gateway: Gateway, headers: Mapping[str, str | None], world: World, documents: SsmDocuments
) -> None:
    before = [document.version for document in documents.strategies()]
    for route in ROUTES:
        for kind in (*STRANGERS, "foreign"):
            ask(gateway, route, headers[kind])
    assert world.desk.repositories.controls.get(ACCOUNT.id).switch is Switch.RUNNING
    assert [document.version for document in documents.strategies()] == before
    assert world.desk.repositories.audit.recent(0, 10**13, 10) == []
    assert world.store.actions == {}


def test_who_may_only_look_changes_nothing_by_looking_at_everything(
    gateway: Gateway, headers: Mapping[str, str | None], world: World
) -> None:
    for route in ROUTES:
        ask(gateway, route, headers["read"])
    assert world.desk.repositories.audit.recent(0, 10**13, 10) == []
    assert world.store.actions == {}


def test_who_did_something_is_on_record_by_the_id_of_the_token(
    gateway: Gateway, headers: Mapping[str, str | None], world: World, tokens: SsmTokens
) -> None:
    gateway.ask("POST", "/api/pause", "/api/pause", headers["pause"], is_public=False)
    (row,) = world.desk.repositories.audit.recent(0, 10**13, 10)
    (pausing,) = [token for token in tokens.all() if token.scopes == HOLDERS["pause"]]
    assert row.by == f"token {pausing.id}"


def test_a_person_of_a_user_pool_is_on_record_by_name(console: Console, world: World) -> None:
    api = ApiCaller(create_app(lambda: console, PAGE), scopes="pause", principal="user:anna")
    assert api.post("/api/pause", {}).status == 200
    (row,) = world.desk.repositories.audit.recent(0, 10**13, 10)
    assert row.by == "user anna"


def test_a_use_is_noted_every_ten_minutes_and_not_at_each_request(console: Console, world: World) -> None:
    api, noted = ApiCaller(create_app(lambda: console, PAGE)), world.store.uses
    begun_ms = world.clock.now_ms()
    for _ in range(3):
        api.get("/api/positions")
    assert noted == {"token abcdefgh": begun_ms}
    noted.clear()
    world.clock.advance(NOTED_EVERY_MS - 1)
    api.get("/api/positions")
    assert noted == {}
    world.clock.advance(1)
    api.get("/api/positions")
    assert noted == {"token abcdefgh": begun_ms + NOTED_EVERY_MS}


def test_who_is_refused_did_not_use_anything(console: Console, world: World) -> None:
    ApiCaller(create_app(lambda: console, PAGE), scopes="write").get("/api/positions")
    assert world.store.uses == {}


def test_nobody_waits_for_a_note(console: Console) -> None:
    class Busy:
        def note(self, _caller: str, _time_ms: int) -> None:
            raise StoreBusy("throttled")

        def last(self) -> Mapping[str, int]:
            return {}

    kept = replace(console.sources.kept, uses=Busy())
    busy = replace(console, sources=replace(console.sources, kept=kept))
    assert ApiCaller(create_app(lambda: busy, PAGE)).get("/api/positions").status == 200


def test_every_way_to_change_something_asks_for_more_than_to_look() -> None:
    changing = {route for route in ROUTES if route.scope in (Scope.PAUSE, Scope.WRITE)}
    assert all(route.method != "GET" for route in changing)
    looking_with_a_body = {route.path for route in ROUTES if route.method != "GET" and route.scope is Scope.READ}
    assert looking_with_a_body == {"/api/strategies/validate", "/api/strategies/preview", "/api/config/validate"}
    assert [route.path for route in ROUTES if route.scope is Scope.PAUSE] == ["/api/pause"]
    assert {route.scope for route in ROUTES} == {None, *Scope}
