"""The venue's books, as imported, over the table of incomes. Every read is of the base table, and so consistent."""

from collections.abc import Iterator, Mapping, Sequence
from heapq import merge

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.accounting_records import (
    AdjustmentRecord,
    CheckpointRecord,
    IncomeRecord,
    read_trade,
    trade_record,
)
from undertow.adapters.dynamo.conditions import ABSENT, at_version, stored_version
from undertow.adapters.dynamo.store import TRANSACTION_LIMIT, DynamoStore, Item
from undertow.adapters.dynamo.tables import INCOME
from undertow.domain.adjustment import Adjustment
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.imports import Checkpoint
from undertow.domain.income import Income, IncomeKind


class DynamoTrades:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def record(self, trades: Sequence[Fill]) -> int:
        items = [trade_record(trade).serialize() for trade in trades]
        return len(_recorded(self._store, {_row(item): item for item in reversed(items)}))

    def between(self, account: AccountId, from_ms: int, to_ms: int, symbol: Symbol | None = None) -> Iterator[Fill]:
        for item in self._store.query(INCOME, keys.trades(account), between=keys.span(from_ms, to_ms)):
            trade = read_trade(item)
            if symbol in (None, trade.symbol):
                yield trade


class DynamoIncomes:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def record(self, incomes: Sequence[Income]) -> Sequence[Income]:
        first: dict[str, Income] = {}
        items: dict[str, Item] = {}
        for row in incomes:
            item = IncomeRecord.from_domain(row).serialize()
            if _row(item) not in first:
                first[_row(item)], items[_row(item)] = row, item
        new = _recorded(self._store, items)
        return [row for name, row in first.items() if name in new]

    def between(
        self, account: AccountId, from_ms: int, to_ms: int, kinds: frozenset[IncomeKind] | None = None
    ) -> Iterator[Income]:
        wanted = IncomeKind if kinds is None else sorted(kinds)
        listed = (self._of_kind(account, kind, from_ms, to_ms) for kind in wanted)
        return merge(*listed, key=lambda row: (row.time_ms, row.key))

    def _of_kind(self, account: AccountId, kind: IncomeKind, from_ms: int, to_ms: int) -> Iterator[Income]:
        for item in self._store.query(INCOME, keys.incomes(account, kind), between=keys.span(from_ms, to_ms)):
            yield IncomeRecord.from_raw_data(item).to_domain()


class DynamoCheckpoints:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def get(self, account: AccountId, stream: str) -> Checkpoint | None:
        item = self._store.get(INCOME, keys.checkpoints(account), stream)
        return CheckpointRecord.from_raw_data(item).to_domain() if item else None

    def of_account(self, account: AccountId) -> Sequence[Checkpoint]:
        items = self._store.query(INCOME, keys.checkpoints(account))
        return [CheckpointRecord.from_raw_data(item).to_domain() for item in items]

    def save(self, checkpoint: Checkpoint) -> bool:
        item = CheckpointRecord.from_domain(checkpoint).serialize()
        return self._store.put_if(INCOME, item, stored_version(checkpoint.version - 1))


class DynamoAdjustments:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def add(self, adjustment: Adjustment) -> bool:
        return self._store.put_if(INCOME, AdjustmentRecord.from_domain(adjustment).serialize(), ABSENT)

    def update(self, adjustment: Adjustment) -> bool:
        item = AdjustmentRecord.from_domain(adjustment).serialize()
        return self._store.put_if(INCOME, item, at_version(adjustment.version - 1))

    def of_account(self, account: AccountId) -> Sequence[Adjustment]:
        items = self._store.query(INCOME, keys.adjustments(account))
        found = [AdjustmentRecord.from_raw_data(item).to_domain() for item in items]
        return sorted(found, key=lambda one: (one.created_at_ms, one.id))


def _row(item: Item) -> str:
    return f"{item['pk']['S']}\n{item['sk']['S']}"


def _recorded(store: DynamoStore, items: Mapping[str, Item]) -> frozenset[str]:
    """Which of ``items`` were new. A request for a hundred, and one more where some of them were there already."""
    names, new = list(items), set[str]()
    for start in range(0, len(names), TRANSACTION_LIMIT):
        left = names[start : start + TRANSACTION_LIMIT]
        while left:
            known = store.write([store.putting(name, INCOME, items[name], ABSENT) for name in left])
            if not known:
                new.update(left)
                break
            left = [name for name in left if name not in known]
    return frozenset(new)
