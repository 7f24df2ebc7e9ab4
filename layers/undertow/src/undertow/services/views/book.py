"""All that is known of one account now, read once for the pages that judge it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.account import Account, Balance, BookTotals, Control, MarginType, Readiness, VenueHealth
from undertow.domain.guard import AccountGuard
from undertow.domain.ids import ClientOrderId, Symbol
from undertow.domain.instrument import Instrument, LeverageBracket
from undertow.domain.market import MarkPrice, PositionSide
from undertow.domain.numbers import ZERO
from undertow.domain.order import Order
from undertow.domain.position import Position, Slot
from undertow.risk.budget import filled_risk
from undertow.risk.limits import AccountLimits
from undertow.risk.liquidation import (
    Leg,
    UnknownTiers,
    cross_liquidation_price,
    hedge_liquidation_prices,
    is_solvent,
    isolated_liquidation_price,
    maintenance_margin,
)
from undertow.services.views import render
from undertow.services.views.marks import still_tells
from undertow.services.views.sources import Sources


@dataclass(frozen=True, slots=True)
class Book:
    account: Account
    limits: AccountLimits
    control: Control
    health: VenueHealth
    guard: AccountGuard
    totals: BookTotals
    balance: Balance | None
    slots: Sequence[Slot]
    orders: Mapping[ClientOrderId, Order]
    marks: Mapping[Symbol, MarkPrice]
    instruments: Mapping[Symbol, Instrument]
    readinesses: Mapping[Symbol, Readiness]
    now_ms: int

    @property
    def positions(self) -> Iterator[Position]:
        return (slot.position for slot in self.slots if slot.position is not None)

    @property
    def equity(self) -> Decimal | None:
        return None if self.balance is None else self.balance.equity

    def stop_of(self, position: Position) -> Decimal | None:
        """The trigger of the stop that stands at the venue; None while none does."""
        if position.unprotected_since_ms is not None or position.stop_order is None:
            return None
        order = self.orders.get(position.stop_order)
        return position.stop_price if order is None else order.intent.stop_price

    def is_isolated(self, symbol: Symbol) -> bool:
        """Cross unless the venue said otherwise: a multi-assets account has nothing else."""
        readiness = self.readinesses.get(symbol)
        return readiness is not None and readiness.margin_type is MarginType.ISOLATED

    def maintenance_of(self, position: Position, price: Decimal) -> Decimal:
        """Raises UnknownTiers."""
        instrument = self.instruments.get(position.symbol)
        return maintenance_margin(position.quantity * price, () if instrument is None else instrument.brackets)

    def liquidation_of(self, position: Position) -> Decimal | None:
        """Where the venue would liquidate it, by its tiers; None: at no price. Raises UnknownTiers.

        An estimate: the isolated wallet is taken as the entry margin, and other cross positions as they stand now.
        """
        instrument = self.instruments.get(position.symbol)
        brackets = () if instrument is None else instrument.brackets
        if self.is_isolated(position.symbol):
            margin = position.notional / position.leverage
            return isolated_liquidation_price(position.side, position.quantity, position.entry_price, margin, brackets)
        if self.balance is None:
            raise UnknownTiers("the balance that a cross position shares is not known")
        others = [other for other in self.positions if other.symbol != position.symbol]
        maintenance = sum((self.maintenance_of(one, self.price_of(one)) for one in others), ZERO)
        unrealized = sum((one.unrealized_pnl(self.price_of(one)) for one in others), ZERO)
        twin = next((p for p in self.positions if p.symbol == position.symbol and p.side is not position.side), None)
        if twin is not None:
            return self._liquidation_of_pair(position, twin, brackets, maintenance, unrealized)
        return cross_liquidation_price(
            position.side,
            position.quantity,
            position.entry_price,
            self.balance.wallet,
            brackets,
            maintenance,
            unrealized,
        )

    def _liquidation_of_pair(
        self,
        position: Position,
        twin: Position,
        brackets: Sequence[LeverageBracket],
        maintenance: Decimal,
        unrealized: Decimal,
    ) -> Decimal | None:
        """For a long the nearest price below the present one at which the pair is liquidated, for a short above."""
        legs = {one.side: Leg(one.side, one.quantity, one.entry_price) for one in (position, twin)}
        wallet = ZERO if self.balance is None else self.balance.wallet
        found = hedge_liquidation_prices(
            legs[PositionSide.LONG], legs[PositionSide.SHORT], wallet, brackets, maintenance, unrealized
        )
        now = self.price_of(position)
        if not is_solvent(tuple(legs.values()), now, wallet - maintenance + unrealized, brackets):
            return now  # due where it stands
        if position.side is PositionSide.LONG:
            return max((price for price in found if price <= now), default=None)
        return min((price for price in found if price >= now), default=None)

    def mark_of(self, symbol: Symbol) -> MarkPrice | None:
        """For figures that stand without the mark's age; None where it is not known, or too old for them."""
        mark = self.marks.get(symbol)
        return mark if mark is not None and still_tells(mark, self.now_ms) else None

    def price_of(self, position: Position) -> Decimal:
        mark = self.marks.get(position.symbol)
        return position.entry_price if mark is None else mark.price

    def filled_risk_of(self, position: Position) -> Decimal:
        """What it loses at its stop; without one at its liquidation price, and where that is unknown all of it."""
        stop = self.stop_of(position)
        if stop is not None:
            return filled_risk(position, stop, None, self.limits.risk)
        try:
            liquidation = self.liquidation_of(position)
        except UnknownTiers:
            liquidation = None
        return filled_risk(position, None, liquidation, self.limits.risk)

    def pending_risk_of(self, slot: Slot) -> Decimal:
        """Reserved by entries that were sent and that the venue has not acknowledged."""
        return sum(
            (
                slot.reserved[entry.client_order_id].risk
                for entry in slot.entries
                if entry.client_order_id in slot.reserved and self._is_pending(entry.client_order_id)
            ),
            ZERO,
        )

    def _is_pending(self, order_id: ClientOrderId) -> bool:
        order = self.orders.get(order_id)
        return order is None or order.state in render.UNCERTAIN


def read_book(sources: Sources, account: Account, *, with_marks: bool = True) -> Book:
    """Marks cost requests at the venue; without them positions are worth what they cost."""
    kept = sources.kept
    slots = kept.ledger.slots_in_use(account.id)
    symbols = {slot.symbol for slot in slots if slot.position is not None}
    return Book(
        account=account,
        limits=sources.params.current().globals.limits[account.id],
        control=kept.controls.get(account.id),
        health=kept.healths.get(account.venue),
        guard=kept.guards.get(account.id),
        totals=kept.ledger.totals(account.id),
        balance=kept.balances.latest(account.id),
        slots=slots,
        orders={order.client_order_id: order for order in kept.orders.unfinished(account.id)},
        marks=sources.marks.of(account.venue, symbols) if with_marks else {},
        instruments={found.symbol: found for found in kept.instruments.all(account.venue)},
        readinesses={found.symbol: found for found in kept.readinesses.all(account.id)},
        now_ms=sources.clock.now_ms(),
    )
