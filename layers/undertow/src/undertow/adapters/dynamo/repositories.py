"""Records of what happened, over the tables."""

from collections.abc import Iterable, Sequence
from typing import Final

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.conditions import ABSENT, at_version
from undertow.adapters.dynamo.newest import Newest
from undertow.adapters.dynamo.records import AuditRecord, DecisionRecord, FillRecord, OrderRecord
from undertow.adapters.dynamo.session_records import SessionRecord
from undertow.adapters.dynamo.store import TRANSACTION_LIMIT, DynamoStore, Item
from undertow.adapters.dynamo.tables import AUDIT, DAY_MS, DECISIONS, FILLS, ORDERS, TRADE_SESSIONS
from undertow.domain.decision import Decision
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, ClientOrderId, DecisionId, Symbol, TradeId
from undertow.domain.order import Order
from undertow.domain.session import TradeSession
from undertow.ports import AuditRow, Clock
from undertow.ports.places import Place, place_of_audit, place_of_decision, place_of_fill, place_of_order

_LIVE, _ORDERS_BY_TIME = ORDERS.indexes
_FILLS_BY_TIME, _FILLS_BY_SYMBOL = FILLS.indexes
_DECISIONS_BY_TIME = DECISIONS.indexes[0]
_KEPT_MS: Final = (DECISIONS.ttl_days or 0) * DAY_MS


class DynamoOrders:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def get(self, account: AccountId, order: ClientOrderId) -> Order | None:
        item = self._store.get(ORDERS, account, order)
        return OrderRecord.from_raw_data(item).to_domain() if item else None

    def add(self, order: Order) -> bool:
        return self._store.put_if(ORDERS, OrderRecord.from_domain(order).serialize(), ABSENT)

    def update(self, order: Order) -> bool:
        return self._store.put_if(ORDERS, OrderRecord.from_domain(order).serialize(), at_version(order.version - 1))

    def unfinished(self, account: AccountId) -> Sequence[Order]:
        items = self._store.query(ORDERS, account, index=_LIVE)
        return [OrderRecord.from_raw_data(item).to_domain() for item in items]

    def recent(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[Order]:
        listed = Newest(self._store, ORDERS, _ORDERS_BY_TIME)
        return listed.rows(account, (from_ms, to_ms), limit, after, _read_order, place_of_order)


class DynamoFills:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def of_symbol(self, account: AccountId, symbol: Symbol, from_ms: int, to_ms: int) -> Sequence[Fill]:
        items = self._store.query(
            FILLS, keys.fills(account, symbol), index=_FILLS_BY_SYMBOL, between=keys.span(from_ms, to_ms)
        )
        return [FillRecord.from_raw_data(item).to_domain() for item in items]

    def recent(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[Fill]:
        listed = Newest(self._store, FILLS, _FILLS_BY_TIME)
        return listed.rows(account, (from_ms, to_ms), limit, after, _read_fill, place_of_fill)

    def has(self, account: AccountId, symbol: Symbol, trade: TradeId) -> bool:
        return self._store.get(FILLS, keys.fills(account, symbol), keys.trade(trade)) is not None


class DynamoDecisions:
    def __init__(self, store: DynamoStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def record(self, decisions: Iterable[Decision]) -> None:
        first: dict[tuple[AccountId, DecisionId], Decision] = {}
        for decision in decisions:
            first.setdefault((decision.account, decision.id), decision)
        new = list(first.values())
        for start in range(0, len(new), TRANSACTION_LIMIT):
            self._record(new[start : start + TRANSACTION_LIMIT])

    def _record(self, decisions: Sequence[Decision]) -> None:
        """One request, and one more for each time that some of them turn out to be stored already."""
        records = {
            f"{decision.account}#{decision.id}": DecisionRecord.from_domain(decision).serialize()
            for decision in decisions
        }
        while len(records) > 1:
            steps = [self._store.putting(name, DECISIONS, item, ABSENT) for name, item in records.items()]
            known = self._store.write(steps)
            if not known:
                return
            records = {name: item for name, item in records.items() if name not in known}
        for item in records.values():
            self._store.put_if(DECISIONS, item, ABSENT)

    def get(self, account: AccountId, decision: DecisionId) -> Decision | None:
        item = self._store.get(DECISIONS, account, decision)
        return DecisionRecord.from_raw_data(item).to_domain() if item else None

    def recent(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[Decision]:
        # Expired rows go when the table finds the time, so they are left out here.
        kept_from_ms = max(from_ms, self._clock.now_ms() - _KEPT_MS)
        listed = Newest(self._store, DECISIONS, _DECISIONS_BY_TIME)
        return listed.rows(account, (kept_from_ms, to_ms), limit, after, _read_decision, place_of_decision)


class DynamoAudit:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def append(self, row: AuditRow) -> None:
        self._store.put(AUDIT, AuditRecord.from_domain(row).serialize())

    def recent(self, from_ms: int, to_ms: int, limit: int, after: Place | None = None) -> Sequence[AuditRow]:
        listed = Newest(self._store, AUDIT)
        return listed.rows(keys.AUDIT, (from_ms, to_ms), limit, after, _read_audit, place_of_audit)


class DynamoSessions:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def add(self, session: TradeSession) -> bool:
        return self._store.put_if(TRADE_SESSIONS, SessionRecord.from_domain(session).serialize(), ABSENT)

    def update(self, session: TradeSession) -> bool:
        item = SessionRecord.from_domain(session).serialize()
        return self._store.put_if(TRADE_SESSIONS, item, at_version(session.version - 1))

    def of_account(self, account: AccountId) -> Sequence[TradeSession]:
        items = self._store.query(TRADE_SESSIONS, account)
        sessions = [SessionRecord.from_raw_data(item).to_domain() for item in items]
        return sorted(sessions, key=lambda session: (session.opened_at_ms, session.id), reverse=True)


def _read_order(item: Item) -> Order:
    return OrderRecord.from_raw_data(item).to_domain()


def _read_fill(item: Item) -> Fill:
    return FillRecord.from_raw_data(item).to_domain()


def _read_decision(item: Item) -> Decision:
    return DecisionRecord.from_raw_data(item).to_domain()


def _read_audit(item: Item) -> AuditRow:
    return AuditRecord.from_raw_data(item).to_domain()
