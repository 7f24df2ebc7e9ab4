"""The outside world as the services see it. Every port is small, in domain types, and has a memory implementation.

Reads that money depends on are consistent. Writes are conditional: they say whether they took effect, and nothing
here overwrites what somebody else has written meanwhile.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

from undertow.domain.account import (
    Account,
    Balance,
    BookTotals,
    Control,
    Heartbeat,
    MarginType,
    Readiness,
    VenueHealth,
    VenuePosition,
)
from undertow.domain.booking import Reservation
from undertow.domain.cascade import CascadeState
from undertow.domain.decision import Decision
from undertow.domain.fill import Fill
from undertow.domain.follow_up import FollowUp
from undertow.domain.guard import AccountGuard
from undertow.domain.ids import AccountId, ClientOrderId, DecisionId, PositionId, StrategyId, Symbol, TradeId
from undertow.domain.instrument import Instrument, LeverageBracket
from undertow.domain.market import BestPrices, Candle, Liquidation, MarkPrice, OpenInterest, PositionSide, Venue
from undertow.domain.order import Order, OrderNews
from undertow.domain.outcome import CancelOutcome, SubmitOutcome
from undertow.domain.position import Position, Slot
from undertow.domain.session import TradeSession
from undertow.risk.approval import ApprovedOrder
from undertow.risk.exposure import AccountSnapshot
from undertow.risk.limits import AccountLimits
from undertow.risk.protection import ProtectionParams
from undertow.strategies.hunter import HunterParams
from undertow.strategies.ladder.params import LadderParams


class Clock(Protocol):
    def now_ms(self) -> int:
        """Epoch milliseconds, UTC."""
        ...


# --- the venue ------------------------------------------------------------------------------------------------------


class TradingVenue(Protocol):
    """One account at one venue.

    Every method may raise VenueUnreachable (provably not sent) or its subclass VenueBlocked; every ``fetch_`` method
    may raise VenueReadFailed.
    """

    def submit(self, order: ApprovedOrder) -> SubmitOutcome: ...

    def cancel(self, symbol: Symbol, order: ClientOrderId) -> CancelOutcome: ...

    def fetch_order(self, symbol: Symbol, order: ClientOrderId) -> OrderNews | None:
        """The order, or None when the venue says that it does not know it."""
        ...

    def fetch_clock_offset_ms(self) -> int:
        """How far the venue's clock is ahead of ours, measured now. Requests are stamped accordingly from then on."""
        ...

    def fetch_open_orders(self) -> Sequence[OrderNews]: ...

    def fetch_positions(self) -> Sequence[VenuePosition]:
        """Open positions only."""
        ...

    def fetch_balance(self) -> Balance: ...

    def fetch_brackets(self) -> Mapping[Symbol, tuple[LeverageBracket, ...]]:
        """Leverage tiers of every symbol, by rising notional."""
        ...

    def fetch_fills(self, symbol: Symbol, since_ms: int) -> Sequence[Fill]:
        """All fills of ``symbol`` from ``since_ms`` on, oldest first, over as many pages as it takes."""
        ...

    def make_ready(self, symbol: Symbol, leverage: int, margin_type: MarginType, account: Account) -> Readiness:
        """Read back position mode, multi-assets mode, margin type and leverage, and set what differs.

        Returns what the venue then confirms, which may still differ from what was wanted.
        """
        ...


class MarketData(Protocol):
    """Public data of one venue. Raises as TradingVenue's reads do."""

    def fetch_instruments(self) -> Sequence[Instrument]: ...

    def fetch_best_prices(self, symbol: Symbol) -> BestPrices: ...

    def fetch_mark_price(self, symbol: Symbol) -> MarkPrice: ...

    def fetch_candles(self, symbol: Symbol, interval_s: int, limit: int) -> Sequence[Candle]:
        """The latest ``limit`` (at most 1000) candles, oldest first; the last one may still be open."""
        ...

    def fetch_open_interest(self, symbol: Symbol) -> OpenInterest | None:
        """None when the venue has no such endpoint."""
        ...


class Venues(Protocol):
    """Finds the venue of an account; builds each client once."""

    def trading(self, account: Account) -> TradingVenue: ...

    def market_data(self, venue: Venue) -> MarketData: ...


# --- the order path -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EntryClaim:
    """Everything that is written, in one transaction, before an entry goes to the network.

    The slot is stored as version ``slot_before.version + 1`` if the stored version is still ``slot_before.version``.
    """

    order: Order
    slot_before: Slot
    slot_after: Slot
    decision: Decision
    max_total_notional: Decimal
    max_total_margin: Decimal
    max_positions: int
    """Symbols in use, this one included; 0 means no limit."""
    max_total_risk: Decimal
    """Of the whole book, quote units. A layer draws on its ladder's reserve, adds nothing, and always fits."""
    opposite_in_use: bool = False
    """Whether the other side of the symbol was in use when the snapshot was read; the claim is lost if that changed."""


