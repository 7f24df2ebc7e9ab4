"""Deposits and withdrawals are neither profit nor loss, however late they become known, and count once."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import NOW_MS, d

from undertow.domain.account import Balance
from undertow.domain.guard import AccountGuard, BlockKind
from undertow.domain.ids import AccountId
from undertow.risk.limits import RiskLimits
from undertow.risk.monitor import check, reset_drawdown
from undertow.risk.transfers import Transfer, with_transfers

MAIN = AccountId("main")
LIMITS = RiskLimits(max_daily_loss_pct=d("5"), max_drawdown_pct=d("20"))
STEP_MS = 60_000


def worth(equity: str | Decimal, time_ms: int) -> Balance:
    return Balance(MAIN, Decimal(equity), Decimal(equity), d("0"), time_ms, d("0"), d("0"))


def looked(guard: AccountGuard, equity: str | Decimal, time_ms: int) -> AccountGuard:
    return check(guard, worth(equity, time_ms), LIMITS, time_ms)


def begun(equity: str) -> AccountGuard:
    return with_transfers(looked(AccountGuard(MAIN), equity, NOW_MS), (), worth(equity, NOW_MS), LIMITS, NOW_MS)


def test_a_block_that_only_a_withdrawal_set_goes_when_the_withdrawal_is_known() -> None:
    blocked = looked(begun("10000"), "6000", NOW_MS + 50_000)
    assert set(blocked.blocks) == {BlockKind.DAILY_LOSS, BlockKind.DRAWDOWN}
    taken = Transfer(NOW_MS + 40_000, d("-4000"))
    told = with_transfers(blocked, (taken,), worth("6000", NOW_MS + 50_000), LIMITS, NOW_MS + STEP_MS)
    assert told.blocks == {}
    assert (told.day_start_equity, told.peak_equity) == (d("6000"), d("6000"))
    assert looked(told, "6000", NOW_MS + 2 * STEP_MS).blocks == {}


def test_a_loss_beside_a_withdrawal_stays_a_loss() -> None:
    blocked = looked(begun("10000"), "5000", NOW_MS + 50_000)
    taken = Transfer(NOW_MS + 40_000, d("-4000"))
    told = with_transfers(blocked, (taken,), worth("5000", NOW_MS + 50_000), LIMITS, NOW_MS + STEP_MS)
    assert BlockKind.DAILY_LOSS in told.blocks


def test_a_block_from_before_the_transfer_is_none_of_its_business() -> None:
    blocked = looked(begun("10000"), "9000", NOW_MS + 10_000)
    given_in = Transfer(NOW_MS + 40_000, d("5000"))
    told = with_transfers(blocked, (given_in,), worth("15000", NOW_MS + 50_000), LIMITS, NOW_MS + STEP_MS)
    assert BlockKind.DAILY_LOSS in told.blocks


def test_a_deposit_that_the_peak_holds_already_is_not_counted_twice() -> None:
    seen = looked(begun("10000"), "15000", NOW_MS + 50_000)
    assert seen.peak_equity == d("15000")
    told = with_transfers(
        seen, (Transfer(NOW_MS + 40_000, d("5000")),), worth("15000", NOW_MS + 50_000), LIMITS, NOW_MS + STEP_MS
    )
    assert (told.day_start_equity, told.peak_equity) == (d("15000"), d("15000"))


def test_a_deposit_hides_no_loss() -> None:
    seen = looked(begun("10000"), "14000", NOW_MS + 50_000)
    told = with_transfers(
        seen, (Transfer(NOW_MS + 40_000, d("5000")),), worth("14000", NOW_MS + 50_000), LIMITS, NOW_MS + STEP_MS
    )
    assert BlockKind.DAILY_LOSS in looked(told, "14000", NOW_MS + 2 * STEP_MS).blocks


def test_a_deposit_that_is_listed_late_makes_no_fall_from_a_peak() -> None:
    seen = looked(begun("10000"), "15000", NOW_MS + 50_000)
    unaware = with_transfers(seen, (), worth("15000", NOW_MS + 50_000), LIMITS, NOW_MS + STEP_MS)
    late = (Transfer(NOW_MS + 40_000, d("5000")),)
    told = with_transfers(unaware, late, worth("15000", NOW_MS + 110_000), LIMITS, NOW_MS + 2 * STEP_MS)
    assert told.peak_equity == d("15000")
    assert BlockKind.DRAWDOWN not in looked(told, "15000", NOW_MS + 3 * STEP_MS).blocks


def test_a_transfer_of_yesterday_does_not_move_the_start_of_today() -> None:
    guard = replace(begun("10000"), day_started_at_ms=NOW_MS + 45_000)
    told = with_transfers(
        guard, (Transfer(NOW_MS + 40_000, d("-4000")),), worth("6000", NOW_MS + 50_000), LIMITS, NOW_MS + STEP_MS
    )
    assert told.day_start_equity == d("10000")


def test_after_a_reset_a_transfer_moves_the_new_peak() -> None:
    reset = reset_drawdown(looked(begun("10000"), "7000", NOW_MS + 10_000), d("7000"))
    told = with_transfers(
        reset, (Transfer(NOW_MS + 40_000, d("1000")),), worth("8000", NOW_MS + 50_000), LIMITS, NOW_MS + STEP_MS
    )
    assert told.peak_equity == d("8000")


@given(st.lists(st.integers(-3_000, 3_000), max_size=12), st.lists(st.booleans(), min_size=12, max_size=12))
def test_transfers_alone_never_set_a_block_that_lasts(amounts: list[int], told_at_once: list[bool]) -> None:
    equity, now_ms, guard, known = d("50000"), NOW_MS, begun("50000"), list[Transfer]()
    for amount, at_once in zip(amounts, told_at_once, strict=False):
        now_ms += STEP_MS
        known.append(Transfer(now_ms - 30_000, Decimal(amount)))
        equity += amount
        guard = looked(guard, equity, now_ms - 10_000)
        if at_once:
            guard = with_transfers(guard, known, worth(equity, now_ms - 10_000), LIMITS, now_ms)
            again = with_transfers(guard, known, worth(equity, now_ms - 10_000), LIMITS, now_ms)
            assert again == guard
    guard = with_transfers(guard, known, worth(equity, now_ms), LIMITS, now_ms + 1)
    assert looked(guard, equity, now_ms + STEP_MS).blocks == {}
    assert guard.transfers is not None
    assert guard.transfers.amount == sum(amounts)
