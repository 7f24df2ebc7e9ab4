"""From a request to an order on the floor: what the venue checks against market and account, in its codes."""

from collections.abc import Iterable
from decimal import Decimal

from undertow.adapters.paper.accounts import TradingAccount
from undertow.adapters.paper.admission import admit
from undertow.adapters.paper.book import Quote
from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.events import Execution, Leg
from undertow.adapters.paper.filters import (
    check_market_price,
    check_min_notional,
    check_price,
    check_price_against_mark,
)
from undertow.adapters.paper.floor import Floor
from undertow.adapters.paper.margin import Claim, open_loss, order_margin, resting_claims, standing
from undertow.adapters.paper.matching import execute, would_take
from undertow.adapters.paper.orders import CONDITIONAL, EngineOrder, OrderRequest, Peg
from undertow.adapters.paper.reporting import report_order
from undertow.adapters.paper.triggers import activation_is_passed, stop_is_met
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import Side
from undertow.domain.numbers import ZERO
from undertow.domain.order import OrderType, TimeInForce


def place(floor: Floor, account_id: AccountId, request: OrderRequest, now_ms: int) -> EngineOrder:
    """Take ``request`` and let it trade. Raises ExchangeError, with nothing changed, when the venue refuses it."""
    order = check(floor, account_id, request, now_ms)
    floor.orders.add(order)
    report_order(floor, order, Execution.NEW, now_ms)
    if not order.is_conditional:
        execute(floor, order, now_ms)
    return order


def check(floor: Floor, account_id: AccountId, request: OrderRequest, now_ms: int) -> EngineOrder:
    """Everything `place` checks, and the order it would make. Takes an order id, and changes nothing else."""
    account, book = floor.account(account_id), floor.book(request.symbol)
    instrument = book.contract.instrument
    admit(account, instrument, request)
    quote = book.quote
    order = _order(floor, account, request, quote, now_ms)
    _check_status(instrument, order)
    _check_open_orders(floor, order)
    _check_market(instrument, quote, order)
    if order.closes_only:
        _check_reduces(floor, order)
    elif not _is_cheap_enough(floor, account, order, quote):
        raise ExchangeError(-2019, "Margin is insufficient.")
    if floor.rules.post_only_refused and order.time_in_force is TimeInForce.GTX:
        _check_post_only(floor, order)
    return order


def affords(floor: Floor, account: TradingAccount, order: EngineOrder) -> bool:
    """The account may carry ``order``, which has just triggered, by leverage cap and margin."""
    quote = floor.book(order.symbol).quote
    try:
        return _is_cheap_enough(floor, account, order, quote)
    except ExchangeError:
        return False


def check_margin(
    floor: Floor, account: TradingAccount, symbol: Symbol, claim: Claim, loss: Decimal, without: int = 0
) -> bool:
    """Whether the free margin covers ``claim``. Raises -2027 when the leverage does not admit the size."""
    check_leverage_cap(floor, account, symbol, [*resting_claims(floor, account, symbol, without), claim])
    before = order_margin(floor, account, symbol)
    after = order_margin(floor, account, symbol, [claim], without)
    return after - before + loss <= standing(floor, account).available


def check_leverage_cap(floor: Floor, account: TradingAccount, symbol: Symbol, claims: Iterable[Claim]) -> None:
    """Raises -2027 when position and orders of one side together are more than the leverage admits."""
    cap = floor.contract(symbol).max_notional(floor.settings(account, symbol).leverage)
    mark = floor.mark(symbol)
    for side, leg in ((Side.BUY, Leg.LONG), (Side.SELL, Leg.SHORT)):
        wanted = sum((claim.notional for claim in claims if claim.side is side), ZERO)
        held = account.position(symbol, leg if account.hedge else Leg.BOTH).amount * mark
        if wanted and wanted + (held if side is Side.BUY else -held) > cap:
            raise ExchangeError(-2027, "Exceeded the maximum allowable position at current leverage.")


def _order(floor: Floor, account: TradingAccount, request: OrderRequest, quote: Quote, now_ms: int) -> EngineOrder:
    order_id = floor.ids.next_order()
    trailing = request.type is OrderType.TRAILING_STOP_MARKET
    working = quote.working_price(request.working_type)
    return EngineOrder(
        id=order_id,
        account=account.id,
        symbol=request.symbol,
        client_order_id=request.client_order_id or f"sim{order_id}",
        side=request.side,
        leg=request.leg or Leg.BOTH,
        type=request.type,
        original_type=request.type,
        time_in_force=request.time_in_force or TimeInForce.GTC,
        quantity=request.quantity or ZERO,
        price=_pegged(floor, request, quote) if request.peg else request.price or ZERO,
        stop_price=request.stop_price or ZERO,
        reduce_only=bool(request.reduce_only),
        close_position=request.close_position,
        working_type=request.working_type,
        price_protect=request.price_protect,
        self_trade=request.self_trade or account.self_trade,
        created_at_ms=now_ms,
        updated_at_ms=now_ms,
        priority=floor.ids.next_priority(),
        activation_price=(request.activation_price or working) if trailing else None,
        callback_rate=request.callback_rate if trailing else None,
        extreme=working if trailing else None,
    )


