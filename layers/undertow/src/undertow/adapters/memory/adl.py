"""Ranks of positions in the venue's queue of auto-deleveraging, in memory."""

from dataclasses import dataclass

from undertow.adapters.memory.store import MemoryStore
from undertow.domain.adl import AdlRanks, never_asked
from undertow.domain.ids import AccountId


@dataclass(frozen=True, slots=True)
class MemoryAdlRankings:
    store: MemoryStore

    def get(self, account: AccountId) -> AdlRanks:
        with self.store.lock:
            return self.store.adl_ranks.get(account) or never_asked(account)

    def save(self, ranks: AdlRanks) -> None:
        with self.store.lock:
            if ranks.asked_at_ms >= self.get(ranks.account).asked_at_ms:
                self.store.adl_ranks[ranks.account] = ranks
