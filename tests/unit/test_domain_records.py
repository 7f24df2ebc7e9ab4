"""Small records: what each of them answers about itself, and what a change of it leaves as it was."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.builders import ACCOUNT, BTC, HUNTER, LONG, NOW_MS, SHORT, d

from undertow.domain.action import Action
from undertow.domain.adjustment import Adjustment
from undertow.domain.conditions import Atr, Colour
from undertow.domain.correction import Correction, CorrectionReason
from undertow.domain.guard import AccountGuard, Block, BlockKind
from undertow.domain.imports import Checkpoint, trades_stream
from undertow.domain.income import Income, IncomeKind
from undertow.domain.lease import Lease
from undertow.domain.market import PositionSide
from undertow.domain.reconciliation import LegProof, Proof, ReconciliationReport
from undertow.domain.runbook import ANYTHING_ELSE, entry_for
from undertow.domain.session import SessionId, TradeSession

FUNDING = Income(ACCOUNT, "77", IncomeKind.FUNDING, "FUNDING_FEE", "USDT", d("-1"), NOW_MS, BTC)
CORRECTION = Correction(ACCOUNT, BTC, LONG, 3, NOW_MS, CorrectionReason.QUANTITY, before=d("0.9"), after=d("0.4"))
BLOCK = Block("daily_loss", NOW_MS, "too much was lost", "the next UTC day")


@pytest.mark.parametrize(
    ("key", "number"),
    [
        ("blocked#main", 1),
        ("worker_silent", 2),
        ("listen_key_old", 3),
        ("order_lost#ut-e-one", 4),
        ("unprotected_for_long#main#BTCUSDT#LONG", 5),
        ("reconcile_late#main", 6),
        ("venue_blocked#aster", 7),
        ("dead_letters#orders", 10),
        ("route_refused#phone", 17),
        ("unexplained#main", 18),
        ("strategy_without_account:hunter", 20),
    ],
)
def test_an_alert_is_led_to_its_entry_of_the_runbook_by_how_its_key_begins(key: str, number: int) -> None:
    assert entry_for(key).number == number


def test_an_alert_that_the_runbook_does_not_know_is_led_to_the_pause() -> None:
    assert entry_for("something_new#unexplained") is ANYTHING_ELSE
    assert ANYTHING_ELSE.title == "Pause, close only, flatten"


@pytest.mark.parametrize(
    ("side", "after", "change", "signed"),
    [(LONG, "0.4", "-0.5", "-0.5"), (SHORT, "0.4", "-0.5", "0.5"), (SHORT, "1", "0.1", "-0.1")],
)
def test_a_correction_counts_as_a_bought_quantity_would(
    side: PositionSide, after: str, change: str, signed: str
) -> None:
    corrected = replace(CORRECTION, side=side, after=d(after))
    assert (corrected.change, corrected.signed_change) == (d(change), d(signed))


@pytest.mark.parametrize("reason", CorrectionReason)
def test_only_where_the_venues_word_was_taken_without_a_trade_something_is_unexplained(
    reason: CorrectionReason,
) -> None:
    assert reason.is_unexplained is (reason in {CorrectionReason.QUANTITY, CorrectionReason.CLOSED_OUTSIDE})


def test_an_income_is_told_apart_by_kind_number_symbol_and_asset() -> None:
    assert FUNDING.key == "FUNDING_FEE#77#BTCUSDT#USDT"
    assert replace(FUNDING, symbol=None, venue_kind="TRANSFER", asset="BNB").key == "TRANSFER#77##BNB"


def test_a_revoked_adjustment_keeps_what_it_said_and_says_who_took_it_back_and_when() -> None:
    entered = Adjustment("a1", ACCOUNT, IncomeKind.TRANSFER, d("500"), None, "before us", "anna", NOW_MS)
    revoked = entered.revoked("bert", NOW_MS + 9)
    assert revoked == replace(entered, revoked_at_ms=NOW_MS + 9, revoked_by="bert", version=2)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"begun_at_ms": NOW_MS + 1}, True),
        ({"route": "/api/switch"}, False),
        ({"digest": "other"}, False),
    ],
)
def test_a_key_that_comes_again_asks_the_same_when_route_and_content_are_the_same(
    changes: dict[str, Any], same: bool
) -> None:
    action = Action("token", "key-1", "/api/flatten", "abc", NOW_MS)
    assert action.asks_the_same_as(replace(action, **changes)) is same


@pytest.mark.parametrize(("now_ms", "free"), [(NOW_MS - 1, False), (NOW_MS, True), (NOW_MS + 1, True)])
def test_a_lease_is_free_from_its_end_on(now_ms: int, free: bool) -> None:
    assert Lease("reconcile", "run-1", 4, until_ms=NOW_MS).is_free(now_ms) is free


def test_a_checkpoint_that_is_stored_says_when_and_is_the_next_version() -> None:
    known = Checkpoint(ACCOUNT, trades_stream(BTC), 1_000, 3_000, 9_000, NOW_MS, rows=7, version=4)
    assert known.stored(NOW_MS + 5) == replace(known, updated_at_ms=NOW_MS + 5, version=5)
    assert known.stream == "trades#BTCUSDT"


@pytest.mark.parametrize(
    ("moment_ms", "holds"),
    [(NOW_MS - 1, False), (NOW_MS, True), (NOW_MS + 99, True), (NOW_MS + 100, False)],
)
def test_a_session_holds_what_came_from_its_opening_until_its_end(moment_ms: int, holds: bool) -> None:
    session = TradeSession(SessionId("s1"), ACCOUNT, HUNTER, NOW_MS, "anna")
    archived = session.archived("bert", NOW_MS + 100)
    assert archived.holds(moment_ms) is holds
    assert session.holds(moment_ms) is (moment_ms >= NOW_MS)
    ended = {"archived_at_ms": NOW_MS + 100, "archived_by": "bert", "version": session.version + 1}
    assert archived == replace(session, **ended)
    assert not archived.is_open


@pytest.mark.parametrize(("doubted_at_ms", "stands"), [(0, True), (NOW_MS, True), (NOW_MS + 1, False)])
def test_a_proof_stands_until_something_was_missed_after_it_was_read(doubted_at_ms: int, stands: bool) -> None:
    proof = Proof(1, NOW_MS)
    guard = AccountGuard(ACCOUNT, proof=proof, doubted_at_ms=doubted_at_ms)
    assert guard.standing_proof == (proof if stands else None)
    assert AccountGuard(ACCOUNT).standing_proof is None


def test_a_block_that_stands_keeps_its_time_and_one_that_goes_leaves_the_others() -> None:
    later = replace(BLOCK, since_ms=NOW_MS + 1)
    guard = AccountGuard(ACCOUNT).with_block(BLOCK, BlockKind.DAILY_LOSS)
    assert guard.with_block(later, BlockKind.DAILY_LOSS).blocks == {BlockKind.DAILY_LOSS: BLOCK}
    both = guard.with_block(later, BlockKind.DRAWDOWN)
    assert both.blocks == {BlockKind.DAILY_LOSS: BLOCK, BlockKind.DRAWDOWN: later}
    assert both.without(BlockKind.DAILY_LOSS).blocks == {BlockKind.DRAWDOWN: later}
    assert both.without(BlockKind.EMERGENCY) is both


@pytest.mark.parametrize(("fast", "slow"), [("0.4", "0.9"), ("0.9", "0.4")])
def test_the_larger_average_of_the_true_range_counts(fast: str, slow: str) -> None:
    assert Atr(Decimal(fast), Decimal(slow), 300, NOW_MS).pct == d("0.9")


@pytest.mark.parametrize("colour", Colour)
def test_a_cascade_blocks_from_orange_on_and_where_nothing_is_known(colour: Colour) -> None:
    assert colour.blocks is (colour in {Colour.ORANGE, Colour.RED, Colour.UNKNOWN})


def report(**changes: Any) -> ReconciliationReport:
    return replace(ReconciliationReport(ACCOUNT, 7, NOW_MS, NOW_MS + 100, (LegProof(BTC, LONG),)), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"legs": ()},
        {"failures": {BTC: "time-out"}},
        {"orders_asked": 1},
        {"fills_imported": 1},
        {"adopted": 1},
        {"adjusted": 1},
        {"orphans_canceled": 1},
        {"overlapped": True},
    ],
)
def test_a_pass_that_found_or_did_anything_else_does_not_say_the_same(changes: dict[str, Any]) -> None:
    assert report(epoch=8, read_at_ms=NOW_MS + 60_000, finished_at_ms=NOW_MS + 60_100).says_the_same_as(report())
    assert not report(**changes).says_the_same_as(report())
    assert not report().says_the_same_as(None)


def test_legs_that_differ_are_counted_and_what_could_not_be_read_is_unproven_with_its_cause() -> None:
    legs = (LegProof(BTC, LONG, d("1"), d("1")), LegProof(BTC, SHORT, d("1"), d("2"), doubt="the venue has 2"))
    found = report(legs=legs, failures={"ETHUSDT": "time-out"})
    assert found.differences == 1
    unproven = {"ETHUSDT": "could not be read: time-out", "BTCUSDT": "the venue has 2"}
    assert found.proof == Proof(7, NOW_MS, unproven)
