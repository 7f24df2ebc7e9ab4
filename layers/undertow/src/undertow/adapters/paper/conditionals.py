"""Conditional orders that the market has reached."""

from decimal import Decimal

from undertow.adapters.paper.book import Quote
from undertow.adapters.paper.contract import Contract
from undertow.adapters.paper.events import Execution
from undertow.adapters.paper.floor import Floor
from undertow.adapters.paper.matching import becomes, execute
from undertow.adapters.paper.orders import EngineOrder
from undertow.adapters.paper.placing import affords
from undertow.adapters.paper.reporting import report_order
from undertow.adapters.paper.settlement import end
from undertow.adapters.paper.triggers import is_met
from undertow.domain.ids import Symbol


def wake(floor: Floor, symbol: Symbol, now_ms: int) -> None:
    """Trigger what the symbol's new prices trigger, oldest first."""
    quote = floor.book(symbol).quote
    for order in floor.orders.open_of(symbol):
        # One order's execution may have ended another one meanwhile.
        if order.is_conditional and order.status.is_open and is_met(order, quote.working_price(order.working_type)):
            _trigger(floor, order, quote, now_ms)


def _trigger(floor: Floor, order: EngineOrder, quote: Quote, now_ms: int) -> None:
    """Turn ``order`` into what it stands for. One that cannot be honoured any more expires."""
    if order.price_protect and _is_torn(floor.contract(order.symbol), quote):
        end(floor, order, Execution.EXPIRED, now_ms)
        return
    if order.close_position:
        order.quantity = floor.closable(order)
    nothing_to_close = order.closes_only and floor.closable(order) == 0
    order.type = becomes(order)
    order.updated_at_ms = now_ms
    order.priority = floor.ids.next_priority()
    if nothing_to_close or not (order.closes_only or affords(floor, floor.account(order.account), order)):
        end(floor, order, Execution.EXPIRED, now_ms)
        return
    report_order(floor, order, Execution.NEW, now_ms)
    execute(floor, order, now_ms)


def _is_torn(contract: Contract, quote: Quote) -> bool:
    """Mark and last price are further apart than the venue lets protected orders trigger at."""
    gap = abs(quote.mark - quote.last) / quote.mark
    return gap > (contract.instrument.trigger_protect or Decimal("Infinity"))
