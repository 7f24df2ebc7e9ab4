"""What stands against new entries: each with its scope, since when, and what clears it."""

import json
from typing import Any

import pytest
from tests.functions.api_caller import ApiCaller
from tests.functions.console_world import LADDER_STRATEGY
from tests.functions.holdings import hold
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, HUNTER, LONG, NOW_MS, d, instrument, readiness

from undertow.adapters.ssm.store import SsmDocuments
from undertow.domain.account import Heartbeat, Switch, VenueHealth
from undertow.domain.cascade import CascadeState
from undertow.domain.conditions import AggregateCascade, CascadeFormula, CascadeReading, Colour, ReversalQuality
from undertow.domain.decision import Decision, Outcome
from undertow.domain.guard import Block, BlockKind
from undertow.domain.ids import DecisionId, LiquidationId
from undertow.domain.market import Venue
from undertow.risk.limits import HARD_MAX_BALANCE_AGE_MS

MAGNITUDE = CascadeFormula.MAGNITUDE


def heard(world: World, **changes: Any) -> None:
    usual = {"time_ms": world.clock.now_ms(), "window_covered": True} | changes
    beat = Heartbeat(
        "w1", 1, usual["time_ms"], None, None, None, 1, 1, 1, 0, 0, 0, window_covered=bool(usual["window_covered"])
    )
    world.desk.repositories.heartbeats.put(beat)


@pytest.fixture(autouse=True)
def all_is_well(world: World) -> None:
    heard(world)
    world.desk.repositories.readinesses.save(readiness())


def blocks(api: ApiCaller) -> list[dict[str, Any]]:
    answer = api.get("/api/blocks")
    assert answer.status == 200, answer.text
    return answer.json["blocks"]  # type: ignore[no-any-return]


def one(api: ApiCaller) -> dict[str, Any]:
    (block,) = blocks(api)
    assert set(block) == {"kind", "scope", "since_ms", "for_ms", "reason", "clears", "inputs"}
    assert block["reason"]
    assert block["clears"]
    return block


def test_nothing_stands_against_entries_when_all_is_well(api: ApiCaller) -> None:
    assert blocks(api) == []


@pytest.mark.parametrize("switch", [Switch.PAUSED, Switch.CLOSE_ONLY, Switch.FLATTEN])
def test_a_switch_says_who_turned_it_and_since_when(api: ApiCaller, world: World, switch: Switch) -> None:
    world.switch(switch)
    world.clock.advance(5_000)
    block = one(api)
    assert (block["kind"], block["scope"], block["inputs"]["by"]) == (switch.value, "account main", "test")
    assert (block["since_ms"], block["for_ms"]) == (NOW_MS, 5_000)


def test_a_worker_that_is_not_heard_stands_against_all(api: ApiCaller, world: World) -> None:
    heard(world, time_ms=NOW_MS - 31_000)
    block = one(api)
    assert (block["kind"], block["scope"], block["since_ms"]) == ("worker_silent", "all", NOW_MS - 31_000)
    world.store.heartbeats.clear()
    assert one(api)["kind"] == "worker_silent"
    heard(world, window_covered=False)
    assert one(api)["kind"] == "window_not_covered"


@pytest.mark.parametrize("entries_only", [True, False])
def test_a_venue_that_may_not_be_called_says_until_when(api: ApiCaller, world: World, entries_only: bool) -> None:
    world.desk.repositories.healths.set(VenueHealth(Venue.ASTER, NOW_MS + 9_000, "429", entries_only))
    block = one(api)
    assert (block["kind"], block["scope"]) == ("venue_failure", "venue aster")
    assert block["inputs"] == {"until_ms": str(NOW_MS + 9_000), "entries_only": str(entries_only).lower()}


def test_an_old_balance_stands_since_it_became_too_old(api: ApiCaller, world: World) -> None:
    world.clock.advance(HARD_MAX_BALANCE_AGE_MS + 1_000)
    heard(world)
    block = one(api)
    assert (block["kind"], block["for_ms"]) == ("stale_balance", 1_000)
    world.store.balances.clear()
    assert one(api)["kind"] == "stale_balance"


@pytest.mark.parametrize("kind", list(BlockKind))
def test_what_the_monitor_set_is_told_as_it_was_set(api: ApiCaller, world: World, kind: BlockKind) -> None:
    block = Block(kind.value, NOW_MS - 60_000, "margin usage is 84 %", "margin usage is below 70 %", {"usage": "84"})
    world.remember(blocks={kind: block})
    assert one(api) == {
        "kind": kind.value,
        "scope": "account main",
        "since_ms": NOW_MS - 60_000,
        "for_ms": 60_000,
        "reason": "margin usage is 84 %",
        "clears": "margin usage is below 70 %",
        "inputs": {"usage": "84"},
    }


def test_a_full_risk_budget_stands_against_new_positions(api: ApiCaller, world: World) -> None:
    hold(world, reserved="1450")
    block = one(api)
    assert block["kind"] == "portfolio_risk"
    assert block["inputs"] == {"reserved": "1450", "cap": "1450", "equity": "10000"}


