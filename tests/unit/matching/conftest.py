"""A matching engine with two instruments and one funded account, and short words to drive it with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from undertow.adapters.paper.accounts import Position, TradingAccount
from undertow.adapters.paper.contract import Contract
from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import EngineEvent, Leg, OrderEvent
from undertow.adapters.paper.exchange import Exchange
from undertow.adapters.paper.floor import Rules
from undertow.adapters.paper.orders import EngineOrder, OrderRequest
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.instrument import Instrument, LeverageBracket
from undertow.domain.market import Side, Venue
from undertow.domain.order import OrderType, TimeInForce

BTC, ETH = Symbol("BTCUSDT"), Symbol("ETHUSDT")
MAIN, OTHER = AccountId("main"), AccountId("other")
START_MS = 1_700_000_000_000


def contract(symbol: Symbol, **changes: Any) -> Contract:
    facts: dict[str, Any] = {
        "venue": Venue.ASTER,
        "symbol": symbol,
        "base_asset": symbol.removesuffix("USDT"),
        "quote_asset": "USDT",
        "margin_asset": "USDT",
        "status": "TRADING",
        "tick_size": Decimal("0.1"),
        "min_price": Decimal("0.1"),
        "max_price": Decimal(1_000_000),
        "lot_size": Decimal("0.001"),
        "min_quantity": Decimal("0.001"),
        "max_quantity": Decimal(1_000),
        "market_lot_size": Decimal("0.001"),
        "market_min_quantity": Decimal("0.001"),
        "market_max_quantity": Decimal(100),
        "min_notional": Decimal(5),
        "price_multiplier_up": Decimal("1.15"),
        "price_multiplier_down": Decimal("0.85"),
        "max_orders": 20,
        "max_algo_orders": 10,
        "trigger_protect": Decimal("0.05"),
        "market_take_bound": Decimal("0.2"),
        "liquidation_fee": Decimal("0.01"),
        "fetched_at_ms": START_MS,
    }
    brackets = (
        LeverageBracket(1, 100, Decimal(0), Decimal(50_000), Decimal("0.005"), Decimal(0)),
        LeverageBracket(2, 50, Decimal(50_000), Decimal(250_000), Decimal("0.01"), Decimal(250)),
        LeverageBracket(3, 10, Decimal(250_000), Decimal(2_000_000), Decimal("0.05"), Decimal(10_250)),
    )
    return Contract(Instrument(**{**facts, **changes}), brackets)


@dataclass
class Desk:
    """``now_ms`` moves by hand. Prices are given as numbers or texts."""

    exchange: Exchange
    now_ms: int = START_MS
    events: list[EngineEvent] = field(default_factory=list)

    def quote(
        self,
        bid: object,
        ask: object,
        *,
        last: object = None,
        mark: object = None,
        symbol: Symbol = BTC,
        bid_quantity: object = 10,
        ask_quantity: object = 10,
    ) -> None:
        """Move the market. Last price and mark are the bid unless given."""
        prices = [
            Decimal(str(each)) for each in (bid, ask, bid if last is None else last, bid if mark is None else mark)
        ]
        self.exchange.on_quote(
            symbol,
            bid=prices[0],
            bid_quantity=Decimal(str(bid_quantity)),
            ask=prices[1],
            ask_quantity=Decimal(str(ask_quantity)),
            last=prices[2],
            mark=prices[3],
            index=prices[3],
            now_ms=self.now_ms,
        )

    def flat_quote(self, price: object, symbol: Symbol = BTC) -> None:
        """The whole market at one price, a tick wide."""
        self.quote(price, Decimal(str(price)) + Decimal("0.1"), symbol=symbol)

    def request(self, side: str, kind: str = "LIMIT", **more: Any) -> OrderRequest:
        numbers = ("quantity", "price", "stop_price", "activation_price", "callback_rate", "peg_offset")
        facts = {name: Decimal(str(value)) if name in numbers else value for name, value in more.items()}
        if kind == "LIMIT":
            facts.setdefault("time_in_force", TimeInForce.GTC)
        elif "time_in_force" in facts and facts["time_in_force"] is None:
            del facts["time_in_force"]
        return OrderRequest(symbol=facts.pop("symbol", BTC), side=Side(side), type=OrderType(kind), **facts)

    def place(self, side: str, kind: str = "LIMIT", account: AccountId = MAIN, **more: Any) -> EngineOrder:
        return self.exchange.place(account, self.request(side, kind, **more), self.now_ms)

    @contextmanager
    def refused(self, code: int) -> Iterator[None]:
        """What is tried inside is refused with ``code`` and leaves no trace."""
        before = len(self.exchange.floor.orders.all), self.account.wallet, list(self.exchange.floor.events)
        with pytest.raises(ExchangeError) as caught:
            yield
        assert caught.value.code == code, caught.value
        after = len(self.exchange.floor.orders.all), self.account.wallet, list(self.exchange.floor.events)
        assert after == before

    @property
    def account(self) -> TradingAccount:
        return self.exchange.account(MAIN)

    def position(self, leg: Leg = Leg.BOTH, symbol: Symbol = BTC, account: AccountId = MAIN) -> Position:
        return self.exchange.account(account).position(symbol, leg)

    def hedge(self) -> None:
        self.exchange.set_position_mode(MAIN, True, self.now_ms)

    def drain(self) -> list[EngineEvent]:
        drained = list(self.exchange.drain_events())
        self.events += drained
        return drained

    def order_events(self) -> list[OrderEvent]:
        return [event for event in self.drain() if isinstance(event, OrderEvent)]

    def wallet_by_the_books(self) -> Decimal:
        """The wallet as the income rows add up."""
        return sum((row.amount for row in self.exchange.incomes(MAIN)), Decimal(0))


@pytest.fixture(scope="session")
def make_desk_once():
    """For properties: hypothesis wants fixtures that outlive one example. Each call makes a new desk."""
    return _make


@pytest.fixture
def make_desk():
    return _make


@pytest.fixture
def desk() -> Desk:
    """Market at 100.0 / 100.1, 10 deep, levels a tick apart and growing."""
    return _make()


def _make(rules: Rules | None = None, deposit: object = 10_000, **changes: Any) -> Desk:
    exchange = Exchange([contract(BTC, **changes), contract(ETH)], 1_000, rules)
    for account in (MAIN, OTHER):
        exchange.open_account(account, Decimal(str(deposit)), Decimal(500), START_MS)
    exchange.drain_events()
    desk = Desk(exchange)
    desk.flat_quote(100)
    desk.flat_quote(50, ETH)
    return desk
