"""Canceling and modifying orders that stand."""

from decimal import Decimal

from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import Execution
from undertow.adapters.paper.filters import (
    check_min_notional,
    check_price,
    check_price_against_mark,
    check_quantity,
)
from undertow.adapters.paper.floor import Floor
from undertow.adapters.paper.margin import Claim, open_loss
from undertow.adapters.paper.matching import execute
from undertow.adapters.paper.orders import EngineOrder
from undertow.adapters.paper.placing import check_margin
from undertow.adapters.paper.reporting import report_order
from undertow.adapters.paper.settlement import end
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.order import OrderType


def find(
    floor: Floor, account: AccountId, symbol: Symbol, order_id: int | None, client_order_id: str | None
) -> EngineOrder | None:
    """The order, by its id first. A client id names the open order, or else the latest one that had it."""
    floor.book(symbol)
    if order_id is None and client_order_id is None:
        raise ExchangeError(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!")
    if order_id is not None:
        found = floor.orders.all.get(order_id)
        return found if found is not None and (found.account, found.symbol) == (account, symbol) else None
    named = [each for each in floor.orders.by_client_id(account, client_order_id or "") if each.symbol == symbol]
    return next((each for each in named if each.status.is_open), named[-1] if named else None)


def cancel(
    floor: Floor, account: AccountId, symbol: Symbol, order_id: int | None, client_order_id: str | None, now_ms: int
) -> EngineOrder:
    order = find(floor, account, symbol, order_id, client_order_id)
    if order is None or not order.status.is_open:
        raise ExchangeError(-2011, "Unknown order sent.")
    end(floor, order, Execution.CANCELED, now_ms)
    return order


def cancel_all(floor: Floor, account: AccountId, symbol: Symbol, now_ms: int) -> list[EngineOrder]:
    """Every open order of the symbol, protective ones too."""
    floor.book(symbol)
    orders = floor.orders.open_of_account(account, symbol)
    for order in orders:
        end(floor, order, Execution.CANCELED, now_ms)
    return orders


def modify(floor: Floor, order: EngineOrder, quantity: Decimal, price: Decimal, now_ms: int) -> None:
    """Give a standing limit order another quantity and price. A refusal leaves it as it was.

    A new price or a larger quantity costs it its turn; a quantity that has been filled already ends it.
    """
    if not order.status.is_open or order.type is not OrderType.LIMIT:
        raise ExchangeError(-2013, "Order does not exist.")
    if order.modifications >= floor.rules.max_modifications:
        raise ExchangeError(-2010, "The order has been modified too many times.")
    _check_modification(floor, order, quantity, price)
    if price != order.price or quantity > order.quantity:
        order.priority = floor.ids.next_priority()
    order.quantity, order.price = quantity, price
    order.modifications += 1
    order.updated_at_ms = now_ms
    if order.remaining <= 0:
        order.quantity = order.filled
        end(floor, order, Execution.CANCELED, now_ms)
        return
    report_order(floor, order, Execution.NEW, now_ms)
    execute(floor, order, now_ms)


def set_countdown(floor: Floor, account_id: AccountId, symbol: Symbol, countdown_ms: int, now_ms: int) -> None:
    """Cancel all orders of ``symbol`` in ``countdown_ms`` unless called again before; zero stops the clock."""
    floor.book(symbol)
    account = floor.account(account_id)
    account.countdowns_ms.pop(symbol, None)
    if countdown_ms > 0:
        account.countdowns_ms[symbol] = now_ms + countdown_ms


def fire_countdowns(floor: Floor, now_ms: int) -> None:
    for account in floor.accounts.values():
        if not account.countdowns_ms:
            continue
        for symbol in [name for name, deadline_ms in account.countdowns_ms.items() if deadline_ms <= now_ms]:
            del account.countdowns_ms[symbol]
            cancel_all(floor, account.id, symbol, now_ms)


def _check_modification(floor: Floor, order: EngineOrder, quantity: Decimal, price: Decimal) -> None:
    contract, quote = floor.contract(order.symbol), floor.book(order.symbol).quote
    check_quantity(contract.instrument, quantity, at_market=False)
    check_price(contract.instrument, price)
    check_price_against_mark(contract.instrument, order.side, price, quote.mark)
    if order.closes_only:
        return
    check_min_notional(contract.instrument, quantity * price)
    more = quantity - order.filled
    claim = Claim(order.side, order.leg, more * price)
    loss = open_loss(order.side, more, price, quote.mark)
    account = floor.account(order.account)
    if not check_margin(floor, account, order.symbol, claim, loss, without=order.id):
        raise ExchangeError(-2019, "Margin is insufficient.")
