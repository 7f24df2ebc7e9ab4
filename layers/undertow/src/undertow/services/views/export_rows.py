"""One row of each table that can be exported. A row holds all that is stored, texts and figures as they are."""

from collections.abc import Mapping
from typing import Final

from undertow.domain.account import Balance
from undertow.domain.booking import closing_time_ms
from undertow.domain.decision import Decision
from undertow.domain.fill import Fill
from undertow.domain.ids import ClientOrderId
from undertow.domain.income import Income
from undertow.domain.json_text import Json, write_json
from undertow.domain.numbers import plain
from undertow.domain.order import Order
from undertow.domain.position import Position
from undertow.domain.times import utc_text
from undertow.services.views.render import figure

Row = Mapping[str, Json]

TRADE: Final = (
    *("time", "time_ms", "account", "symbol", "trade_id", "venue_order_id", "client_order_id", "side"),
    *("position_side", "price", "quantity", "notional", "commission", "commission_asset", "realized_pnl", "maker"),
    "source",
)
INCOME: Final = ("time", "time_ms", "account", "id", "kind", "venue_kind", "symbol", "asset", "amount", "info")
ORDER: Final = (
    *("created", "created_at_ms", "updated_at_ms", "account", "strategy", "symbol", "position_side", "side", "purpose"),
    *("type", "state", "reason", "client_order_id", "venue_order_id", "position_id", "ladder", "layer", "quantity"),
    *("close_position", "price", "stop_price", "working_type", "time_in_force", "leverage", "risk", "confidence"),
    *("filled_quantity", "average_price", "ttl_s", "expires_at_ms", "price_protect", "not_found", "version"),
)
POSITION: Final = (
    *("closed", "closed_at_ms", "opened", "opened_at_ms", "account", "id", "symbol", "side", "strategy", "leverage"),
    *("entry_price", "max_quantity", "realized_pnl", "commission", "net_pnl_without_funding", "protected_at_ms"),
    *("stop_price", "target_price", "trailed_stop", "best_price", "risk_flag"),
)
DECISION: Final = (
    *("decided", "decided_at_ms", "event_time_ms", "account", "id", "strategy", "symbol", "position_side", "outcome"),
    *("gate", "reason", "inputs", "thresholds", "layers", "params_version", "liquidation", "client_order_id"),
)
BALANCE: Final = (
    *("time", "time_ms", "account", "wallet", "unrealized", "equity", "available", "initial_margin"),
    "maintenance_margin",
)


def trade(fill: Fill, client_order_id: ClientOrderId | None, imported: bool) -> Row:
    """``commission`` is a cost: positive when paid. The order's own id is known from the ledger, not from the venue."""
    return {
        "time": utc_text(fill.time_ms),
        "time_ms": fill.time_ms,
        "account": fill.account,
        "symbol": fill.symbol,
        "trade_id": str(fill.trade_id),
        "venue_order_id": str(fill.venue_order_id),
        "client_order_id": fill.client_order_id or client_order_id,
        "side": fill.side.value,
        "position_side": None if fill.position_side is None else fill.position_side.value,
        "price": plain(fill.price),
        "quantity": plain(fill.quantity),
        "notional": plain(fill.notional),
        "commission": plain(fill.commission),
        "commission_asset": fill.commission_asset,
        "realized_pnl": plain(fill.realized_pnl),
        "maker": fill.maker,
        "source": "imported" if imported else "booked",
    }


def income(row: Income) -> Row:
    return {
        "time": utc_text(row.time_ms),
        "time_ms": row.time_ms,
        "account": row.account,
        "id": row.id,
        "kind": row.kind.value,
        "venue_kind": row.venue_kind,
        "symbol": row.symbol,
        "asset": row.asset,
        "amount": plain(row.amount),
        "info": row.info,
    }


