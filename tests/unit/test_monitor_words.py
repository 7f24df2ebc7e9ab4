"""What the monitor's blocks tell people, and what it keeps of each look at the account."""

from dataclasses import replace

import pytest
from tests.unit.builders import ACCOUNT, NOW_MS, balance, d

from undertow.domain.account import Balance
from undertow.domain.guard import AccountGuard, Block, BlockKind, TransfersCounted
from undertow.risk.limits import RiskLimits
from undertow.risk.monitor import check, reset_drawdown

LIMITS = RiskLimits()


def looked(guard: AccountGuard, account: Balance, now_ms: int = NOW_MS, limits: RiskLimits = LIMITS) -> AccountGuard:
    return check(guard, account, limits, now_ms)


def test_an_emergency_says_that_liquidation_is_near_beside_the_pause() -> None:
    blocked = looked(AccountGuard(ACCOUNT), balance(wallet=d("2000"), maintenance_margin=d("1850.50")))
    clears = "margin usage below 70 %"
    figures = {"margin_usage_pct": "92.525", "equity": "2000"}
    assert blocked.blocks == {
        BlockKind.MARGIN_USAGE: Block(
            "margin_usage",
            NOW_MS,
            "the positions need too much of the equity as margin",
            clears,
            {**figures, "limit_pct": "80"},
        ),
        BlockKind.EMERGENCY: Block(
            "emergency",
            NOW_MS,
            "liquidation is near: positions are being reduced",
            clears,
            {**figures, "limit_pct": "90"},
        ),
    }


def test_a_daily_loss_says_from_what_it_fell_and_that_the_next_day_clears_it() -> None:
    begun = looked(AccountGuard(ACCOUNT), balance(wallet=d("8000")))
    fallen = looked(begun, balance(wallet=d("7500")), NOW_MS + 9)
    figures = {"day_start_equity": "8000", "loss_pct": "6.25", "equity": "7500", "limit_pct": "5"}
    says = "the account lost too much since the UTC day began"
    assert fallen.blocks == {BlockKind.DAILY_LOSS: Block("daily_loss", NOW_MS + 9, says, "the next UTC day", figures)}


def test_a_drawdown_says_from_which_peak_it_fell_and_that_a_person_clears_it() -> None:
    peaked = AccountGuard(ACCOUNT, day="2025-12-11", day_start_equity=d("6000"), peak_equity=d("8000"))
    fallen = looked(peaked, balance(wallet=d("6000")))
    figures = {"peak_equity": "8000", "loss_pct": "25", "equity": "6000", "limit_pct": "20"}
    says = "the account fell too far from its peak"
    assert fallen.blocks == {BlockKind.DRAWDOWN: Block("drawdown", NOW_MS, says, "a person, who resets it", figures)}


@pytest.mark.parametrize("limit", ["0", "0.001"])
def test_a_limit_of_nothing_blocks_from_the_first_loss_on_and_not_without_one(limit: str) -> None:
    strict = RiskLimits(max_daily_loss_pct=d(limit), max_drawdown_pct=d(limit))
    begun = looked(AccountGuard(ACCOUNT), balance(), limits=strict)
    assert begun.blocks == {}
    lost = looked(begun, balance(wallet=d("9999.9")), NOW_MS + 1, strict)
    assert set(lost.blocks) == {BlockKind.DAILY_LOSS, BlockKind.DRAWDOWN}


def test_a_stop_that_is_turned_off_goes_at_the_next_look() -> None:
    blocks = {kind: Block(kind, NOW_MS, "fell", "later") for kind in (BlockKind.DAILY_LOSS, BlockKind.DRAWDOWN)}
    known = AccountGuard(ACCOUNT, blocks=blocks, day="2025-12-11", day_start_equity=d("1"), peak_equity=d("1"))
    no_daily = looked(known, balance(), limits=replace(LIMITS, max_daily_loss_pct=None))
    assert set(no_daily.blocks) == {BlockKind.DRAWDOWN}
    no_drawdown = looked(known, balance(), limits=replace(LIMITS, max_drawdown_pct=None))
    assert set(no_drawdown.blocks) == {BlockKind.DAILY_LOSS}


def test_a_look_remembers_when_it_was_and_begins_the_day_with_the_equity_and_the_time_of_its_reading() -> None:
    seen = looked(AccountGuard(ACCOUNT), balance(unrealized=d("-50"), time_ms=NOW_MS - 700))
    expected = AccountGuard(
        ACCOUNT,
        day="2025-12-11",
        day_start_equity=d("9950"),
        peak_equity=d("9950"),
        checked_at_ms=NOW_MS,
        day_started_at_ms=NOW_MS - 700,
    )
    assert seen == expected


def test_a_reset_lets_the_peak_count_from_now_on_for_transfers_too_and_leaves_other_blocks() -> None:
    blocks = {kind: Block(kind, NOW_MS, "fell", "later") for kind in (BlockKind.DAILY_LOSS, BlockKind.DRAWDOWN)}
    counted = TransfersCounted(NOW_MS, d("5"), NOW_MS, d("8000"))
    reset = reset_drawdown(AccountGuard(ACCOUNT, blocks=blocks, peak_equity=d("8000"), transfers=counted), d("6000"))
    assert set(reset.blocks) == {BlockKind.DAILY_LOSS}
    assert (reset.peak_equity, reset.transfers) == (d("6000"), replace(counted, settled_peak=d("6000")))
    assert reset_drawdown(AccountGuard(ACCOUNT), d("6000")).transfers is None
