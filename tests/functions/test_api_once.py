"""What is sent twice under one key is done once, and every action says what a second time would do."""

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.functions.api_caller import ApiCaller
from tests.functions.conftest import PAGE
from tests.services.world import ACCOUNT, World

from undertow.api.app import create_app
from undertow.api.once import ONLY_READS, RULES
from undertow.api.routes import ROUTES
from undertow.domain.account import Switch
from undertow.domain.action import Action, ActionState
from undertow.ports import Actions, AuditRow, StoreBusy
from undertow.services.act_once import LONGEST_RUN_MS
from undertow.services.console import Console

KEY = "page-7f3a91c2"
CALLER = "token abcdefgh"


def switch(world: World) -> Switch:
    return world.desk.repositories.controls.get(ACCOUNT.id).switch


def audited(world: World) -> int:
    return len(world.desk.repositories.audit.recent(0, 10**13, 100))


def forget_the_answer(world: World, key: str = KEY) -> None:
    """As if the function had died before it could keep its answer."""
    action = world.store.actions[CALLER, key]
    world.store.actions[CALLER, key] = replace(action, state=ActionState.BEGUN, answer=None)


def test_every_route_that_changes_something_says_what_a_second_time_would_do() -> None:
    changing = {route.name for route in ROUTES if route.method != "GET"} - ONLY_READS
    assert changing <= set(RULES)
    assert all(rule.because for rule in RULES.values())


@pytest.mark.parametrize("path", ["/api/pause", "/api/resume", "/api/sessions/start-fresh", "/api/adjustments"])
def test_an_action_without_a_key_is_told_to_send_one_and_does_nothing(api: ApiCaller, world: World, path: str) -> None:
    answer = api.post(path, {}, key=None)
    assert (answer.status, answer.json["code"]) == (428, "key_missing")
    assert audited(world) == 0


@pytest.mark.parametrize("key", ["short", "k" * 65, "with space", "semi;colon", "ümlaut-key", ""])
def test_what_is_no_key_is_not_understood(api: ApiCaller, world: World, key: str) -> None:
    answer = api.post("/api/pause", {}, key=key)
    assert (answer.status, answer.json["flaws"][0]["field"]) == (400, "Idempotency-Key")
    assert switch(world) is Switch.RUNNING


def test_the_same_request_under_the_same_key_gets_the_first_answer_and_does_nothing_more(
    api: ApiCaller, world: World
) -> None:
    first = api.post("/api/pause", {"account": "main"}, key=KEY)
    world.switch(Switch.RUNNING)
    again = api.post("/api/pause", {"account": "main"}, key=KEY)
    assert (again.status, again.text) == (first.status, first.text)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert switch(world) is Switch.RUNNING
    assert audited(world) == 1


def test_an_answer_that_is_given_again_keeps_its_tag_and_its_type(api: ApiCaller) -> None:
    body = {"strategy": "hunter", "symbol": "BTCUSDT", "settings": {"leverage": 5}}
    first = api.post("/api/config/symbol", body, key=KEY, if_match="1")
    again = api.post("/api/config/symbol", body, key=KEY, if_match="1")
    assert (first.status, again.status) == (200, 200)
    assert again.headers["Content-Type"] == first.headers["Content-Type"] == "application/json"
    assert again.headers["ETag"] == first.headers["ETag"] == '"2"'
    assert again.headers["Cache-Control"] == "no-store"
    assert again.json["version"] == 2


@pytest.mark.parametrize(
    ("path", "body"), [("/api/pause", {"account": "main", "reason": "other"}), ("/api/resume", {"account": "main"})]
)
def test_a_key_stands_for_one_thing_only(api: ApiCaller, world: World, path: str, body: dict[str, object]) -> None:
    api.post("/api/pause", {"account": "main"}, key=KEY)
    answer = api.post(path, {**body, "version": 2} if path == "/api/resume" else body, key=KEY)
    assert (answer.status, answer.json["code"]) == (409, "key_reused")
    assert switch(world) is Switch.PAUSED
    assert audited(world) == 1