def order(one: Order) -> Row:
    intent = one.intent
    return {
        "created": utc_text(one.created_at_ms),
        "created_at_ms": one.created_at_ms,
        "updated_at_ms": one.updated_at_ms,
        "account": intent.account,
        "strategy": intent.strategy,
        "symbol": intent.symbol,
        "position_side": intent.position_side.value,
        "side": intent.side.value,
        "purpose": intent.purpose.value,
        "type": intent.type.value,
        "state": one.state.value,
        "reason": one.reason,
        "client_order_id": one.client_order_id,
        "venue_order_id": None if one.venue_order_id is None else str(one.venue_order_id),
        "position_id": intent.position_id,
        "ladder": intent.ladder,
        "layer": intent.layer,
        "quantity": figure(intent.quantity),
        "close_position": intent.close_position,
        "price": figure(intent.price),
        "stop_price": figure(intent.stop_price),
        "working_type": None if intent.working_type is None else intent.working_type.value,
        "time_in_force": None if intent.time_in_force is None else intent.time_in_force.value,
        "leverage": intent.leverage,
        "risk": plain(intent.risk),
        "confidence": intent.confidence,
        "filled_quantity": plain(one.filled_quantity),
        "average_price": plain(one.average_price),
        "ttl_s": intent.ttl_s,
        "expires_at_ms": intent.expires_at_ms,
        "price_protect": intent.price_protect,
        "not_found": one.not_found,
        "version": one.version,
    }


def position(one: Position) -> Row:
    """Funding is among the incomes: it is no part of what a position's fills tell."""
    closed_ms = closing_time_ms(one)
    return {
        "closed": utc_text(closed_ms),
        "closed_at_ms": closed_ms,
        "opened": utc_text(one.opened_at_ms),
        "opened_at_ms": one.opened_at_ms,
        "account": one.account,
        "id": one.id,
        "symbol": one.symbol,
        "side": one.side.value,
        "strategy": one.strategy,
        "leverage": one.leverage,
        "entry_price": plain(one.entry_price),
        "max_quantity": plain(one.max_quantity),
        "realized_pnl": plain(one.realized_pnl),
        "commission": plain(one.commission),
        "net_pnl_without_funding": plain(one.realized_pnl - one.commission),
        "protected_at_ms": one.protected_at_ms,
        "stop_price": figure(one.stop_price),
        "target_price": figure(one.target_price),
        "trailed_stop": figure(one.trailed_stop),
        "best_price": figure(one.best_price),
        "risk_flag": one.risk_flag,
    }


def decision(one: Decision) -> Row:
    """What was looked at is JSON in a text of its own."""
    layers = [
        {
            "number": layer.number,
            "name": layer.name,
            "verdict": layer.verdict.value,
            "inputs": dict[str, Json](layer.inputs),
            "limits": dict[str, Json](layer.limits),
        }
        for layer in one.layers
    ]
    return {
        "decided": utc_text(one.decided_at_ms),
        "decided_at_ms": one.decided_at_ms,
        "event_time_ms": one.event_time_ms,
        "account": one.account,
        "id": one.id,
        "strategy": one.strategy,
        "symbol": one.symbol,
        "position_side": None if one.position_side is None else one.position_side.value,
        "outcome": one.outcome.value,
        "gate": one.gate,
        "reason": one.reason,
        "inputs": write_json(dict[str, Json](one.inputs)),
        "thresholds": write_json(dict[str, Json](one.thresholds)),
        "layers": write_json(layers),
        "params_version": one.params_version,
        "liquidation": one.liquidation,
        "client_order_id": one.client_order_id,
    }


def balance(one: Balance) -> Row:
    return {
        "time": utc_text(one.time_ms),
        "time_ms": one.time_ms,
        "account": one.account,
        "wallet": plain(one.wallet),
        "unrealized": plain(one.unrealized),
        "equity": plain(one.equity),
        "available": plain(one.available),
        "initial_margin": figure(one.initial_margin),
        "maintenance_margin": figure(one.maintenance_margin),
    }
