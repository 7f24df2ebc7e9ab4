"""What reconciliation found, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from undertow.adapters.memory.store import MemoryStore
from undertow.domain.ids import AccountId
from undertow.domain.reconciliation import ReconciliationReport
from undertow.ports.places import Place, beyond, place_of_report


@dataclass(frozen=True, slots=True)
class MemoryReconciliations:
    store: MemoryStore

    def save(self, report: ReconciliationReport, *, historic: bool) -> None:
        with self.store.lock:
            known = self.store.reconciliations.get(report.account)
            if known is None or known.epoch <= report.epoch:
                self.store.reconciliations[report.account] = report
            if historic:
                self.store.reconciliation_history[report.account].setdefault(report.epoch, report)

    def latest(self, account: AccountId) -> ReconciliationReport | None:
        with self.store.lock:
            return self.store.reconciliations.get(account)

    def history(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[ReconciliationReport]:
        with self.store.lock:
            kept = self.store.reconciliation_history[account].values()
            within = [report for report in kept if from_ms <= report.read_at_ms <= to_ms]
        return beyond(sorted(within, key=place_of_report, reverse=True), place_of_report, after, limit)