def test_keys_of_two_people_are_two_keys(console: Console, world: World) -> None:
    app = create_app(lambda: console, PAGE)
    mine = ApiCaller(app)
    assert mine.post("/api/pause", {"account": "main"}, key=KEY).status == 200
    context: dict[str, Any] = {
        "httpMethod": "POST",
        "resourcePath": "/api/pause",
        "path": "/local/api/pause",
        "authorizer": {"principalId": "zyxwvuts", "scopes": "pause"},
    }
    theirs = ApiCaller(app, extra={"requestContext": context})
    assert "Idempotency-Replayed" not in theirs.post("/api/pause", {"account": "main"}, key=KEY).headers
    assert audited(world) == 2


def test_a_refused_request_changes_nothing_and_leaves_its_key_free(api: ApiCaller, world: World) -> None:
    api.post("/api/pause", {"account": "main"})
    assert api.post("/api/resume", {"account": "main", "version": 9}, key=KEY).status == 409
    assert switch(world) is Switch.PAUSED
    answer = api.post("/api/resume", {"account": "main", "version": 2}, key=KEY)
    assert (answer.status, switch(world)) == (200, Switch.RUNNING)


def test_the_same_at_the_same_moment_is_told_that_it_is_being_done(api: ApiCaller, world: World) -> None:
    api.post("/api/pause", {"account": "main"}, key=KEY)
    forget_the_answer(world)
    world.switch(Switch.RUNNING)
    world.clock.advance(LONGEST_RUN_MS - 1)
    answer = api.post("/api/pause", {"account": "main"}, key=KEY)
    assert (answer.status, answer.json["code"]) == (409, "in_progress")
    assert switch(world) is Switch.RUNNING


def test_what_died_on_the_way_is_done_again_where_twice_is_no_more_than_once(api: ApiCaller, world: World) -> None:
    api.post("/api/pause", {"account": "main"}, key=KEY)
    forget_the_answer(world)
    world.switch(Switch.RUNNING)
    world.clock.advance(LONGEST_RUN_MS)
    assert api.post("/api/pause", {"account": "main"}, key=KEY).status == 200
    assert switch(world) is Switch.PAUSED


def test_what_died_on_the_way_is_not_done_again_where_that_could_do_it_twice(api: ApiCaller, world: World) -> None:
    body = {"account": "main", "strategy": "hunter"}
    api.post("/api/sessions/start-fresh", body, key=KEY)
    forget_the_answer(world)
    world.clock.advance(LONGEST_RUN_MS)
    before = len(world.desk.repositories.sessions.of_account(ACCOUNT.id))
    answer = api.post("/api/sessions/start-fresh", body, key=KEY)
    assert (answer.status, answer.json["code"]) == (409, "outcome_unknown")
    assert len(world.desk.repositories.sessions.of_account(ACCOUNT.id)) == before
    assert api.post("/api/sessions/start-fresh", body).status == 200


def test_a_change_that_died_on_the_way_is_guarded_by_the_version_it_was_made_against(
    api: ApiCaller, world: World
) -> None:
    body = {"strategy": "hunter", "symbol": "BTCUSDT", "settings": {"leverage": 5}}
    api.post("/api/config/symbol", body, key=KEY, if_match="1")
    forget_the_answer(world)
    world.clock.advance(LONGEST_RUN_MS)
    assert api.post("/api/config/symbol", body, key=KEY, if_match="1").json["code"] == "document_moved"


def test_another_version_under_the_same_key_is_another_request(api: ApiCaller) -> None:
    body = {"strategy": "hunter", "symbol": "BTCUSDT", "settings": {"leverage": 5}}
    api.post("/api/config/symbol", body, key=KEY, if_match="1")
    assert api.post("/api/config/symbol", body, key=KEY, if_match="2").json["code"] == "key_reused"


