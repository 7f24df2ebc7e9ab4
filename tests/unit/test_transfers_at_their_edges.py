"""Transfers to the millisecond: what is new, what was late, what of a peak and of a day's start they move."""

from dataclasses import replace

import pytest
from tests.unit.builders import NOW_MS, d
from tests.unit.test_risk_transfers import LIMITS, MAIN, begun, looked, worth

from undertow.domain.account import Balance
from undertow.domain.guard import AccountGuard, BlockKind, TransfersCounted
from undertow.risk.monitor import DAY_MS
from undertow.risk.transfers import Transfer, counted_since, with_transfers

LATER_MS = NOW_MS + 60_000


def told(
    guard: AccountGuard, *transfers: Transfer, equity: str, read_ms: int = LATER_MS - 1, known: bool = True
) -> AccountGuard:
    """``guard`` at LATER_MS, a minute after transfers were last counted. ``equity`` was read at ``read_ms``."""
    balance = worth(equity, read_ms) if known else None
    return with_transfers(guard, transfers, balance, LIMITS, LATER_MS)


def test_transfers_count_from_the_first_look_on_and_from_then_on_always() -> None:
    assert counted_since(AccountGuard(MAIN), NOW_MS + 7) == NOW_MS + 7
    first = begun("10000")
    assert first.transfers == TransfersCounted(NOW_MS, d("0"), NOW_MS, d("10000"))
    assert counted_since(first, LATER_MS) == NOW_MS
    assert counted_since(told(first, equity="10000"), LATER_MS + 5) == NOW_MS


def test_what_was_counted_is_remembered_with_the_peak_and_the_moment() -> None:
    after = told(begun("10000"), Transfer(NOW_MS + 1, d("500")), Transfer(NOW_MS + 2, d("-200")), equity="10300")
    assert after.transfers == TransfersCounted(NOW_MS, d("300"), LATER_MS, d("10300"))
    assert (after.day_start_equity, after.peak_equity) == (d("10300"), d("10300"))
    assert after.version == begun("10000").version


@pytest.mark.parametrize(("at_ms", "peak"), [(NOW_MS + 1, "10500"), (NOW_MS, "10000"), (NOW_MS - 5, "10000")])
def test_a_deposit_from_before_the_last_count_is_in_the_peak_of_then_already(at_ms: int, peak: str) -> None:
    after = told(begun("10000"), Transfer(at_ms, d("500")), equity="10000", known=False)
    assert after.peak_equity == d(peak)


def test_a_withdrawal_that_is_listed_late_lowers_the_peak_all_the_same() -> None:
    after = told(begun("10000"), Transfer(NOW_MS - 5, d("-500")), equity="9500", known=False)
    assert after.peak_equity == d("9500")


def test_a_late_transfer_beside_a_new_one_is_counted_once_with_it() -> None:
    both = (Transfer(NOW_MS - 5, d("-500")), Transfer(NOW_MS + 5, d("100")))
    after = told(begun("10000"), *both, equity="9600", known=False)
    assert after.transfers is not None
    assert (after.transfers.amount, after.peak_equity) == (d("-400"), d("9600"))


def test_transfers_that_cancel_each_other_out_move_the_peak_as_they_came() -> None:
    pair = (Transfer(NOW_MS + 5, d("500")), Transfer(NOW_MS + 6, d("-500")))
    after = told(begun("10000"), *pair, equity="10000")
    assert (after.peak_equity, after.day_start_equity) == (d("10000"), d("10000"))


@pytest.mark.parametrize(("read_ms", "peak"), [(NOW_MS + 10, "10500"), (NOW_MS + 11, "12000")])
def test_only_an_equity_that_was_read_after_the_last_transfer_can_be_a_higher_peak(read_ms: int, peak: str) -> None:
    moved = Transfer(NOW_MS + 10, d("500"))
    assert told(begun("10000"), moved, equity="12000", read_ms=read_ms).peak_equity == d(peak)


@pytest.mark.parametrize(("started_ms", "start"), [(NOW_MS + 9, "10500"), (NOW_MS + 10, "10000")])
def test_the_start_of_a_day_is_moved_by_what_came_after_it_was_read(started_ms: int, start: str) -> None:
    guard = replace(begun("10000"), day_started_at_ms=started_ms)
    assert told(guard, Transfer(NOW_MS + 10, d("500")), equity="10500").day_start_equity == d(start)


