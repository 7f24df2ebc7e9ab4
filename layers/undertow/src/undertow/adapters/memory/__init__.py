"""Every port kept in memory: the same conditions, versions and transactions, no network. For tests, benchmarks, replay
and the seeded simulation."""

from undertow.adapters.memory.accounting import MemoryAdjustments, MemoryCheckpoints, MemoryIncomes, MemoryTrades
from undertow.adapters.memory.actions import MemoryActions
from undertow.adapters.memory.adl import MemoryAdlRankings
from undertow.adapters.memory.alerts import MemoryAlerts
from undertow.adapters.memory.clock import SettableClock
from undertow.adapters.memory.contacts import MemoryContacts
from undertow.adapters.memory.feed import MemoryConnections, MemoryFeed, MemorySockets
from undertow.adapters.memory.leases import MemoryLeases
from undertow.adapters.memory.ledger import MemoryLedger
from undertow.adapters.memory.outbox import ListFollowUps
from undertow.adapters.memory.params import StaticParams
from undertow.adapters.memory.reconciliations import MemoryReconciliations
from undertow.adapters.memory.recorders import (
    Alert,
    RecordingMeter,
    RecordingNotifier,
    RecordingRoutes,
    RecordingTrials,
)
from undertow.adapters.memory.registers import (
    MemoryBalances,
    MemoryCascadeStates,
    MemoryControls,
    MemoryGuards,
    MemoryHeartbeats,
    MemoryInstruments,
    MemoryReadinesses,
    MemoryVenueHealths,
)
from undertow.adapters.memory.repositories import (
    MemoryAudit,
    MemoryDecisions,
    MemoryFills,
    MemoryLiquidations,
    MemoryOrders,
    MemorySessions,
)
from undertow.adapters.memory.requests import MemoryRequests
from undertow.adapters.memory.store import MemoryStore
from undertow.adapters.memory.uses import MemoryUses
from undertow.ports import Clock, Repositories

__all__ = [
    "Alert",
    "ListFollowUps",
    "MemoryActions",
    "MemoryAdjustments",
    "MemoryAdlRankings",
    "MemoryAlerts",
    "MemoryAudit",
    "MemoryBalances",
    "MemoryCascadeStates",
    "MemoryCheckpoints",
    "MemoryConnections",
    "MemoryContacts",
    "MemoryControls",
    "MemoryDecisions",
    "MemoryFeed",
    "MemoryFills",
    "MemoryGuards",
    "MemoryHeartbeats",
    "MemoryIncomes",
    "MemoryInstruments",
    "MemoryLeases",
    "MemoryLedger",
    "MemoryLiquidations",
    "MemoryOrders",
    "MemoryReadinesses",
    "MemoryReconciliations",
    "MemoryRequests",
    "MemorySessions",
    "MemorySockets",
    "MemoryStore",
    "MemoryTrades",
    "MemoryUses",
    "MemoryVenueHealths",
    "RecordingMeter",
    "RecordingNotifier",
    "RecordingRoutes",
    "RecordingTrials",
    "SettableClock",
    "StaticParams",
    "memory_repositories",
]


def memory_repositories(store: MemoryStore, clock: Clock) -> Repositories:
    return Repositories(
        ledger=MemoryLedger(store, clock),
        orders=MemoryOrders(store),
        fills=MemoryFills(store),
        decisions=MemoryDecisions(store),
        liquidations=MemoryLiquidations(store),
        controls=MemoryControls(store),
        healths=MemoryVenueHealths(store, clock),
        heartbeats=MemoryHeartbeats(store),
        instruments=MemoryInstruments(store),
        balances=MemoryBalances(store),
        readinesses=MemoryReadinesses(store),
        audit=MemoryAudit(store),
        guards=MemoryGuards(store),
        sessions=MemorySessions(store),
        cascades=MemoryCascadeStates(store),
        leases=MemoryLeases(store, clock),
        reconciliations=MemoryReconciliations(store),
        alerts=MemoryAlerts(store),
        trades=MemoryTrades(store),
        incomes=MemoryIncomes(store),
        checkpoints=MemoryCheckpoints(store),
        adjustments=MemoryAdjustments(store),
        actions=MemoryActions(store),
        uses=MemoryUses(store),
        requests=MemoryRequests(store),
        feed=store.feed,
        connections=store.connections,
        contacts=MemoryContacts(store),
        adl_rankings=MemoryAdlRankings(store),
    )
