"""The state of all memory repositories. Every method of theirs holds its lock, so each is one transaction."""

from collections import defaultdict
from dataclasses import dataclass, field
from threading import RLock

from undertow.adapters.memory.feed import MemoryConnections, MemoryFeed
from undertow.domain.account import Balance, BookTotals, Control, Heartbeat, Readiness, VenueHealth, never_switched
from undertow.domain.action import Action
from undertow.domain.adjustment import Adjustment
from undertow.domain.adl import AdlRanks
from undertow.domain.alert import Alert
from undertow.domain.booking import Reservation, in_use
from undertow.domain.cascade import CascadeState
from undertow.domain.contact import Contact
from undertow.domain.correction import Correction
from undertow.domain.decision import Decision
from undertow.domain.fill import Fill
from undertow.domain.guard import AccountGuard
from undertow.domain.ids import AccountId, ClientOrderId, DecisionId, LiquidationId, PositionId, Symbol, TradeId
from undertow.domain.imports import Checkpoint
from undertow.domain.income import Income
from undertow.domain.instrument import Instrument
from undertow.domain.lease import Lease
from undertow.domain.market import Liquidation, PositionSide, Venue
from undertow.domain.numbers import ZERO
from undertow.domain.order import Order
from undertow.domain.position import Position, Slot
from undertow.domain.reconciliation import ReconciliationReport
from undertow.domain.recording import RecordingGap
from undertow.domain.request import OperatorRequest, RequestId
from undertow.domain.session import SessionId, TradeSession
from undertow.ports import AuditRow

SlotKey = tuple[AccountId, Symbol, PositionSide]


@dataclass(slots=True)
class MemoryStore:
    lock: RLock = field(default_factory=RLock)
    slots: dict[SlotKey, Slot] = field(default_factory=dict)
    totals: dict[AccountId, BookTotals] = field(default_factory=dict)
    reservations: dict[tuple[AccountId, ClientOrderId], Reservation] = field(default_factory=dict)
    closed: dict[AccountId, dict[PositionId, Position]] = field(default_factory=lambda: defaultdict(dict))
    orders: dict[AccountId, dict[ClientOrderId, Order]] = field(default_factory=lambda: defaultdict(dict))
    unfinished: dict[AccountId, dict[ClientOrderId, Order]] = field(default_factory=lambda: defaultdict(dict))
    fills: dict[AccountId, dict[tuple[Symbol, TradeId], Fill]] = field(default_factory=lambda: defaultdict(dict))
    decisions: dict[AccountId, dict[DecisionId, Decision]] = field(default_factory=lambda: defaultdict(dict))
    liquidations: dict[Venue, dict[LiquidationId, Liquidation]] = field(default_factory=lambda: defaultdict(dict))
    gaps: dict[Venue, list[RecordingGap]] = field(default_factory=lambda: defaultdict(list))
    controls: dict[AccountId, Control] = field(default_factory=dict)
    healths: dict[Venue, VenueHealth] = field(default_factory=dict)
    heartbeats: dict[str, Heartbeat] = field(default_factory=dict)
    instruments: dict[Venue, dict[Symbol, Instrument]] = field(default_factory=lambda: defaultdict(dict))
    balances: dict[AccountId, Balance] = field(default_factory=dict)
    balance_history: dict[AccountId, dict[int, Balance]] = field(default_factory=lambda: defaultdict(dict))
    readinesses: dict[AccountId, dict[Symbol, Readiness]] = field(default_factory=lambda: defaultdict(dict))
    guards: dict[AccountId, AccountGuard] = field(default_factory=dict)
    sessions: dict[AccountId, dict[SessionId, TradeSession]] = field(default_factory=lambda: defaultdict(dict))
    cascades: dict[Venue, CascadeState] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    corrections: dict[AccountId, list[Correction]] = field(default_factory=lambda: defaultdict(list))
    reconciliations: dict[AccountId, ReconciliationReport] = field(default_factory=dict)
    reconciliation_history: dict[AccountId, dict[int, ReconciliationReport]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    trades: dict[AccountId, dict[tuple[Symbol, TradeId], Fill]] = field(default_factory=lambda: defaultdict(dict))
    incomes: dict[AccountId, dict[str, Income]] = field(default_factory=lambda: defaultdict(dict))
    checkpoints: dict[AccountId, dict[str, Checkpoint]] = field(default_factory=lambda: defaultdict(dict))
    adjustments: dict[AccountId, dict[str, Adjustment]] = field(default_factory=lambda: defaultdict(dict))
    requests: dict[AccountId, dict[RequestId, OperatorRequest]] = field(default_factory=lambda: defaultdict(dict))
    actions: dict[tuple[str, str], Action] = field(default_factory=dict)
    uses: dict[str, int] = field(default_factory=dict)
    audit: list[AuditRow] = field(default_factory=list)
    alerts: dict[str, list[Alert]] = field(default_factory=lambda: defaultdict(list))
    adl_ranks: dict[AccountId, AdlRanks] = field(default_factory=dict)
    contacts: dict[tuple[Venue, str, int], Contact] = field(default_factory=dict)
    feed: MemoryFeed = field(default_factory=MemoryFeed)
    connections: MemoryConnections = field(default_factory=MemoryConnections)

    def slot(self, account: AccountId, symbol: Symbol, side: PositionSide) -> Slot:
        return self.slots.get((account, symbol, side)) or Slot(account, symbol, side)

    def opposite_in_use(self, slot: Slot) -> bool:
        return in_use(self.slot(slot.account, slot.symbol, slot.side.opposite))

    def control(self, account: AccountId) -> Control:
        return self.controls.get(account) or never_switched(account)

    def health(self, venue: Venue) -> VenueHealth:
        return self.healths.get(venue) or VenueHealth(venue)

    def totals_of(self, account: AccountId) -> BookTotals:
        return self.totals.get(account) or BookTotals(account, ZERO, ZERO, 0)

    def order_version(self, account: AccountId, order: ClientOrderId) -> int:
        """0 when there is no such order."""
        stored = self.orders[account].get(order)
        return stored.version if stored is not None else 0

    def put_order(self, order: Order) -> None:
        account, order_id = order.intent.account, order.client_order_id
        self.orders[account][order_id] = order
        if order.state.is_final:
            self.unfinished[account].pop(order_id, None)
        else:
            self.unfinished[account][order_id] = order