class ClaimOutcome(StrEnum):
    CLAIMED = "claimed"
    PAUSED = "paused"
    CAP_REACHED = "cap_reached"
    SLOT_MOVED = "slot_moved"
    ALREADY_CLAIMED = "already_claimed"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A change of one slot with what caused it, written in one transaction.

    The slot is stored as version ``slot_before.version + 1`` if the stored version is still ``slot_before.version``
    (0: no row yet); an unchanged slot (``slot_after == slot_before``) is only checked, not written.

    ``orders`` are stored under the condition that their stored version is one less. ``fill`` is new. The account's
    totals and the reservation rows follow from the difference of the two slots.
    """

    slot_before: Slot
    slot_after: Slot
    orders: tuple[Order, ...] = ()
    fill: Fill | None = None
    closed: Position | None = None


class WriteOutcome(StrEnum):
    WRITTEN = "written"
    DUPLICATE_FILL = "duplicate_fill"
    CONFLICT = "conflict"


class Ledger(Protocol):
    """Slots, and the transactions that keep orders, fills, positions and reservations in step."""

    def snapshot(self, account: AccountId, venue: Venue, symbol: Symbol) -> AccountSnapshot:
        """One request, consistent."""
        ...

    def claim(self, claim: EntryClaim) -> ClaimOutcome: ...

    def write(self, entry: LedgerEntry) -> WriteOutcome: ...

    def slot(self, account: AccountId, symbol: Symbol, side: PositionSide) -> Slot: ...

    def slots_in_use(self, account: AccountId) -> Sequence[Slot]:
        """Slots with a position or a living entry, consistent."""
        ...

    def totals(self, account: AccountId) -> BookTotals: ...

    def closed_positions(self, account: AccountId, from_ms: int, to_ms: int, limit: int) -> Sequence[Position]:
        """By time of closing, newest first. May lag behind by a second."""
        ...

    def closed_position(self, account: AccountId, position: PositionId) -> Position | None: ...

    def reservation(self, account: AccountId, order: ClientOrderId) -> Reservation | None:
        """``order`` may be a ladder's key as well (``ladder_key``)."""
        ...


class Orders(Protocol):
    def get(self, account: AccountId, order: ClientOrderId) -> Order | None:
        """Consistent."""
        ...

    def add(self, order: Order) -> bool:
        """False, and nothing written, when the id is taken."""
        ...

    def update(self, order: Order) -> bool:
        """Store ``order`` if the stored version is ``order.version - 1``."""
        ...

    def unfinished(self, account: AccountId) -> Sequence[Order]:
        """Orders that may still change: not in a final state. May lag behind by a second."""
        ...

    def recent(self, account: AccountId, from_ms: int, to_ms: int, limit: int) -> Sequence[Order]:
        """By time of creation, newest first. May lag behind by a second."""
        ...


class Fills(Protocol):
    """Booked by ``Ledger.write``. Lists may lag behind by a second; ``has`` is consistent."""

    def of_symbol(self, account: AccountId, symbol: Symbol, from_ms: int, to_ms: int) -> Sequence[Fill]:
        """Oldest first."""
        ...

    def recent(self, account: AccountId, from_ms: int, to_ms: int, limit: int) -> Sequence[Fill]:
        """Newest first."""
        ...

    def has(self, account: AccountId, symbol: Symbol, trade: TradeId) -> bool: ...


class Decisions(Protocol):
    def record(self, decisions: Iterable[Decision]) -> None:
        """Store each unless its id is there already: the first decision on a signal stands."""
        ...

    def get(self, account: AccountId, decision: DecisionId) -> Decision | None:
        """Consistent."""
        ...

    def recent(self, account: AccountId, from_ms: int, to_ms: int, limit: int) -> Sequence[Decision]:
        """By time of decision, newest first. May lag behind by a second."""
        ...


class Liquidations(Protocol):
    def append(self, venue: Venue, epoch: int, liquidations: Sequence[Liquidation]) -> None:
        """One item per call; storing the same event again is harmless, since readers know it by its id."""
        ...

    def between(self, venue: Venue, from_ms: int, to_ms: int) -> Iterable[Liquidation]:
        """Each event once, by event time, oldest first."""
        ...


class StoreBusy(Exception):
    """The tables could not be reached, or refused to work for now, through every attempt."""