def test_an_error_of_ours_leaves_the_end_unknown_and_the_key_taken(console: Console, world: World) -> None:
    class Broken:
        def append(self, _row: object) -> None:
            raise RuntimeError("the record cannot be written")

    broken = replace(console, set_switch=replace(console.set_switch, audit=Broken()))  # type: ignore[arg-type]
    api = ApiCaller(create_app(lambda: broken, PAGE))
    assert api.post("/api/pause", {"account": "main"}, key=KEY).status == 500
    assert api.post("/api/pause", {"account": "main"}, key=KEY).json["code"] == "in_progress"


def test_a_fresh_start_of_which_only_the_record_failed_is_not_made_again(console: Console, world: World) -> None:
    """The session is archived and the next one open when the store gives up: the key must not let a second one in."""

    class BusyAtFirst:
        def __init__(self) -> None:
            self.failures = 1

        def append(self, row: AuditRow) -> None:
            if self.failures:
                self.failures -= 1
                raise StoreBusy("throttled")
            world.desk.repositories.audit.append(row)

    api = ApiCaller(create_app(lambda: console, PAGE))
    body = {"account": "main", "strategy": "hunter"}
    assert api.post("/api/sessions/start-fresh", body).status == 200
    busy = replace(console, sessions=replace(console.sessions, audit=BusyAtFirst()))  # type: ignore[arg-type]
    api = ApiCaller(create_app(lambda: busy, PAGE))
    assert api.post("/api/sessions/start-fresh", body, key=KEY).json["code"] == "store_busy"
    opened = len(world.desk.repositories.sessions.of_account(ACCOUNT.id))
    world.clock.advance(LONGEST_RUN_MS)
    assert api.post("/api/sessions/start-fresh", body, key=KEY).json["code"] == "outcome_unknown"
    assert len(world.desk.repositories.sessions.of_account(ACCOUNT.id)) == opened


@dataclass
class Forgetful:
    """A store of actions that is busy at ``begin`` or only at ``end``."""

    kept: Actions
    begins: bool

    def begin(self, action: Action) -> Action | None:
        if not self.begins:
            raise StoreBusy("throttled")
        return self.kept.begin(action)

    def begin_again(self, action: Action, seen: Action) -> bool:
        return self.kept.begin_again(action, seen)

    def end(self, _action: Action) -> bool:
        raise StoreBusy("throttled")


def forgetful(console: Console, begins: bool) -> ApiCaller:
    kept = console.sources.kept
    busy = replace(kept, actions=Forgetful(kept.actions, begins))
    return ApiCaller(create_app(lambda: replace(console, sources=replace(console.sources, kept=busy)), PAGE))


def test_a_pause_is_not_held_back_by_a_store_that_cannot_remember_it(console: Console, world: World) -> None:
    assert forgetful(console, begins=False).post("/api/pause", {"account": "main"}).status == 200
    assert switch(world) is Switch.PAUSED


def test_what_twice_is_more_than_once_is_not_done_when_it_cannot_be_remembered(console: Console, world: World) -> None:
    answer = forgetful(console, begins=False).post(
        "/api/sessions/start-fresh", {"account": "main", "strategy": "hunter"}
    )
    assert (answer.status, answer.json["code"]) == (503, "store_busy")
    assert world.desk.repositories.sessions.of_account(ACCOUNT.id) == []


def test_what_is_done_is_answered_though_it_cannot_be_remembered(console: Console, world: World) -> None:
    api = forgetful(console, begins=True)
    assert api.post("/api/pause", {"account": "main"}, key=KEY).status == 200
    assert switch(world) is Switch.PAUSED
    assert api.post("/api/pause", {"account": "main"}, key=KEY).json["code"] == "in_progress"


def test_a_key_says_nothing_to_what_only_reads(api: ApiCaller, world: World) -> None:
    assert api.post("/api/strategies/validate", json.dumps({"id": "x"}), key="no").status == 200
    assert world.store.actions == {}
