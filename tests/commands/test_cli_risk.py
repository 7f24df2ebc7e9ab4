"""Risk, blocks and the backfill from the terminal."""

import json

import pytest
from tests.commands.conftest import CommandLine
from tests.functions.holdings import ETH, LADDER, hold, plan, store
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, HUNTER, LONG, NOW_MS, SHORT, d

from undertow.domain.guard import Block, BlockKind
from undertow.domain.ids import StrategyId
from undertow.domain.position import Position, Slot
from undertow.ports import AuditRow


def reserved(world: World) -> str:
    return str(world.desk.repositories.ledger.totals(ACCOUNT.id).risk)


def audit(world: World) -> list[AuditRow]:
    return list(world.desk.repositories.audit.recent(0, 10**13, 100))


def position(world: World) -> Position:
    assert world.slot.position is not None
    return world.slot.position


# --- looking --------------------------------------------------------------------------------------------------------


def test_risk_shows_budget_positions_layers_and_shocks(undertow: CommandLine, world: World) -> None:
    hold(world, reserved="25")
    assert undertow("risk") == 0
    assert "main (live): equity 10000 USDT" in undertow.out
    assert "risk filled 11.786 USDT (0.12 % of equity), reserved 25 (0.25 % of equity)" in undertow.out
    assert "free 1425 of 1450 (14.5 % of equity)" in undertow.out
    for word in ("1 leverage", "8 live_monitor", "-5 %", "-20 %", "BTCUSDT LONG"):
        assert word in undertow.out


def test_risk_points_at_positions_that_count_for_nothing(undertow: CommandLine, world: World) -> None:
    hold(world)
    assert undertow("risk", "--account", "main") == 0
    assert "WITHOUT RESERVE: 11.786 USDT" in undertow.out


def test_risk_and_blocks_are_had_as_json(undertow: CommandLine) -> None:
    assert undertow("risk", "--json") == 0
    assert json.loads(undertow.out)["accounts"][0]["account"] == "main"
    assert undertow("blocks", "--json") == 0
    assert json.loads(undertow.out)["blocks"]


def test_blocks_tell_what_clears_them(undertow: CommandLine) -> None:
    undertow("pause", "--reason", "news")
    assert undertow("blocks") == 0
    assert "paused (account main, for 0 s): news" in undertow.out
    assert "clears: a person resumes the account" in undertow.out
    assert "worker_silent (all)" in undertow.out


@pytest.mark.parametrize("command", ["risk", "blocks"])
def test_an_account_that_is_not_there_is_said_so(undertow: CommandLine, command: str) -> None:
    assert undertow(command, "--account", "other") == 4


# --- the drawdown stop ----------------------------------------------------------------------------------------------


def stopped(world: World) -> None:
    block = Block("drawdown", NOW_MS, "equity fell by 21 %", "a person clears it")
    world.remember(blocks={BlockKind.DRAWDOWN: block}, peak_equity=d("12700"), checked_at_ms=1)


def test_a_person_clears_the_drawdown_stop_by_the_accounts_name(undertow: CommandLine, world: World) -> None:
    stopped(world)
    assert undertow("risk", "reset-drawdown", "main", answers=["yes"]) == 1
    assert undertow("risk", "reset-drawdown", "main") == 1
    assert world.desk.repositories.guards.get(ACCOUNT.id).blocks
    assert undertow("risk", "reset-drawdown", "main", answers=["main"]) == 0
    guard = world.desk.repositories.guards.get(ACCOUNT.id)
    assert (dict(guard.blocks), guard.peak_equity, guard.version) == ({}, d("10000"), 3)
    (row,) = audit(world)
    assert (row.action, row.by, row.subject) == ("risk:reset-drawdown", "terminal anna", "main")
    assert json.loads(row.before) == {"peak_equity": "12700", "blocks": ["drawdown"]}


def test_without_a_drawdown_stop_there_is_nothing_to_clear(undertow: CommandLine, world: World) -> None:
    assert undertow("risk", "reset-drawdown", "main", "--confirm", "main") == 4
    assert audit(world) == []


def test_the_peak_never_starts_from_a_guess(undertow: CommandLine, world: World) -> None:
    stopped(world)
    world.clock.advance(200_000)
    assert undertow("risk", "reset-drawdown", "main", "--confirm", "main") == 5
    assert "equity is not known" in undertow.err
    assert world.desk.repositories.guards.get(ACCOUNT.id).blocks


# --- the backfill ---------------------------------------------------------------------------------------------------