# --- what is known of accounts and venues ---------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One human action. ``before`` and ``after`` are JSON texts, ``version`` what a changed document is stored as."""

    time_ms: int
    by: str
    action: str
    subject: str
    before: str
    after: str
    version: int = 0


class Audit(Protocol):
    def append(self, row: AuditRow) -> None: ...

    def recent(self, from_ms: int, to_ms: int, limit: int) -> Sequence[AuditRow]:
        """Newest first."""
        ...


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


# --- parameters -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HunterStrategy:
    """One hunter as configured: its parameters by symbol, the base already merged in."""

    id: StrategyId
    account: AccountId
    enabled: bool
    symbols: Mapping[Symbol, HunterParams]
    version: str


@dataclass(frozen=True, slots=True)
class LadderStrategy:
    """One ladder as configured: its parameters by symbol, the base already merged in."""

    id: StrategyId
    account: AccountId
    enabled: bool
    symbols: Mapping[Symbol, LadderParams]
    version: str


Strategy = HunterStrategy | LadderStrategy


@dataclass(frozen=True, slots=True)
class Measurements:
    """What the strategies ask the worker to measure of one symbol.

    Where any symbol is asked for more than windows, cascades are measured of every watched one.
    """

    windows_s: frozenset[int] = frozenset()
    percentile: bool = False
    atr_intervals_s: frozenset[int] = frozenset()
    vwap_minutes: frozenset[int] = frozenset()

    @property
    def more_than_windows(self) -> bool:
        return self.percentile or bool(self.atr_intervals_s or self.vwap_minutes)

    def with_(self, other: "Measurements") -> "Measurements":
        return Measurements(
            self.windows_s | other.windows_s,
            self.percentile or other.percentile,
            self.atr_intervals_s | other.atr_intervals_s,
            self.vwap_minutes | other.vwap_minutes,
        )


@dataclass(frozen=True, slots=True)
class ExternalPolicy:
    """What happens to positions that this system did not open. None: they are watched and reported only."""

    protection: ProtectionParams | None


@dataclass(frozen=True, slots=True)
class Globals:
    accounts: Mapping[AccountId, Account]
    limits: Mapping[AccountId, AccountLimits]
    rate_limit_buffer_pct: int
    unprotected_alert_s: int
    unprotected_close_s: int
    external: ExternalPolicy
    extra_symbols: tuple[Symbol, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """``read_at_ms`` is when the store last answered; None where parameters are simply given."""

    globals: Globals
    strategies: Mapping[StrategyId, Strategy]
    read_at_ms: int | None = None

    def age_ms(self, now_ms: int) -> int:
        return 0 if self.read_at_ms is None else now_ms - self.read_at_ms

    def watched_symbols(self, venue: Venue) -> frozenset[Symbol]:
        """Symbols for which the worker forwards liquidations of ``venue``."""
        return frozenset(
            symbol
            for strategy in self.strategies.values()
            if self.globals.accounts[strategy.account].venue is venue
            for symbol in strategy.symbols
        ) | frozenset(self.globals.extra_symbols)

    def measurements(self, venue: Venue) -> Mapping[Symbol, Measurements]:
        """By symbol, for every watched symbol of ``venue``; what several strategies ask for is put together."""
        wanted = {symbol: Measurements() for symbol in self.watched_symbols(venue)}
        for strategy in self.strategies.values():
            if self.globals.accounts[strategy.account].venue is venue:
                for symbol, params in strategy.symbols.items():
                    wanted[symbol] = wanted[symbol].with_(measurements(params))
        return wanted


def measurements(params: HunterParams | LadderParams) -> Measurements:
    """What one strategy needs to be measured of one symbol."""
    if isinstance(params, HunterParams):
        return Measurements(windows_s=frozenset({params.volume_window_s}))
    return Measurements(
        percentile=True,
        atr_intervals_s=frozenset({params.atr_interval_s}),
        vwap_minutes=frozenset() if params.vwap is None else frozenset({params.vwap.minutes}),
    )


class ParamsSource(Protocol):
    def current(self) -> Parameters:
        """Cached for 30 s. A bad stored value, or a store that does not answer, keeps the last good one and alerts.

        With no good one it raises NoParameters. Entries look at the age; exits and protection never do.
        """
        ...

    def refreshed(self) -> Parameters:
        """As ``current``, read from the store now, however fresh the copy is."""
        ...


class NoParameters(Exception):
    """The parameters could not be read even once, or no globals were ever stored. Nothing may trade."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with a document. ``field`` is its path; ``allowed`` says what would be right."""

    field: str
    value: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.field}: {self.value}; allowed: {self.allowed}" if self.allowed else f"{self.field}: {self.value}"


