"""Records of what happened, in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from undertow.adapters.memory.store import MemoryStore
from undertow.domain.decision import Decision
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, ClientOrderId, DecisionId, Symbol, TradeId
from undertow.domain.market import Liquidation, Venue
from undertow.domain.order import Order
from undertow.domain.recording import RecordingGap
from undertow.domain.session import TradeSession
from undertow.ports import AuditRow
from undertow.ports.places import (
    Place,
    beyond,
    place_of_audit,
    place_of_decision,
    place_of_fill,
    place_of_order,
)


@dataclass(frozen=True, slots=True)
class MemoryOrders:
    store: MemoryStore

    def get(self, account: AccountId, order: ClientOrderId) -> Order | None:
        with self.store.lock:
            return self.store.orders[account].get(order)

    def add(self, order: Order) -> bool:
        with self.store.lock:
            if order.client_order_id in self.store.orders[order.intent.account]:
                return False
            self.store.put_order(order)
            return True

    def update(self, order: Order) -> bool:
        with self.store.lock:
            stored = self.store.orders[order.intent.account].get(order.client_order_id)
            if stored is None or stored.version != order.version - 1:
                return False
            self.store.put_order(order)
            return True

    def unfinished(self, account: AccountId) -> Sequence[Order]:
        with self.store.lock:
            living = list(self.store.unfinished[account].values())
        return sorted(living, key=lambda order: (order.created_at_ms, order.client_order_id))

    def recent(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[Order]:
        with self.store.lock:
            orders = [o for o in self.store.orders[account].values() if from_ms <= o.created_at_ms <= to_ms]
        return beyond(sorted(orders, key=place_of_order, reverse=True), place_of_order, after, limit)


@dataclass(frozen=True, slots=True)
class MemoryFills:
    store: MemoryStore

    def of_symbol(self, account: AccountId, symbol: Symbol, from_ms: int, to_ms: int) -> Sequence[Fill]:
        return [fill for fill in self._within(account, from_ms, to_ms) if fill.symbol == symbol]

    def recent(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[Fill]:
        return beyond(reversed(self._within(account, from_ms, to_ms)), place_of_fill, after, limit)

    def has(self, account: AccountId, symbol: Symbol, trade: TradeId) -> bool:
        with self.store.lock:
            return (symbol, trade) in self.store.fills[account]

    def _within(self, account: AccountId, from_ms: int, to_ms: int) -> list[Fill]:
        with self.store.lock:
            fills = [fill for fill in self.store.fills[account].values() if from_ms <= fill.time_ms <= to_ms]
        return sorted(fills, key=place_of_fill)


@dataclass(frozen=True, slots=True)
class MemoryDecisions:
    store: MemoryStore

    def record(self, decisions: Iterable[Decision]) -> None:
        with self.store.lock:
            for decision in decisions:
                self.store.decisions[decision.account].setdefault(decision.id, decision)

    def get(self, account: AccountId, decision: DecisionId) -> Decision | None:
        with self.store.lock:
            return self.store.decisions[account].get(decision)

    def recent(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[Decision]:
        with self.store.lock:
            decisions = [d for d in self.store.decisions[account].values() if from_ms <= d.decided_at_ms <= to_ms]
        return beyond(sorted(decisions, key=place_of_decision, reverse=True), place_of_decision, after, limit)


@dataclass(frozen=True, slots=True)
class MemoryLiquidations:
    store: MemoryStore

    def append(self, venue: Venue, epoch: int, liquidations: Sequence[Liquidation]) -> None:  # noqa: ARG002 the port names it; only rows need it
        with self.store.lock:
            stored = self.store.liquidations[venue]
            for liquidation in liquidations:
                stored.setdefault(liquidation.id, liquidation)

    def between(self, venue: Venue, from_ms: int, to_ms: int) -> Iterable[Liquidation]:
        with self.store.lock:
            found = [one for one in self.store.liquidations[venue].values() if from_ms <= one.event_time_ms <= to_ms]
        return sorted(found, key=lambda one: (one.event_time_ms, one.id))

    def record_gap(self, venue: Venue, gap: RecordingGap) -> None:
        with self.store.lock:
            if gap not in self.store.gaps[venue]:
                self.store.gaps[venue].append(gap)

    def gaps(self, venue: Venue, from_ms: int, to_ms: int) -> Sequence[RecordingGap]:
        with self.store.lock:
            found = [gap for gap in self.store.gaps[venue] if gap.to_ms >= from_ms and gap.from_ms <= to_ms]
        return sorted(found, key=lambda gap: (gap.to_ms, gap.from_ms))


@dataclass(frozen=True, slots=True)
class MemoryAudit:
    store: MemoryStore

    def append(self, row: AuditRow) -> None:
        with self.store.lock:
            if row not in self.store.audit:
                self.store.audit.append(row)

    def recent(self, from_ms: int, to_ms: int, limit: int, after: Place | None = None) -> Sequence[AuditRow]:
        with self.store.lock:
            rows = [row for row in self.store.audit if from_ms <= row.time_ms <= to_ms]
        return beyond(sorted(rows, key=place_of_audit, reverse=True), place_of_audit, after, limit)


@dataclass(frozen=True, slots=True)
class MemorySessions:
    store: MemoryStore

    def add(self, session: TradeSession) -> bool:
        with self.store.lock:
            sessions = self.store.sessions[session.account]
            if session.id in sessions:
                return False
            sessions[session.id] = session
            return True

    def update(self, session: TradeSession) -> bool:
        with self.store.lock:
            sessions = self.store.sessions[session.account]
            stored = sessions.get(session.id)
            if stored is None or stored.version != session.version - 1:
                return False
            sessions[session.id] = session
            return True

    def of_account(self, account: AccountId) -> Sequence[TradeSession]:
        with self.store.lock:
            sessions = list(self.store.sessions[account].values())
        return sorted(sessions, key=lambda session: (session.opened_at_ms, session.id), reverse=True)