def test_used_up_caps_are_told_with_their_figures(api: ApiCaller, world: World) -> None:
    hold(world, quantity="0.1", reserved="10")
    found = {block["kind"]: block["inputs"] for block in blocks(api)}
    assert found == {
        "max_total_margin": {"used": "1000", "cap": "1000"},
        "max_total_notional": {"used": "10000", "cap": "10000"},
    }


def test_a_position_without_its_stop_is_told_since_it_was_left_alone(api: ApiCaller, world: World) -> None:
    hold(world, stop=None, reserved="10")
    block = one(api)
    assert (block["kind"], block["scope"], block["for_ms"]) == ("unprotected", "BTCUSDT LONG of account main", 7_000)


def test_missing_trading_rules_tiers_and_settings_are_told_by_symbol(api: ApiCaller, world: World) -> None:
    instruments, readinesses = world.desk.repositories.instruments, world.desk.repositories.readinesses
    instruments.save([instrument(brackets=())])
    assert "tiers" in one(api)["reason"]
    instruments.save([instrument(status="HALT")])
    assert "HALT" in one(api)["reason"]
    instruments.save([instrument(fetched_at_ms=NOW_MS - 25 * 3_600_000)])
    assert one(api)["for_ms"] == 3_600_000
    instruments.save([instrument()])
    readinesses.save(readiness(leverage=20, verified_at_ms=NOW_MS + 1))
    block = one(api)
    assert (block["kind"], block["scope"]) == ("missing_limits", "BTCUSDT of strategy hunter")
    assert (block["inputs"]["leverage"], block["inputs"]["wanted_leverage"]) == ("20", "10")


def test_a_strategy_that_is_off_says_so(api: ApiCaller, documents: SsmDocuments) -> None:
    found = documents.strategy(HUNTER)
    assert found is not None
    documents.store_strategy(json.dumps({**json.loads(found.text), "enabled": False}), expected=1)
    assert one(api)["scope"] == "strategy hunter"


# --- cascades -------------------------------------------------------------------------------------------------------


def cascade(colour: Colour = Colour.GREEN, *, blocked: bool = False, measured_at_ms: int = NOW_MS) -> CascadeState:
    reading = CascadeReading(
        MAGNITUDE, colour, d("4"), d("2"), d("2"), None, ("LQ", "RET"), ReversalQuality.GOOD, NOW_MS - 8_000, NOW_MS
    )
    aggregate = AggregateCascade(blocked, 3, 5, 6, NOW_MS - 9_000, NOW_MS)
    return CascadeState(Venue.ASTER, measured_at_ms, False, {MAGNITUDE: aggregate}, {BTC: {MAGNITUDE: reading}})


@pytest.fixture
def ladder(documents: SsmDocuments) -> None:
    documents.store_strategy(json.dumps(LADDER_STRATEGY), expected=0)


def test_a_hunter_does_not_look_at_cascades(api: ApiCaller) -> None:
    assert blocks(api) == []


@pytest.mark.usefixtures("ladder")
def test_cascades_that_were_not_measured_count_as_one(api: ApiCaller, world: World) -> None:
    assert one(api)["kind"] == "cascade_unknown"
    world.desk.repositories.cascades.put(cascade(measured_at_ms=NOW_MS - 31_000))
    assert one(api)["since_ms"] == NOW_MS - 31_000
    world.desk.repositories.cascades.put(cascade())
    assert blocks(api) == []


@pytest.mark.usefixtures("ladder")
@pytest.mark.parametrize("colour", [Colour.ORANGE, Colour.RED, Colour.UNKNOWN])
def test_a_symbol_in_a_cascade_names_what_was_counted(api: ApiCaller, world: World, colour: Colour) -> None:
    world.desk.repositories.cascades.put(cascade(colour))
    block = one(api)
    assert (block["kind"], block["for_ms"]) == ("cascade_symbol", 8_000)
    assert (block["inputs"]["colour"], block["inputs"]["counted"]) == (colour.value, "LQ, RET")


@pytest.mark.usefixtures("ladder")
def test_a_cascade_of_many_symbols_says_of_how_many(api: ApiCaller, world: World) -> None:
    world.desk.repositories.cascades.put(cascade(blocked=True))
    block = one(api)
    assert block["kind"] == "cascade_aggregate"
    assert block["inputs"] == {
        "formula": "magnitude",
        "blocked": "3",
        "fresh": "5",
        "monitored": "6",
        "share_pct": "60",
    }


# --- refusals -------------------------------------------------------------------------------------------------------


def refused(number: int, gate: str, at_ms: int) -> Decision:
    return Decision(
        DecisionId(f"d{number}"), HUNTER, ACCOUNT.id, BTC, LiquidationId(f"l{number}"), Outcome.REFUSED, gate, "no",
        LONG, {}, {}, "1", at_ms, at_ms,
    )  # fmt: skip


def test_refusals_of_the_last_hour_are_counted_by_gate(api: ApiCaller, world: World) -> None:
    gates = ["percentile", "cooldown", "percentile"]
    world.desk.repositories.decisions.record(refused(n, gate, NOW_MS - n) for n, gate in enumerate(gates))
    world.desk.repositories.decisions.record([refused(9, "window", NOW_MS - 3_700_000)])
    refusals = api.get("/api/blocks").json["refusals"]
    assert (refusals["decisions"], refusals["by_gate"]) == (3, {"percentile": 2, "cooldown": 1})