class BadDocument(Exception):
    """A document was refused and nothing was changed. Holds every flaw found, not only the first."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        super().__init__("; ".join(str(flaw) for flaw in flaws))
        self.flaws = tuple(flaws)


class DocumentMissing(Exception):
    """There is no such document, and nothing creates one but an explicit ``apply``."""


class DocumentMoved(Exception):
    """Somebody else changed the document meanwhile: look at it again before changing it."""

    def __init__(self, name: str, expected: int, stored: int) -> None:
        super().__init__(f"{name} is at version {stored}, not {expected}: somebody changed it meanwhile")
        self.stored = stored


@dataclass(frozen=True, slots=True)
class Document:
    """A stored document as JSON text, in canonical form. ``version`` counts from 1."""

    name: str
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A document that could be stored: its canonical text, what is unwise about it, and what it would do."""

    name: str
    text: str
    warnings: tuple[str, ...]


class Documents(Protocol):
    """Globals and strategies as people edit them. Every write is checked as a whole before anything is stored.

    ``expected`` is the version that the writer has seen; zero means that there was none. All methods may raise
    DocumentsUnavailable.
    """

    def globals(self) -> Document | None: ...

    def strategies(self) -> Sequence[Document]:
        """By name. Removed strategies are not among them."""
        ...

    def strategy(self, strategy: StrategyId) -> Document | None: ...

    def latest_version(self, strategy: StrategyId) -> int:
        """Of a removed strategy too: versions go on when it comes back. Zero when there never was one."""
        ...

    def check_globals(self, text: str) -> CheckedDocument:
        """Raises BadDocument."""
        ...

    def check_strategy(self, text: str) -> CheckedDocument:
        """Raises BadDocument, also when the account it names is not in the globals."""
        ...

    def store_globals(self, text: str, expected: int) -> Document:
        """Raises BadDocument and DocumentMoved."""
        ...

    def store_strategy(self, text: str, expected: int) -> Document:
        """Raises BadDocument and DocumentMoved."""
        ...

    def remove_strategy(self, strategy: StrategyId, expected: int) -> Document:
        """Archive it and return what was removed. Raises DocumentMissing and DocumentMoved."""
        ...


class DocumentsUnavailable(Exception):
    """The parameter store could not be reached, or refused: nothing is known about what it holds."""


# --- people and secrets ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of an API token. Its secret is not: a token is shown once, when it is made."""

    id: str
    scopes: frozenset[str]
    created_at_ms: int
    expires_at_ms: int
    revoked_at_ms: int | None

    def is_valid(self, now_ms: int) -> bool:
        return self.revoked_at_ms is None and now_ms < self.expires_at_ms


class Tokens(Protocol):
    def create(self, scopes: frozenset[str], days: int) -> tuple[Token, str]:
        """A new token and its text, which cannot be had again."""
        ...

    def verify(self, text: str) -> Token | None:
        """The valid token that ``text`` belongs to, or None, without saying why."""
        ...

    def all(self) -> Sequence[Token]: ...

    def revoke(self, token: str) -> Token | None:
        """None when there is no such token. Revoking twice keeps the first time."""
        ...


class Secrets(Protocol):
    def put(self, account: AccountId, text: str) -> None:
        """Store the exchange credentials of ``account``, a JSON text. Raises BadDocument, which shows no value."""
        ...

    def known(self, account: AccountId) -> bool: ...


# --- queues, alerts, meters -----------------------------------------------------------------------------------------


LONGEST_DELAY_S: Final = 900
"""What a queue can delay one message."""


class FollowUps(Protocol):
    def schedule(self, follow_up: FollowUp, delay_s: int) -> None:
        """Deliver it to us again after ``delay_s`` (0 to 900, else ValueError)."""
        ...


@dataclass(frozen=True, slots=True)
class FailedMessage:
    """A message that could not be handled. ``receives`` counts how often it was handed out, this time included."""

    receipt: str
    receives: int


class Redelivery(Protocol):
    def hasten(self, failed: Sequence[FailedMessage]) -> None:
        """Have them delivered again within seconds, in the order given. Never raises: what cannot be hastened comes
        back when the queue's own time is up.
        """
        ...


class AlertLevel(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    INFO = "info"


class Notifier(Protocol):
    def alert(self, level: AlertLevel, key: str, message: str, facts: Mapping[str, str]) -> None:
        """``key`` names the condition, so that the same one is not told twice in a row."""
        ...


class Meter(Protocol):
    def count(self, name: str, value: int = 1) -> None: ...

    def observe(self, name: str, milliseconds: int) -> None: ...
