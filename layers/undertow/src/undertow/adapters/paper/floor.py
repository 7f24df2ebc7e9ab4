"""The whole state of the venue's private side, which the other modules of this package work on."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from undertow.adapters.paper.accounts import Income, IncomeType, MarginChange, SymbolSettings, Trade, TradingAccount
from undertow.adapters.paper.book import Book
from undertow.adapters.paper.contract import Contract
from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import EngineEvent, Leg
from undertow.adapters.paper.orders import EngineOrder, OrderStore
from undertow.domain.ids import AccountId, Symbol

DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Rules:
    """Where the venue's documents are silent, and other figures that tests may want to turn.

    ``single_close_position``: a second closePosition order in the same direction is refused with -4130.
    ``post_only_refused``: a GTX order that would take is refused with -5022 instead of accepted and expired.
    ``close_orders_expire_when_flat``: the venue itself takes closePosition orders away once the position is gone.
    """

    single_close_position: bool = False
    post_only_refused: bool = False
    close_orders_expire_when_flat: bool = False
    default_leverage: int = 20
    history_ms: int = 7 * DAY_MS
    max_modifications: int = 10_000


@dataclass(slots=True)
class Ids:
    """Order, trade and transaction ids, each ascending."""

    order: int
    trade: int
    transaction: int
    priority: int = 0

    def next_order(self) -> int:
        self.order += 1
        return self.order

    def next_trade(self) -> int:
        self.trade += 1
        return self.trade

    def next_transaction(self) -> int:
        self.transaction += 1
        return self.transaction

    def next_priority(self) -> int:
        self.priority += 1
        return self.priority


@dataclass(slots=True)
class Floor:
    books: dict[Symbol, Book]
    rules: Rules
    ids: Ids
    accounts: dict[AccountId, TradingAccount] = field(default_factory=dict)
    orders: OrderStore = field(default_factory=OrderStore)
    trades: list[Trade] = field(default_factory=list)
    incomes: list[Income] = field(default_factory=list)
    margin_changes: list[MarginChange] = field(default_factory=list)
    events: list[EngineEvent] = field(default_factory=list)

    def account(self, account: AccountId) -> TradingAccount:
        found = self.accounts.get(account)
        if found is None:
            raise ExchangeError(-1109, "Invalid account.")
        return found

    def book(self, symbol: Symbol) -> Book:
        found = self.books.get(symbol)
        if found is None:
            raise ExchangeError(-1121, "Invalid symbol.")
        return found

    def contract(self, symbol: Symbol) -> Contract:
        return self.book(symbol).contract

    def mark(self, symbol: Symbol) -> Decimal:
        return self.book(symbol).quote.mark

    def settings(self, account: TradingAccount, symbol: Symbol) -> SymbolSettings:
        found = account.settings.get(symbol)
        if found is None:
            leverage = min(self.rules.default_leverage, self.contract(symbol).max_leverage)
            found = account.settings[symbol] = SymbolSettings(leverage)
        return found

    def closable(self, order: EngineOrder) -> Decimal:
        """How much of the position ``order`` may still close."""
        position = self.account(order.account).position(order.symbol, order.leg)
        if position.is_open and position.exit_side is order.side:
            return abs(position.amount)
        return Decimal(0)

    def book_income(
        self,
        account: TradingAccount,
        symbol: str,
        kind: IncomeType,
        amount: Decimal,
        now_ms: int,
        trade_id: int = 0,
    ) -> None:
        """Move the wallet by ``amount`` and write down why. Nothing else ever moves it."""
        account.wallet += amount
        account.updated_at_ms = now_ms
        transaction = self.ids.next_transaction()
        self.incomes.append(Income(account.id, symbol, kind, amount, now_ms, transaction, trade_id))


def legs_of(account: TradingAccount) -> Iterable[Leg]:
    return (Leg.LONG, Leg.SHORT) if account.hedge else (Leg.BOTH,)
