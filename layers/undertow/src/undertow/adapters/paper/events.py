"""What the matching engine reports, in the order in which it happened. Frozen; the wire formats are elsewhere.

``time_ms`` is the time of the matching engine. A value of None means that the venue leaves the field out.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from undertow.domain.account import MarginType
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import Side
from undertow.domain.order import TimeInForce, WorkingType


class Leg(StrEnum):
    """Which position an order works on: the one net position of a one-way account, or a side of a hedge account."""

    BOTH = "BOTH"
    LONG = "LONG"
    SHORT = "SHORT"


class Execution(StrEnum):
    """What happened to an order."""

    NEW = "NEW"
    CANCELED = "CANCELED"
    CALCULATED = "CALCULATED"
    """An execution of a liquidation or auto-deleveraging order."""
    EXPIRED = "EXPIRED"
    TRADE = "TRADE"


class Status(StrEnum):
    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    NEW_INSURANCE = "NEW_INSURANCE"
    NEW_ADL = "NEW_ADL"

    @property
    def is_open(self) -> bool:
        return self in (Status.NEW, Status.PARTIALLY_FILLED)


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """ORDER_TRADE_UPDATE. ``type`` is an order type or ``LIQUIDATION``; ``trade_id`` is 0 when nothing traded.

    ``commission`` is a cost: positive when paid. ``bid_notional`` and ``ask_notional`` are those of the account's open
    orders of the symbol. ``activation_price`` and ``callback_rate`` (percent) are set on trailing orders only.
    """

    account: AccountId
    time_ms: int
    symbol: Symbol
    client_order_id: str
    order_id: int
    side: Side
    leg: Leg
    type: str
    original_type: str
    time_in_force: TimeInForce
    quantity: Decimal
    price: Decimal
    average_price: Decimal
    stop_price: Decimal
    execution: Execution
    status: Status
    last_quantity: Decimal
    cumulative_quantity: Decimal
    last_price: Decimal
    commission_asset: str | None
    commission: Decimal | None
    trade_id: int
    bid_notional: Decimal
    ask_notional: Decimal
    maker: bool
    reduce_only: bool
    close_position: bool
    working_type: WorkingType
    activation_price: Decimal | None
    callback_rate: Decimal | None
    realized_pnl: Decimal


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """``change`` is what the balance moved by apart from realized profit and commission."""

    asset: str
    wallet: Decimal
    cross_wallet: Decimal
    change: Decimal


@dataclass(frozen=True, slots=True)
class PositionLine:
    """``amount`` is signed, shorts are negative; ``realized`` is accumulated before fees."""

    symbol: Symbol
    leg: Leg
    amount: Decimal
    entry_price: Decimal
    realized: Decimal
    unrealized: Decimal
    margin_type: MarginType
    isolated_wallet: Decimal


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """ACCOUNT_UPDATE. ``reason`` is the venue's word: ORDER, FUNDING_FEE, DEPOSIT, MARGIN_TRANSFER ..."""

    account: AccountId
    time_ms: int
    reason: str
    balances: tuple[BalanceLine, ...]
    positions: tuple[PositionLine, ...]


@dataclass(frozen=True, slots=True)
class MarginCallLine:
    symbol: Symbol
    leg: Leg
    amount: Decimal
    margin_type: MarginType
    isolated_wallet: Decimal
    mark_price: Decimal
    unrealized: Decimal
    maintenance: Decimal


@dataclass(frozen=True, slots=True)
class MarginCallEvent:
    """MARGIN_CALL. ``cross_wallet`` is None unless a cross position is concerned."""

    account: AccountId
    time_ms: int
    cross_wallet: Decimal | None
    positions: tuple[MarginCallLine, ...]


@dataclass(frozen=True, slots=True)
class LeverageEvent:
    """ACCOUNT_CONFIG_UPDATE ``ac``."""

    account: AccountId
    time_ms: int
    symbol: Symbol
    leverage: int


@dataclass(frozen=True, slots=True)
class ModeEvent:
    """ACCOUNT_CONFIG_UPDATE ``ai``."""

    account: AccountId
    time_ms: int
    hedge: bool
    multi_assets: bool


@dataclass(frozen=True, slots=True)
class ForcedOrder:
    """A liquidation of one of the engine's own accounts, for the public forceOrder stream."""

    time_ms: int
    symbol: Symbol
    side: Side
    quantity: Decimal
    price: Decimal
    average_price: Decimal
    status: Status
    last_quantity: Decimal
    cumulative_quantity: Decimal


UserEvent = OrderEvent | AccountEvent | MarginCallEvent | LeverageEvent | ModeEvent
EngineEvent = UserEvent | ForcedOrder
