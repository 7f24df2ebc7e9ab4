"""What a person asks of a position is taken down, and nothing is sent by the API."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.functions.api_caller import Answer, ApiCaller
from tests.functions.console_world import MarksOfATest
from tests.services.test_ladder_life import layer, use
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d

from undertow.domain.ids import PositionId
from undertow.domain.request import RequestId, RequestState

KEY = "click-0001"


@pytest.fixture(name="held")
def _held(world: World) -> World:
    """A protected long of 0.009 BTC at 100,001 with a stop 1 % below; the mark price is 100,500."""
    world.holding()
    return world


def ask(api: ApiCaller, world: World, what: str, key: str = KEY, **fields: Any) -> Answer:
    body = {"account": "main", "symbol": "BTCUSDT", "side": "LONG", "position": world.position.id, **fields}
    return api.post(f"/api/positions/{what}", body, key=key)


def test_a_close_is_taken_down_with_what_it_means_and_nothing_is_sent(api: ApiCaller, held: World) -> None:
    sent = len(held.venue.submitted)
    answer = ask(api, held, "close", percent="50")
    assert answer.status == 200, answer.text
    row = answer.json["request"]
    assert answer.json["mode"] == "live"
    assert (row["kind"], row["percent"], row["state"], row["position"]) == ("close", "50", "asked", held.position.id)
    assert row["what"] == "close 50 % of BTCUSDT LONG"
    assert len(held.venue.submitted) == sent
    (kept,) = held.desk.repositories.requests.recent(ACCOUNT.id, 0, held.clock.now_ms(), 10)
    assert (kept.id, kept.by) == (row["id"], "token abcdefgh")


def test_it_leaves_an_audit_row_with_what_was_and_what_is_wanted(api: ApiCaller, held: World) -> None:
    ask(api, held, "stop", stop_price="99500")
    (row,) = held.desk.repositories.audit.recent(0, held.clock.now_ms(), 10)
    assert (row.by, row.action, row.subject) == ("token abcdefgh", "request:stop", "main BTCUSDT LONG")
    assert json.loads(row.before)["stop_price"] == "99000.9"
    assert json.loads(row.after)["what"] == "move the stop of BTCUSDT LONG to 99500"


def test_the_same_click_is_the_same_request(api: ApiCaller, held: World) -> None:
    first = ask(api, held, "close", percent="50")
    held.clock.advance(10)
    again = ask(api, held, "close", percent="50")
    assert again.json["request"]["id"] == first.json["request"]["id"]
    other = ask(api, held, "close", key="click-0002", percent="50")
    assert other.json["request"]["id"] != first.json["request"]["id"]
    assert len(held.desk.repositories.requests.recent(ACCOUNT.id, 0, held.clock.now_ms(), 10)) == 2


def test_a_key_that_stood_for_something_else_is_refused(api: ApiCaller, held: World) -> None:
    ask(api, held, "close", percent="50")
    answer = ask(api, held, "close", percent="100")
    assert (answer.status, answer.json["code"]) == (409, "key_reused")


def test_without_a_key_nothing_is_taken_down(api: ApiCaller, held: World) -> None:
    body = {"account": "main", "symbol": "BTCUSDT", "side": "LONG", "position": held.position.id, "percent": "50"}
    answer = api.post("/api/positions/close", body, key=None)
    assert (answer.status, answer.json["code"]) == (428, "key_missing")


@pytest.mark.parametrize("percent", ["0", "-5", "100.1", "1e2", "all", None, True, ["5"]])
def test_only_a_part_of_what_there_is_can_be_closed(api: ApiCaller, held: World, percent: Any) -> None:
    answer = ask(api, held, "close", percent=percent)
    assert (answer.status, answer.json["flaws"][0]["field"]) == (400, "percent")


def test_an_old_page_never_closes_a_newer_position(api: ApiCaller, held: World) -> None:
    answer = ask(api, held, "close", percent="100", position="older")
    assert (answer.status, answer.json["code"]) == (409, "position_changed")
    slot = held.slot
    held.store.slots[ACCOUNT.id, BTC, slot.side] = slot.with_position(replace(held.position, id=PositionId("newer")))
    assert ask(api, held, "close", percent="100").status == 200


def test_where_nothing_is_held_there_is_nothing_to_ask(api: ApiCaller, held: World) -> None:
    answer = ask(api, held, "close", percent="100", side="SHORT")
    assert (answer.status, answer.json["code"]) == (404, "no_such_position")


def test_looser_needs_a_confirmation_that_names_the_dollars(api: ApiCaller, held: World) -> None:
    tighter = ask(api, held, "stop", stop_price="99800").json["request"]["id"]
    held.desk.carry_out.move_stop(ACCOUNT, begun(held, tighter, "99800"))
    answer = ask(api, held, "stop", key="click-0002", stop_price="99500")
    assert (answer.status, answer.json["code"]) == (409, "confirmation_needed")
    assert "2.7 USDT more can be lost" in answer.json["detail"]
    confirmed = ask(api, held, "stop", key="click-0002", stop_price="99500", confirm=True)
    assert (confirmed.status, confirmed.json["request"]["confirmed"]) == (200, True)


def begun(world: World, request: str, price: str) -> Any:
    stored = world.store.requests[ACCOUNT.id]
    return stored[RequestId(request)].begun(world.clock.now_ms(), stop_price=d(price))


@pytest.mark.parametrize(
    ("price", "code"), [("98000", "beyond_reserve"), ("100500", "beyond_price"), ("200000", "beyond_price")]
)
def test_a_stop_goes_nowhere_that_closes_at_once_or_risks_more_than_reserved(
    api: ApiCaller, held: World, price: str, code: str
) -> None:
    answer = ask(api, held, "stop", stop_price=price, confirm=True)
    assert (answer.status, answer.json["code"]) == (409, code)


def test_without_a_fresh_mark_price_no_stop_is_judged(api: ApiCaller, held: World, venue_marks: MarksOfATest) -> None:
    venue_marks.price = None
    assert ask(api, held, "stop", stop_price="99500").json["code"] == "no_mark"
    assert ask(api, held, "break-even").json["code"] == "no_mark"
    assert ask(api, held, "close", percent="100").status == 200


def test_break_even_is_taken_down_while_the_price_is_beyond_it(api: ApiCaller, held: World) -> None:
    row = ask(api, held, "break-even").json["request"]
    assert (row["kind"], row["stop_price"]) == ("break_even", None)


def test_layers_are_frozen_at_once_and_let_go_on_only_when_confirmed(api: ApiCaller, world: World) -> None:
    use(world)
    layer(world, 1, "100000")
    assert ask(api, world, "layers", freeze=False).json["code"] == "nothing_to_change"
    frozen = ask(api, world, "layers", freeze=True)
    assert frozen.json["request"]["kind"] == "freeze_layers"
    held = world.slot.with_held_ladder(world.clock.now_ms())
    world.store.slots[ACCOUNT.id, BTC, held.side] = held
    answer = ask(api, world, "layers", key="click-0002", freeze=False)
    assert (answer.status, answer.json["code"]) == (409, "confirmation_needed")
    assert ask(api, world, "layers", key="click-0003", freeze=False, confirm=True).status == 200


def test_a_hunters_position_has_no_layers_to_freeze(api: ApiCaller, held: World) -> None:
    assert ask(api, held, "layers", freeze=True).json["code"] == "no_ladder"
    assert ask(api, held, "layers").json["flaws"][0]["field"] == "freeze"


def test_a_refused_request_changes_nothing(api: ApiCaller, held: World) -> None:
    before = dict(held.store.slots)
    ask(api, held, "stop", stop_price="98000", confirm=True)
    ask(api, held, "close", percent="1")
    assert held.store.slots == before
    assert held.store.requests[ACCOUNT.id] == {}
    assert list(held.desk.repositories.audit.recent(0, held.clock.now_ms(), 10)) == []


def test_what_became_of_a_request_is_listed_newest_first(api: ApiCaller, held: World) -> None:
    first = ask(api, held, "close", percent="50").json["request"]["id"]
    held.clock.advance(1_000)
    second = ask(api, held, "break-even", key="click-0002").json["request"]["id"]
    stored = held.store.requests[ACCOUNT.id]
    for key, kept in list(stored.items()):
        if key == first:
            stored[key] = kept.ended(RequestState.DONE, held.clock.now_ms(), "the venue took it")
    rows = api.get("/api/requests", account="main").json["requests"]
    assert [(row["id"], row["state"], row["reason"]) for row in rows] == [
        (second, "asked", ""),
        (first, "done", "the venue took it"),
    ]
    one = api.get("/api/requests", limit=1).json
    (last,) = api.get("/api/requests", limit=1, cursor=one["next_cursor"]).json["requests"]
    assert last["id"] == first
    held.clock.advance(61_000)
    late = api.get("/api/requests").json["requests"][0]
    assert (late["state"], late["reason"]) == ("refused", "it was not begun within a minute")


def test_a_token_that_only_reads_asks_for_nothing(api: ApiCaller, held: World) -> None:
    api.scopes = "read pause"
    assert ask(api, held, "close", percent="100").json["code"] == "scope_missing"
    assert api.get("/api/requests").status == 200
