"""What a ladder reserves, whatever its layers risk and however they fill."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import ACCOUNT, BTC, HUNTER, LONG, NOW_MS, d, fill, intent, order, position
from tests.unit.plans import plan_of

from undertow.domain.account import BookTotals
from undertow.domain.booking import applied, in_use, totals_change
from undertow.domain.ids import ClientOrderId, LadderId
from undertow.domain.ladder import LadderPlan, PlannedLayer
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO, counted
from undertow.domain.order import Order, OrderState
from undertow.domain.position import LiveEntry, Slot, ladder_key

SIZE = d("0.3")
EMPTY = Slot(ACCOUNT, BTC, LONG)
A_PLACE = d("1E-12")
RISKS = st.lists(st.integers(1, 10**21).map(lambda units: units * d("1E-18")), min_size=1, max_size=20)
PARTS = st.sets(st.integers(1, 29)).map(lambda cuts: [b - a for a, b in pairwise([0, *sorted(cuts), 30])])
"""How a layer's size is split over its fills, in hundredths, which are the lots."""


def plan(risks: Sequence[Decimal]) -> LadderPlan:
    return plan_of(*(PlannedLayer(number, d("1000"), SIZE, risk) for number, risk in enumerate(risks, start=1)))


def placed(layer: PlannedLayer) -> Order:
    return order(
        OrderState.OPEN,
        of=intent(
            client_order_id=ClientOrderId(f"ut-e-{layer.number}"),
            layer=layer.number,
            ladder=LadderId("ladder"),
            risk=layer.risk,
        ),
    )


def with_layer(slot: Slot, layer: PlannedLayer) -> Slot:
    made = placed(layer).intent
    entry = LiveEntry(
        made.client_order_id, HUNTER, layer.number, made.notional, made.margin, risk=made.risk, ladder=made.ladder
    )
    return slot.with_entry(entry, NOW_MS, NOW_MS)


def with_all_layers(risks: Sequence[Decimal]) -> Slot:
    slot = EMPTY.with_ladder(plan(risks))
    for layer in plan(risks).layers:
        slot = with_layer(slot, layer)
    return slot


def with_layers_filled(slot: Slot, filled: Sequence[PlannedLayer], parts: Sequence[int]) -> Slot:
    """Each of ``filled`` fills whole, in as many fills as there are parts."""
    slot = slot.with_position(position())
    for layer in filled:
        ended = replace(placed(layer), state=OrderState.FILLED, filled_quantity=SIZE)
        for part in parts:
            slot = slot.booked(ended, fill(Decimal(part) / 100))
        slot = slot.settled(ended)
    return slot


def risk_of(slot: Slot) -> Decimal:
    return sum((counted(held.risk) for held in slot.reserved.values()), ZERO)


@given(RISKS)
def test_every_layer_leaves_the_totals_as_they_are_to_the_digit(risks: list[Decimal]) -> None:
    slot = EMPTY.with_ladder(plan(risks))
    for layer in plan(risks).layers:
        after = with_layer(slot, layer)
        assert totals_change(slot, after).risk == 0
        slot = after
    assert ladder_key(LadderId("ladder")) not in slot.reserved


@given(RISKS)
def test_a_ladder_reserves_the_sum_of_its_layers_within_a_place_for_each(risks: list[Decimal]) -> None:
    reserve = plan(risks).reserve
    assert reserve <= risk_of(EMPTY.with_ladder(plan(risks))) <= reserve + A_PLACE * len(risks)


@given(RISKS, PARTS)
def test_a_ladder_that_filled_whole_holds_what_it_reserved_however_its_fills_were_split(
    risks: list[Decimal], parts: list[int]
) -> None:
    held = with_layers_filled(with_all_layers(risks), plan(risks).layers, parts)
    assert held.entries == ()
    assert abs(risk_of(held) - risk_of(EMPTY.with_ladder(plan(risks)))) <= A_PLACE * len(risks)


