"""Reserved risk under any interleaving: claims of ladders and layers, fills, ends, freezes, closes, on both sides of
several symbols, through the memory ledger. Conserved at every step, never negative, zero at the end.

The machine plays a venue that knows the truth, whose news and fills arrive late and out of order.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.unit.builders import ACCOUNT, HUNTER, NOW_MS, d, fill, intent, news, order
from tests.unit.plans import plan_of

from undertow.adapters.memory import MemoryStore, SettableClock, memory_repositories
from undertow.domain.account import Control, Switch
from undertow.domain.booking import ReservationState, in_use
from undertow.domain.decision import Decision, Outcome, decision_id
from undertow.domain.fill import Fill
from undertow.domain.ids import ClientOrderId, LadderId, LiquidationId, Symbol, TradeId
from undertow.domain.ladder import PlannedLayer
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO, counted
from undertow.domain.order import Order, OrderState
from undertow.domain.position import LiveEntry, Slot, ladder_key, opened_by
from undertow.ports import ClaimOutcome, EntryClaim, LedgerEntry, WriteOutcome

PLACES = 2
ENDLESS = d("1000000000")
SYMBOLS = [Symbol(name) for name in ("AUSDT", "BUSDT", "CUSDT")]
risks = st.integers(1, 10**20).map(lambda units: Decimal(units) * d("1E-18"))
"""More places than a sum keeps: up to 100 quote units."""


@dataclass
class AtVenue:
    """An entry order as it truly is, and what of it the desk has not been told yet."""

    order: Order
    filled: Decimal = ZERO
    ended: bool = False
    undelivered: list[Fill] = field(default_factory=list)

    @property
    def left(self) -> Decimal:
        return (self.order.intent.quantity or ZERO) - self.filled


class Book(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.store, self.clock = MemoryStore(), SettableClock(NOW_MS)
        self.kept = memory_repositories(self.store, self.clock)
        self.ledger = self.kept.ledger
        assert self.kept.controls.set(Control(ACCOUNT, Switch.RUNNING, NOW_MS, "ann", "", 1))
        self.venue: dict[ClientOrderId, AtVenue] = {}
        self.ladders = 0
        self.cap = d("400")
        self.trades = 0

    # --- what the desk does

    def slots(self) -> Iterator[Slot]:
        for symbol in SYMBOLS:
            for side in PositionSide:
                yield self.ledger.slot(ACCOUNT, symbol, side)

    def draw_slot(self, data: st.DataObject, suits: Callable[[Slot], bool] = lambda _: True) -> Slot | None:
        """One of those that ``suit``; None when there is none."""
        suiting = [slot for slot in self.slots() if suits(slot)]
        return data.draw(st.sampled_from(suiting)) if suiting else None

    def write(self, before: Slot, after: Slot, orders: tuple[Order, ...] = (), taken: Fill | None = None) -> None:
        assert self.ledger.write(LedgerEntry(before, after, orders, taken)) is WriteOutcome.WRITTEN

    def claim(self, before: Slot, after: Slot, placed: Order, opposite_in_use: bool) -> ClaimOutcome:
        name = LiquidationId(placed.client_order_id)
        why = Decision(
            id=decision_id(HUNTER, name),
            strategy=HUNTER,
            account=ACCOUNT,
            symbol=before.symbol,
            liquidation=name,
            outcome=Outcome.TAKEN,
            gate="",
            reason="",
            position_side=before.side,
            inputs={},
            thresholds={},
            params_version="1",
            event_time_ms=NOW_MS,
            decided_at_ms=NOW_MS,
            client_order_id=placed.client_order_id,
        )
        outcome = self.ledger.claim(
            EntryClaim(placed, before, after, why, ENDLESS, ENDLESS, PLACES, self.cap, opposite_in_use)
        )
        if outcome is ClaimOutcome.CLAIMED:
            self.venue[placed.client_order_id] = AtVenue(placed)
        return outcome

    def placed(self, slot: Slot, layer: PlannedLayer, ladder: LadderId | None) -> Order:
        wanted = intent(
            client_order_id=ClientOrderId(f"ut-e-{len(self.venue)}"),
            symbol=slot.symbol,
            position_side=slot.side,
            quantity=layer.quantity,
            price=layer.price,
            layer=layer.number,
            ladder=ladder,
            risk=layer.risk,
        )
        return order(OrderState.IN_FLIGHT, of=wanted)

    def with_entry(self, slot: Slot, placed: Order) -> Slot:
        made = placed.intent
        entry = LiveEntry(
            made.client_order_id, HUNTER, made.layer, made.notional, made.margin, risk=made.risk, ladder=made.ladder
        )
        return slot.with_entry(entry, self.clock.now_ms(), self.clock.now_ms())

    def opposite_in_use(self, slot: Slot) -> bool:
        return in_use(self.ledger.slot(ACCOUNT, slot.symbol, slot.side.opposite))

    @rule(data=st.data(), planned=st.lists(risks, min_size=1, max_size=5))
    def open_ladder(self, data: st.DataObject, planned: list[Decimal]) -> None:
        slot = self.draw_slot(data, lambda one: not in_use(one))
        if slot is None:
            return
        self.ladders += 1
        layers = tuple(
            PlannedLayer(number, d("1000") - number, d("0.3") * number, risk)
            for number, risk in enumerate(planned, start=1)
        )
        plan = plan_of(*layers, id=LadderId(f"ladder-{self.ladders}"), side=slot.side)
        before = self.ledger.totals(ACCOUNT)
        placed = self.placed(slot, plan.layer(1), plan.id)
        after = self.with_entry(slot.with_ladder(plan), placed)
        outcome = self.claim(slot, after, placed, self.opposite_in_use(slot))
        wanted = sum((counted(layer.risk) for layer in layers), ZERO)
        new_symbol = not self.opposite_in_use(slot)
        fits = before.risk + wanted <= self.cap and (not new_symbol or before.slots < PLACES)
        assert outcome is (ClaimOutcome.CLAIMED if fits else ClaimOutcome.CAP_REACHED)
        if fits:
            assert self.ledger.totals(ACCOUNT).risk == before.risk + wanted

    @rule(data=st.data())
    def add_layer(self, data: st.DataObject) -> None:
        slot = self.draw_slot(data, lambda one: one.ladder is not None and one.ladder.next_layer is not None)
        layer = slot.ladder.next_layer if slot is not None and slot.ladder is not None else None
        if slot is None or slot.ladder is None or layer is None:
            return
        before = self.ledger.totals(ACCOUNT)
        placed = self.placed(slot, layer, slot.ladder.plan.id)
        outcome = self.claim(slot, self.with_entry(slot, placed), placed, self.opposite_in_use(slot))
        assert outcome is ClaimOutcome.CLAIMED, "a layer draws on its own reserve, whatever the cap says"
        assert self.ledger.totals(ACCOUNT).risk == before.risk

    @rule(data=st.data(), risk=risks, seen=st.booleans())
    def enter_without_a_ladder(self, data: st.DataObject, risk: Decimal, seen: bool) -> None:
        """As a hunter does, and at times with an old picture of the other side."""
        slot = self.draw_slot(data)
        assert slot is not None
        placed = self.placed(slot, PlannedLayer(slot.free_layer(HUNTER), d("1000"), d("0.3"), risk), None)
        before, stale = self.ledger.totals(ACCOUNT), seen != self.opposite_in_use(slot)
        outcome = self.claim(slot, self.with_entry(slot, placed), placed, seen)
        if outcome is not ClaimOutcome.CLAIMED:
            assert self.ledger.totals(ACCOUNT) == before
        assert outcome is not ClaimOutcome.SLOT_MOVED or (stale and not in_use(slot))
        assert outcome is not ClaimOutcome.CLAIMED or not stale or in_use(slot)

    @rule(cap=st.sampled_from([d("0"), d("50"), d("400")]))
    def equity_changes(self, cap: Decimal) -> None:
        self.cap = cap

    # --- what the venue does

    @precondition(lambda self: self.venue)
    @rule(data=st.data(), part=st.integers(1, 3))
    def trade(self, data: st.DataObject, part: int) -> None:
        at = self.draw_order(data)
        if at.ended or at.left <= 0:
            return
        quantity = min(at.left, (at.left * part / 3).quantize(d("0.01")) or at.left)
        self.trades += 1
        at.filled += quantity
        at.ended = at.left <= 0
        made = at.order.intent
        at.undelivered.append(
            fill(
                quantity,
                made.price or ZERO,
                trade_id=TradeId(self.trades),
                symbol=made.symbol,
                client_order_id=made.client_order_id,
                side=made.side,
                position_side=made.position_side,
            )
        )

    @precondition(lambda self: self.venue)
    @rule(data=st.data())
    def end_at_the_venue(self, data: st.DataObject) -> None:
        self.draw_order(data).ended = True

    def draw_order(self, data: st.DataObject) -> AtVenue:
        return self.venue[data.draw(st.sampled_from(sorted(self.venue)))]

    # --- what the desk hears

    @precondition(lambda self: self.venue)
    @rule(data=st.data())
    def hear_how_an_order_stands(self, data: st.DataObject) -> None:
        self.hear(self.draw_order(data))

    def hear(self, at: AtVenue) -> None:
        known = self.known(at)
        state = OrderState.PARTIALLY_FILLED if at.filled else OrderState.OPEN
        if at.ended:
            state = OrderState.FILLED if at.left <= 0 else OrderState.CANCELED
        told = news(state, at.filled, at.order.intent.price or ZERO, client_order_id=known.client_order_id)
        changed = known.with_news(told, self.clock.now_ms())
        if changed is not known:
            slot = self.slot_of(at)
            self.write(slot, slot.settled(changed), (changed,))

    def known(self, at: AtVenue) -> Order:
        found = self.kept.orders.get(ACCOUNT, at.order.client_order_id)
        assert found is not None
        return found

    def slot_of(self, at: AtVenue) -> Slot:
        return self.ledger.slot(ACCOUNT, at.order.intent.symbol, at.order.intent.position_side)

    @precondition(lambda self: self.venue)
    @rule(data=st.data())
    def give_up_what_may_have_lived(self, data: st.DataObject) -> None:
        """The desk believes, wrongly or not, that an order never came to be."""
        at = self.draw_order(data)
        known = self.known(at)
        if known.state is OrderState.IN_FLIGHT:
            gone, slot = known.revised(OrderState.ABANDONED, self.clock.now_ms()), self.slot_of(at)
            self.write(slot, slot.settled(gone), (gone,))

    @precondition(lambda self: any(at.undelivered for at in self.venue.values()))
    @rule(data=st.data())
    def book_a_fill(self, data: st.DataObject) -> None:
        waiting = sorted(order_id for order_id, at in self.venue.items() if at.undelivered)
        at = self.venue[data.draw(st.sampled_from(waiting))]
        self.book(at, data.draw(st.integers(0, len(at.undelivered) - 1)))

    def book(self, at: AtVenue, index: int = 0) -> None:
        taken, slot, known = at.undelivered.pop(index), self.slot_of(at), self.known(at)
        held = slot.position
        grown = held.increased(taken) if held else opened_by(taken, slot.side, HUNTER, leverage=10)
        self.write(slot, slot.with_position(grown).booked(known, taken).settled(known), (), taken)

    @rule(data=st.data())
    def freeze(self, data: st.DataObject) -> None:
        slot = self.draw_slot(data, lambda one: one.ladder is not None)
        if slot is not None:
            self.write(slot, slot.with_frozen_ladder(self.clock.now_ms()))

    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        slot = self.draw_slot(data, lambda one: one.position is not None)
        if slot is not None:
            self.close_position(slot)

    def close_position(self, slot: Slot) -> None:
        assert slot.position is not None
        self.trades += 1
        out = fill(
            slot.position.quantity,
            trade_id=TradeId(self.trades),
            symbol=slot.symbol,
            client_order_id=None,
            side=slot.side.exit_side,
            position_side=slot.side,
        )
        entry = LedgerEntry(slot, slot.position_closed(NOW_MS), (), out, slot.position.reduced(out))
        assert self.ledger.write(entry) is WriteOutcome.WRITTEN
        assert self.ledger.write(entry) is WriteOutcome.DUPLICATE_FILL
        ladder = self.ledger.slot(ACCOUNT, slot.symbol, slot.side).ladder
        assert ladder is None or ladder.next_layer is None, "a closed position gets no more layers"

    # --- what always holds

    @invariant()
    def the_total_is_what_the_slots_reserve(self) -> None:
        totals = self.ledger.totals(ACCOUNT)
        held = [one for slot in self.slots() for one in slot.reserved.values()]
        assert totals.risk == sum((counted(one.risk) for one in held), ZERO)
        assert totals.notional == sum((counted(one.notional) for one in held), ZERO)
        assert totals.margin == sum((counted(one.margin) for one in held), ZERO)

    @invariant()
    def the_total_is_what_the_rows_that_are_not_released_tell(self) -> None:
        living = {order_id: one for slot in self.slots() for order_id, one in slot.reserved.items()}
        for (_, order_id), row in self.store.reservations.items():
            held = living.get(order_id)
            assert (row.state is ReservationState.RELEASED) == (held is None)
            assert (row.notional, row.margin, row.risk) == (
                (held.notional, held.margin, held.risk) if held is not None else (0, 0, 0)
            )
        assert {order_id for _, order_id in self.store.reservations} >= set(living)

    @invariant()
    def nothing_is_negative(self) -> None:
        for slot in self.slots():
            assert all(min(one.notional, one.margin, one.risk) >= 0 for one in slot.reserved.values())

    @invariant()
    def a_pair_counts_one_symbol(self) -> None:
        assert self.ledger.totals(ACCOUNT).slots == len({slot.symbol for slot in self.slots() if in_use(slot)})

    @invariant()
    def a_ladder_holds_in_reserve_what_its_free_layers_would_take_and_no_more(self) -> None:
        for slot in self.slots():
            keys = [key for key in slot.reserved if key.startswith("ladder-")]
            if slot.ladder is None:
                assert keys == []
                continue
            ladder = slot.ladder
            free = [] if ladder.frozen_at_ms is not None else ladder.plan.layers
            expected = sum((counted(one.risk) for one in free if one.number not in ladder.orders), ZERO)
            held = slot.reserved.get(ladder_key(ladder.plan.id))
            assert (held.risk if held is not None else ZERO) == expected

    @invariant()
    def a_claimed_layer_is_under_way_or_holds_a_fill(self) -> None:
        """Else it is free: nothing stays used up by an order that did nothing."""
        for slot in self.slots():
            if slot.ladder is not None:
                living = {entry.layer for entry in slot.entries if entry.ladder == slot.ladder.plan.id}
                assert set(slot.ladder.filled) <= set(slot.ladder.orders)
                assert set(slot.ladder.orders) <= living | set(slot.ladder.filled)

    @invariant()
    def a_ladder_never_reserves_more_than_its_plan(self) -> None:
        for slot in self.slots():
            if slot.ladder is not None:
                own = {
                    at.order.client_order_id
                    for at in self.venue.values()
                    if at.order.intent.ladder == slot.ladder.plan.id
                } | {ladder_key(slot.ladder.plan.id)}
                late = self.late_fills(slot)
                reserve = sum((counted(layer.risk) for layer in slot.ladder.plan.layers), ZERO)
                held = sum((counted(one.risk) for key, one in slot.reserved.items() if key in own), ZERO)
                assert held <= reserve + late

    def late_fills(self, slot: Slot) -> Decimal:
        """The risk of orders whose layer another order has taken meanwhile."""
        assert slot.ladder is not None
        last = set(slot.ladder.orders.values())
        return sum(
            (
                counted(at.order.intent.risk)
                for order_id, at in self.venue.items()
                if at.order.intent.ladder == slot.ladder.plan.id and order_id not in last
            ),
            ZERO,
        )

    @invariant()
    def a_position_or_entry_always_has_its_reservation(self) -> None:
        for slot in self.slots():
            assert {entry.client_order_id for entry in slot.entries} <= set(slot.reserved)
            if not in_use(slot):
                assert (dict(slot.reserved), slot.ladder) == ({}, None)

    @invariant()
    def what_a_living_entry_risks_is_reserved_in_full(self) -> None:
        for slot in self.slots():
            for entry in slot.entries:
                assert slot.reserved[entry.client_order_id].risk == entry.risk

    def teardown(self) -> None:
        """Once everything has ended, was heard of and was closed, nothing is left."""
        for at in self.venue.values():
            at.ended = True
            self.hear(at)
        for at in self.venue.values():
            while at.undelivered:
                self.book(at)
        for at in self.venue.values():
            slot = self.slot_of(at)
            self.write(slot, slot.settled(self.known(at)))
        for slot in list(self.slots()):
            if slot.position is not None:
                self.close_position(slot)
        totals = self.ledger.totals(ACCOUNT)
        assert (totals.risk, totals.notional, totals.margin, totals.slots) == (0, 0, 0, 0)
        for row in self.store.reservations.values():
            assert (row.state, row.risk) == (ReservationState.RELEASED, 0)
        assert all(
            replace(slot, version=0, cooldown_until_ms={}) == Slot(ACCOUNT, slot.symbol, slot.side)
            for slot in self.slots()
        )


TestBook = Book.TestCase
TestBook.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
