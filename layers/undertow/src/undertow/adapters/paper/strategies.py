"""Orders that hang on each other (OTO, OCO, OTOCO) and orders that follow the best price (chase), kept by the venue.

A sub-order waits for its drivers: when the order of a driver reaches the named state, the sub-order is placed or
canceled. Sub-orders that nothing places are placed with the strategy.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from undertow.adapters.paper.admission import admit
from undertow.adapters.paper.changing import cancel, modify
from undertow.adapters.paper.errors import ExchangeError
from undertow.adapters.paper.floor import Floor
from undertow.adapters.paper.orders import EngineOrder, OrderRequest
from undertow.adapters.paper.placing import check, place
from undertow.adapters.paper.strategy import (
    Chase,
    DrivenOn,
    Strategy,
    StrategyStatus,
    StrategyType,
    SubOrder,
    Trigger,
)
from undertow.domain.ids import AccountId
from undertow.domain.market import Side
from undertow.domain.order import TimeInForce

CHASE_EVERY_MS: Final = 1_000
_SIZES: Final = {StrategyType.OTO: 2, StrategyType.OCO: 2, StrategyType.OTOCO: 3}
_NOT_ADMITTED: Final = frozenset({TimeInForce.IOC, TimeInForce.FOK})


@dataclass(slots=True)
class StrategyDesk:
    """Every strategy ever placed on one floor."""

    floor: Floor
    all: dict[int, Strategy] = field(default_factory=dict)

    def place(
        self, account: AccountId, kind: StrategyType, client_id: str | None, subs: list[SubOrder], now_ms: int
    ) -> Strategy:
        """Raises ExchangeError before anything is placed when a part is malformed or would trigger at once."""
        self._check(account, kind, subs, now_ms)
        strategy = self._open(account, kind, client_id, subs, now_ms)
        for sub in subs:
            if not _is_placed_later(sub):
                self._place_sub(strategy, sub, now_ms)
        self.advance(now_ms)
        return strategy

    def chase(
        self, account: AccountId, client_id: str | None, request: OrderRequest, chase: Chase, now_ms: int
    ) -> Strategy:
        """Post beside the best price and stay there."""
        sub = SubOrder("1", replace(request, price=self._beside(request, chase)))
        check(self.floor, account, sub.request, now_ms)
        strategy = self._open(account, StrategyType.CHASE, client_id, [sub], now_ms)
        strategy.chase, strategy.looked_at_ms = chase, now_ms
        self._place_sub(strategy, sub, now_ms)
        return strategy

    def find(self, account: AccountId, strategy_id: int | None, client_id: str | None) -> Strategy | None:
        """By id first; a client id names the latest strategy that had it."""
        mine = [each for each in self.all.values() if each.account == account]
        if strategy_id is not None:
            return next((each for each in mine if each.id == strategy_id), None)
        return next((each for each in reversed(mine) if each.client_id == client_id), None)

    def cancel(self, strategy: Strategy, now_ms: int) -> None:
        """Take every order of ``strategy`` off. Raises -2011 for one that is over."""
        if not strategy.is_open:
            raise ExchangeError(-2011, "Unknown order sent.")
        self._close(strategy, StrategyStatus.CANCELED, now_ms)

    def update(self, strategy: Strategy, sub: SubOrder, request: OrderRequest, now_ms: int) -> None:
        """Give a waiting sub-order another request; a standing limit order another price and quantity."""
        order = self._order(sub)
        if sub.waits:
            admit(self.floor.account(strategy.account), self.floor.contract(request.symbol).instrument, request)
        elif order is None or request.quantity is None or request.price is None:
            raise ExchangeError(-2013, "Order does not exist.")
        else:
            modify(self.floor, order, request.quantity, request.price, now_ms)
        sub.request = request
        strategy.updated_at_ms = now_ms

    def advance(self, now_ms: int) -> None:
        """Do what the orders' new states call for, until nothing more follows from it."""
        for strategy in [each for each in self.all.values() if each.is_open]:
            while any(self._drive(strategy, sub, now_ms) for sub in strategy.subs):
                pass
            if strategy.chase is not None and now_ms - strategy.looked_at_ms >= CHASE_EVERY_MS:
                self._follow(strategy, strategy.chase, now_ms)
            if strategy.is_open:
                self._settle(strategy, now_ms)

    # --- driving ------------------------------------------------------------------------------------------------

    def _drive(self, strategy: Strategy, sub: SubOrder, now_ms: int) -> bool:
        """Apply the first drive of ``sub`` that is due. False when none is, or it has nothing to do."""
        for drive in sub.drives:
            driver = next(each for each in strategy.subs if each.id == drive.driver)
            if not self._has_reached(driver, drive.on):
                continue
            if sub.waits:
                if drive.trigger is Trigger.PLACE_ORDER:
                    self._place_sub(strategy, sub, now_ms)
                else:
                    sub.dropped = 0
                return True
            order = self._order(sub)
            if drive.trigger is Trigger.CANCEL_ORDER and order is not None and order.status.is_open:
                cancel(self.floor, order.account, order.symbol, order.id, None, now_ms)
                return True
        return False

    def _has_reached(self, driver: SubOrder, on: DrivenOn) -> bool:
        order = self._order(driver)
        if order is None:
            return on is (DrivenOn.CANCELED if driver.dropped == 0 else DrivenOn.REJECTED) and not driver.waits
        match on:
            case DrivenOn.NEW:
                return True
            case DrivenOn.PARTIALLY_FILLED_OR_FILLED:
                return order.filled > 0
            case DrivenOn.REPLACED:
                return order.modifications > 0
            case DrivenOn.STOPPED:
                return order.type is not order.original_type
            case _:
                return order.status.value == on.value

    def _settle(self, strategy: Strategy, now_ms: int) -> None:
        """Follow the state of the orders. What waits for drivers that are all over waits in vain."""
        waiting = [sub for sub in strategy.subs if sub.waits]
        if self._standing(strategy):
            if strategy.status is StrategyStatus.NEW and any(self._filled(sub) for sub in strategy.subs):
                strategy.status, strategy.updated_at_ms = StrategyStatus.WORKING, now_ms
            return
        for sub in waiting:
            sub.dropped = 0
        strategy.status, strategy.updated_at_ms = StrategyStatus.FINISHED, now_ms

    def _follow(self, strategy: Strategy, chase: Chase, now_ms: int) -> None:
        strategy.looked_at_ms = now_ms
        sub = strategy.subs[0]
        order = self._order(sub)
        if order is None or not order.status.is_open:
            return
        best, _ = self.floor.book(order.symbol).quote.best(order.side)
        if chase.furthest is not None and abs(best - chase.started_at) > chase.furthest:
            self._close(strategy, StrategyStatus.EXPIRED, now_ms)
            return
        price = self._beside(sub.request, chase)
        if price != order.price:
            try:
                modify(self.floor, order, order.quantity, price, now_ms)
            except ExchangeError:
                self._close(strategy, StrategyStatus.EXPIRED, now_ms)

    # --- parts --------------------------------------------------------------------------------------------------

    def _open(
        self, account: AccountId, kind: StrategyType, client_id: str | None, subs: list[SubOrder], now_ms: int
    ) -> Strategy:
        strategy_id = self.floor.ids.next_order()
        strategy = Strategy(strategy_id, client_id or f"sim{strategy_id}", account, kind, subs, now_ms, now_ms)
        self.all[strategy_id] = strategy
        return strategy

    def _place_sub(self, strategy: Strategy, sub: SubOrder, now_ms: int) -> None:
        try:
            sub.order_id = place(self.floor, strategy.account, sub.request, now_ms).id
        except ExchangeError as refusal:
            sub.dropped = refusal.code

    def _close(self, strategy: Strategy, status: StrategyStatus, now_ms: int) -> None:
        for order in self._standing(strategy):
            cancel(self.floor, order.account, order.symbol, order.id, None, now_ms)
        for sub in strategy.subs:
            if sub.waits:
                sub.dropped = 0
        strategy.status, strategy.updated_at_ms = status, now_ms

    def _check(self, account: AccountId, kind: StrategyType, subs: list[SubOrder], now_ms: int) -> None:
        names = [sub.id for sub in subs]
        if len(subs) != _SIZES[kind] or names != [str(number + 1) for number in range(len(subs))]:
            raise ExchangeError(-4020, "Target strategy invalid.")
        for sub in subs:
            if any(drive.driver == sub.id or drive.driver not in names for drive in sub.drives):
                raise ExchangeError(-4020, "Target strategy invalid.")
            if sub.request.time_in_force in _NOT_ADMITTED:
                raise ExchangeError(-1115, "Invalid timeInForce.")
            if _is_placed_later(sub):
                admit(self.floor.account(account), self.floor.contract(sub.request.symbol).instrument, sub.request)
            else:
                self._check_now(account, sub.request, now_ms)

    def _check_now(self, account: AccountId, request: OrderRequest, now_ms: int) -> None:
        try:
            check(self.floor, account, request, now_ms)
        except ExchangeError as refusal:
            if refusal.code == -2021:
                raise ExchangeError(-4142, "Strategy trigger price is invalid.") from refusal
            raise

    def _beside(self, request: OrderRequest, chase: Chase) -> Decimal:
        best, _ = self.floor.book(request.symbol).quote.best(request.side)
        return best - chase.offset if request.side is Side.BUY else best + chase.offset

    def _order(self, sub: SubOrder) -> EngineOrder | None:
        return None if sub.order_id is None else self.floor.orders.all[sub.order_id]

    def _filled(self, sub: SubOrder) -> bool:
        order = self._order(sub)
        return order is not None and order.filled > 0

    def _standing(self, strategy: Strategy) -> list[EngineOrder]:
        orders = [self._order(sub) for sub in strategy.subs]
        return [order for order in orders if order is not None and order.status.is_open]


def _is_placed_later(sub: SubOrder) -> bool:
    return any(drive.trigger is Trigger.PLACE_ORDER for drive in sub.drives)
