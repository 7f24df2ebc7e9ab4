"""Reservations under any interleaving of entries, fills, news, settling and closing: conserved, released once.

The machine plays a venue that knows the truth of every order, a stream that delivers it late, twice and out of order,
a trade history that delivers fills without news, and a desk that gives orders up by mistake.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.unit.builders import ACCOUNT, BTC, HUNTER, NOW_MS, d, fill, intent, live_entry, news, order

from undertow.domain.account import BookTotals
from undertow.domain.booking import (
    Reservation,
    ReservationState,
    applied,
    in_use,
    reservation_changes,
    reserved,
    totals_change,
)
from undertow.domain.fill import Fill
from undertow.domain.ids import ClientOrderId, TradeId, VenueOrderId
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO, counted
from undertow.domain.order import Order, OrderNews, OrderState
from undertow.domain.position import Slot, opened_by

ROUNDING = d("1E-15")
"""A share such as a third has 28 digits; what is missing after them is made up for by the totals, which round up."""

lots = st.integers(1, 30).map(lambda count: Decimal(count) / 100)
limits = st.integers(1, 10**6).map(lambda ticks: Decimal(ticks) / 1000)


@dataclass
class AtVenue:
    """An order as it truly is."""

    order: Order
    filled: Decimal = ZERO
    cost: Decimal = ZERO
    end: OrderState | None = None
    said: list[OrderNews] = field(default_factory=list)
    fills: list[tuple[Fill, OrderNews]] = field(default_factory=list)

    @property
    def left(self) -> Decimal:
        return (self.order.intent.quantity or ZERO) - self.filled

    def say(self, state: OrderState) -> OrderNews:
        average = self.cost / self.filled if self.filled else ZERO
        told = news(state, self.filled, average, client_order_id=self.order.client_order_id)
        self.said.append(told)
        return told


class Reservations(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.venue: dict[ClientOrderId, AtVenue] = {}
        self.orders: dict[ClientOrderId, Order] = {}
        self.totals = BookTotals(ACCOUNT, ZERO, ZERO, 0)
        self.records: dict[ClientOrderId, Reservation] = {}
        self.taken: dict[ClientOrderId, Decimal] = defaultdict(lambda: ZERO)
        self.trades = 0
        self.now_ms = NOW_MS

    @initialize(side=st.sampled_from(PositionSide))
    def begin(self, side: PositionSide) -> None:
        self.slot = Slot(ACCOUNT, BTC, side)

    def move(self, after: Slot) -> None:
        """What a store does with a change of a slot."""
        self.now_ms += 1
        self.totals = applied(self.totals, totals_change(self.slot, after))
        for change in reservation_changes(self.slot, after):
            known = self.records.get(change.order)
            held_before = known is not None and known.state is not ReservationState.RELEASED
            released = change.state is ReservationState.RELEASED
            assert not released or held_before, "released twice"
            assert known is None or change.state is not ReservationState.RESERVED or known.state is change.state
            self.records[change.order] = reserved(after, change, known, self.now_ms)
        self.slot = replace(after, version=self.slot.version + 1)

    def learn(self, changed: Order) -> None:
        """What the desk does with a new record of an order."""
        self.orders[changed.client_order_id] = changed
        self.move(self.slot.settled(changed))

    def draw_order(self, data: st.DataObject) -> AtVenue:
        return self.venue[data.draw(st.sampled_from(sorted(self.venue)))]

    @rule(quantity=lots, price=limits, leverage=st.sampled_from([1, 3, 7, 50]))
    def enter(self, quantity: Decimal, price: Decimal, leverage: int) -> None:
        number = len(self.venue)
        order_id = ClientOrderId(f"ut-e-{number}")
        layer = self.slot.free_layer(HUNTER)
        wanted = intent(
            client_order_id=order_id,
            position_side=self.slot.side,
            quantity=quantity,
            price=price,
            leverage=leverage,
            layer=layer,
        )
        assert layer not in {entry.layer for entry in self.slot.entries}
        placed = order(OrderState.IN_FLIGHT, of=wanted)
        self.orders[order_id] = placed
        self.venue[order_id] = AtVenue(placed)
        self.venue[order_id].say(OrderState.OPEN)
        self.move(self.slot.with_entry(live_entry(wanted), self.now_ms + 30_000))

    @precondition(lambda self: self.venue)
    @rule(data=st.data(), part=st.integers(1, 4))
    def trade(self, data: st.DataObject, part: int) -> None:
        at = self.draw_order(data)
        if at.end is not None or at.left <= 0:
            return
        quantity = max(d("0.01"), (at.left * part / 4).quantize(d("0.01")))
        price = at.order.intent.price or ZERO
        self.trades += 1
        at.filled, at.cost = at.filled + quantity, at.cost + quantity * price
        whole = at.left <= 0
        at.end = OrderState.FILLED if whole else None
        told = at.say(OrderState.FILLED if whole else OrderState.PARTIALLY_FILLED)
        traded = fill(
            quantity,
            price,
            trade_id=TradeId(self.trades),
            venue_order_id=VenueOrderId(77),
            client_order_id=at.order.client_order_id,
            side=self.slot.side.entry_side,
        )
        at.fills.append((traded, told))

    @precondition(lambda self: self.venue)
    @rule(data=st.data(), state=st.sampled_from([OrderState.CANCELED, OrderState.EXPIRED]))
    def end_at_the_venue(self, data: st.DataObject, state: OrderState) -> None:
        at = self.draw_order(data)
        if at.end is None:
            at.end = state
            at.say(state)

    @precondition(lambda self: self.venue)
    @rule(data=st.data())
    def hear_news(self, data: st.DataObject) -> None:
        at = self.draw_order(data)
        told = data.draw(st.sampled_from(at.said))
        self.learn(self.orders[at.order.client_order_id].with_news(told, self.now_ms))

    @precondition(lambda self: self.venue)
    @rule(data=st.data(), state=st.sampled_from([OrderState.ABANDONED, OrderState.REJECTED, OrderState.LOST]))
    def give_up(self, data: st.DataObject, state: OrderState) -> None:
        known = self.orders[self.draw_order(data).order.client_order_id]
        if known.state in (OrderState.IN_FLIGHT, OrderState.UNCONFIRMED, OrderState.LOST):
            self.learn(known.revised(state, self.now_ms))

    @precondition(lambda self: any(at.fills for at in self.venue.values()))
    @rule(data=st.data(), with_news=st.booleans())
    def book(self, data: st.DataObject, with_news: bool) -> None:
        """Deliver a fill, once, by the stream or by the trade history."""
        filled = sorted(order_id for order_id, at in self.venue.items() if at.fills)
        at = self.venue[data.draw(st.sampled_from(filled))]
        traded, told = at.fills.pop(data.draw(st.integers(0, len(at.fills) - 1)))
        order_id = at.order.client_order_id
        known = self.orders[order_id]
        merged = known.with_news(told, self.now_ms) if with_news else known
        held = self.slot.position
        grown = held.increased(traded) if held else opened_by(traded, self.slot.side, HUNTER, leverage=10)
        self.orders[order_id] = merged
        self.taken[order_id] += traded.notional
        self.move(self.slot.with_position(grown).booked(merged, traded).settled(merged))

    @precondition(lambda self: self.slot.position is not None)
    @rule(share=st.sampled_from([d("0.25"), d("0.5"), d("1")]))
    def reduce(self, share: Decimal) -> None:
        held = self.slot.position
        assert held is not None
        cut = held.reduced(fill(held.quantity * share, side=self.slot.side.exit_side))
        if cut.closed_at_ms is None:
            self.move(self.slot.with_position(cut))
            return
        self.taken.clear()
        self.move(self.slot.position_closed())

    @invariant()
    def nothing_is_ever_negative(self) -> None:
        for held in self.slot.reserved.values():
            assert held.notional >= 0
            assert held.margin >= 0
        assert self.totals.notional >= 0
        assert self.totals.margin >= 0

    @invariant()
    def totals_are_the_sum_of_what_is_reserved(self) -> None:
        held = self.slot.reserved.values()
        assert self.totals.notional == sum((counted(one.notional) for one in held), ZERO)
        assert self.totals.margin == sum((counted(one.margin) for one in held), ZERO)
        assert self.totals.slots == in_use(self.slot)

    @invariant()
    def records_tell_the_same_as_the_slot(self) -> None:
        assert set(self.slot.reserved) <= set(self.records)
        living = {entry.client_order_id for entry in self.slot.entries}
        for order_id, record in self.records.items():
            held = self.slot.reserved.get(order_id)
            assert (record.state is ReservationState.RELEASED) == (held is None)
            assert (record.state is ReservationState.RESERVED) == (order_id in living)
            assert (record.notional, record.margin) == ((held.notional, held.margin) if held else (0, 0))

    @invariant()
    def a_living_entry_reserves_its_worst_case(self) -> None:
        for entry in self.slot.entries:
            held = self.slot.reserved[entry.client_order_id]
            assert (held.notional, held.margin) == (entry.notional, entry.margin)

    @invariant()
    def what_is_held_is_reserved(self) -> None:
        for order_id, cost in self.taken.items():
            leverage = self.venue[order_id].order.intent.leverage
            assert self.slot.reserved[order_id].notional >= cost - ROUNDING
            assert self.slot.reserved[order_id].margin >= cost / leverage - ROUNDING

    @invariant()
    def no_order_reserves_more_than_it_can_take(self) -> None:
        for order_id, held in self.slot.reserved.items():
            assert held.notional <= self.venue[order_id].order.intent.notional + ROUNDING

    @invariant()
    def nothing_stays_reserved_for_what_has_ended(self) -> None:
        if self.slot.position is None:
            assert set(self.slot.reserved) == {entry.client_order_id for entry in self.slot.entries}

    def teardown(self) -> None:
        """Once everything has ended and was heard of, everything was given back."""
        for order_id, at in self.venue.items():
            if at.end is None:
                at.end = OrderState.CANCELED
                at.say(OrderState.CANCELED)
            while at.fills:
                traded, _ = at.fills.pop()
                held = self.slot.position
                grown = held.increased(traded) if held else opened_by(traded, self.slot.side, HUNTER, leverage=10)
                self.move(self.slot.with_position(grown).booked(self.orders[order_id], traded))
            self.learn(self.orders[order_id].with_news(at.said[-1], self.now_ms))
        if self.slot.position is not None:
            self.move(self.slot.position_closed())
        assert (self.slot.reserved, self.slot.entries) == ({}, ())
        assert (self.totals.notional, self.totals.margin, self.totals.slots) == (ZERO, ZERO, 0)
        for record in self.records.values():
            assert (record.state, record.notional, record.margin) == (ReservationState.RELEASED, ZERO, ZERO)


TestReservations = Reservations.TestCase
TestReservations.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
