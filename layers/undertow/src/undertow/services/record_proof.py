"""Keep what entries read of the venue's word: the last proof, from when on no older one counts, and forced closes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from undertow.domain.guard import AccountGuard
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.reconciliation import Proof
from undertow.ports import Clock, Guards
from undertow.services.record_order import ATTEMPTS, LostTooManyRaces


@dataclass(frozen=True, slots=True)
class RecordProof:
    guards: Guards
    clock: Clock

    def __call__(self, account: AccountId, proof: Proof) -> None:
        """Store ``proof`` unless a later run has stored one: a run that was overtaken proves nothing any more."""

        def proven(guard: AccountGuard) -> AccountGuard:
            late = guard.proof is not None and guard.proof.epoch > proof.epoch
            return guard if late else replace(guard, proof=proof)

        self._write(account, proven)

    def doubt(self, account: AccountId) -> None:
        """Events of the account were missed: only what is read from the venue from now on proves anything."""
        now_ms = self.clock.now_ms()
        self._write(account, lambda guard: replace(guard, doubted_at_ms=max(guard.doubted_at_ms, now_ms)))

    def closed_by_force(self, account: AccountId, symbol: Symbol, at_ms: int) -> None:
        """The venue closed a position of ``symbol`` by itself. Of two times the later holds."""

        def forced(guard: AccountGuard) -> AccountGuard:
            return replace(guard, forced={**guard.forced, symbol: max(at_ms, guard.forced.get(symbol, 0))})

        self._write(account, forced)

    def _write(self, account: AccountId, change: Callable[[AccountGuard], AccountGuard]) -> None:
        for _ in range(ATTEMPTS):
            before = self.guards.get(account)
            after = change(before)
            if after == before or self.guards.set(replace(after, version=before.version + 1)):
                return
        raise LostTooManyRaces(f"the guard of account {account} kept changing while a proof was recorded")
