"""Why and why not: reasons over time, the chain of gates, by how much one failed, and what the price did then."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.functions.api_caller import ApiCaller
from tests.functions.console_world import MarksOfATest
from tests.functions.test_api_flow import HOUR_MS, MINUTE_MS, THIS_MINUTE
from tests.services.world import ACCOUNT, START_MS, World
from tests.unit.builders import BTC, HUNTER, d

import undertow
from undertow.domain.account import Switch
from undertow.domain.decision import Decision
from undertow.domain.ids import DecisionId
from undertow.domain.market import Candle, PositionSide, Side
from undertow.risk.layers import LAYERS
from undertow.services.views import gates
from undertow.services.views.decision_tally import MOST_READ
from undertow.services.views.gates import Phase, margin_of, phase_of

DETAIL = "/api/decisions/{decision_id}"


def decide(world: World, number: int, before: str = "9000", after: str = "12000", **more: Any) -> Decision:
    (decision,) = world.desk.evaluate(world.liquidation_batch(number, before=before, after=after, **more))
    return decision


def detail(api: ApiCaller, decision: Decision) -> dict[str, object]:
    body: dict[str, object] = api.get(f"/api/decisions/{decision.id}", DETAIL).json
    return body


def gates_of(body: dict[str, object]) -> list[tuple[str, str]]:
    return [(row["gate"], row["verdict"]) for phase in body["chain"] for row in phase["gates"]]  # type: ignore[attr-defined]


# --- reasons --------------------------------------------------------------------------------------------------------


def test_reasons_are_counted_over_time_in_all_and_for_one_filter(api: ApiCaller, world: World) -> None:
    for number in range(3):
        decide(world, number, "1000", "2000")
    world.clock.advance(HOUR_MS)
    world.prove()
    decide(world, 10, "11000", "12000")
    body = api.get("/api/decisions/counts").json
    assert [(row["gate"], row["count"]) for row in body["gates"]] == [("volume", 3), ("volume_edge", 1)]
    assert body["gates"][0]["title"] == "Enough was liquidated in the window"
    assert [bucket["gates"] for bucket in body["buckets"]] == [{"volume": 3}, {"volume_edge": 1}]
    assert (body["decisions"], body["outcomes"], body["truncated"]) == (4, {"refused": 4}, False)
    assert (body["symbols"], body["strategies"]) == ({"BTCUSDT": 4}, {"hunter": 4})
    only = api.get("/api/decisions/counts", gate="volume_edge").json
    assert (only["decisions"], len(only["buckets"])) == (1, 1)


def test_a_range_has_at_most_48_buckets(api: ApiCaller, world: World) -> None:
    decide(world, 1)
    for hours, bucket in ((1, 5), (24, 30), (24 * 30, 1_440)):
        body = api.get("/api/decisions/counts", from_ms=START_MS - hours * HOUR_MS, to_ms=START_MS).json
        assert body["bucket_ms"] == bucket * MINUTE_MS


def test_more_decisions_than_one_answer_reads_are_counted_by_the_next_ones(api: ApiCaller, world: World) -> None:
    decided = decide(world, 1, "1000", "2000")
    many = [
        replace(decided, id=DecisionId(f"d{number}"), decided_at_ms=START_MS - number * 1_000)
        for number in range(2 * MOST_READ)
    ]
    world.desk.repositories.decisions.record(many)
    asked: dict[str, Any] = {"from_ms": START_MS - 2 * MOST_READ * 1_000, "to_ms": START_MS}
    first = api.get("/api/decisions/counts", **asked).json
    assert first["truncated"]
    assert MOST_READ - 600 < first["decisions"] <= MOST_READ
    last = [api.get("/api/decisions/counts", **asked).json for _ in range(3)][-1]
    assert (last["truncated"], last["decisions"]) == (False, 2 * MOST_READ + 1)
    world.desk.repositories.decisions.record([replace(decided, id=DecisionId("new"), decided_at_ms=START_MS - 1)])
    assert api.get("/api/decisions/counts", **asked).json["decisions"] == 2 * MOST_READ + 2


# --- the chain ------------------------------------------------------------------------------------------------------


def test_a_refusal_shows_what_passed_what_failed_by_how_much_and_what_was_never_reached(
    api: ApiCaller, world: World
) -> None:
    body = detail(api, decide(world, 1, "1000", "7500"))
    assert body["phase"] == "signal"
    assert body["margin"] == {
        "name": "volume",
        "value": "7500",
        "wanted": "at least",
        "limit_name": "volume_threshold",
        "limit": "10000",
        "short_by": "2500",
        "short_by_pct": "25",
    }
    chain = gates_of(body)
    assert chain[:6] == [
        ("symbol_enabled", "passed"),
        ("event_age", "passed"),
        ("liquidation_price", "passed"),
        ("window", "passed"),
        ("volume", "refused"),
        ("volume_edge", "not_reached"),
    ]
    assert {verdict for _, verdict in chain[5:]} == {"not_reached"}


def test_a_refusal_by_a_cheap_check_comes_after_the_proposal_and_before_the_layers(
    api: ApiCaller, world: World
) -> None:
    world.switch(Switch.PAUSED)
    body = detail(api, decide(world, 1))
    chain = gates_of(body)
    assert (body["phase"], body["margin"]) == ("checks", None)
    assert chain.count(("paused", "refused")) == 1
    assert ("layer_1_leverage", "not_reached") in chain


def test_a_taken_decision_passed_everything_and_shows_its_layers_order_and_position(
    api: ApiCaller, world: World
) -> None:
    entry = world.holding()
    (decision,) = world.desk.repositories.decisions.recent(ACCOUNT.id, 0, START_MS, 10)
    body = detail(api, decision)
    chain = gates_of(body)
    assert {verdict for _, verdict in chain} <= {"passed", "warned", "not_applicable"}
    layers = [row for phase in body["chain"] if phase["phase"] == "layers" for row in phase["gates"]]  # type: ignore[attr-defined]
    assert len(layers) == 8
    assert layers[0]["inputs"]["leverage"] == "10"
    assert body["order"]["client_order_id"] == entry  # type: ignore[index]
    assert body["position_id"] == world.position.id
    assert (body["phase"], body["margin"]) == (None, None)


def test_a_decision_that_nobody_knows_is_not_there(api: ApiCaller) -> None:
    answer = api.get("/api/decisions/nothing", DETAIL)
    assert (answer.status, answer.json["code"]) == (404, "no_such_decision")


ENTRIES = (
    *("strategies/**/*.py", "risk/checks.py", "risk/gate.py", "risk/proof.py", "risk/readiness.py"),
    *("services/evaluate.py", "services/enter.py", "services/propose*.py", "services/add_layers.py"),
)


def _named_gates() -> Iterator[str]:
    """The first argument of every Refusal of an entry that is a plain text."""
    package = Path(undertow.__file__).parent
    for file in (one for pattern in ENTRIES for one in package.glob(pattern)):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal"):
                continue
            gate = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
            if isinstance(gate, str):
                yield gate


def test_every_gate_of_the_product_has_words_and_a_place_in_the_chain() -> None:
    placed = {
        *(*gates.HUNTER_SIGNAL, *gates.LADDER_SIGNAL, *gates.ACCOUNT, *gates.HUNTER_PROPOSAL),
        *(*gates.LADDER_PROPOSAL, *gates.CHECKS, *gates.LAYERS, *gates.CLAIM),
    }
    named = set(_named_gates()) - {"exit_only"}  # concerns exits, which no decision is about
    assert len(named) > 40
    assert named <= placed
    assert placed == set(gates.TITLES)
    assert {layer.gate for layer in LAYERS} == set(gates.LAYERS)


def test_how_far_a_refused_decision_came_is_read_from_its_record(world: World) -> None:
    quiet = decide(world, 1, "1000", "2000")
    assert phase_of(quiet) is Phase.SIGNAL
    signalled = replace(quiet, position_side=PositionSide.LONG)
    assert phase_of(replace(signalled, gate="cooldown")) is Phase.ACCOUNT
    assert phase_of(replace(signalled, gate="deviation")) is Phase.PROPOSAL
    proposed = replace(signalled, inputs={**signalled.inputs, "quantity": "1"})
    assert phase_of(replace(proposed, gate="balance")) is Phase.CHECKS
    assert phase_of(replace(proposed, gate="layer_2_effective_leverage")) is Phase.LAYERS
    claiming = replace(proposed, gate="paused", reason="trading was switched off while the entry was being claimed")
    assert phase_of(claiming) is Phase.CLAIM


def test_a_margin_is_told_only_where_two_figures_were_compared() -> None:
    assert margin_of("window", {}, {}) is None
    assert margin_of("volume", {"volume": "much"}, {"volume_threshold": "10"}) is None
    found = margin_of("cooldown", {"left_ms": "1500"}, {"cooldown_s": "30"})
    assert found is not None
    assert (found["short_by"], found["limit"], found["short_by_pct"]) == ("1500", "0", None)
    vwap = margin_of("vwap", {"mid": "101", "vwap_bound": "100"}, {}, PositionSide.LONG)
    assert vwap is not None
    assert (vwap["wanted"], vwap["short_by"]) == ("at most", "1")
    cap = margin_of("max_positions", {"positions": "5"}, {"max_positions": "5"})
    assert cap is not None
    assert (cap["wanted"], cap["short_by"]) == ("below", "0")


# --- what the price did then ----------------------------------------------------------------------------------------


def minutes(count: int, price_at: dict[int, str], first: int = 0) -> list[Candle]:
    """Candles whose open is 100 except where ``price_at`` says otherwise, one from ``first`` minutes after now on."""
    made = []
    for minute in range(first, first + count):
        open_ms, price = THIS_MINUTE + minute * MINUTE_MS, d(price_at.get(minute, "100"))
        made.append(Candle(open_ms, open_ms + MINUTE_MS - 1, price, price + 1, price - 2, price, d("1")))
    return made


def test_what_the_price_did_5_30_and_240_minutes_later_is_an_estimate_for_the_side_of_the_decision(
    api: ApiCaller, world: World, venue_marks: MarksOfATest
) -> None:
    long = decide(world, 1, "11000", "12000")
    world.clock.advance(31 * MINUTE_MS)
    venue_marks.candles = minutes(32, {5: "101", 30: "98"})
    body = api.get("/api/decisions/after").json
    (row,) = body["rows"]
    assert (row["id"], row["side"], row["price"], body["estimate"]) == (long.id, "LONG", "100", True)
    five, thirty, later = row["after"]
    assert (five["state"], five["change_pct"], five["in_favour_pct"]) == ("known", "1", "1")
    assert (thirty["price"], thirty["in_favour_pct"]) == ("98", "-2")
    assert (thirty["best_pct"], thirty["worst_pct"]) == ("2", "-2")
    assert (later["state"], later["price"]) == ("not_yet", None)
    (gate,) = body["gates"]
    assert (gate["gate"], gate["averages"][0]) == ("volume_edge", {"minutes": 5, "known": 1, "average_pct": "1"})


def test_for_a_short_a_fall_is_in_favour(api: ApiCaller, world: World, venue_marks: MarksOfATest) -> None:
    world.desk.evaluate(world.liquidation_batch(1, before="11000", side=Side.BUY))
    world.clock.advance(6 * MINUTE_MS)
    venue_marks.candles = minutes(7, {5: "99"})
    (row,) = api.get("/api/decisions/after").json["rows"]
    five = row["after"][0]
    assert (row["side"], five["change_pct"], five["in_favour_pct"]) == ("SHORT", "-1", "1")
    assert (five["best_pct"], five["worst_pct"]) == ("2", "-1")


def test_what_the_venue_does_not_tell_is_not_known_and_says_why(
    api: ApiCaller, world: World, venue_marks: MarksOfATest
) -> None:
    decide(world, 1)
    world.clock.advance(10 * HOUR_MS)
    (row,) = api.get("/api/decisions/after", from_ms=START_MS - 1).json["rows"]
    assert {then["state"] for then in row["after"]} == {"not_known"}
    assert row["missing"] == "the venue has no candle of that minute"
    venue_marks.price = None
    world.clock.advance(HOUR_MS)
    body = detail(api, world.desk.repositories.decisions.recent(ACCOUNT.id, 0, START_MS, 1)[0])
    assert body["after"]["id"] == row["id"]  # type: ignore[index]


def test_many_decisions_on_one_symbol_share_a_handful_of_questions(
    api: ApiCaller, world: World, venue_marks: MarksOfATest
) -> None:
    for number in range(40):
        decide(world, number, "1000", "2000")
        world.clock.advance(MINUTE_MS)
    venue_marks.candles = minutes(41, {})
    body = api.get("/api/decisions/after").json
    assert len(body["rows"]) == 40
    assert len(venue_marks.candles_asked) <= 2
    assert set(venue_marks.candles_asked) == {BTC}
    assert {row["outcome"] for row in body["rows"]} == {"refused"}
    assert HUNTER == "hunter"
