"""The matching engine as one object: the market is pushed in, orders come in, events are drained.

Pure: no I/O, no clock (``now_ms`` is passed in), no chance. One thread. What the venue refuses raises ExchangeError
with the venue's code, and nothing has changed then.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from undertow.adapters.paper import changing, configuration, funding, placing
from undertow.adapters.paper.accounts import Income, MarginChange, Position, Trade, TradingAccount
from undertow.adapters.paper.book import Book, Quote
from undertow.adapters.paper.conditionals import wake
from undertow.adapters.paper.contract import Contract
from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import EngineEvent, Leg
from undertow.adapters.paper.floor import Floor, Ids, Rules
from undertow.adapters.paper.liquidation import deleverage, liquidate_ruined
from undertow.adapters.paper.margin import Standing, liquidation_price, standing
from undertow.adapters.paper.market_maker_protection import ProtectionDesk
from undertow.adapters.paper.matching import reach_printed, reach_resting
from undertow.adapters.paper.orders import EngineOrder, OrderRequest, SelfTrade
from undertow.adapters.paper.strategies import StrategyDesk
from undertow.domain.account import MarginType
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import Side


class Exchange:
    """The market side calls ``on_quote``, ``on_print``, ``on_funding`` and ``on_time``; the doors do the rest.

    Order, trade and transaction ids ascend from ``first_id``, which the caller takes from the clock, so that a
    venue started again never gives the same id twice.
    """

    def __init__(self, contracts: Iterable[Contract], first_id: int, rules: Rules | None = None) -> None:
        books = {contract.symbol: Book(contract) for contract in contracts}
        self._floor = Floor(books, rules or Rules(), Ids(first_id, first_id, first_id))
        self.strategies = StrategyDesk(self._floor)
        self.protections = ProtectionDesk(self._floor)

    @property
    def floor(self) -> Floor:
        """The whole state, for reports and for saving it."""
        return self._floor

    # --- the market ---------------------------------------------------------------------------------------------

    def on_quote(
        self,
        symbol: Symbol,
        *,
        bid: Decimal,
        bid_quantity: Decimal,
        ask: Decimal,
        ask_quantity: Decimal,
        last: Decimal,
        mark: Decimal,
        index: Decimal,
        now_ms: int,
    ) -> None:
        """The market of ``symbol`` moved: fill what it reaches, trigger what it triggers, liquidate what it ruins."""
        floor = self._floor
        book = floor.books[symbol]
        book.move(Quote(bid, bid_quantity, ask, ask_quantity, last, mark, index, now_ms))
        if floor.orders.has_open(symbol):
            reach_resting(floor, symbol, now_ms)
            wake(floor, symbol, now_ms)
        liquidate_ruined(floor, symbol, now_ms)
        self._follow_up(now_ms)

    def on_print(self, symbol: Symbol, price: Decimal, quantity: Decimal, buyer_is_maker: bool, now_ms: int) -> None:
        """A public trade: fills resting orders at better prices, and those at its price once their turn has come."""
        if self._floor.orders.has_open(symbol):
            side = Side.BUY if buyer_is_maker else Side.SELL
            reach_printed(self._floor, symbol, price, quantity, side, now_ms)
            self._follow_up(now_ms)

    def on_funding(self, symbol: Symbol, rate: Decimal, now_ms: int) -> None:
        """Funding is due on ``symbol``: every position pays or receives its amount times mark times ``rate``."""
        funding.pay(self._floor, symbol, rate, now_ms)

    def on_time(self, now_ms: int) -> None:
        """Fire the countdowns that have run out. Called about every 10 ms."""
        changing.fire_countdowns(self._floor, now_ms)
        self._follow_up(now_ms)

    def _follow_up(self, now_ms: int) -> None:
        """What follows from the orders' new states."""
        self.protections.advance(now_ms)
        self.strategies.advance(now_ms)

    def drain_events(self) -> Sequence[EngineEvent]:
        """What happened since the last call, in order."""
        drained, self._floor.events = self._floor.events, []
        return drained

    # --- orders -------------------------------------------------------------------------------------------------

    def place(self, account: AccountId, request: OrderRequest, now_ms: int) -> EngineOrder:
        self.protections.check(account, request, now_ms)
        order = placing.place(self._floor, account, request, now_ms)
        self._follow_up(now_ms)
        return order

    def check(self, account: AccountId, request: OrderRequest, now_ms: int) -> None:
        """Raise what `place` would raise; change nothing."""
        placing.check(self._floor, account, request, now_ms)

    def modify(
        self,
        account: AccountId,
        symbol: Symbol,
        order_id: int | None,
        client_order_id: str | None,
        quantity: Decimal,
        price: Decimal,
        now_ms: int,
    ) -> EngineOrder:
        order = self.order(account, symbol, order_id, client_order_id, now_ms)
        changing.modify(self._floor, order, quantity, price, now_ms)
        self._follow_up(now_ms)
        return order

    def cancel(
        self, account: AccountId, symbol: Symbol, order_id: int | None, client_order_id: str | None, now_ms: int
    ) -> EngineOrder:
        order = changing.cancel(self._floor, account, symbol, order_id, client_order_id, now_ms)
        self._follow_up(now_ms)
        return order

    def cancel_all(self, account: AccountId, symbol: Symbol, now_ms: int) -> Sequence[EngineOrder]:
        orders = changing.cancel_all(self._floor, account, symbol, now_ms)
        self._follow_up(now_ms)
        return orders

    def set_countdown(self, account: AccountId, symbol: Symbol, countdown_ms: int, now_ms: int) -> None:
        changing.set_countdown(self._floor, account, symbol, countdown_ms, now_ms)

    def order(
        self, account: AccountId, symbol: Symbol, order_id: int | None, client_order_id: str | None, now_ms: int
    ) -> EngineOrder:
        """Raises -2013 for an order that never was, or that ended without a fill more than seven days ago."""
        order = changing.find(self._floor, account, symbol, order_id, client_order_id)
        if order is None or order.has_vanished(now_ms, self._floor.rules.history_ms):
            raise ExchangeError(-2013, "Order does not exist.")
        return order

    def open_orders(self, account: AccountId, symbol: Symbol | None = None) -> Sequence[EngineOrder]:
        return self._floor.orders.open_of_account(account, symbol)

    def orders(self, account: AccountId, symbol: Symbol | None, now_ms: int) -> Iterator[EngineOrder]:
        """Every order the venue still remembers, oldest first."""
        for order in self._floor.orders.of_account(account, symbol):
            if not order.has_vanished(now_ms, self._floor.rules.history_ms):
                yield order

    def trades(self, account: AccountId, symbol: Symbol | None = None) -> Iterator[Trade]:
        """Oldest first."""
        for trade in self._floor.trades:
            if trade.account == account and symbol in (None, trade.symbol):
                yield trade

    # --- accounts -----------------------------------------------------------------------------------------------

    def open_account(self, account: AccountId, deposit: Decimal, spot: Decimal, now_ms: int) -> TradingAccount:
        """A new account with ``deposit`` in its futures wallet and ``spot`` beside it."""
        opened = TradingAccount(account, spot_wallet=spot)
        self._floor.accounts[account] = opened
        configuration.deposit(self._floor, opened, deposit, now_ms)
        return opened

    def account(self, account: AccountId) -> TradingAccount:
        return self._floor.account(account)

    def standing(self, account: AccountId) -> Standing:
        return standing(self._floor, self._floor.account(account))

    def liquidation_price(self, account: AccountId, position: Position) -> Decimal:
        return liquidation_price(self._floor, self._floor.account(account), position)

    def incomes(self, account: AccountId) -> Iterator[Income]:
        """Oldest first."""
        return (income for income in self._floor.incomes if income.account == account)

    def margin_changes(self, account: AccountId, symbol: Symbol) -> Iterator[MarginChange]:
        changes = self._floor.margin_changes
        return (change for change in changes if (change.account, change.symbol) == (account, symbol))

    def set_leverage(self, account: AccountId, symbol: Symbol, leverage: int, now_ms: int) -> Decimal:
        return configuration.set_leverage(self._floor, account, symbol, leverage, now_ms)

    def set_margin_type(self, account: AccountId, symbol: Symbol, margin_type: MarginType, now_ms: int) -> None:
        configuration.set_margin_type(self._floor, account, symbol, margin_type, now_ms)

    def set_position_mode(self, account: AccountId, hedge: bool, now_ms: int) -> None:
        configuration.set_position_mode(self._floor, account, hedge, now_ms)

    def set_multi_assets(self, account: AccountId, multi_assets: bool, now_ms: int) -> None:
        configuration.set_multi_assets(self._floor, account, multi_assets, now_ms)

    def set_self_trade(self, account: AccountId, self_trade: SelfTrade) -> None:
        self._floor.account(account).self_trade = self_trade

    def change_isolated_margin(
        self, account: AccountId, symbol: Symbol, leg: Leg | None, amount: Decimal, now_ms: int
    ) -> None:
        configuration.change_isolated_margin(self._floor, account, symbol, leg, amount, now_ms)

    def transfer(self, account: AccountId, asset: str, amount: Decimal, client_id: str, now_ms: int) -> int:
        return configuration.transfer(self._floor, account, asset, amount, client_id, now_ms)

    def deleverage(self, account: AccountId, position: Position, quantity: Decimal, now_ms: int) -> None:
        """Close part of a position as auto-deleveraging does. Nothing here does it by itself."""
        deleverage(self._floor, self._floor.account(account), position, quantity, now_ms)

    # --- what everybody may see ---------------------------------------------------------------------------------

    def contracts(self) -> Mapping[Symbol, Contract]:
        return {symbol: book.contract for symbol, book in self._floor.books.items()}
