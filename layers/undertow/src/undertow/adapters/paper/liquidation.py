"""The venue closes what an account can no longer carry (aster.md section 19)."""

from collections.abc import Sequence
from decimal import Decimal

from undertow.adapters.paper.accounts import IncomeType, Position, TradingAccount, money
from undertow.adapters.paper.book import crosses
from undertow.adapters.paper.events import Execution, ForcedOrder, MarginCallEvent, MarginCallLine
from undertow.adapters.paper.floor import Floor
from undertow.adapters.paper.margin import Standing, bankruptcy_price, margin_behind, standing
from undertow.adapters.paper.orders import EngineOrder
from undertow.adapters.paper.reporting import report_account, report_order
from undertow.adapters.paper.settlement import end, settle
from undertow.domain.account import MarginType
from undertow.domain.ids import Symbol
from undertow.domain.numbers import ZERO
from undertow.domain.order import OrderType, TimeInForce, WorkingType

CALL_AT = Decimal("0.8")
"""Share of the margin balance that maintenance may take before the account is called."""


def liquidate_ruined(floor: Floor, symbol: Symbol, now_ms: int) -> None:
    """After the mark of ``symbol`` moved: call and liquidate the accounts that hold it."""
    for account in list(floor.accounts.values()):
        _cover_deficit(floor, account, symbol, now_ms)
        held = account.open_positions(symbol)
        if not held:
            continue
        if account.is_isolated(symbol):
            _check_isolated(floor, account, held, now_ms)
        else:
            _check_cross(floor, account, now_ms)


def deleverage(floor: Floor, account: TradingAccount, position: Position, quantity: Decimal, now_ms: int) -> None:
    """Auto-deleveraging: the venue closes ``quantity`` of a position against a bankrupt one, at the mark; never more
    than there is of it.
    """
    quantity = min(quantity, abs(position.amount))
    if not quantity:
        return
    order = _forced_order(floor, account, position, quantity, floor.mark(position.symbol), now_ms)
    order.client_order_id, order.time_in_force = "adl_autoclose", TimeInForce.GTC
    _open(floor, order, now_ms)
    settle(floor, order, order.price, quantity, maker=False, now_ms=now_ms)


def _check_isolated(floor: Floor, account: TradingAccount, held: Sequence[Position], now_ms: int) -> None:
    for position in held:
        mark = floor.mark(position.symbol)
        least = floor.contract(position.symbol).maintenance(position.notional(mark))
        if position.isolated_wallet + position.unrealized(mark) <= least:
            _cancel_all(floor, account, position.symbol, now_ms)
            _liquidate(floor, account, position, now_ms)


def _check_cross(floor: Floor, account: TradingAccount, now_ms: int) -> None:
    """Close cross positions, the one that needs most margin first, until the rest can be carried."""
    state = standing(floor, account)
    _call(floor, account, state, now_ms)
    if not _is_ruined(state):
        return
    _cancel_all(floor, account, None, now_ms)
    while _is_ruined(state := standing(floor, account)):
        cross = [held for held in account.open_positions() if not account.is_isolated(held.symbol)]
        if not cross:
            return
        _liquidate(floor, account, max(cross, key=lambda held: held.notional(floor.mark(held.symbol))), now_ms)


def _is_ruined(state: Standing) -> bool:
    return ZERO < state.cross_maintenance >= state.cross_wallet + state.cross_unrealized


def _liquidate(floor: Floor, account: TradingAccount, position: Position, now_ms: int) -> None:
    """Sell into the book down to the bankruptcy price; the insurance fund takes over what is left, at that price."""
    price, quantity = bankruptcy_price(floor, account, position), abs(position.amount)
    margin = margin_behind(floor, account, position, keep_maintenance=False)
    book, wallet = floor.book(position.symbol), account.wallet
    order = _forced_order(floor, account, position, quantity, price, now_ms)
    _open(floor, order, now_ms)
    for offer in book.market_offers(order.side):
        if order.remaining == 0 or not crosses(order.side, price, offer.price):
            break
        part = min(offer.quantity, order.remaining)
        book.take(offer, part)
        settle(floor, order, offer.price, part, maker=False, now_ms=now_ms)
    if order.remaining:
        settle(floor, order, price, order.remaining, maker=False, now_ms=now_ms)
    _charge_fee(floor, account, order, margin + account.wallet - wallet, now_ms)
    _cover_deficit(floor, account, order.symbol, now_ms)
    last = floor.trades[-1]
    floor.events.append(
        ForcedOrder(
            time_ms=now_ms,
            symbol=order.symbol,
            side=order.side,
            quantity=quantity,
            price=price,
            average_price=order.average_price,
            status=order.status,
            last_quantity=last.quantity,
            cumulative_quantity=order.filled,
        )
    )