@pytest.mark.parametrize(("after_midnight_ms", "start"), [(0, "10000"), (1, "10500")])
def test_a_day_whose_first_reading_has_no_time_began_at_midnight(after_midnight_ms: int, start: str) -> None:
    midnight_ms = NOW_MS // DAY_MS * DAY_MS
    first = TransfersCounted(midnight_ms - 10, d("0"), midnight_ms - 10, d("10000"))
    guard = replace(begun("10000"), day_started_at_ms=0, transfers=first)
    moved = Transfer(midnight_ms + after_midnight_ms, d("500"))
    assert told(guard, moved, equity="10500").day_start_equity == d(start)


def test_an_account_that_was_never_looked_at_has_nothing_to_move() -> None:
    moved = with_transfers(
        AccountGuard(MAIN, transfers=TransfersCounted(NOW_MS, d("0"), NOW_MS, None)),
        (Transfer(NOW_MS + 10, d("500")),),
        None,
        LIMITS,
        LATER_MS,
    )
    assert (moved.day_start_equity, moved.peak_equity) == (None, None)
    assert moved.transfers == TransfersCounted(NOW_MS, d("500"), LATER_MS, None)


def test_a_peak_that_was_settled_without_one_is_the_peak_as_it_stands() -> None:
    guard = replace(begun("10000"), transfers=TransfersCounted(NOW_MS, d("0"), NOW_MS, None))
    assert told(guard, Transfer(NOW_MS + 10, d("500")), equity="10500").peak_equity == d("10500")


@pytest.mark.parametrize(
    ("blocked_ms", "read_ms", "stands"),
    [
        (NOW_MS + 40_000, NOW_MS + 40_001, False),
        (NOW_MS + 39_999, NOW_MS + 40_001, True),
        (NOW_MS + 40_000, NOW_MS + 40_000, True),
    ],
)
def test_a_block_goes_with_the_transfer_that_set_it_once_equity_was_read_after_it(
    blocked_ms: int, read_ms: int, stands: bool
) -> None:
    blocked = looked(begun("10000"), "6000", blocked_ms)
    after = told(blocked, Transfer(NOW_MS + 40_000, d("-4000")), equity="6000", read_ms=read_ms)
    expected = {BlockKind.DAILY_LOSS, BlockKind.DRAWDOWN} if stands else set()
    assert set(after.blocks) == expected


def test_without_a_reading_of_equity_no_block_goes() -> None:
    blocked = looked(begun("10000"), "6000", NOW_MS + 50_000)
    after = told(blocked, Transfer(NOW_MS + 40_000, d("-4000")), equity="6000", known=False)
    assert set(after.blocks) == {BlockKind.DAILY_LOSS, BlockKind.DRAWDOWN}


@pytest.mark.parametrize(("equity", "kinds"), [("5701", set()), ("5700", {BlockKind.DAILY_LOSS})])
def test_what_is_left_of_the_loss_without_the_transfer_decides_at_the_limit_itself(
    equity: str, kinds: set[BlockKind]
) -> None:
    """5 % of 6,000 is 300: at the limit the loss alone would have set the block."""
    blocked = looked(begun("10000"), equity, NOW_MS + 50_000)
    after = told(blocked, Transfer(NOW_MS + 40_000, d("-4000")), equity=equity, read_ms=NOW_MS + 50_000)
    assert set(after.blocks) == kinds


def test_a_limit_that_was_turned_off_lifts_nothing_here() -> None:
    blocked = looked(begun("10000"), "6000", NOW_MS + 50_000)
    off = replace(LIMITS, max_daily_loss_pct=None, max_drawdown_pct=None)
    balance: Balance = worth("6000", NOW_MS + 50_000)
    after = with_transfers(blocked, (Transfer(NOW_MS + 40_000, d("-4000")),), balance, off, LATER_MS)
    assert set(after.blocks) == {BlockKind.DAILY_LOSS, BlockKind.DRAWDOWN}
