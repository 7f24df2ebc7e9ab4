"""Everything that one store keeps."""

from dataclasses import dataclass

from undertow.ports.accounting import Adjustments, Checkpoints, Incomes, Trades
from undertow.ports.actions import Actions
from undertow.ports.alerts import Alerts
from undertow.ports.contacts import Contacts
from undertow.ports.feed import Connections, Feed
from undertow.ports.leases import Leases
from undertow.ports.order_path import Decisions, Fills, Ledger, Liquidations, Orders
from undertow.ports.people import Uses
from undertow.ports.reconciliations import Reconciliations
from undertow.ports.registers import (
    AdlRankings,
    Audit,
    Balances,
    CascadeStates,
    Controls,
    Guards,
    Heartbeats,
    Instruments,
    Readinesses,
    Sessions,
    VenueHealths,
)
from undertow.ports.requests import Requests


@dataclass(frozen=True, slots=True)
class Repositories:
    """Everything that one store keeps."""

    ledger: Ledger
    orders: Orders
    fills: Fills
    decisions: Decisions
    liquidations: Liquidations
    controls: Controls
    healths: VenueHealths
    heartbeats: Heartbeats
    instruments: Instruments
    balances: Balances
    readinesses: Readinesses
    audit: Audit
    guards: Guards
    sessions: Sessions
    cascades: CascadeStates
    leases: Leases
    reconciliations: Reconciliations
    alerts: Alerts
    trades: Trades
    incomes: Incomes
    checkpoints: Checkpoints
    adjustments: Adjustments
    actions: Actions
    uses: Uses
    requests: Requests
    feed: Feed
    connections: Connections
    contacts: Contacts
    adl_rankings: AdlRankings
