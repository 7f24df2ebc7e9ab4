"""Writes down what happened, as events."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from undertow.adapters.paper.accounts import ASSET, Position, Trade, TradingAccount
from undertow.adapters.paper.events import (
    AccountEvent,
    BalanceLine,
    Execution,
    LeverageEvent,
    ModeEvent,
    OrderEvent,
    PositionLine,
)
from undertow.adapters.paper.floor import Floor
from undertow.adapters.paper.margin import resting_claims
from undertow.adapters.paper.orders import EngineOrder
from undertow.domain.account import MarginType
from undertow.domain.ids import Symbol
from undertow.domain.market import Side
from undertow.domain.numbers import ZERO


@dataclass(frozen=True, slots=True)
class NoTrade:
    """The fields of an order event that tell of an execution, when there was none."""

    id: int = 0
    quantity: Decimal = ZERO
    price: Decimal = ZERO
    realized: Decimal = ZERO
    maker: bool = False


def report_order(
    floor: Floor, order: EngineOrder, execution: Execution, now_ms: int, trade: Trade | None = None
) -> None:
    done = trade or NoTrade()
    claims = resting_claims(floor, floor.account(order.account), order.symbol)
    floor.events.append(
        OrderEvent(
            account=order.account,
            time_ms=now_ms,
            symbol=order.symbol,
            client_order_id=order.client_order_id,
            order_id=order.id,
            side=order.side,
            leg=order.leg,
            type=order.wire_type,
            original_type="LIQUIDATION" if order.liquidates else order.original_type.value,
            time_in_force=order.time_in_force,
            quantity=order.quantity,
            price=order.price,
            average_price=order.average_price,
            stop_price=order.stop_price,
            execution=execution,
            status=order.status,
            last_quantity=done.quantity,
            cumulative_quantity=order.filled,
            last_price=done.price,
            commission_asset=ASSET if trade else None,
            commission=trade.commission if trade else None,
            trade_id=done.id,
            bid_notional=sum((claim.notional for claim in claims if claim.side is Side.BUY), ZERO),
            ask_notional=sum((claim.notional for claim in claims if claim.side is Side.SELL), ZERO),
            maker=done.maker,
            reduce_only=order.reduce_only or order.close_position,
            close_position=order.close_position,
            working_type=order.working_type,
            activation_price=order.activation_price,
            callback_rate=order.callback_rate,
            realized_pnl=done.realized,
        )
    )


def report_account(
    floor: Floor,
    account: TradingAccount,
    reason: str,
    now_ms: int,
    *,
    change: Decimal = ZERO,
    positions: Iterable[Position] = (),
    balances: bool = True,
) -> None:
    line = BalanceLine(ASSET, account.wallet, account.cross_wallet, change)
    floor.events.append(
        AccountEvent(
            account=account.id,
            time_ms=now_ms,
            reason=reason,
            balances=(line,) if balances else (),
            positions=tuple(_position_line(floor, account, position) for position in positions),
        )
    )


def report_leverage(floor: Floor, account: TradingAccount, symbol: Symbol, now_ms: int) -> None:
    leverage = floor.settings(account, symbol).leverage
    floor.events.append(LeverageEvent(account.id, now_ms, symbol, leverage))


def report_modes(floor: Floor, account: TradingAccount, now_ms: int) -> None:
    floor.events.append(ModeEvent(account.id, now_ms, account.hedge, account.multi_assets))


def _position_line(floor: Floor, account: TradingAccount, position: Position) -> PositionLine:
    isolated = account.is_isolated(position.symbol)
    return PositionLine(
        symbol=position.symbol,
        leg=position.leg,
        amount=position.amount,
        entry_price=position.entry_price,
        realized=position.realized,
        unrealized=position.unrealized(floor.mark(position.symbol)),
        margin_type=MarginType.ISOLATED if isolated else MarginType.CROSS,
        isolated_wallet=position.isolated_wallet,
    )
