"""The emergency stop: each step acts at once, is on record, names what it closes, and is only loosened knowingly."""

import json
from dataclasses import dataclass, replace

import pytest
from tests.functions.api_caller import ApiCaller
from tests.functions.conftest import PAGE
from tests.functions.console_world import MarksOfATest
from tests.services.world import ACCOUNT, World

from undertow.adapters.memory import StaticParams
from undertow.api.app import create_app
from undertow.domain.account import Control, Switch
from undertow.domain.ids import AccountId
from undertow.ports import AuditRow, Controls, StoreBusy
from undertow.services.console import Console

FLATTEN = "/api/flatten"


def control(world: World) -> Control:
    return world.desk.repositories.controls.get(ACCOUNT.id)


def audit(world: World) -> list[AuditRow]:
    return list(world.desk.repositories.audit.recent(0, 10**13, 100))


def test_close_only_stops_entries_and_is_on_record(api: ApiCaller, world: World) -> None:
    answer = api.post("/api/close-only", {"account": "main", "reason": "exchange in trouble"})
    assert (answer.status, answer.json["switches"][0]["state"]) == (200, "close_only")
    assert control(world).switch is Switch.CLOSE_ONLY
    (row,) = audit(world)
    assert (row.by, row.action) == ("token abcdefgh", "switch:close_only")
    assert json.loads(row.before)["switch"] == "running"
    assert json.loads(row.after)["reason"] == "exchange in trouble"


def test_close_only_without_a_name_is_for_every_account(api: ApiCaller, world: World) -> None:
    assert api.post("/api/close-only", "").status == 200
    assert control(world).switch is Switch.CLOSE_ONLY


@pytest.mark.parametrize("path", ["/api/pause", "/api/close-only"])
def test_one_account_that_cannot_be_stopped_leaves_no_other_trading(console: Console, world: World, path: str) -> None:
    """By name the account that fails comes first."""

    @dataclass
    class Busy:
        inner: Controls

        def get(self, account: AccountId) -> Control:
            return self.inner.get(account)

        def set(self, after: Control) -> bool:
            if after.account == ACCOUNT.id:
                raise StoreBusy("throttled")
            return self.inner.set(after)

    other = AccountId("second")
    known = world.params.current()
    two = replace(known.globals, accounts={**known.globals.accounts, other: replace(ACCOUNT, id=other)})
    sources = replace(console.sources, params=StaticParams(replace(known, globals=two)))
    controls = world.desk.repositories.controls
    assert controls.set(Control(other, Switch.RUNNING, 1, "anna", "on", 1))
    set_switch = replace(console.set_switch, controls=Busy(controls))
    api = ApiCaller(create_app(lambda: replace(console, sources=sources, set_switch=set_switch), PAGE))
    assert api.post(path, "").status == 503
    assert controls.get(ACCOUNT.id).switch is Switch.RUNNING
    assert controls.get(other).switch in (Switch.PAUSED, Switch.CLOSE_ONLY)


def test_flatten_first_says_what_it_would_close_and_changes_nothing(api: ApiCaller, world: World) -> None:
    world.holding()
    before = control(world)
    answer = api.post(FLATTEN, {"account": "main"})
    assert (answer.status, answer.json["code"]) == (409, "confirmation_needed")
    closing = answer.json["closing"]
    assert (closing["account"], closing["mode"]) == ("main", "live")
    assert (closing["notional"], closing["unrealized_pnl"], closing["entries"]) == ("900.009", "4.491", 0)
    (position,) = closing["positions"]
    assert position == {
        "symbol": "BTCUSDT",
        "side": "LONG",
        "quantity": "0.009",
        "notional": "900.009",
        "unrealized_pnl": "4.491",
    }
    for word in ("main", "live", "900.009", "4.491", "1 position"):
        assert word in answer.json["detail"]
    assert control(world) == before
    assert audit(world) == []


@pytest.mark.parametrize("confirm", ["Main", "mai", "yes", "main "])
def test_flatten_takes_the_name_of_the_account_and_nothing_like_it(api: ApiCaller, world: World, confirm: str) -> None:
    answer = api.post(FLATTEN, {"account": "main", "confirm": confirm})
    assert (answer.status, answer.json["code"]) == (409, "confirmation_needed")
    assert control(world).switch is Switch.RUNNING


def test_flatten_is_done_once_the_name_is_typed(api: ApiCaller, world: World) -> None:
    answer = api.post(FLATTEN, {"account": "main", "confirm": "main", "reason": "enough"})
    assert (answer.status, answer.json["switches"][0]["state"]) == (200, "flatten")
    assert control(world).switch is Switch.FLATTEN
    (row,) = audit(world)
    assert (row.action, json.loads(row.after)["reason"]) == ("switch:flatten", "enough")


def test_flatten_is_of_one_account_that_is_named(api: ApiCaller, world: World) -> None:
    assert api.post(FLATTEN, {"confirm": "main"}).status == 400
    assert api.post(FLATTEN, {"account": "other", "confirm": "other"}).status == 404
    assert control(world).switch is Switch.RUNNING


def test_what_a_position_is_worth_is_not_known_without_a_price(
    api: ApiCaller, world: World, venue_marks: MarksOfATest
) -> None:
    world.holding()
    venue_marks.price = None
    answer = api.post(FLATTEN, {"account": "main"})
    assert answer.json["closing"]["unrealized_pnl"] is None
    assert "not known" in answer.json["detail"]


def test_flatten_goes_on_while_no_price_is_known(api: ApiCaller, world: World, venue_marks: MarksOfATest) -> None:
    world.holding()
    venue_marks.price = None
    assert api.post(FLATTEN, {"account": "main", "confirm": "main"}).status == 200


@pytest.mark.parametrize("path", ["/api/pause", "/api/close-only"])
def test_a_tightening_never_loosens_what_is_stricter(api: ApiCaller, world: World, path: str) -> None:
    world.switch(Switch.FLATTEN)
    assert api.post(path, {"account": "main"}).json["switches"][0]["state"] == "flatten"
    assert control(world).switch is Switch.FLATTEN


def test_each_step_is_loosened_only_by_who_has_seen_it(api: ApiCaller, world: World) -> None:
    seen = api.post("/api/close-only", {"account": "main"}).json["switches"][0]["version"]
    api.post(FLATTEN, {"account": "main", "confirm": "main"})
    stale = api.post("/api/resume", {"account": "main", "version": seen})
    assert (stale.status, stale.json["code"]) == (409, "switch_moved")
    assert control(world).switch is Switch.FLATTEN
    assert api.post("/api/resume", {"account": "main", "version": seen + 1}).status == 200
    assert control(world).switch is Switch.RUNNING


@pytest.mark.parametrize(
    ("path", "scopes", "status"),
    [
        ("/api/pause", "pause", 200),
        ("/api/pause", "write", 403),
        ("/api/close-only", "pause", 403),
        ("/api/close-only", "write", 200),
        (FLATTEN, "read pause", 403),
    ],
)
def test_who_may_pause_may_pause_and_the_rest_is_for_who_may_write(
    api: ApiCaller, world: World, path: str, scopes: str, status: int
) -> None:
    api.scopes = scopes
    assert api.post(path, {"account": "main"}).status == status
    assert (control(world).switch is Switch.RUNNING) is (status != 200)
