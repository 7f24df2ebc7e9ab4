"""What is known of accounts and venues beside orders and positions."""

from collections.abc import Sequence
from typing import Protocol

from undertow.domain.account import Balance, Control, Heartbeat, Readiness, VenueHealth
from undertow.domain.adl import AdlRanks
from undertow.domain.cascade import CascadeState
from undertow.domain.guard import AccountGuard
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import Venue
from undertow.domain.session import TradeSession
from undertow.ports.audit_row import AuditRow
from undertow.ports.places import Place


class Controls(Protocol):
    def get(self, account: AccountId) -> Control:
        """Consistent. An account that was never switched is paused, not running: nothing trades by default."""
        ...

    def set(self, control: Control) -> bool:
        """Store ``control`` if the stored version is ``control.version - 1``."""
        ...


class VenueHealths(Protocol):
    def get(self, venue: Venue) -> VenueHealth: ...

    def set(self, health: VenueHealth) -> None:
        """Of two deadlines the later holds, but a block of everything is never weakened to one of entries only."""
        ...


class Heartbeats(Protocol):
    def put(self, heartbeat: Heartbeat) -> None: ...

    def all(self) -> Sequence[Heartbeat]: ...


class Instruments(Protocol):
    def get(self, venue: Venue, symbol: Symbol) -> Instrument | None: ...

    def all(self, venue: Venue) -> Sequence[Instrument]: ...

    def save(self, instruments: Sequence[Instrument]) -> None: ...


class Balances(Protocol):
    def save(self, balance: Balance) -> None:
        """Keeps the latest for the order path and a history; an older balance never replaces a newer one."""
        ...

    def latest(self, account: AccountId) -> Balance | None: ...

    def history(self, account: AccountId, from_ms: int, to_ms: int) -> Sequence[Balance]:
        """Oldest first."""
        ...


class Readinesses(Protocol):
    def save(self, readiness: Readiness) -> None: ...

    def all(self, account: AccountId) -> Sequence[Readiness]: ...


class Guards(Protocol):
    """What the monitor remembers of each account. Read with the ledger's snapshot."""

    def get(self, account: AccountId) -> AccountGuard:
        """Consistent; an empty one when nothing was stored yet."""
        ...

    def set(self, guard: AccountGuard) -> bool:
        """Store ``guard`` if the stored version is ``guard.version - 1``."""
        ...


class AdlRankings(Protocol):
    def get(self, account: AccountId) -> AdlRanks:
        """Asked at 0, with nothing known, when the venue was never asked."""
        ...

    def save(self, ranks: AdlRanks) -> None:
        """An older answer never replaces a newer one."""
        ...


class Sessions(Protocol):
    def add(self, session: TradeSession) -> bool:
        """False, and nothing written, when the id is taken."""
        ...

    def update(self, session: TradeSession) -> bool:
        """Store ``session`` if the stored version is ``session.version - 1``."""
        ...

    def of_account(self, account: AccountId) -> Sequence[TradeSession]:
        """Newest first, archived ones too. Consistent."""
        ...


class CascadeStates(Protocol):
    def put(self, state: CascadeState) -> None:
        """An older state never replaces a newer one."""
        ...

    def latest(self, venue: Venue) -> CascadeState | None: ...


class Audit(Protocol):
    def append(self, row: AuditRow) -> None: ...

    def recent(self, from_ms: int, to_ms: int, limit: int, after: Place | None = None) -> Sequence[AuditRow]:
        """Newest first."""
        ...