@given(RISKS, st.data())
def test_whichever_layers_fill_the_reserve_covers_them(risks: list[Decimal], data: st.DataObject) -> None:
    """The others end unfilled, in any order, before or after."""
    chosen = data.draw(st.sets(st.sampled_from(plan(risks).layers)))
    slot = with_all_layers(risks).with_position(position())
    for layer in data.draw(st.permutations(plan(risks).layers)):
        if layer in chosen:
            slot = with_layers_filled(slot, [layer], [30])
        else:
            slot = slot.settled(replace(placed(layer), state=OrderState.EXPIRED))
    frozen = slot.with_frozen_ladder(NOW_MS)
    assert risk_of(frozen) == sum((counted(layer.risk) for layer in chosen), ZERO)
    assert risk_of(slot) == risk_of(EMPTY.with_ladder(plan(risks)))


@given(RISKS, st.data())
def test_in_whatever_order_layers_end_the_same_is_reserved(risks: list[Decimal], data: st.DataObject) -> None:
    ends = [replace(placed(layer), state=OrderState.CANCELED) for layer in plan(risks).layers]
    one, other = with_all_layers(risks), with_all_layers(risks)
    for ended in ends:
        one = one.settled(ended)
    for ended in data.draw(st.permutations(ends)):
        other = other.settled(ended)
    assert one.reserved == other.reserved == {}
    assert one.ladder is None
    assert other.ladder is None


@given(RISKS, st.integers(0, 20))
def test_freezing_never_adds_risk_and_freezing_again_changes_nothing(risks: list[Decimal], claimed: int) -> None:
    slot = EMPTY.with_ladder(plan(risks))
    for layer in plan(risks).layers[:claimed]:
        slot = with_layer(slot, layer)
    frozen = slot.with_frozen_ladder(NOW_MS)
    assert risk_of(frozen) == sum((counted(risk) for risk in risks[:claimed]), ZERO) <= risk_of(slot)
    assert frozen.with_frozen_ladder(NOW_MS + 1) == frozen


@given(RISKS, st.integers(0, 20), PARTS)
def test_a_closed_position_leaves_the_risk_of_layers_under_way_and_nothing_else(
    risks: list[Decimal], filled: int, parts: list[int]
) -> None:
    layers = plan(risks).layers
    closed = with_layers_filled(with_all_layers(risks), layers[:filled], parts).position_closed(NOW_MS)
    assert risk_of(closed) == sum((counted(risk) for risk in risks[filled:]), ZERO)
    assert closed.position_closed(NOW_MS + 1) == closed
    for layer in layers[filled:]:
        closed = closed.settled(replace(placed(layer), state=OrderState.CANCELED))
    assert (closed.reserved, closed.ladder) == ({}, None)


@given(RISKS, PARTS)
def test_a_fill_heard_of_after_its_order_ended_reserves_no_less_than_one_heard_of_in_time(
    risks: list[Decimal], parts: list[int]
) -> None:
    slot, layer = EMPTY.with_ladder(plan(risks)), plan(risks).layer(1)
    slot = with_layer(slot, layer).with_position(position())
    in_time = with_layers_filled(slot, [layer], parts)
    late = slot.settled(replace(placed(layer), state=OrderState.CANCELED))
    for part in parts:
        late = late.booked(placed(layer), fill(Decimal(part) / 100))
    assert abs(risk_of(late) - risk_of(in_time)) <= A_PLACE * (len(parts) + 1)
    assert late.ladder is not None
    assert in_time.ladder is not None
    assert late.ladder.next_layer == in_time.ladder.next_layer


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(PositionSide)), max_size=40))
def test_symbols_are_counted_once_whichever_sides_come_and_go(toggled: list[tuple[str, PositionSide]]) -> None:
    """Each step opens or closes one side."""
    totals, slots = BookTotals(ACCOUNT, ZERO, ZERO, 0), dict[tuple[str, PositionSide], Slot]()
    for symbol, side in toggled:
        before = slots.get((symbol, side), replace(EMPTY, side=side))
        after = before.with_position(None if in_use(before) else position())
        opposite = slots.get((symbol, side.opposite), EMPTY)
        totals = applied(totals, totals_change(before, after, in_use(opposite)))
        slots[symbol, side] = after
        assert totals.slots == len({name for (name, _), slot in slots.items() if in_use(slot)})
