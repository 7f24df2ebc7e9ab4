"""The venue's books, as imported, in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from undertow.adapters.memory.store import MemoryStore
from undertow.domain.adjustment import Adjustment
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.imports import Checkpoint
from undertow.domain.income import Income, IncomeKind


@dataclass(frozen=True, slots=True)
class MemoryTrades:
    store: MemoryStore

    def record(self, trades: Sequence[Fill]) -> int:
        with self.store.lock:
            new = 0
            for trade in trades:
                known = self.store.trades[trade.account]
                new += (trade.symbol, trade.trade_id) not in known
                known.setdefault((trade.symbol, trade.trade_id), trade)
            return new

    def between(self, account: AccountId, from_ms: int, to_ms: int, symbol: Symbol | None = None) -> Iterable[Fill]:
        with self.store.lock:
            known = self.store.trades[account].values()
            found = (one for one in known if from_ms <= one.time_ms <= to_ms and symbol in (None, one.symbol))
            return sorted(found, key=lambda one: (one.time_ms, one.trade_id, one.symbol))


@dataclass(frozen=True, slots=True)
class MemoryIncomes:
    store: MemoryStore

    def record(self, incomes: Sequence[Income]) -> Sequence[Income]:
        with self.store.lock:
            new = []
            for row in incomes:
                known = self.store.incomes[row.account]
                if row.key not in known:
                    known[row.key] = row
                    new.append(row)
            return new

    def between(
        self, account: AccountId, from_ms: int, to_ms: int, kinds: frozenset[IncomeKind] | None = None
    ) -> Iterable[Income]:
        with self.store.lock:
            known = self.store.incomes[account].values()
            found = (row for row in known if from_ms <= row.time_ms <= to_ms and (kinds is None or row.kind in kinds))
            return sorted(found, key=lambda row: (row.time_ms, row.key))


@dataclass(frozen=True, slots=True)
class MemoryCheckpoints:
    store: MemoryStore

    def get(self, account: AccountId, stream: str) -> Checkpoint | None:
        with self.store.lock:
            return self.store.checkpoints[account].get(stream)

    def of_account(self, account: AccountId) -> Sequence[Checkpoint]:
        with self.store.lock:
            return [one for _, one in sorted(self.store.checkpoints[account].items())]

    def save(self, checkpoint: Checkpoint) -> bool:
        with self.store.lock:
            known = self.store.checkpoints[checkpoint.account].get(checkpoint.stream)
            if (0 if known is None else known.version) != checkpoint.version - 1:
                return False
            self.store.checkpoints[checkpoint.account][checkpoint.stream] = checkpoint
            return True


@dataclass(frozen=True, slots=True)
class MemoryAdjustments:
    store: MemoryStore

    def add(self, adjustment: Adjustment) -> bool:
        with self.store.lock:
            known = self.store.adjustments[adjustment.account]
            if adjustment.id in known:
                return False
            known[adjustment.id] = adjustment
            return True

    def update(self, adjustment: Adjustment) -> bool:
        with self.store.lock:
            known = self.store.adjustments[adjustment.account].get(adjustment.id)
            if known is None or known.version != adjustment.version - 1:
                return False
            self.store.adjustments[adjustment.account][adjustment.id] = adjustment
            return True

    def of_account(self, account: AccountId) -> Sequence[Adjustment]:
        with self.store.lock:
            return sorted(self.store.adjustments[account].values(), key=lambda one: (one.created_at_ms, one.id))
