"""Market-maker protection: too much traded within a window freezes an account's quoting on a symbol for a while."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from undertow.adapters.paper.accounts import Trade
from undertow.adapters.paper.changing import cancel
from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.floor import Floor
from undertow.adapters.paper.orders import OrderRequest
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import Side
from undertow.domain.numbers import ZERO
from undertow.domain.order import OrderType


@dataclass(slots=True)
class Protection:
    """A limit of None does not apply. ``frozen_ms`` of zero freezes until a reset.

    ``frozen_until_ms`` is None while quoting is free, and -1 until somebody resets it.
    """

    account: AccountId
    symbol: Symbol
    window_ms: int
    frozen_ms: int
    quantity_limit: Decimal | None
    value_limit: Decimal | None
    delta_limit: Decimal | None
    frozen_until_ms: int | None = None
    counts_from_ms: int = 0

    def is_exceeded(self, trades: list[Trade]) -> bool:
        quantity = sum((trade.quantity for trade in trades), ZERO)
        value = sum((trade.quote_quantity for trade in trades), ZERO)
        delta = sum((trade.quantity if trade.side is Side.BUY else -trade.quantity for trade in trades), ZERO)
        pairs = ((quantity, self.quantity_limit), (value, self.value_limit), (abs(delta), self.delta_limit))
        return any(limit is not None and sum_ > limit for sum_, limit in pairs)


@dataclass(slots=True)
class ProtectionDesk:
    floor: Floor
    all: dict[tuple[AccountId, Symbol], Protection] = field(default_factory=dict)
    _trades_seen: int = 0

    def resume(self, protections: Iterable[Protection]) -> None:
        """Put back what was there before; the trades up to now have been counted then."""
        self.all.update({(each.account, each.symbol): each for each in protections})
        self._trades_seen = len(self.floor.trades)

    def check(self, account: AccountId, request: OrderRequest, now_ms: int) -> None:
        """Refuse a new limit order while its symbol is frozen."""
        found = self.all.get((account, request.symbol))
        if found is None or found.frozen_until_ms is None or request.type is not OrderType.LIMIT:
            return
        if found.frozen_until_ms == -1 or now_ms < found.frozen_until_ms:
            raise ExchangeError(-2010, "Market maker protection is triggered.")
        self.reset(found, now_ms)

    def reset(self, protection: Protection, now_ms: int) -> None:
        protection.frozen_until_ms = None
        protection.counts_from_ms = now_ms

    def advance(self, now_ms: int) -> None:
        """Look at the trades since the last call, and freeze where they were too many."""
        trades = self.floor.trades
        if self._trades_seen == len(trades):
            return
        touched = {(trade.account, trade.symbol) for trade in trades[self._trades_seen :]}
        self._trades_seen = len(trades)
        for key in sorted(touched & self.all.keys()):
            protection = self.all[key]
            since_ms = max(now_ms - protection.window_ms + 1, protection.counts_from_ms)
            mine = [each for each in trades if (each.account, each.symbol) == key and each.time_ms >= since_ms]
            if protection.frozen_until_ms is None and protection.is_exceeded(mine):
                self._freeze(protection, now_ms)

    def _freeze(self, protection: Protection, now_ms: int) -> None:
        protection.frozen_until_ms = now_ms + protection.frozen_ms if protection.frozen_ms else -1
        for order in self.floor.orders.open_of_account(protection.account, protection.symbol):
            if order.type is OrderType.LIMIT and not order.closes_only:
                cancel(self.floor, order.account, order.symbol, order.id, None, now_ms)
