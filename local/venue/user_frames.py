"""Wire formats of the user data stream, from what the engine reports."""

from decimal import Decimal
from typing import Any, Final

from undertow.adapters.paper.events import (
    AccountEvent,
    BalanceLine,
    LeverageEvent,
    MarginCallEvent,
    MarginCallLine,
    ModeEvent,
    OrderEvent,
    PositionLine,
    UserEvent,
)
from undertow.domain.account import MarginType
from undertow.domain.numbers import plain

Payload = dict[str, Any]
_PLACES: Final = Decimal("0.0000000001")


def user_frame(event: UserEvent) -> Payload:
    match event:
        case OrderEvent():
            return {
                "e": "ORDER_TRADE_UPDATE",
                "E": event.time_ms,
                "T": event.time_ms,
                "o": {**_order(event), **_commission(event), **_trailing(event)},
            }
        case AccountEvent():
            return _account(event)
        case MarginCallEvent():
            return _margin_call(event)
        case LeverageEvent():
            return _config(event.time_ms, {"ac": {"s": event.symbol, "l": event.leverage}})
        case ModeEvent():
            return _config(event.time_ms, {"ai": {"j": event.multi_assets, "f": False, "d": event.hedge}})


def listen_key_expired(now_ms: int) -> Payload:
    return {"e": "listenKeyExpired", "E": now_ms}


def _order(event: OrderEvent) -> Payload:
    return {
        "s": event.symbol,
        "c": event.client_order_id,
        "S": event.side.value,
        "o": event.type,
        "f": event.time_in_force.value,
        "q": plain(event.quantity),
        "p": plain(event.price),
        "ap": _derived(event.average_price),
        "sp": plain(event.stop_price),
        "x": event.execution.value,
        "X": event.status.value,
        "i": event.order_id,
        "l": plain(event.last_quantity),
        "z": plain(event.cumulative_quantity),
        "L": plain(event.last_price),
        "T": event.time_ms,
        "t": event.trade_id,
        "b": _derived(event.bid_notional),
        "a": _derived(event.ask_notional),
        "m": event.maker,
        "R": event.reduce_only,
        "wt": event.working_type.value,
        "ot": event.original_type,
        "ps": event.leg.value,
        "cp": event.close_position,
        "rp": _derived(event.realized_pnl),
    }


def _commission(event: OrderEvent) -> Payload:
    """Absent when nothing was charged."""
    if event.commission is None or event.commission_asset is None:
        return {}
    return {"N": event.commission_asset, "n": _derived(event.commission)}


def _trailing(event: OrderEvent) -> Payload:
    fields = {"AP": event.activation_price, "cr": event.callback_rate}
    return {key: plain(value) for key, value in fields.items() if value is not None}


def _account(event: AccountEvent) -> Payload:
    return {
        "e": "ACCOUNT_UPDATE",
        "E": event.time_ms,
        "T": event.time_ms,
        "a": {
            "m": event.reason,
            "B": [_balance(line) for line in event.balances],
            "P": [_position(line) for line in event.positions],
        },
    }


def _balance(line: BalanceLine) -> Payload:
    return {
        "a": line.asset,
        "wb": _derived(line.wallet),
        "cw": _derived(line.cross_wallet),
        "bc": _derived(line.change),
    }


def _position(line: PositionLine) -> Payload:
    return {
        "s": line.symbol,
        "pa": plain(line.amount),
        "ep": _derived(line.entry_price),
        "cr": _derived(line.realized),
        "up": _derived(line.unrealized),
        "mt": line.margin_type.value,
        "iw": _derived(line.isolated_wallet),
        "ps": line.leg.value,
    }


def _margin_call(event: MarginCallEvent) -> Payload:
    wallet = {} if event.cross_wallet is None else {"cw": _derived(event.cross_wallet)}
    return {"e": "MARGIN_CALL", "E": event.time_ms, **wallet, "p": [_called(line) for line in event.positions]}


def _called(line: MarginCallLine) -> Payload:
    return {
        "s": line.symbol,
        "ps": line.leg.value,
        "pa": plain(line.amount),
        "mt": "CROSSED" if line.margin_type is MarginType.CROSS else "ISOLATED",
        "iw": _derived(line.isolated_wallet),
        "mp": _derived(line.mark_price),
        "up": _derived(line.unrealized),
        "mm": _derived(line.maintenance),
    }


def _config(time_ms: int, change: Payload) -> Payload:
    return {"e": "ACCOUNT_CONFIG_UPDATE", "E": time_ms, "T": time_ms, **change}


def _derived(value: Decimal) -> str:
    """Averages and products have as many digits as Decimal keeps; the venue sends a few."""
    return plain(value.quantize(_PLACES))
