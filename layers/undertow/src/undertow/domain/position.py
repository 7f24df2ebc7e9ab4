"""Positions, and the slot that holds everything true now of one account, symbol and side."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from undertow.domain.fill import Fill
from undertow.domain.ids import AccountId, ClientOrderId, LadderId, PositionId, StrategyId, Symbol, digest_of
from undertow.domain.ladder import Ladder, LadderPlan
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO
from undertow.domain.order import Order


@dataclass(frozen=True, slots=True)
class Position:
    """An open position. ``quantity`` is positive on both sides; ``entry_price`` is the average of what opened it.

    ``strategy`` is None for a position that this system did not open: such a position is external.
    ``unprotected_since_ms`` is None while a stop stands at the venue. ``questioned_at_ms`` is when reconciliation first
    found that the venue reports another quantity, less by ``questioned_by``; both are None while the two agree.

    ``stop_price`` and ``target_price`` are the triggers of the orders that stand. ``trailed_stop`` is the tightest stop
    that trailing or a person has set: it never goes back. ``best_price`` is the most favourable mark price that
    trailing has seen. ``risk_flag`` tells how the reserved risk came about where it was not reserved at the entry.

    ``unexplained`` is how far the quantity was moved by the venue's word alone, because no trade could be had for it:
    what that part earned or lost is not in ``realized_pnl``, which holds what trades say and no estimate.

    ``commission`` is a cost in quote units: fees in other assets are not in it.
    """

    id: PositionId
    account: AccountId
    symbol: Symbol
    side: PositionSide
    quantity: Decimal
    entry_price: Decimal
    opened_at_ms: int
    updated_at_ms: int
    strategy: StrategyId | None
    leverage: int = 1
    realized_pnl: Decimal = ZERO
    commission: Decimal = ZERO
    max_quantity: Decimal = ZERO
    stop_order: ClientOrderId | None = None
    target_order: ClientOrderId | None = None
    unprotected_since_ms: int | None = None
    protected_at_ms: int | None = None
    closed_at_ms: int | None = None
    questioned_at_ms: int | None = None
    questioned_by: Decimal | None = None
    stop_price: Decimal | None = None
    target_price: Decimal | None = None
    trailed_stop: Decimal | None = None
    best_price: Decimal | None = None
    risk_flag: str = ""
    unexplained: Decimal = ZERO

    @property
    def is_external(self) -> bool:
        return self.strategy is None

    @property
    def notional(self) -> Decimal:
        """Quote units at the entry price."""
        return self.quantity * self.entry_price

    @property
    def signed_quantity(self) -> Decimal:
        return self.quantity * self.side.sign

    def unrealized_pnl(self, mark: Decimal) -> Decimal:
        return (mark - self.entry_price) * self.signed_quantity

    def increased(self, fill: Fill) -> "Position":
        quantity = self.quantity + fill.quantity
        cost = self.entry_price * self.quantity + fill.price * fill.quantity
        return replace(
            self,
            quantity=quantity,
            entry_price=cost / quantity,
            max_quantity=max(self.max_quantity, quantity),
            commission=self.commission + fill.fee,
            realized_pnl=self.realized_pnl + fill.realized_pnl,
            # The trades of one order may be learnt of in another order than they were made in.
            opened_at_ms=min(self.opened_at_ms, fill.time_ms),
            updated_at_ms=fill.time_ms,
        )

    def reduced(self, fill: Fill) -> "Position":
        """After a fill of the other side. Raises ValueError when it is larger than the position."""
        if fill.quantity > self.quantity:
            raise ValueError(f"a fill of {fill.quantity} cannot come out of a position of {self.quantity}")
        quantity = self.quantity - fill.quantity
        return replace(
            self,
            quantity=quantity,
            commission=self.commission + fill.fee,
            realized_pnl=self.realized_pnl + fill.realized_pnl,
            updated_at_ms=fill.time_ms,
            # It ends with its last trade, even if one from before that is learnt of after it.
            closed_at_ms=max(self.updated_at_ms, fill.time_ms) if quantity == 0 else None,
        )


def opened_by(fill: Fill, side: PositionSide, strategy: StrategyId | None, leverage: int) -> Position:
    """The position that ``fill`` opens. It is unprotected from the time of the fill."""
    return Position(
        id=PositionId(digest_of("position", fill.account, fill.symbol, side, fill.trade_id)),
        account=fill.account,
        symbol=fill.symbol,
        side=side,
        quantity=fill.quantity,
        entry_price=fill.price,
        opened_at_ms=fill.time_ms,
        updated_at_ms=fill.time_ms,
        strategy=strategy,
        leverage=leverage,
        realized_pnl=fill.realized_pnl,
        commission=fill.fee,
        max_quantity=fill.quantity,
        unprotected_since_ms=fill.time_ms,
    )


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """An entry order that may still fill, with what it reserves at its worst admissible price.

    ``booked`` is the quantity of its fills that the ledger holds: an order may be known to have ended before its last
    fill is known, and until then the entry lives on.
    """

    client_order_id: ClientOrderId
    strategy: StrategyId
    layer: int
    notional: Decimal
    margin: Decimal
    booked: Decimal = ZERO
    risk: Decimal = ZERO
    ladder: LadderId | None = None


@dataclass(frozen=True, slots=True)
class Reserved:
    """What one entry keeps of the account's caps, in quote units."""

    notional: Decimal
    margin: Decimal
    risk: Decimal = ZERO

    def plus(self, notional: Decimal, margin: Decimal, risk: Decimal) -> "Reserved":
        return Reserved(self.notional + notional, self.margin + margin, self.risk + risk)

    def part(self, share: Decimal) -> "Reserved":
        return Reserved(self.notional * share, self.margin * share, self.risk * share)


