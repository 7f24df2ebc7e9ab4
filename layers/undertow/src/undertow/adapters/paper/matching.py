"""Who trades with whom: price first, then the market's own levels, then visible orders by age, then hidden ones.

A resting order fills as maker at its own price when the market moves through it, or when enough has printed at its
price to use up what stood there before it. A taker sweeps level by level.
"""

from decimal import Decimal

from undertow.adapters.paper.book import Book, Offer, crosses, resting_orders
from undertow.adapters.paper.events import Execution
from undertow.adapters.paper.floor import Floor
from undertow.adapters.paper.orders import LIMIT_STYLE, EngineOrder, SelfTrade
from undertow.adapters.paper.settlement import end, settle
from undertow.domain.ids import Symbol
from undertow.domain.market import Side
from undertow.domain.numbers import ONE, ZERO
from undertow.domain.order import OrderType, TimeInForce


def execute(floor: Floor, order: EngineOrder, now_ms: int) -> None:
    """Let an accepted order that waits for no trigger meet the book, and let the rest of it stand or expire."""
    book = floor.book(order.symbol)
    limit = order.price if order.type is OrderType.LIMIT else _market_bound(book, order.side)
    tif = order.time_in_force
    takes = would_take(floor, order.symbol, order.side, order.price) if tif is TimeInForce.GTX else False
    short = tif is TimeInForce.FOK and _offered(floor, book, order, limit) < order.remaining
    if takes or short:
        end(floor, order, Execution.EXPIRED, now_ms)
        return
    _sweep(floor, book, order, limit, now_ms)
    if not order.status.is_open:
        return
    if order.type is OrderType.MARKET or tif in (TimeInForce.IOC, TimeInForce.FOK):
        end(floor, order, Execution.EXPIRED, now_ms)
    else:
        order.queue_ahead = book.displayed_at(order.side, order.price)


def would_take(floor: Floor, symbol: Symbol, side: Side, price: Decimal) -> bool:
    """A limit order at ``price`` would trade at once."""
    resting = resting_orders(floor.orders.open_of(symbol))
    best = next(floor.book(symbol).offers(side, resting), None)
    return best is not None and crosses(side, price, best.price)


def reach_resting(floor: Floor, symbol: Symbol, now_ms: int) -> None:
    """Fill the resting orders that the market's own best price has come up to or gone through."""
    book = floor.book(symbol)
    for order in resting_orders(floor.orders.open_of(symbol)):
        best, _ = book.quote.best(order.side.opposite)
        if crosses(order.side, order.price, best):
            _fill_from_market(floor, book, order, now_ms)


def reach_printed(floor: Floor, symbol: Symbol, price: Decimal, quantity: Decimal, side: Side, now_ms: int) -> None:
    """A public trade hit the resting orders of ``side`` at ``price``: ours, where they were first, take part."""
    left = quantity
    for order in resting_orders(floor.orders.open_of(symbol)):
        if order.side is not side or not crosses(side, order.price, price):
            continue
        if order.price == price:
            ahead = min(order.queue_ahead, left)
            order.queue_ahead -= ahead
            left -= ahead
        filled = min(left, _allowed(floor, order))
        if filled > 0:
            settle(floor, order, order.price, filled, maker=True, now_ms=now_ms)
            left -= filled
        if left <= 0:
            return


def _market_bound(book: Book, side: Side) -> Decimal | None:
    """How far from the mark a market order may sweep."""
    bound = book.contract.instrument.market_take_bound
    if not bound:
        return None
    return book.quote.mark * (ONE + bound if side is Side.BUY else ONE - bound)


def _allowed(floor: Floor, order: EngineOrder) -> Decimal:
    """How much of ``order`` may still trade: closing orders end with the position."""
    return min(order.remaining, floor.closable(order)) if order.closes_only else order.remaining


def _offered(floor: Floor, book: Book, order: EngineOrder, limit: Decimal | None) -> Decimal:
    """What the book holds for ``order`` within ``limit``, counted up to what it needs."""
    total = ZERO
    for offer in book.offers(order.side, resting_orders(floor.orders.open_of(order.symbol))):
        if (limit is not None and not crosses(order.side, limit, offer.price)) or total >= order.remaining:
            break
        if offer.maker is None or offer.maker.account != order.account:
            total += offer.quantity
    return total


def _sweep(floor: Floor, book: Book, order: EngineOrder, limit: Decimal | None, now_ms: int) -> None:
    for offer in book.offers(order.side, resting_orders(floor.orders.open_of(order.symbol))):
        if limit is not None and not crosses(order.side, limit, offer.price):
            return
        if offer.maker is not None and offer.maker.account == order.account:
            _meet_oneself(floor, order, offer.maker, now_ms)
        else:
            _trade(floor, book, order, offer, now_ms)
        if not order.status.is_open or _allowed(floor, order) == 0:
            return


def _trade(floor: Floor, book: Book, order: EngineOrder, offer: Offer, now_ms: int) -> None:
    quantity = min(_allowed(floor, order), offer.quantity)
    if offer.maker is None:
        book.take(offer, quantity)
    else:
        quantity = min(quantity, _allowed(floor, offer.maker))
        if quantity == 0:
            end(floor, offer.maker, Execution.EXPIRED, now_ms)
            return
        settle(floor, offer.maker, offer.price, quantity, maker=True, now_ms=now_ms)
    settle(floor, order, offer.price, quantity, maker=False, now_ms=now_ms)


def _meet_oneself(floor: Floor, taker: EngineOrder, maker: EngineOrder, now_ms: int) -> None:
    if taker.self_trade in (SelfTrade.EXPIRE_MAKER, SelfTrade.EXPIRE_BOTH):
        end(floor, maker, Execution.EXPIRED, now_ms)
    if taker.self_trade in (SelfTrade.EXPIRE_TAKER, SelfTrade.EXPIRE_BOTH):
        end(floor, taker, Execution.EXPIRED, now_ms)


def _fill_from_market(floor: Floor, book: Book, order: EngineOrder, now_ms: int) -> None:
    """One maker fill at the order's price, as large as the market's levels up to that price."""
    wanted = _allowed(floor, order)
    if wanted == 0:
        end(floor, order, Execution.EXPIRED, now_ms)
        return
    filled = ZERO
    for offer in book.market_offers(order.side):
        if filled == wanted or not crosses(order.side, order.price, offer.price):
            break
        part = min(offer.quantity, wanted - filled)
        book.take(offer, part)
        filled += part
    if filled:
        settle(floor, order, order.price, filled, maker=True, now_ms=now_ms)


def becomes(order: EngineOrder) -> OrderType:
    """What a conditional order turns into when it triggers."""
    return OrderType.LIMIT if order.original_type in LIMIT_STYLE else OrderType.MARKET
