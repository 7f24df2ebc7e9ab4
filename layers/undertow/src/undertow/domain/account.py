"""The account as the venue sees it, and the switches its owner holds."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import PositionSide, Venue
from undertow.domain.numbers import ZERO


class Mode(StrEnum):
    LIVE = "live"
    PAPER = "paper"
    DEMO = "demo"
    SIMULATE = "simulate"


class PositionMode(StrEnum):
    ONE_WAY = "one_way"
    HEDGE = "hedge"


class MarginType(StrEnum):
    ISOLATED = "isolated"
    CROSS = "cross"


@dataclass(frozen=True, slots=True)
class Account:
    """One trading account as configured."""

    id: AccountId
    venue: Venue
    mode: Mode
    position_mode: PositionMode
    multi_assets: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """Quote units. ``equity`` is wallet plus unrealized; ``available`` is what may still be used as margin.

    ``initial_margin`` and ``maintenance_margin`` are what the venue asks for all positions together; None while it was
    not read.
    """

    account: AccountId
    wallet: Decimal
    available: Decimal
    unrealized: Decimal
    time_ms: int
    initial_margin: Decimal | None = None
    maintenance_margin: Decimal | None = None

    @property
    def equity(self) -> Decimal:
        return self.wallet + self.unrealized


@dataclass(frozen=True, slots=True)
class VenuePosition:
    """A position as the venue reports it. ``quantity`` is positive; flat sides are not reported.

    ``isolated_wallet`` is the margin of its own that an isolated one has, without its profit; None when not told.
    """

    symbol: Symbol
    side: PositionSide
    quantity: Decimal
    entry_price: Decimal
    mark_price: Decimal
    unrealized: Decimal
    leverage: int
    margin_type: MarginType
    liquidation_price: Decimal | None
    updated_at_ms: int
    isolated_wallet: Decimal | None = None


class Switch(StrEnum):
    """How far trading is allowed, from all to nothing. Exits and protection always continue."""

    RUNNING = "running"
    PAUSED = "paused"
    CLOSE_ONLY = "close_only"
    FLATTEN = "flatten"


@dataclass(frozen=True, slots=True)
class Control:
    """The switch of one account, who set it, when and why."""

    account: AccountId
    switch: Switch
    since_ms: int
    by: str
    reason: str
    version: int = 0

    @property
    def admits_entries(self) -> bool:
        return self.switch is Switch.RUNNING


def never_switched(account: AccountId) -> Control:
    """What holds for an account whose switch was never touched: it is paused."""
    return Control(account, Switch.PAUSED, 0, "", "never switched on")


@dataclass(frozen=True, slots=True)
class VenueHealth:
    """Until when a venue must not be called, and why. ``blocked_until_ms`` of zero means it may be called.

    ``entries_only``: the venue may be called, yet nothing new may be opened there.
    """

    venue: Venue
    blocked_until_ms: int = 0
    reason: str = ""
    entries_only: bool = False

    def blocks(self, now_ms: int) -> bool:
        return now_ms < self.blocked_until_ms

    def yields_to(self, other: "VenueHealth", now_ms: int) -> bool:
        """Whether ``other`` takes the place of this. What forbids all calls outranks what forbids entries."""
        if not self.blocks(now_ms) or self.entries_only == other.entries_only:
            return other.blocked_until_ms > self.blocked_until_ms
        return self.entries_only


@dataclass(frozen=True, slots=True)
class BookTotals:
    """What all entries of one account reserve together, in quote units, and how many symbols are in use.

    ``slots`` counts a symbol held long and short once.
    """

    account: AccountId
    notional: Decimal
    margin: Decimal
    slots: int
    version: int = 0
    risk: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Readiness:
    """Position mode, margin type and leverage of a symbol as last read back from the venue."""

    account: AccountId
    symbol: Symbol
    leverage: int
    margin_type: MarginType
    position_mode: PositionMode
    multi_assets: bool
    verified_at_ms: int


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Sign of life of a stream worker. Ages count from ``time_ms``; a null time means nothing came yet."""

    worker: str
    epoch: int
    time_ms: int
    last_market_event_ms: int | None
    last_user_event_ms: int | None
    listen_key_renewed_at_ms: int | None
    loop_lag_ms: int
    frames_in: int
    liquidations_in: int
    quarantined: int
    dropped: int
    reconnects: int
    window_covered: bool
