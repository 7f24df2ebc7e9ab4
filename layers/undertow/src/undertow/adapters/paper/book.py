"""The order book of one symbol: the market's own levels and the accounts' resting orders, as a taker meets them."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from undertow.adapters.paper.contract import Contract
from undertow.adapters.paper.depth import levels, quantity_at
from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.orders import EngineOrder
from undertow.domain.market import Side
from undertow.domain.numbers import ZERO
from undertow.domain.order import TimeInForce, WorkingType


@dataclass(frozen=True, slots=True)
class Quote:
    """The market of one symbol now. ``time_ms`` is when it last changed, by the venue's clock."""

    bid: Decimal
    bid_quantity: Decimal
    ask: Decimal
    ask_quantity: Decimal
    last: Decimal
    mark: Decimal
    index: Decimal
    time_ms: int

    def best(self, side: Side) -> tuple[Decimal, Decimal]:
        """Price and quantity of the best bid (BUY) or ask (SELL)."""
        return (self.bid, self.bid_quantity) if side is Side.BUY else (self.ask, self.ask_quantity)

    def working_price(self, working_type: WorkingType) -> Decimal:
        return self.mark if working_type is WorkingType.MARK_PRICE else self.last


@dataclass(frozen=True, slots=True)
class Offer:
    """Something a taker can trade with: a level of the market, or the resting order ``maker``."""

    price: Decimal
    quantity: Decimal
    maker: EngineOrder | None


@dataclass(slots=True)
class Book:
    """``taken`` is what the accounts took from the market's levels since its last quote, by price."""

    contract: Contract
    _quote: Quote | None = None
    taken: dict[Decimal, Decimal] = field(default_factory=dict)

    @property
    def quote(self) -> Quote:
        """Raises the venue's NO_DEPTH before the first quote."""
        if self._quote is None:
            raise ExchangeError(-1112, "No orders on book for symbol.")
        return self._quote

    def move(self, quote: Quote) -> None:
        self._quote = quote
        self.taken.clear()

    def market_offers(self, taker: Side) -> Iterator[Offer]:
        """The market's own levels that a taker on side ``taker`` meets, best first, without what was taken."""
        best, quantity = self.quote.best(taker.opposite)
        for level in levels(taker.opposite, best, quantity, self.contract.instrument.tick_size):
            left = level.quantity - self.taken.get(level.price, ZERO)
            if left > 0:
                yield Offer(level.price, left, None)

    def offers(self, taker: Side, resting: Sequence[EngineOrder]) -> Iterator[Offer]:
        """Everything a taker meets, by price, then the market, then visible orders by age, then hidden ones."""
        makers = sorted((order for order in resting if order.side is taker.opposite), key=_priority)
        own = (Offer(order.price, order.remaining, order) for order in makers)
        return heapq.merge(self.market_offers(taker), own, key=lambda offer: _offer_rank(offer, taker))

    def take(self, offer: Offer, quantity: Decimal) -> None:
        """Note that ``quantity`` of a market level is gone until the next quote."""
        self.taken[offer.price] = self.taken.get(offer.price, ZERO) + quantity

    def displayed_at(self, side: Side, price: Decimal) -> Decimal:
        """What the market shows at ``price``: those orders came first."""
        best, quantity = self.quote.best(side)
        return quantity_at(side, best, quantity, self.contract.instrument.tick_size, price)


def crosses(taker: Side, limit: Decimal, offered: Decimal) -> bool:
    """A taker with ``limit`` may trade at ``offered``."""
    return offered <= limit if taker is Side.BUY else offered >= limit


def resting_orders(orders: Sequence[EngineOrder]) -> list[EngineOrder]:
    """Those of ``orders`` that stand in the book, in the order in which the market reaches them."""
    return sorted((order for order in orders if not order.is_conditional), key=_priority)


def _priority(order: EngineOrder) -> tuple[Decimal, bool, int]:
    toward_market = -order.price if order.side is Side.BUY else order.price
    return toward_market, order.time_in_force is TimeInForce.HIDDEN, order.priority


def _offer_rank(offer: Offer, taker: Side) -> tuple[Decimal, int, int]:
    price = offer.price if taker is Side.BUY else -offer.price
    if offer.maker is None:
        return price, 0, 0
    hidden = offer.maker.time_in_force is TimeInForce.HIDDEN
    return price, 2 if hidden else 1, offer.maker.priority
