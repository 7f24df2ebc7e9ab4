"""Every repository over one store."""

from undertow.adapters.dynamo.accounting import DynamoAdjustments, DynamoCheckpoints, DynamoIncomes, DynamoTrades
from undertow.adapters.dynamo.actions import DynamoActions
from undertow.adapters.dynamo.adl import DynamoAdlRankings
from undertow.adapters.dynamo.alerts import DynamoAlerts
from undertow.adapters.dynamo.contacts import DynamoContacts
from undertow.adapters.dynamo.feed import DynamoConnections, DynamoFeed
from undertow.adapters.dynamo.held_instruments import HeldInstruments
from undertow.adapters.dynamo.leases import DynamoLeases
from undertow.adapters.dynamo.ledger import DynamoLedger
from undertow.adapters.dynamo.liquidations import DynamoLiquidations
from undertow.adapters.dynamo.reconciliations import DynamoReconciliations
from undertow.adapters.dynamo.registers import (
    DynamoBalances,
    DynamoCascadeStates,
    DynamoControls,
    DynamoGuards,
    DynamoHeartbeats,
    DynamoInstruments,
    DynamoReadinesses,
    DynamoVenueHealths,
)
from undertow.adapters.dynamo.repositories import (
    DynamoAudit,
    DynamoDecisions,
    DynamoFills,
    DynamoOrders,
    DynamoSessions,
)
from undertow.adapters.dynamo.requests import DynamoRequests
from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.uses import DynamoUses
from undertow.ports import Clock, Repositories


def dynamo_repositories(store: DynamoStore, clock: Clock) -> Repositories:
    return Repositories(
        ledger=DynamoLedger(store, clock),
        orders=DynamoOrders(store),
        fills=DynamoFills(store),
        decisions=DynamoDecisions(store, clock),
        liquidations=DynamoLiquidations(store, clock),
        controls=DynamoControls(store),
        healths=DynamoVenueHealths(store, clock),
        heartbeats=DynamoHeartbeats(store),
        instruments=HeldInstruments(DynamoInstruments(store), clock),
        balances=DynamoBalances(store),
        readinesses=DynamoReadinesses(store),
        audit=DynamoAudit(store),
        guards=DynamoGuards(store),
        sessions=DynamoSessions(store),
        cascades=DynamoCascadeStates(store),
        leases=DynamoLeases(store, clock),
        reconciliations=DynamoReconciliations(store),
        alerts=DynamoAlerts(store),
        trades=DynamoTrades(store),
        incomes=DynamoIncomes(store),
        checkpoints=DynamoCheckpoints(store),
        adjustments=DynamoAdjustments(store),
        actions=DynamoActions(store),
        uses=DynamoUses(store),
        requests=DynamoRequests(store),
        feed=DynamoFeed(store),
        connections=DynamoConnections(store),
        contacts=DynamoContacts(store),
        adl_rankings=DynamoAdlRankings(store),
    )
