"""The outside world as the services see it. Every port is small, in domain types, and has a memory implementation.

Reads that money depends on are consistent. Writes are conditional: they say whether they took effect, and nothing
here overwrites what somebody else has written meanwhile.
"""

from undertow.domain.alert import AlertLevel
from undertow.ports.accounting import Adjustments, Checkpoints, Incomes, Trades
from undertow.ports.actions import Actions
from undertow.ports.alerts import (
    DEAD_MAN,
    USUAL_ALERTS,
    AlertPolicy,
    AlertRoute,
    Alerts,
    DeadLetters,
    DepthsUnknown,
    Notice,
    RouteFailed,
    RouteKind,
    RouteRefused,
    Routes,
    RouteSecrets,
)
from undertow.ports.audit_row import AuditRow
from undertow.ports.audit_row import AuditRow
from undertow.ports.documents import (
    BadDocument,
    CheckedDocument,
    Document,
    DocumentMissing,
    DocumentMoved,
    Documents,
    DocumentsUnavailable,
    Flaw,
)
from undertow.ports.leases import Leases
from undertow.ports.order_path import (
    ClaimOutcome,
    Decisions,
    EntryClaim,
    Fills,
    Ledger,
    LedgerEntry,
    Liquidations,
    Orders,
    StoreBusy,
    WriteOutcome,
)
from undertow.ports.parameters import (
    ExternalPolicy,
    Globals,
    HunterStrategy,
    LadderStrategy,
    Measurements,
    NoParameters,
    Parameters,
    ParamsSource,
    Strategy,
    measurements,
)
from undertow.ports.people import Secrets, Token, Tokens
from undertow.ports.places import Place
from undertow.ports.places import Place
from undertow.ports.queues import (
    LONGEST_DELAY_S,
    Clock,
    FailedMessage,
    FollowUps,
    Meter,
    Notifier,
    Redelivery,
)
from undertow.ports.reconciliations import Reconciliations
from undertow.ports.registers import (
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
from undertow.ports.repositories import Repositories
from undertow.ports.requests import Requests
from undertow.ports.venue import MarketData, TradingVenue, Venues

__all__ = [
    "DEAD_MAN",
    "LONGEST_DELAY_S",
    "USUAL_ALERTS",
    "Actions",
    "Adjustments",
    "AlertLevel",
    "AlertPolicy",
    "AlertRoute",
    "Alerts",
    "Audit",
    "AuditRow",
    "BadDocument",
    "Balances",
    "CascadeStates",
    "CheckedDocument",
    "Checkpoints",
    "ClaimOutcome",
    "Clock",
    "Controls",
    "DeadLetters",
    "Decisions",
    "DepthsUnknown",
    "Document",
    "DocumentMissing",
    "DocumentMoved",
    "Documents",
    "DocumentsUnavailable",
    "EntryClaim",
    "ExternalPolicy",
    "FailedMessage",
    "Fills",
    "Flaw",
    "FollowUps",
    "Globals",
    "Guards",
    "Heartbeats",
    "HunterStrategy",
    "Incomes",
    "Instruments",
    "LadderStrategy",
    "Leases",
    "Ledger",
    "LedgerEntry",
    "Liquidations",
    "MarketData",
    "Measurements",
    "Meter",
    "NoParameters",
    "Notice",
    "Notifier",
    "Orders",
    "Parameters",
    "ParamsSource",
    "Place",
    "Place",
    "Readinesses",
    "Reconciliations",
    "Redelivery",
    "Repositories",
    "Requests",
    "RouteFailed",
    "RouteKind",
    "RouteRefused",
    "RouteSecrets",
    "Routes",
    "Secrets",
    "Sessions",
    "StoreBusy",
    "Strategy",
    "Token",
    "Tokens",
    "Trades",
    "TradingVenue",
    "VenueHealths",
    "Venues",
    "WriteOutcome",
    "measurements",
]
