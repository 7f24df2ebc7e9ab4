"""The venue's books: imported once however often they are imported, and read in the order of time."""

from dataclasses import replace
from typing import Any

from tests.contract.repositories.make import ACCOUNT, BIANCE, BTC, NOW_MS, OTHER, d, fill

from undertow.domain.adjustment import Adjustment
from undertow.domain.guard import AccountGuard, TransfersCounted
from undertow.domain.ids import TradeId
from undertow.domain.imports import INCOME_STREAM, Checkpoint, trades_stream
from undertow.domain.income import Income, IncomeKind
from undertow.ports import Repositories


def income(number: int = 1, **changes: Any) -> Income:
    made = Income(
        ACCOUNT, str(number), IncomeKind.FUNDING, "FUNDING_FEE", "USDT", d("-0.12345678"), NOW_MS + number, BTC, "info"
    )
    return replace(made, **changes)


def checkpoint(**changes: Any) -> Checkpoint:
    made = Checkpoint(
        ACCOUNT, trades_stream(BIANCE), 5, 70, 100, NOW_MS, TradeId(9_007_199_254_740_993), 3, 2_500, 1, 4
    )
    return replace(made, **{"version": 1, "run_started_at_ms": NOW_MS - 1, "error": "no answer", **changes})


def adjustment(**changes: Any) -> Adjustment:
    made = Adjustment("a1", ACCOUNT, IncomeKind.TRANSFER, d("-1200.50"), None, "before, by card", "anna", NOW_MS)
    return replace(made, **changes)


# --- trades ---------------------------------------------------------------------------------------------------------


def test_a_trade_comes_back_as_it_was_imported(kept: Repositories) -> None:
    trade = fill(7, symbol=BIANCE, position_side=None, client_order_id=None, realized_pnl=d("-0.12345678"), maker=False)
    assert kept.trades.record([trade]) == 1
    assert list(kept.trades.between(ACCOUNT, 0, NOW_MS + 100)) == [trade]


def test_the_same_page_of_trades_adds_nothing_and_the_first_record_stands(kept: Repositories) -> None:
    page = [fill(number) for number in range(1, 251)]
    assert kept.trades.record(page) == 250
    assert kept.trades.record(page) == 0
    assert kept.trades.record([fill(1, commission=d("9")), *page[100:], fill(251)]) == 1
    assert list(kept.trades.between(ACCOUNT, 0, NOW_MS + 100)) == [*page, fill(251)]


def test_a_page_that_names_a_trade_twice_has_it_once(kept: Repositories) -> None:
    assert kept.trades.record([fill(1), fill(1, commission=d("9")), fill(1, symbol=BIANCE)]) == 2
    assert kept.trades.record([]) == 0
    assert list(kept.trades.between(ACCOUNT, 0, NOW_MS + 100, BTC)) == [fill(1)]


def test_trades_are_read_by_time_then_by_id_with_both_ends_and_of_one_symbol(kept: Repositories) -> None:
    early, late = fill(100, time_ms=NOW_MS), fill(99, time_ms=NOW_MS)
    other = fill(5, symbol=BIANCE, time_ms=NOW_MS + 1)
    kept.trades.record([other, early, late, fill(1, account=OTHER, time_ms=NOW_MS)])
    assert list(kept.trades.between(ACCOUNT, NOW_MS, NOW_MS + 1)) == [late, early, other]
    assert list(kept.trades.between(ACCOUNT, NOW_MS + 1, NOW_MS + 1)) == [other]
    assert list(kept.trades.between(ACCOUNT, 0, NOW_MS - 1)) == []
    assert list(kept.trades.between(ACCOUNT, 0, NOW_MS + 1, BTC)) == [late, early]


def test_imported_trades_and_booked_fills_are_kept_apart(kept: Repositories) -> None:
    kept.trades.record([fill(1)])
    assert list(kept.fills.recent(ACCOUNT, 0, NOW_MS + 100, 10)) == []
    assert not kept.fills.has(ACCOUNT, BTC, TradeId(1))


# --- incomes --------------------------------------------------------------------------------------------------------


def test_an_income_comes_back_as_it_was_imported(kept: Repositories) -> None:
    rows = [income(1), income(2, symbol=None, kind=IncomeKind.TRANSFER, venue_kind="TRANSFER", info="", asset="币")]
    assert list(kept.incomes.record(rows)) == rows
    assert list(kept.incomes.between(ACCOUNT, 0, NOW_MS + 2)) == rows


