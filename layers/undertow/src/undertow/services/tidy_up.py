"""Take off the book what served a position that is flat now, and end the alerts that it had no stop."""

from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.account import Account
from undertow.domain.numbers import ZERO
from undertow.domain.position import Position
from undertow.ports import Ledger, Orders
from undertow.services.cancel_layers import CancelLayers
from undertow.services.cancel_order import CancelOrder
from undertow.services.tell_of_position import TellOfPosition


@dataclass(frozen=True, slots=True)
class TidyUp:
    ledger: Ledger
    orders: Orders
    cancel: CancelOrder
    cancel_layers: CancelLayers
    tell: TellOfPosition

    def __call__(self, account: Account, closed: Position, excess: Decimal = ZERO) -> None:
        """Cancel what protected ``closed`` and the layers of its ladder: left standing, a stop would hit the next
        position.

        Where ``excess`` more was closed than was known to be open, more may have been open than that: its stop stays
        until reconciliation has seen what the venue holds, and takes it off with all that serves nothing any more.
        """
        for order_id in (closed.stop_order, closed.target_order) if not excess else ():
            order = self.orders.get(account.id, order_id) if order_id is not None else None
            if order is not None and not order.state.is_final:
                self.cancel(account, order)
        self.cancel_layers(account, self.ledger.slot(account.id, closed.symbol, closed.side))
        self.tell.is_closed(closed)
