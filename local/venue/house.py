"""One simulated venue: its market, its matching engine, its accounts, and whoever wants to hear what happens.

`advance` carries everything to a given time; both doors and the driver call it. Listeners hear market events and
engine events in the order in which they happened, one at a time.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from random import Random
from typing import Final, Protocol

from local.venue.credentials import Credentials, credentials
from local.venue.faults import Fault, Faults
from local.venue.happenings import FundingDue, MarketEvent, Quoted, Revalued, Ticked, Traded
from local.venue.limits import Limits
from local.venue.listen_keys import ListenKeys
from local.venue.ports import Market
from local.venue.queue import Queue
from local.venue.trail import PositionTrail
from local.venue.watch import ProtectionWatch

from undertow.adapters.paper.book import Quote
from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import EngineEvent, ForcedOrder
from undertow.adapters.paper.exchange import Exchange
from undertow.adapters.paper.floor import Rules
from undertow.domain.ids import AccountId, Symbol

DEPOSIT: Final = Decimal(10_000)
SPOT: Final = Decimal(1_000)
_WATCHER: Final = "engine"

Happening = EngineEvent | MarketEvent
Listener = Callable[[Happening], None]


class MovingMarket(Market, Protocol):
    """A market that also moves."""

    def watch(self, watcher: str, symbols: Iterable[Symbol]) -> None: ...

    def until(self, now_ms: int) -> Sequence[MarketEvent]: ...

    def is_fresh(self, symbol: Symbol) -> bool:
        """Whether the quote of ``symbol`` is one to trade on."""
        ...


@dataclass(slots=True)
class House:
    market: MovingMarket
    exchange: Exchange
    accounts: tuple[Credentials, ...]
    listen_keys: ListenKeys
    faults: Faults
    limits: Limits
    watch: ProtectionWatch
    now_ms: int
    listed: frozenset[Symbol]
    """What the market knows; the engine may hold positions of an earlier tape beside it."""
    queue: Queue = field(default_factory=Queue)
    requests: Counter[str] = field(default_factory=Counter)
    """REST requests by method and path, and refusals by code: for the report."""
    refusals: Counter[str] = field(default_factory=Counter)
    own_liquidations: int = 0
    """Liquidations of the venue's own accounts: they go out on the forceOrder streams beside the tape's."""
    clock_off_ms: int = 0
    """How far the clock that requests are judged by is ahead of the one that dates what happens."""
    trail: PositionTrail = field(default_factory=PositionTrail)
    _listeners: list[Listener] = field(default_factory=list)
    _later: list[tuple[int, int, Callable[[], None]]] = field(default_factory=list)
    _order: "count[int]" = field(default_factory=count)
    _followed: frozenset[Symbol] = frozenset()

    @property
    def judging_ms(self) -> int:
        return self.now_ms + self.clock_off_ms

    def subscribe(self, listener: Listener) -> None:
        """From now on ``listener`` is called with everything that happens. It must not wait and must not raise."""
        self._listeners.append(listener)

    def credentials_of(self, account: AccountId) -> Credentials:
        return next(known for known in self.accounts if known.account == account)

    def advance(self, now_ms: int) -> None:
        """Let everything happen that is due until ``now_ms``. Time never goes back."""
        self.now_ms = max(self.now_ms, now_ms)
        for event in self.market.until(self.now_ms):
            self._move(event)
            self.tell(event)
            self.publish(event.time_ms)
        while self._later and self._later[0][0] <= self.now_ms:
            heapq.heappop(self._later)[2]()
        self.exchange.on_time(self.now_ms)
        self.publish(self.now_ms)

    def publish(self, now_ms: int) -> None:
        """Tell the listeners what the engine reports, and follow the symbols that now have orders or positions."""
        events = self.exchange.drain_events()
        if not events:
            return
        self.watch.observe(events, now_ms)
        if Fault.POSITIONS_LAG_S in self.faults.active:
            self.trail.follow(self.exchange, now_ms)
        self.own_liquidations += sum(isinstance(event, ForcedOrder) for event in events)
        for event in events:
            self.tell(event)
        self.follow()

    def follow(self) -> None:
        """Watch the market of every symbol that has an order or a position."""
        used = self.symbols_in_use()
        if used != self._followed:
            self._followed = used
            self.market.watch(_WATCHER, used)

    def at(self, time_ms: int, action: Callable[[], None]) -> None:
        """Run ``action`` in the first `advance` that reaches ``time_ms``."""
        heapq.heappush(self._later, (time_ms, next(self._order), action))

    def refresh(self, symbol: Symbol) -> None:
        """Before an order: give the engine the present market of a symbol that it does not follow yet.

        Unknown symbols have none. Raises the venue's NO_DEPTH where the market is not known at this moment.
        """
        if symbol in self.listed and not self.market.is_fresh(symbol):
            raise ExchangeError(-1112, "No orders on book for symbol.")
        if symbol in self.listed and symbol not in self._followed:
            self._quote(symbol, self.market.quote(symbol), self.now_ms)

    def mark(self, symbol: Symbol) -> Decimal:
        """As the engine counts with it where it follows the symbol, else as the market has it."""
        stale = symbol in self.listed and symbol not in self._followed
        return self.market.quote(symbol).mark if stale else self.exchange.floor.mark(symbol)

    def symbols_in_use(self) -> frozenset[Symbol]:
        floor = self.exchange.floor
        used: set[Symbol] = set()
        for account in floor.accounts.values():
            used.update(position.symbol for position in account.open_positions())
            used.update(order.symbol for order in floor.orders.open_of_account(account.id))
        for strategy in self.exchange.strategies.all.values():
            if strategy.is_open:
                used.update(sub.request.symbol for sub in strategy.subs)
        return frozenset(used)

    def _move(self, event: MarketEvent) -> None:
        match event:
            case Quoted() | Revalued():
                self._quote(event.symbol, event.quote, event.time_ms)
            case Ticked() | Traded():
                self._quote(event.symbol, event.quote, event.time_ms)
                trade = event.trade
                self.exchange.on_print(event.symbol, trade.price, trade.quantity, trade.buyer_is_maker, event.time_ms)
            case FundingDue():
                self.exchange.on_funding(event.symbol, event.rate, event.time_ms)

    def _quote(self, symbol: Symbol, quote: Quote, now_ms: int) -> None:
        self.exchange.on_quote(
            symbol,
            bid=quote.bid,
            bid_quantity=quote.bid_quantity,
            ask=quote.ask,
            ask_quantity=quote.ask_quantity,
            last=quote.last,
            mark=quote.mark,
            index=quote.index,
            now_ms=now_ms,
        )

    def tell(self, event: Happening) -> None:
        """Let every listener hear of ``event``."""
        for listener in self._listeners:
            listener(event)


def open_house(
    market: MovingMarket,
    faults: Faults,
    *,
    seed: int,
    now_ms: int,
    account_names: Sequence[str] = ("main",),
    rules: Rules | None = None,
    limits: Limits | None = None,
) -> House:
    """A venue with one funded demo account per name. Its ids ascend from the time of its opening."""
    exchange = Exchange((market.contract(symbol) for symbol in market.symbols()), now_ms, rules)
    accounts = tuple(credentials(name, seed) for name in account_names)
    for each in accounts:
        exchange.open_account(each.account, DEPOSIT, SPOT, now_ms)
    exchange.drain_events()
    watch = ProtectionWatch(exchange)
    listed = frozenset(market.symbols())
    listen_keys = ListenKeys(Random(f"listen keys {seed}"))
    return House(market, exchange, accounts, listen_keys, faults, limits or Limits(), watch, now_ms, listed)
