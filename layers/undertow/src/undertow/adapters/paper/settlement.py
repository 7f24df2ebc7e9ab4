"""What a fill does to the books, and how an order ends."""

from decimal import Decimal

from undertow.adapters.paper.accounts import IncomeType, Position, Trade, TradingAccount, money
from undertow.adapters.paper.events import Execution, Status
from undertow.adapters.paper.floor import Floor
from undertow.adapters.paper.orders import EngineOrder
from undertow.adapters.paper.reporting import report_account, report_order
from undertow.domain.ids import Symbol
from undertow.domain.market import Side
from undertow.domain.numbers import ZERO


def settle(floor: Floor, order: EngineOrder, price: Decimal, quantity: Decimal, maker: bool, now_ms: int) -> None:
    """Book a fill of ``order``: position, margin, wallet, the order itself, and the events that tell of it."""
    account = floor.account(order.account)
    position = account.position(order.symbol, order.leg)
    held = abs(position.amount)
    realized, opened = position.trade(quantity if order.side is Side.BUY else -quantity, price)
    position.updated_at_ms = now_ms
    _move_isolated_margin(floor, account, position, held, quantity - opened, opened * price)
    trade = _trade(floor, order, price, quantity, realized, maker, now_ms)
    floor.trades.append(trade)
    if trade.commission:
        floor.book_income(account, order.symbol, IncomeType.COMMISSION, -trade.commission, now_ms, trade.id)
    if opened != quantity:
        floor.book_income(account, order.symbol, IncomeType.REALIZED_PNL, realized, now_ms, trade.id)
    order.filled += quantity
    order.filled_quote += price * quantity
    order.updated_at_ms = now_ms
    order.status = Status.FILLED if order.remaining == 0 else Status.PARTIALLY_FILLED
    if order.status is Status.FILLED:
        floor.orders.closed(order)
    report_order(floor, order, Execution.CALCULATED if order.liquidates else Execution.TRADE, now_ms, trade)
    report_account(floor, account, "ORDER", now_ms, positions=sides_of(account, order.symbol, position))
    if floor.rules.close_orders_expire_when_flat and not position.is_open:
        _expire_close_orders(floor, position, order.side, account, now_ms)


def _trade(
    floor: Floor, order: EngineOrder, price: Decimal, quantity: Decimal, realized: Decimal, maker: bool, now_ms: int
) -> Trade:
    """The venue's own closing orders pay no commission; the liquidation fee is charged apart."""
    contract = floor.contract(order.symbol)
    rate = contract.maker_fee if maker else contract.taker_fee
    return Trade(
        id=floor.ids.next_trade(),
        account=order.account,
        symbol=order.symbol,
        order_id=order.id,
        client_order_id=order.client_order_id,
        side=order.side,
        leg=order.leg,
        price=price,
        quantity=quantity,
        realized=realized,
        commission=ZERO if order.liquidates else money(price * quantity * rate),
        maker=maker,
        time_ms=now_ms,
    )


def _expire_close_orders(
    floor: Floor, position: Position, exit_side: Side, account: TradingAccount, now_ms: int
) -> None:
    for order in floor.orders.open_of_account(account.id, position.symbol):
        if order.close_position and order.leg is position.leg and order.side is exit_side:
            end(floor, order, Execution.EXPIRED, now_ms)


def sides_of(account: TradingAccount, symbol: Symbol, changed: Position) -> list[Position]:
    """The positions an account update tells of: the changed one and the symbol's others that hold anything."""
    others = account.positions.get(symbol, {}).values()
    return [each for each in others if each is changed or each.is_open or each.isolated_wallet]


def end(floor: Floor, order: EngineOrder, execution: Execution, now_ms: int) -> None:
    """Take ``order`` off as canceled or expired; what it filled stays."""
    order.status = Status.CANCELED if execution is Execution.CANCELED else Status.EXPIRED
    order.updated_at_ms = now_ms
    floor.orders.closed(order)
    report_order(floor, order, execution, now_ms)


def _move_isolated_margin(
    floor: Floor, account: TradingAccount, position: Position, held: Decimal, closed: Decimal, opened_cost: Decimal
) -> None:
    """Give back the margin of what closed and set aside that of what opened, if the symbol is isolated."""
    if not account.is_isolated(position.symbol):
        return
    if closed == held:
        position.isolated_wallet = ZERO
    elif closed:
        position.isolated_wallet -= money(position.isolated_wallet * closed / held)
    if opened_cost:
        leverage = floor.settings(account, position.symbol).leverage
        position.isolated_wallet += money(opened_cost / leverage)
