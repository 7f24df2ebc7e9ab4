"""One trading account of the venue: its wallet, positions and settings, and what was ever booked on it."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from undertow.adapters.paper.events import Leg
from undertow.adapters.paper.orders import SelfTrade
from undertow.domain.account import MarginType
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import Side
from undertow.domain.numbers import ZERO

ASSET: Final = "USDT"
"""The one margin asset of this venue."""

CENT: Final = Decimal("1E-8")
"""The smallest amount of money the venue books."""


def money(value: Decimal) -> Decimal:
    """``value`` as the venue books it, with 8 decimals, half to even."""
    return value.quantize(CENT)


class IncomeType(StrEnum):
    TRANSFER = "TRANSFER"
    WELCOME_BONUS = "WELCOME_BONUS"
    REALIZED_PNL = "REALIZED_PNL"
    FUNDING_FEE = "FUNDING_FEE"
    COMMISSION = "COMMISSION"
    INSURANCE_CLEAR = "INSURANCE_CLEAR"
    MARKET_MERCHANT_RETURN_REWARD = "MARKET_MERCHANT_RETURN_REWARD"


@dataclass(frozen=True, slots=True)
class Income:
    """``amount`` is what the wallet moved by. ``trade_id`` is 0 where no trade caused it."""

    account: AccountId
    symbol: str
    type: IncomeType
    amount: Decimal
    time_ms: int
    transaction_id: int
    trade_id: int


@dataclass(frozen=True, slots=True)
class Trade:
    """One fill of one account. ``commission`` is a cost: positive when paid."""

    id: int
    account: AccountId
    symbol: Symbol
    order_id: int
    client_order_id: str
    side: Side
    leg: Leg
    price: Decimal
    quantity: Decimal
    realized: Decimal
    commission: Decimal
    maker: bool
    time_ms: int

    @property
    def quote_quantity(self) -> Decimal:
        return self.price * self.quantity


@dataclass(frozen=True, slots=True)
class MarginChange:
    """A manual change of isolated margin; a negative ``amount`` took some away."""

    account: AccountId
    symbol: Symbol
    leg: Leg
    amount: Decimal
    time_ms: int


@dataclass(slots=True)
class Position:
    """``amount`` is signed. ``cost`` is what the open amount was bought for (negative for shorts), so that no
    rounded average ever enters the books."""

    symbol: Symbol
    leg: Leg
    amount: Decimal = ZERO
    cost: Decimal = ZERO
    isolated_wallet: Decimal = ZERO
    realized: Decimal = ZERO
    updated_at_ms: int = 0

    @property
    def entry_price(self) -> Decimal:
        return self.cost / self.amount if self.amount else ZERO

    @property
    def is_open(self) -> bool:
        return self.amount != 0

    @property
    def exit_side(self) -> Side:
        return Side.SELL if self.amount > 0 else Side.BUY

    def unrealized(self, mark: Decimal) -> Decimal:
        return self.amount * mark - self.cost

    def notional(self, mark: Decimal) -> Decimal:
        return abs(self.amount) * mark

    def trade(self, signed_quantity: Decimal, price: Decimal) -> tuple[Decimal, Decimal]:
        """Apply a fill. Returns the profit it realized and the quantity that it opened (the rest closed)."""
        if self.amount * signed_quantity >= 0:
            self.amount += signed_quantity
            self.cost += signed_quantity * price
            return ZERO, abs(signed_quantity)
        closed = min(abs(signed_quantity), abs(self.amount)).copy_sign(self.amount)
        cost = self.cost if closed == self.amount else money(self.cost * closed / self.amount)
        self.amount -= closed
        self.cost -= cost
        realized = money(closed * price - cost)
        self.realized += realized
        opened = signed_quantity + closed
        self.amount += opened
        self.cost += opened * price
        return realized, abs(opened)


@dataclass(slots=True)
class SymbolSettings:
    leverage: int
    margin_type: MarginType = MarginType.CROSS


@dataclass(slots=True)
class TradingAccount:
    """``wallet`` is everything, ``spot_wallet`` what waits outside the futures account for transfers."""

    id: AccountId
    wallet: Decimal = ZERO
    spot_wallet: Decimal = ZERO
    hedge: bool = False
    multi_assets: bool = False
    self_trade: SelfTrade = SelfTrade.EXPIRE_TAKER
    settings: dict[Symbol, SymbolSettings] = field(default_factory=dict)
    positions: dict[Symbol, dict[Leg, Position]] = field(default_factory=dict)
    countdowns_ms: dict[Symbol, int] = field(default_factory=dict)
    transfer_ids_ms: dict[str, int] = field(default_factory=dict)
    margin_called: bool = False
    updated_at_ms: int = 0

    def position(self, symbol: Symbol, leg: Leg) -> Position:
        """The position, made flat when there was none yet."""
        legs = self.positions.setdefault(symbol, {})
        if leg not in legs:
            legs[leg] = Position(symbol, leg)
        return legs[leg]

    def open_positions(self, symbol: Symbol | None = None) -> list[Position]:
        symbols = [symbol] if symbol is not None else list(self.positions)
        return [found for name in symbols for found in self.positions.get(name, {}).values() if found.is_open]

    def is_isolated(self, symbol: Symbol) -> bool:
        found = self.settings.get(symbol)
        return found is not None and found.margin_type is MarginType.ISOLATED

    @property
    def isolated_wallet(self) -> Decimal:
        """What is set aside for isolated positions."""
        legs = (position for legs in self.positions.values() for position in legs.values())
        return sum((position.isolated_wallet for position in legs), ZERO)

    @property
    def cross_wallet(self) -> Decimal:
        return self.wallet - self.isolated_wallet