def test_importing_incomes_again_adds_nothing_and_the_first_record_stands(kept: Repositories) -> None:
    page = [income(number) for number in range(1, 151)]
    assert list(kept.incomes.record(page)) == page
    assert list(kept.incomes.record(page)) == []
    late = income(151)
    assert list(kept.incomes.record([income(150, amount=d("9")), late, late])) == [late]
    assert list(kept.incomes.between(ACCOUNT, 0, NOW_MS + 151)) == [*page, late]


def test_a_transaction_id_is_unique_only_with_kind_symbol_and_asset(kept: Repositories) -> None:
    rows = [
        income(1),
        income(1, venue_kind="COMMISSION", kind=IncomeKind.COMMISSION),
        income(1, symbol=BIANCE),
        income(1, asset="USDC"),
        income(1, account=OTHER),
    ]
    assert len(kept.incomes.record(rows)) == 5
    assert len(list(kept.incomes.between(ACCOUNT, 0, NOW_MS + 1))) == 4
    assert list(kept.incomes.between(OTHER, 0, NOW_MS + 1)) == [rows[4]]


def test_incomes_are_read_by_time_with_both_ends_and_by_kind(kept: Repositories) -> None:
    fee = income(2, kind=IncomeKind.COMMISSION, venue_kind="COMMISSION")
    kept.incomes.record([income(3), fee, income(1)])
    assert list(kept.incomes.between(ACCOUNT, NOW_MS + 2, NOW_MS + 3)) == [fee, income(3)]
    assert list(kept.incomes.between(ACCOUNT, 0, NOW_MS + 3, frozenset({IncomeKind.COMMISSION}))) == [fee]
    assert list(kept.incomes.between(ACCOUNT, 0, NOW_MS + 3, frozenset())) == []


# --- checkpoints ----------------------------------------------------------------------------------------------------


def test_a_checkpoint_comes_back_as_it_was_saved_and_only_its_next_version_replaces_it(kept: Repositories) -> None:
    assert kept.checkpoints.get(ACCOUNT, trades_stream(BIANCE)) is None
    assert kept.checkpoints.save(checkpoint())
    assert not kept.checkpoints.save(checkpoint(cursor_ms=99))
    caught_up = checkpoint(version=2, cursor_ms=100, caught_up_at_ms=NOW_MS, next_trade_id=None)
    assert kept.checkpoints.save(caught_up)
    assert not kept.checkpoints.save(checkpoint(version=2))
    assert kept.checkpoints.get(ACCOUNT, trades_stream(BIANCE)) == caught_up


def test_the_checkpoints_of_an_account_are_in_the_order_of_their_streams(kept: Repositories) -> None:
    streams = (trades_stream(BTC), INCOME_STREAM, trades_stream(BIANCE))
    for stream in streams:
        assert kept.checkpoints.save(checkpoint(stream=stream))
    assert kept.checkpoints.save(checkpoint(account=OTHER))
    assert [one.stream for one in kept.checkpoints.of_account(ACCOUNT)] == sorted(streams)


# --- adjustments ----------------------------------------------------------------------------------------------------


def test_an_adjustment_is_added_once_and_revoked_once(kept: Repositories) -> None:
    assert kept.adjustments.add(adjustment())
    assert not kept.adjustments.add(adjustment(note="again"))
    revoked = adjustment().revoked("bob", NOW_MS + 5)
    assert kept.adjustments.update(revoked)
    assert not kept.adjustments.update(revoked)
    assert not kept.adjustments.update(adjustment(id="other", version=2))
    assert list(kept.adjustments.of_account(ACCOUNT)) == [revoked]


def test_adjustments_are_listed_oldest_first(kept: Repositories) -> None:
    late, early = adjustment(id="a", created_at_ms=NOW_MS + 1, time_ms=7), adjustment(id="b", kind=IncomeKind.OTHER)
    for one in (late, early, adjustment(account=OTHER)):
        assert kept.adjustments.add(one)
    assert list(kept.adjustments.of_account(ACCOUNT)) == [early, late]


def test_the_transfers_that_the_monitor_counted_come_back(kept: Repositories) -> None:
    counted = TransfersCounted(NOW_MS - 9, d("-1200.50000001"), NOW_MS - 3, None)
    guard = AccountGuard(ACCOUNT, day_started_at_ms=NOW_MS - 70_000, transfers=counted, version=1)
    assert kept.guards.set(guard)
    assert kept.guards.get(ACCOUNT) == guard
