"""What stands against entries as long as the ledger is not known to equal the venue."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import ACCOUNT, BTC, LONG, NOW_MS, SHORT, d, guard

from undertow.domain.guard import AccountGuard
from undertow.domain.ids import Symbol
from undertow.domain.reconciliation import LegProof, Proof, ReconciliationReport
from undertow.risk.limits import MAX_CLOCK_LEAD_MS, MAX_PROOF_AGE_MS
from undertow.risk.proof import unproven, unproven_account

ETH = Symbol("ETHUSDT")


def report(*legs: LegProof, failures: dict[Symbol, str] | None = None) -> ReconciliationReport:
    return ReconciliationReport(ACCOUNT, 3, NOW_MS, NOW_MS + 5, legs, failures or {})


def test_a_recent_and_equal_proof_admits_every_symbol() -> None:
    assert unproven(guard(), BTC, NOW_MS) is None


@pytest.mark.parametrize("nothing", [None, AccountGuard(ACCOUNT), guard(proof=None)])
def test_without_any_proof_nothing_is_admitted(nothing: AccountGuard | None) -> None:
    refused = unproven(nothing, BTC, NOW_MS)
    assert refused is not None
    assert (refused.gate, refused.reason) == ("not_reconciled", "the ledger was never proven to equal the venue")


def test_a_doubted_symbol_waits_and_the_others_do_not() -> None:
    known = guard(proof=Proof(4, NOW_MS, {BTC: "the ledger has 1 and the venue 2"}))
    refused = unproven(known, BTC, NOW_MS)
    assert refused is not None
    assert refused.reason == "BTCUSDT is not as the ledger has it: the ledger has 1 and the venue 2"
    assert refused.inputs == {"epoch": "4", "read_at_ms": str(NOW_MS)}
    assert unproven(known, ETH, NOW_MS) is None


@given(st.integers(-10_000, 400_000), st.integers(-10_000, 10_000))
def test_what_was_read_too_long_ago_or_before_the_doubt_counts_for_nothing(age_ms: int, doubt_ms: int) -> None:
    known = guard(proof=Proof(1, NOW_MS - age_ms), doubted_at_ms=NOW_MS - age_ms + doubt_ms)
    admitted = doubt_ms <= 0 and -MAX_CLOCK_LEAD_MS <= age_ms <= MAX_PROOF_AGE_MS
    assert (unproven_account(known, NOW_MS, MAX_PROOF_AGE_MS) is None) is admitted


def test_a_report_of_equal_legs_is_a_proof_of_all() -> None:
    made = report(LegProof(BTC, LONG, d("1"), d("1")), LegProof(BTC, SHORT))
    assert (made.proof, made.is_proven, made.differences) == (Proof(3, NOW_MS), True, 0)


def test_one_doubted_leg_keeps_its_symbol_and_nothing_else_waiting() -> None:
    made = report(LegProof(BTC, LONG, d("1"), d("2"), doubt="differs"), LegProof(ETH, LONG, d("3"), d("3")))
    assert (dict(made.proof.unproven), made.is_proven, made.differences) == ({BTC: "differs"}, False, 1)


def test_what_could_not_be_read_is_not_proven() -> None:
    assert report(failures={ETH: "time-out"}).proof.unproven == {ETH: "could not be read: time-out"}


def test_a_run_that_did_nothing_proves_nothing() -> None:
    assert not replace(report(), overlapped=True).is_proven


def test_reports_are_compared_by_what_they_found_and_not_by_when() -> None:
    one, other = report(LegProof(BTC, LONG)), report(LegProof(BTC, LONG, leftovers=1))
    assert one.says_the_same_as(report(LegProof(BTC, LONG)))
    assert not one.says_the_same_as(other)
    assert not one.says_the_same_as(None)
