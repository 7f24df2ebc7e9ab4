"""What reconciliation found, for people."""

from collections.abc import Sequence
from typing import Protocol

from undertow.domain.ids import AccountId
from undertow.domain.reconciliation import ReconciliationReport
from undertow.ports.places import Place


class Reconciliations(Protocol):
    def save(self, report: ReconciliationReport, *, historic: bool) -> None:
        """Keep it as the latest, unless a later run's is; with ``historic`` as a row of the history as well."""
        ...

    def latest(self, account: AccountId) -> ReconciliationReport | None:
        """Consistent."""
        ...

    def history(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[ReconciliationReport]:
        """By the time of reading the venue, newest first; both ends included."""
        ...