def _charge_fee(floor: Floor, account: TradingAccount, order: EngineOrder, margin: Decimal, now_ms: int) -> None:
    """The liquidation fee, as far as what stood behind the position (``margin``) still reaches."""
    rate = floor.contract(order.symbol).instrument.liquidation_fee
    fee = min(money(order.filled_quote * rate), max(ZERO, margin))
    if fee:
        floor.book_income(account, order.symbol, IncomeType.INSURANCE_CLEAR, -fee, now_ms)
        report_account(floor, account, "INSURANCE_CLEAR", now_ms, change=-fee)


def _cover_deficit(floor: Floor, account: TradingAccount, symbol: Symbol, now_ms: int) -> None:
    """The insurance fund pays what a flat account owes: nobody can lose more than there was."""
    if account.wallet < 0 and not account.open_positions():
        missing = -account.wallet
        floor.book_income(account, symbol, IncomeType.INSURANCE_CLEAR, missing, now_ms)
        report_account(floor, account, "INSURANCE_CLEAR", now_ms, change=missing)


def _forced_order(
    floor: Floor, account: TradingAccount, position: Position, quantity: Decimal, price: Decimal, now_ms: int
) -> EngineOrder:
    order_id = floor.ids.next_order()
    return EngineOrder(
        id=order_id,
        account=account.id,
        symbol=position.symbol,
        client_order_id=f"autoclose-{now_ms}{order_id % 1_000_000:06d}",
        side=position.exit_side,
        leg=position.leg,
        type=OrderType.LIMIT,
        original_type=OrderType.LIMIT,
        time_in_force=TimeInForce.IOC,
        quantity=quantity,
        price=price,
        stop_price=ZERO,
        reduce_only=False,
        close_position=False,
        working_type=WorkingType.CONTRACT_PRICE,
        price_protect=False,
        self_trade=account.self_trade,
        created_at_ms=now_ms,
        updated_at_ms=now_ms,
        priority=floor.ids.next_priority(),
        liquidates=True,
    )


def _open(floor: Floor, order: EngineOrder, now_ms: int) -> None:
    floor.orders.add(order)
    report_order(floor, order, Execution.NEW, now_ms)


def _cancel_all(floor: Floor, account: TradingAccount, symbol: Symbol | None, now_ms: int) -> None:
    for order in floor.orders.open_of_account(account.id, symbol):
        end(floor, order, Execution.CANCELED, now_ms)


def _call(floor: Floor, account: TradingAccount, state: Standing, now_ms: int) -> None:
    """Warn once when maintenance nears the margin balance, and again only after it went well in between."""
    balance = state.cross_wallet + state.cross_unrealized
    strained = state.cross_maintenance > balance * CALL_AT
    if strained and not account.margin_called:
        lines = tuple(_call_line(floor, account, held) for held in account.open_positions())
        floor.events.append(MarginCallEvent(account.id, now_ms, account.cross_wallet, lines))
    account.margin_called = strained


def _call_line(floor: Floor, account: TradingAccount, position: Position) -> MarginCallLine:
    mark = floor.mark(position.symbol)
    isolated = account.is_isolated(position.symbol)
    return MarginCallLine(
        symbol=position.symbol,
        leg=position.leg,
        amount=position.amount,
        margin_type=MarginType.ISOLATED if isolated else MarginType.CROSS,
        isolated_wallet=position.isolated_wallet,
        mark_price=mark,
        unrealized=position.unrealized(mark),
        maintenance=floor.contract(position.symbol).maintenance(position.notional(mark)),
    )
