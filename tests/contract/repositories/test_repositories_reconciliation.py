"""What reconciliation found is kept: the latest report, the history, the proof, and every quantity set by hand."""

from dataclasses import replace

from tests.contract.repositories.make import ACCOUNT, BIANCE, BTC, LONG, NOW_MS, OTHER, SHORT, d, fill

from undertow.domain.correction import Correction, CorrectionReason
from undertow.domain.guard import AccountGuard
from undertow.domain.ids import PositionId, TradeId
from undertow.domain.market import Venue
from undertow.domain.position import Slot
from undertow.domain.reconciliation import LegProof, Proof, ReconciliationReport
from undertow.ports import LedgerEntry, Repositories, WriteOutcome

LEGS = (
    LegProof(BTC, LONG, d("0.009"), d("0.009"), True, 2, 2, 0, 0),
    LegProof(BIANCE, SHORT, d("1.5"), d("0"), None, 0, 1, 3, 1, "the quantities differ"),
)


def report(epoch: int, read_at_ms: int = NOW_MS) -> ReconciliationReport:
    return ReconciliationReport(ACCOUNT, epoch, read_at_ms, read_at_ms + 900, LEGS, {BTC: "time-out"}, 1, 2, 3, 4, 5)


def correction(number: int = 1, time_ms: int = NOW_MS) -> Correction:
    return Correction(
        ACCOUNT,
        BTC,
        LONG,
        number,
        time_ms,
        CorrectionReason.QUANTITY,
        d("0.5"),
        d("0.25"),
        d("100000.1"),
        d("99999.9"),
        PositionId("p1"),
        TradeId(77),
        epoch=9,
    )


def test_a_report_comes_back_as_it_was_saved(kept: Repositories) -> None:
    kept.reconciliations.save(report(1), historic=True)
    assert kept.reconciliations.latest(ACCOUNT) == report(1)
    assert kept.reconciliations.latest(OTHER) is None


def test_a_run_that_was_overtaken_does_not_replace_the_report_of_its_successor(kept: Repositories) -> None:
    kept.reconciliations.save(report(2), historic=False)
    kept.reconciliations.save(report(1, NOW_MS + 5), historic=False)
    latest = kept.reconciliations.latest(ACCOUNT)
    assert latest is not None
    assert latest.epoch == 2


def test_the_history_holds_what_was_marked_for_it_newest_first(kept: Repositories) -> None:
    for epoch in range(1, 6):
        kept.reconciliations.save(report(epoch, NOW_MS + epoch), historic=epoch != 3)
    found = kept.reconciliations.history(ACCOUNT, NOW_MS + 2, NOW_MS + 5, limit=2)
    assert [one.epoch for one in found] == [5, 4]
    assert [one.epoch for one in kept.reconciliations.history(ACCOUNT, NOW_MS, NOW_MS + 3, limit=9)] == [2, 1]


def test_a_proof_is_read_with_the_snapshot(kept: Repositories) -> None:
    proof = Proof(7, NOW_MS, {BIANCE: "the quantities differ"})
    guard = AccountGuard(ACCOUNT, proof=proof, doubted_at_ms=NOW_MS - 1, forced={BIANCE: NOW_MS - 2}, version=1)
    assert kept.guards.set(guard)
    assert kept.guards.get(ACCOUNT) == guard
    assert kept.ledger.snapshot(ACCOUNT, Venue.ASTER, BTC).guard == guard


def test_a_correction_is_written_with_the_slot_that_it_corrects_or_not_at_all(kept: Repositories) -> None:
    slot = Slot(ACCOUNT, BTC, LONG)
    changed = replace(slot, counted_until_ms=NOW_MS, booked_until_ms=NOW_MS + 1)
    assert kept.ledger.write(LedgerEntry(slot, changed, correction=correction())) is WriteOutcome.WRITTEN
    assert kept.ledger.write(LedgerEntry(slot, changed, correction=correction(2))) is WriteOutcome.CONFLICT
    stored = kept.ledger.slot(ACCOUNT, BTC, LONG)
    assert (stored.counted_until_ms, stored.booked_until_ms) == (NOW_MS, NOW_MS + 1)
    assert list(kept.ledger.corrections(ACCOUNT, NOW_MS, NOW_MS, 10)) == [correction()]


def test_a_correction_beside_a_fill_that_moves_nothing_is_written_once(kept: Repositories) -> None:
    slot = Slot(ACCOUNT, BTC, LONG)
    entry = LedgerEntry(slot, slot, fill=fill(5), correction=correction(5))
    assert kept.ledger.write(entry) is WriteOutcome.WRITTEN
    assert kept.ledger.write(entry) is WriteOutcome.DUPLICATE_FILL
    assert len(kept.ledger.corrections(ACCOUNT, 0, NOW_MS, 10)) == 1


def test_corrections_come_newest_first_within_their_bounds(kept: Repositories) -> None:
    for number in range(1, 5):
        slot = kept.ledger.slot(ACCOUNT, BTC, LONG)
        changed = replace(slot, counted_until_ms=number)
        made = correction(number, NOW_MS + number)
        assert kept.ledger.write(LedgerEntry(slot, changed, correction=made)) is WriteOutcome.WRITTEN
    found = kept.ledger.corrections(ACCOUNT, NOW_MS + 2, NOW_MS + 4, limit=2)
    assert [one.number for one in found] == [4, 3]
    assert list(kept.ledger.slots_in_use(ACCOUNT)) == []
