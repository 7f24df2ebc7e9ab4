"""Orders as the engine keeps them, and where it finds them again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from undertow.adapters.paper.events import Leg, Status
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import Side
from undertow.domain.numbers import ZERO
from undertow.domain.order import OrderType, TimeInForce, WorkingType

CONDITIONAL: Final = frozenset(
    {
        OrderType.STOP,
        OrderType.STOP_MARKET,
        OrderType.TAKE_PROFIT,
        OrderType.TAKE_PROFIT_MARKET,
        OrderType.TRAILING_STOP_MARKET,
    }
)
LIMIT_STYLE: Final = frozenset({OrderType.LIMIT, OrderType.STOP, OrderType.TAKE_PROFIT})
"""Types that name a limit price; the others execute at market."""


class SelfTrade(StrEnum):
    """Which order gives way when an account would trade with itself."""

    EXPIRE_TAKER = "EXPIRE_TAKER"
    EXPIRE_MAKER = "EXPIRE_MAKER"
    EXPIRE_BOTH = "EXPIRE_BOTH"


class Peg(StrEnum):
    """Where a pegged limit order takes its price from when it arrives."""

    COUNTERPARTY = "COUNTERPARTY_1"
    QUEUE = "QUEUE_1"


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order as it is asked for. None is a parameter that was not sent; ``callback_rate`` is in percent."""

    symbol: Symbol
    side: Side
    type: OrderType
    leg: Leg | None = None
    time_in_force: TimeInForce | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    stop_price: Decimal | None = None
    reduce_only: bool | None = None
    close_position: bool = False
    client_order_id: str | None = None
    activation_price: Decimal | None = None
    callback_rate: Decimal | None = None
    working_type: WorkingType = WorkingType.CONTRACT_PRICE
    price_protect: bool = False
    self_trade: SelfTrade | None = None
    peg: Peg | None = None
    peg_offset: Decimal | None = None


@dataclass(slots=True)
class EngineOrder:
    """``type`` changes when a conditional order triggers; ``priority`` grows with every loss of time priority.

    ``quantity`` of an order with ``close_position`` is zero until it triggers. ``queue_ahead`` is what stood at its
    price when it arrived. ``extreme`` is the lowest (BUY) or highest (SELL) price a trailing order has seen.
    """

    id: int
    account: AccountId
    symbol: Symbol
    client_order_id: str
    side: Side
    leg: Leg
    type: OrderType
    original_type: OrderType
    time_in_force: TimeInForce
    quantity: Decimal
    price: Decimal
    stop_price: Decimal
    reduce_only: bool
    close_position: bool
    working_type: WorkingType
    price_protect: bool
    self_trade: SelfTrade
    created_at_ms: int
    updated_at_ms: int
    priority: int
    status: Status = Status.NEW
    filled: Decimal = ZERO
    filled_quote: Decimal = ZERO
    activation_price: Decimal | None = None
    callback_rate: Decimal | None = None
    extreme: Decimal | None = None
    queue_ahead: Decimal = ZERO
    modifications: int = 0
    liquidates: bool = False

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.filled

    @property
    def average_price(self) -> Decimal:
        return self.filled_quote / self.filled if self.filled else ZERO

    @property
    def is_conditional(self) -> bool:
        """It still waits for its trigger."""
        return self.type in CONDITIONAL

    @property
    def wire_type(self) -> str:
        """The type as the user stream names it."""
        return "LIQUIDATION" if self.liquidates else self.type.value

    @property
    def closes_only(self) -> bool:
        """It may never open or grow a position."""
        closing = {Leg.LONG: Side.SELL, Leg.SHORT: Side.BUY}.get(self.leg)
        return self.reduce_only or self.close_position or self.side is closing

    def has_vanished(self, now_ms: int, after_ms: int) -> bool:
        """The venue forgets orders that ended without a fill."""
        ended = self.status in (Status.CANCELED, Status.EXPIRED, Status.REJECTED)
        return ended and self.filled == 0 and now_ms - self.updated_at_ms > after_ms


@dataclass(slots=True)
class OrderStore:
    """Every order ever, with the open ones by symbol and all of them by client id."""

    all: dict[int, EngineOrder] = field(default_factory=dict)
    _open: dict[Symbol, dict[int, EngineOrder]] = field(default_factory=dict)
    _by_client_id: dict[tuple[AccountId, str], list[int]] = field(default_factory=dict)

    def add(self, order: EngineOrder) -> None:
        self.all[order.id] = order
        self._by_client_id.setdefault((order.account, order.client_order_id), []).append(order.id)
        if order.status.is_open:
            self._open.setdefault(order.symbol, {})[order.id] = order

    def closed(self, order: EngineOrder) -> None:
        """Take ``order``, which has ended, off the open ones."""
        standing = self._open.get(order.symbol, {})
        standing.pop(order.id, None)
        if not standing:
            self._open.pop(order.symbol, None)

    def open_of(self, symbol: Symbol) -> list[EngineOrder]:
        """Oldest first."""
        return list(self._open.get(symbol, {}).values())

    def has_open(self, symbol: Symbol) -> bool:
        return symbol in self._open

    def open_of_account(self, account: AccountId, symbol: Symbol | None = None) -> list[EngineOrder]:
        """Oldest first within each symbol."""
        symbols = [symbol] if symbol is not None else list(self._open)
        return [order for name in symbols for order in self.open_of(name) if order.account == account]

    def by_client_id(self, account: AccountId, client_order_id: str) -> list[EngineOrder]:
        """Oldest first: an id is unique among open orders only."""
        return [self.all[order_id] for order_id in self._by_client_id.get((account, client_order_id), ())]

    def of_account(self, account: AccountId, symbol: Symbol | None = None) -> Iterator[EngineOrder]:
        """Every order ever, oldest first."""
        for order in self.all.values():
            if order.account == account and symbol in (None, order.symbol):
                yield order