def _pegged(floor: Floor, request: OrderRequest, quote: Quote) -> Decimal:
    """A pegged order takes the best price of its own side or of the other one, and keeps it."""
    side = request.side if request.peg is Peg.QUEUE else request.side.opposite
    price = quote.best(side)[0] + (request.peg_offset or ZERO)
    check_price(floor.contract(request.symbol).instrument, price)
    return price


def _check_status(instrument: Instrument, order: EngineOrder) -> None:
    if instrument.status == "CLOSE":
        raise ExchangeError(-4141, "Symbol is closed.")
    if not instrument.is_trading and not (order.closes_only and instrument.status != "PENDING_TRADING"):
        raise ExchangeError(-4140, "Invalid symbol status for opening position.")


def _check_open_orders(floor: Floor, order: EngineOrder) -> None:
    """What the account's other open orders forbid."""
    instrument = floor.contract(order.symbol).instrument
    mine = floor.orders.open_of_account(order.account, order.symbol)
    if any(other.status.is_open for other in floor.orders.by_client_id(order.account, order.client_order_id)):
        raise ExchangeError(-4116, "ClientOrderId is duplicated.")
    if instrument.max_orders and len(mine) >= instrument.max_orders:
        raise ExchangeError(-2025, "Reach max open order limit.")
    conditional = [other for other in mine if other.is_conditional]
    if order.type in CONDITIONAL and instrument.max_algo_orders and len(conditional) >= instrument.max_algo_orders:
        raise ExchangeError(-4045, "Reach max stop order limit.")
    if order.close_position and floor.rules.single_close_position:
        alike = (other for other in conditional if other.close_position and other.type is order.type)
        if any(other.side is order.side and other.leg is order.leg for other in alike):
            raise ExchangeError(
                -4130, "An open stop or take profit order with GTE and closePosition in the direction is existing."
            )


def _check_market(instrument: Instrument, quote: Quote, order: EngineOrder) -> None:
    """Prices against the market, smallest notional, and stops that would trigger at once."""
    if order.type is OrderType.MARKET:
        check_market_price(instrument, order.side, quote.best(order.side.opposite)[0], quote.mark)
    elif order.type is OrderType.LIMIT:
        check_price_against_mark(instrument, order.side, order.price, quote.mark)
    if not order.closes_only:
        check_min_notional(instrument, order.quantity * (order.price or quote.mark))
    working = quote.working_price(order.working_type)
    if order.type is OrderType.TRAILING_STOP_MARKET:
        activation = order.activation_price or working
        triggered = activation != working and activation_is_passed(order.side, activation, working)
    else:
        triggered = order.is_conditional and stop_is_met(order.type, order.side, order.stop_price, working)
    if triggered:
        raise ExchangeError(-2021, "Order would immediately trigger.")


def _check_reduces(floor: Floor, order: EngineOrder) -> None:
    """A closing order needs something to close. closePosition orders may wait for a position to come."""
    if order.close_position:
        return
    closable = floor.closable(order)
    if closable == 0 or (order.leg is not Leg.BOTH and order.quantity > closable):
        raise ExchangeError(-2022, "ReduceOnly Order is rejected.")


def _is_cheap_enough(floor: Floor, account: TradingAccount, order: EngineOrder, quote: Quote) -> bool:
    """A waiting conditional order claims no margin until it triggers, but its size must fit the leverage."""
    price = order.price or quote.best(order.side.opposite)[0]
    claim = Claim(order.side, order.leg, order.remaining * price)
    if order.is_conditional:
        check_leverage_cap(floor, account, order.symbol, [claim])
        return True
    loss = open_loss(order.side, order.remaining, price, quote.mark)
    return check_margin(floor, account, order.symbol, claim, loss, without=order.id)


def _check_post_only(floor: Floor, order: EngineOrder) -> None:
    if would_take(floor, order.symbol, order.side, order.price):
        raise ExchangeError(-5022, "Due to the order could not be executed as maker, the Post Only order is rejected.")