NOTHING_RESERVED: Final = Reserved(ZERO, ZERO)


@dataclass(frozen=True, slots=True)
class Slot:
    """One account, symbol and side: its position, its entries under way, its cooldowns. Written under ``version``.

    ``reserved`` holds the reservation of every entry whose order lives or whose fill is still held, by order id, and
    under the ladder's id what its unclaimed layers keep.

    ``counted_until_ms`` is a time of the venue: trades until then are in the quantity already, since it was taken from
    a reading of the venue. One of them that is learnt of later explains the quantity and does not move it again.
    ``booked_until_ms``, too: the newest trade that was booked here, whether or not it moved the quantity. A reading of
    the venue from before it is behind.
    """

    account: AccountId
    symbol: Symbol
    side: PositionSide
    version: int = 0
    position: Position | None = None
    entries: tuple[LiveEntry, ...] = ()
    reserved: Mapping[ClientOrderId, Reserved] = field(default_factory=dict)
    cooldown_until_ms: Mapping[StrategyId, int] = field(default_factory=dict)
    ladder: Ladder | None = None
    counted_until_ms: int = 0
    booked_until_ms: int = 0

    @property
    def reserved_notional(self) -> Decimal:
        return sum((held.notional for held in self.reserved.values()), ZERO)

    @property
    def reserved_margin(self) -> Decimal:
        return sum((held.margin for held in self.reserved.values()), ZERO)

    @property
    def reserved_risk(self) -> Decimal:
        return sum((held.risk for held in self.reserved.values()), ZERO)

    def free_layer(self, strategy: StrategyId) -> int:
        """The smallest layer that no live entry of ``strategy`` holds."""
        taken = {entry.layer for entry in self.entries if entry.strategy == strategy}
        return next(layer for layer in range(len(taken) + 1) if layer not in taken)

    def cooldown_left_ms(self, strategy: StrategyId, now_ms: int) -> int:
        return max(0, self.cooldown_until_ms.get(strategy, 0) - now_ms)

    def with_ladder(self, plan: LadderPlan) -> "Slot":
        """Open a ladder: the risk of all its layers is reserved from here on. Raises ValueError when one is open."""
        if self.ladder is not None:
            raise ValueError(f"{self.symbol} {self.side} has a ladder already")
        return replace(self, ladder=Ladder(plan))._with_unclaimed_risk()

    def with_entry(self, entry: LiveEntry, cooldown_until_ms: int, now_ms: int = 0) -> "Slot":
        """Claim ``entry``; a layer of the ladder takes its risk out of what the ladder holds in reserve."""
        ladder, known_ms = self.ladder, self.cooldown_until_ms.get(entry.strategy, 0)
        if ladder is not None and entry.ladder == ladder.plan.id:
            ladder = ladder.claimed(entry.layer, entry.client_order_id, now_ms)
        return replace(
            self,
            entries=(*self.entries, entry),
            reserved={**self.reserved, entry.client_order_id: Reserved(entry.notional, entry.margin, entry.risk)},
            cooldown_until_ms={**self.cooldown_until_ms, entry.strategy: max(cooldown_until_ms, known_ms)},
            ladder=ladder,
        )._with_unclaimed_risk()

    def with_position(self, position: Position | None) -> "Slot":
        return replace(self, position=position)

    def with_frozen_ladder(self, now_ms: int) -> "Slot":
        """No more layers: what the unclaimed ones held in reserve goes back."""
        if self.ladder is None:
            return self
        return replace(self, ladder=self.ladder.frozen(now_ms))._with_unclaimed_risk()

    def with_held_ladder(self, now_ms: int) -> "Slot":
        """No layers for now. The reserve stays, so that letting them go on needs nothing that others hold by then."""
        return self if self.ladder is None else replace(self, ladder=self.ladder.held(now_ms))

    def with_ladder_let_go(self) -> "Slot":
        return self if self.ladder is None else replace(self, ladder=self.ladder.let_go())

    def booked(self, order: Order, fill: Fill) -> "Slot":
        """A fill of an entry was booked. One that comes after its order was settled reserves what it takes itself."""
        booked = self._with_layer_filled(order, fill.quantity)
        entry = self._living(order)
        if entry is None:
            held = self.reserved.get(order.client_order_id, NOTHING_RESERVED)
            risk = order.intent.risk * order.share_of(fill.quantity)
            more = held.plus(fill.notional, fill.notional / order.intent.leverage, risk)
            return replace(booked, reserved={**booked.reserved, order.client_order_id: more})
        counted = replace(entry, booked=entry.booked + fill.quantity)
        return replace(booked, entries=tuple(counted if other is entry else other for other in self.entries))

    def counting(self, order: Order, booked: Decimal) -> "Slot":
        """Of ``order``, at least ``booked`` is booked by now. Some of it may have passed for somebody else's when it
        was: nobody knew the order's number yet.
        """
        entry = self._living(order)
        if entry is None or booked <= entry.booked:
            return self
        found = self._with_layer_filled(order, booked - entry.booked)
        counted = replace(entry, booked=booked)
        return replace(found, entries=tuple(counted if other is entry else other for other in self.entries))

    def booked_until(self, time_ms: int) -> "Slot":
        return replace(self, booked_until_ms=max(self.booked_until_ms, time_ms))

    def settled(self, order: Order) -> "Slot":
        """If ``order`` has ended and all its fills are booked, what it reserved for the unfilled share goes back.

        The risk of a ladder's layer goes back to the ladder when nothing of the layer filled: it may be tried again.
        """
        entry = self._living(order)
        if entry is None or not order.state.is_final or entry.booked < order.filled_quantity:
            return self
        kept = {**self.reserved}
        held = kept.pop(entry.client_order_id)
        # More can be booked than the record of the order knows of: the trade history tells nothing of its state.
        share = order.share_of(max(order.filled_quantity, entry.booked))
        ladder = self.ladder
        if share > 0:
            kept[entry.client_order_id] = held.part(share)
        elif ladder is not None and entry.ladder == ladder.plan.id:
            ladder = ladder.ended_unfilled(entry.layer, entry.client_order_id)
        entries = tuple(other for other in self.entries if other is not entry)
        return replace(self, entries=entries, reserved=kept, ladder=ladder)._with_unclaimed_risk()._without_spent()

    def position_closed(self, now_ms: int = 0) -> "Slot":
        """The position is flat: only the reservations of entries that may still fill stay, and no layer is added."""
        return replace(self.with_frozen_ladder(now_ms), position=None)._without_spent()

    def _living(self, order: Order) -> LiveEntry | None:
        return next((entry for entry in self.entries if entry.client_order_id == order.client_order_id), None)

    def _with_layer_filled(self, order: Order, quantity: Decimal) -> "Slot":
        if self.ladder is None or order.intent.ladder != self.ladder.plan.id:
            return self
        ladder = self.ladder.filled_by(order.intent.layer, order.client_order_id, quantity)
        return replace(self, ladder=ladder)._with_unclaimed_risk()

    def _with_unclaimed_risk(self) -> "Slot":
        """The reservation of the ladder's unclaimed layers, as it follows from the ladder."""
        if self.ladder is None:
            return self
        key = ladder_key(self.ladder.plan.id)
        kept = {order: held for order, held in self.reserved.items() if order != key}
        unclaimed = self.ladder.unclaimed_risk
        if unclaimed > 0:
            kept[key] = Reserved(ZERO, ZERO, unclaimed)
        return replace(self, reserved=kept)

    def _without_spent(self) -> "Slot":
        if self.position is not None:
            return self
        living = {entry.client_order_id for entry in self.entries}
        kept = replace(self, reserved={key: held for key, held in self.reserved.items() if key in living})
        if self.ladder is None or not any(entry.ladder == self.ladder.plan.id for entry in self.entries):
            return replace(kept, ladder=None)
        # A layer under way may still fill: the position that it opens then needs the plan's stop.
        return kept._with_unclaimed_risk()


def ladder_key(ladder: LadderId) -> ClientOrderId:
    """Under which a slot and the reservations table keep what a ladder's unclaimed layers reserve."""
    return ClientOrderId(ladder)
