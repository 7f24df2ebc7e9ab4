"""How positions and orders stood a while ago: what the read side shows while it lags."""

from collections import deque
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field, replace

from undertow.adapters.paper.accounts import Position
from undertow.adapters.paper.events import Leg, Status
from undertow.adapters.paper.exchange import Exchange
from undertow.adapters.paper.orders import EngineOrder
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.numbers import ZERO

LegKey = tuple[AccountId, Symbol, Leg]


@dataclass(slots=True)
class PositionTrail:
    """Every state of every position since somebody began to follow, each with the time from which it stood."""

    _began_ms: int | None = None
    _states: dict[LegKey, "deque[tuple[int, Position]]"] = field(default_factory=dict)

    def follow(self, exchange: Exchange, now_ms: int) -> None:
        """Note what has changed."""
        if self._began_ms is None:
            self._began_ms = now_ms
        for account in exchange.floor.accounts.values():
            for symbol, legs in account.positions.items():
                for leg, position in legs.items():
                    states = self._states.setdefault((account.id, symbol, leg), deque(maxlen=200))
                    if not states or states[-1][1] != position:
                        states.append((now_ms, copy(position)))

    def at(self, account: AccountId, position: Position, time_ms: int) -> Position:
        """How ``position`` stood then; as it stands now where that is not known."""
        states = self._states.get((account, position.symbol, position.leg))
        if not states or self._began_ms is None or time_ms < self._began_ms:
            return position
        if time_ms < states[0][0]:
            return Position(position.symbol, position.leg)
        return next(state for from_ms, state in reversed(states) if from_ms <= time_ms)


def open_orders_at(
    exchange: Exchange, account: AccountId, symbol: Symbol | None, time_ms: int
) -> Iterator[EngineOrder]:
    """The orders that were open then, as they were: how much of each had filled, whatever it became later."""
    for order in exchange.floor.orders.of_account(account, symbol):
        if order.created_at_ms > time_ms:
            continue
        if order.status.is_open and order.updated_at_ms <= time_ms:
            yield order
        elif order.updated_at_ms > time_ms:
            yield _before(exchange, order, time_ms)


def _before(exchange: Exchange, order: EngineOrder, time_ms: int) -> EngineOrder:
    filled = quote = ZERO
    for trade in exchange.trades(order.account, order.symbol):
        if trade.order_id == order.id and trade.time_ms <= time_ms:
            filled, quote = filled + trade.quantity, quote + trade.quote_quantity
    return replace(
        order,
        type=order.original_type,
        quantity=ZERO if order.close_position else order.quantity,
        status=Status.PARTIALLY_FILLED if filled else Status.NEW,
        filled=filled,
        filled_quote=quote,
        updated_at_ms=order.created_at_ms,
    )
