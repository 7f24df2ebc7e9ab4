"""Closed positions and the story of each: signal, decision, orders, fills, protection, exit."""

from dataclasses import replace

from tests.functions.api_caller import ApiCaller
from tests.services.world import ACCOUNT, START_MS, World
from tests.unit.builders import BTC, d

from undertow.domain.ids import StrategyId
from undertow.domain.income import Income, IncomeKind

TIMELINE = "/api/positions/{position_id}/timeline"


def closed_by_target(world: World) -> str:
    """Open, protect, and let the target fill five seconds later; return the position's id."""
    world.holding()
    position = world.position.id
    world.clock.advance(5_000)
    (target,) = world.venue.of_purpose("t")
    world.desk.track(ACCOUNT, world.venue.fill(target.client_order_id, d("0.009"), d("102001.1")))
    return position


def test_the_timeline_tells_every_step_from_the_signal_to_the_exit(api: ApiCaller, world: World) -> None:
    position = closed_by_target(world)
    body = api.get(f"/api/positions/{position}/timeline", TIMELINE).json
    kinds = [step["kind"] for step in body["steps"]]
    assert kinds[:3] == ["signal", "decision", "order"]
    assert kinds.index("fill") < kinds.index("protected") < kinds.index("closed")
    assert kinds.count("fill") == 2
    signal, decision, entry = body["steps"][:3]
    assert (signal["amount"], signal["decision_id"]) == ("3000", decision["decision_id"])
    assert decision["client_order_id"] == entry["client_order_id"]
    assert (entry["purpose"], entry["side"], entry["quantity"]) == ("entry", "BUY", "0.009")
    titles = [step["title"] for step in body["steps"]]
    assert "Stop sent" in titles
    assert "Target filled" in titles
    assert any(step["kind"] == "order_end" and step["purpose"] == "stop_loss" for step in body["steps"])
    times = [step["at_ms"] for step in body["steps"]]
    assert times == sorted(times)
    assert (body["open"], body["truncated"], body["symbol"], body["strategy"]) == (False, False, "BTCUSDT", "hunter")


def test_the_timeline_tells_how_long_the_venue_took_to_answer_each_order(api: ApiCaller, world: World) -> None:
    position = closed_by_target(world)
    steps = api.get(f"/api/positions/{position}/timeline", TIMELINE).json["steps"]
    answers = {step["client_order_id"]: step for step in steps if step["kind"] == "answer"}
    sent = {step["client_order_id"]: step["at_ms"] for step in steps if step["kind"] == "order"}
    assert answers.keys() == sent.keys()
    for order_id, step in answers.items():
        assert step["note"] == f"{step['at_ms'] - sent[order_id]} ms after it was sent"
    (entry,) = [step for step in answers.values() if step["purpose"] == "entry"]
    assert entry["title"] == "Entry order: the venue answered"


def test_an_order_from_before_answers_were_kept_tells_of_none(api: ApiCaller, world: World) -> None:
    position, kept = closed_by_target(world), world.desk.repositories.orders
    for order in kept.recent(ACCOUNT.id, 0, START_MS + 60_000, 100):
        assert kept.update(replace(order, answered_at_ms=None, version=order.version + 1))
    steps = api.get(f"/api/positions/{position}/timeline", TIMELINE).json["steps"]
    assert "order" in {step["kind"] for step in steps}
    assert "answer" not in {step["kind"] for step in steps}


def test_the_timeline_of_an_open_position_has_no_end_yet(api: ApiCaller, world: World) -> None:
    world.holding()
    body = api.get(f"/api/positions/{world.position.id}/timeline", TIMELINE).json
    assert (body["open"], body["closed_at_ms"]) == (True, None)
    assert "closed" not in {step["kind"] for step in body["steps"]}


def test_a_position_that_nobody_knows_is_not_there(api: ApiCaller) -> None:
    answer = api.get("/api/positions/nothing/timeline", TIMELINE)
    assert (answer.status, answer.json["code"]) == (404, "no_such_position")


def test_closed_positions_are_listed_with_what_is_left_after_fees_and_funding(api: ApiCaller, world: World) -> None:
    position = closed_by_target(world)
    paid = Income(ACCOUNT.id, "1", IncomeKind.FUNDING, "FUNDING_FEE", "USDT", d("-0.25"), START_MS + 1_000, BTC)
    world.desk.repositories.incomes.record([paid])
    body = api.get("/api/positions/closed").json
    (row,) = body["positions"]
    assert (row["id"], row["side"], row["quantity"], row["held_ms"]) == (position, "LONG", "0.009", 5_000)
    assert (row["commission"], row["funding"]) == ("0.02", "-0.25")
    assert d(row["net_pnl"]) == d(row["realized_pnl"]) - d("0.27")
    assert body["next_cursor"] is None
    assert api.get("/api/positions/closed", strategy=StrategyId("other")).json["positions"] == []
    assert api.get("/api/positions/closed", symbol="ETHUSDT").json["positions"] == []


def test_a_page_of_closed_positions_ends_with_the_cursor_of_the_next(api: ApiCaller, world: World) -> None:
    made = []
    for number in range(1, 4):
        world.clock.advance(120_000)
        world.prove()
        world.desk.repositories.balances.save(world.venue.fetch_balance())
        entry = world.entered(number)
        world.desk.track(ACCOUNT, world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001")))
        made.append(world.position.id)
        world.clock.advance(1_000)
        (target,) = world.venue.of_purpose("t")
        world.desk.track(ACCOUNT, world.venue.fill(target.client_order_id, d("0.009"), d("102001.1")))
    first = api.get("/api/positions/closed", limit=2).json
    assert [row["id"] for row in first["positions"]] == [made[2], made[1]]
    rest = api.get("/api/positions/closed", limit=2, cursor=first["next_cursor"]).json
    assert [row["id"] for row in rest["positions"]] == [made[0]]
    assert rest["next_cursor"] is None
