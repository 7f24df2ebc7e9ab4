"""What the user data stream tells, in our words. Not ordered by the venue: each carries its own time."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.account import MarginType
from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import MarkPrice, PositionSide, Venue
from undertow.domain.order import OrderNews


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """ORDER_TRADE_UPDATE. ``fill`` is set when the change is an execution.

    ``forced`` is ``liquidation`` or ``adl`` when the venue itself placed the order, else empty.
    """

    account: AccountId
    news: OrderNews
    fill: Fill | None
    forced: str
    event_time_ms: int


@dataclass(frozen=True, slots=True)
class WalletChange:
    asset: str
    wallet: Decimal
    cross_wallet: Decimal
    change: Decimal


@dataclass(frozen=True, slots=True)
class PositionSeen:
    """A position as an account update reports it; ``side`` is None on one-way accounts, ``amount`` is signed."""

    symbol: Symbol
    side: PositionSide | None
    amount: Decimal
    entry_price: Decimal
    unrealized: Decimal
    margin_type: MarginType


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """ACCOUNT_UPDATE. ``reason`` is the venue's word, for example ORDER, FUNDING_FEE or DEPOSIT."""

    account: AccountId
    reason: str
    wallets: tuple[WalletChange, ...]
    positions: tuple[PositionSeen, ...]
    event_time_ms: int


@dataclass(frozen=True, slots=True)
class MarginCalled:
    account: AccountId
    symbols: tuple[Symbol, ...]
    event_time_ms: int


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """Leverage of a symbol, or the account's modes, were changed; fields not concerned are None."""

    account: AccountId
    symbol: Symbol | None
    leverage: int | None
    hedge_mode: bool | None
    multi_assets: bool | None
    event_time_ms: int


@dataclass(frozen=True, slots=True)
class StreamGap:
    """The user stream was not heard from ``from_ms`` to ``to_ms``: what happened meanwhile must be fetched."""

    account: AccountId
    from_ms: int
    to_ms: int
    reason: str


UserEvent = OrderChanged | AccountChanged | MarginCalled | ConfigChanged | StreamGap


@dataclass(frozen=True, slots=True)
class Ticks:
    """Every few seconds for each account: the mark prices of the whole venue, as fresh as the worker has them.

    No user event: it comes whatever happens, and a symbol without a fresh price is not in ``marks``.
    """

    venue: Venue
    account: AccountId
    sent_at_ms: int
    marks: Mapping[Symbol, MarkPrice]