def test_a_dry_run_shows_what_would_be_reserved_and_writes_nothing(undertow: CommandLine, world: World) -> None:
    hold(world)
    before = world.slot
    assert undertow("backfill-reserved-risk") == 0
    assert "main: 1 positions, 1 without reserved risk" in undertow.out
    assert "BTCUSDT   long  hunter    none     11.79   0         11.79  strategy  dry run" in undertow.out
    assert "reserved 0 -> 11.79 USDT, limit 1450" in undertow.out
    assert "add --apply" in undertow.out
    assert (world.slot, reserved(world), audit(world)) == (before, "0", [])


def test_applying_reserves_flags_records_and_a_second_time_changes_nothing(undertow: CommandLine, world: World) -> None:
    hold(world)
    assert undertow("backfill-reserved-risk", "--apply") == 0
    assert reserved(world) == "11.786000000000"
    assert (world.slot.reserved_risk, position(world).risk_flag) == (d("11.786"), "strategy")
    (row,) = audit(world)
    assert (row.action, row.subject) == ("risk:backfill", "main:BTCUSDT:LONG")
    after = world.slot
    assert undertow("backfill-reserved-risk", "--apply") == 0
    assert "0 without reserved risk" in undertow.out
    assert (world.slot, len(audit(world))) == (after, 1)


def test_a_standing_stop_that_is_farther_than_the_configured_one_counts(undertow: CommandLine, world: World) -> None:
    hold(world, stop="97000")
    undertow("backfill-reserved-risk", "--apply")
    assert world.slot.reserved_risk == d("0.01") * (3000 + d("40") + d("97000") * d("0.0014"))


def test_a_position_of_a_ladder_is_reserved_by_its_plan_and_gets_no_new_layer(
    undertow: CommandLine, world: World
) -> None:
    ladder = Slot(ACCOUNT.id, BTC, LONG).with_ladder(plan()).with_frozen_ladder(NOW_MS)
    store(world, ladder.with_position(hold(world, stop="98500", strategy=LADDER)))
    undertow("backfill-reserved-risk", "--apply")
    assert position(world).risk_flag == "plan"
    assert world.slot.reserved_risk == d("0.01") * (2000 + d("40") + d("98000") * d("0.0014"))
    assert world.slot.ladder == ladder.ladder


def test_a_position_of_somebody_else_is_reserved_by_its_stop_and_gets_no_ladder(
    undertow: CommandLine, world: World
) -> None:
    hold(world, stop="98000", strategy=None)
    undertow("backfill-reserved-risk", "--apply")
    assert position(world).risk_flag == "standing_stop"
    assert world.slot.reserved_risk == d("0.01") * (2000 + d("40") + d("98000") * d("0.0014"))
    assert world.slot.ladder is None
    assert "external" in undertow.out


def test_what_is_not_known_counts_to_the_liquidation_price_and_is_flagged_legacy(
    undertow: CommandLine, world: World
) -> None:
    hold(world, stop=None, strategy=StrategyId("gone"))
    undertow("backfill-reserved-risk", "--apply")
    assert position(world).risk_flag == "legacy"
    assert d("90") < world.slot.reserved_risk < d("100")


def test_both_legs_of_a_hedged_pair_get_their_reserve(undertow: CommandLine, world: World) -> None:
    hold(world)
    hold(world, side=SHORT, stop="101000")
    undertow("backfill-reserved-risk", "--apply")
    assert d("23") < world.desk.repositories.ledger.totals(ACCOUNT.id).risk < d("25")


def test_one_strategy_or_one_session_narrows_it(undertow: CommandLine, world: World) -> None:
    hold(world)
    hold(world, ETH, strategy=LADDER)
    undertow("backfill-reserved-risk", "--strategy", "ladder")
    assert "ETHUSDT" in undertow.out
    assert "BTCUSDT" not in undertow.out
    sessions = undertow.operator.console.sessions
    _, opened = sessions.start_fresh(ACCOUNT.id, HUNTER, "anna")
    undertow("backfill-reserved-risk", "--session", opened.id)
    assert "BTCUSDT" in undertow.out
    assert "ETHUSDT" not in undertow.out
    assert opened.id in undertow.out


def test_a_reserve_beyond_the_limit_is_written_and_said(undertow: CommandLine, world: World) -> None:
    hold(world, quantity="2")
    undertow("backfill-reserved-risk", "--apply")
    assert "the limit is exceeded" in undertow.out
    assert world.slot.reserved_risk > 1450


def test_a_reserve_is_released_when_the_position_closes(undertow: CommandLine, world: World) -> None:
    hold(world)
    undertow("backfill-reserved-risk", "--apply")
    store(world, world.slot.position_closed(NOW_MS))
    assert d(reserved(world)) == 0
