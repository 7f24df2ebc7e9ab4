"""The ladder of a position: which layers are free, what they hold in reserve, and the state of each."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.unit.builders import ACCOUNT, BTC, HUNTER, LONG, NOW_MS, d, fill, intent, live_entry, order, position
from tests.unit.plans import plan_of

from undertow.domain.booking import ReservationState, reservation_changes, totals_change
from undertow.domain.ids import ClientOrderId, LadderId, StrategyId
from undertow.domain.ladder import Ladder, LadderPlan, LayerState, PlannedLayer
from undertow.domain.order import Order, OrderState
from undertow.domain.position import LiveEntry, Reserved, Slot, ladder_key

LADDER = LadderId("ladder-1")
KEY = ladder_key(LADDER)
ODD_RISK = d("7.00000000000030001")
"""Has more places than a sum keeps."""


def plan(*risks: str) -> LadderPlan:
    layers = tuple(
        PlannedLayer(number, d("1000") - 10 * number, d("0.1") * number, d(risk))
        for number, risk in enumerate(risks or ("5", "7", "9"), start=1)
    )
    return plan_of(*layers, id=LADDER)


def order_id(layer: int, attempt: str = "") -> ClientOrderId:
    return ClientOrderId(f"ut-e-layer-{layer}{attempt}")


def layer_order(layer: int, state: OrderState = OrderState.OPEN, filled: str = "0", attempt: str = "") -> Order:
    planned = plan().layer(layer)
    wanted = intent(
        client_order_id=order_id(layer, attempt),
        quantity=planned.quantity,
        price=planned.price,
        layer=layer,
        ladder=LADDER,
        risk=planned.risk,
    )
    return order(state, of=wanted, filled_quantity=d(filled))


def layer_entry(layer: int, attempt: str = "", risk: Decimal | None = None) -> LiveEntry:
    made = layer_order(layer, attempt=attempt).intent
    planned = made.risk if risk is None else risk
    return LiveEntry(made.client_order_id, HUNTER, layer, made.notional, made.margin, risk=planned, ladder=LADDER)


def with_first_layer() -> Slot:
    return Slot(ACCOUNT, BTC, LONG).with_ladder(plan()).with_entry(layer_entry(1), NOW_MS + 1, NOW_MS)


def holding_first_layer() -> Slot:
    """Layer 1 filled, its position is open."""
    filled = layer_order(1, OrderState.FILLED, "0.1")
    opened = with_first_layer().with_position(position(quantity=d("0.1")))
    return opened.booked(filled, fill("0.1", "990")).settled(filled)


# --- the ladder itself


def test_the_reserve_is_the_risk_of_all_layers() -> None:
    assert plan().reserve == d("21")
    assert Ladder(plan()).unclaimed_risk == d("21")


def test_layers_are_numbered_from_one_and_know_their_notional() -> None:
    assert [plan().layer(number).number for number in (1, 2, 3)] == [1, 2, 3]
    assert plan().layer(2).notional == d("196")


def test_layers_are_claimed_in_their_order_and_no_other() -> None:
    ladder = Ladder(plan())
    for number in (1, 2, 3):
        following = ladder.next_layer
        assert following is not None
        assert following.number == number
        for other in {1, 2, 3} - {number}:
            with pytest.raises(ValueError, match=f"layer {other} of ladder"):
                ladder.claimed(other, order_id(other), NOW_MS)
        ladder = ladder.claimed(number, order_id(number), NOW_MS + number)
        assert ladder.last_layer_at_ms == NOW_MS + number
    assert ladder.next_layer is None
    assert ladder.unclaimed_risk == 0
    with pytest.raises(ValueError, match="cannot be claimed"):
        ladder.claimed(4, order_id(4), NOW_MS)


def test_a_frozen_ladder_has_no_next_layer_and_holds_nothing_in_reserve() -> None:
    ladder = Ladder(plan()).claimed(1, order_id(1), NOW_MS).frozen(NOW_MS + 5)
    assert (ladder.next_layer, ladder.unclaimed_risk, ladder.frozen_at_ms) == (None, 0, NOW_MS + 5)
    assert ladder.frozen(NOW_MS + 9) is ladder
    with pytest.raises(ValueError, match="cannot be claimed"):
        ladder.claimed(2, order_id(2), NOW_MS)


def test_a_layer_whose_order_ended_unfilled_is_the_next_one_again() -> None:
    ladder = Ladder(plan()).claimed(1, order_id(1), NOW_MS).claimed(2, order_id(2), NOW_MS)
    freed = ladder.ended_unfilled(1, order_id(1))
    assert freed.next_layer == plan().layer(1)
    assert freed.unclaimed_risk == d("14")
    assert freed.claimed(1, order_id(1, "again"), NOW_MS).next_layer == plan().layer(3)


def test_only_the_last_order_of_a_layer_can_free_it_and_only_without_a_fill() -> None:
    ladder = Ladder(plan()).claimed(1, order_id(1, "again"), NOW_MS)
    assert ladder.ended_unfilled(1, order_id(1)) is ladder
    filled = ladder.filled_by(1, order_id(1, "again"), d("0.01"))
    assert filled.ended_unfilled(1, order_id(1, "again")) is filled


def test_a_late_fill_takes_up_again_the_layer_that_its_order_had_left_free() -> None:
    ladder = Ladder(plan()).claimed(1, order_id(1), NOW_MS).ended_unfilled(1, order_id(1))
    late = ladder.filled_by(1, order_id(1), d("0.04")).filled_by(1, order_id(1), d("0.02"))
    assert late.next_layer == plan().layer(2)
    assert (late.orders, late.filled) == ({1: order_id(1)}, {1: d("0.06")})


def test_a_late_fill_leaves_a_newer_order_of_the_layer_in_its_place() -> None:
    ladder = Ladder(plan()).claimed(1, order_id(1), NOW_MS).ended_unfilled(1, order_id(1))
    newer = ladder.claimed(1, order_id(1, "again"), NOW_MS).filled_by(1, order_id(1), d("0.04"))
    assert newer.orders == {1: order_id(1, "again")}
    assert newer.ended_unfilled(1, order_id(1, "again")) is newer


# --- the state of a layer: claimed or not, frozen or not, its order's state, what of it is booked

S, L = OrderState, LayerState
LIVING = (S.IN_FLIGHT, S.UNCONFIRMED, S.LOST, S.OPEN, S.PARTIALLY_FILLED)
UNFILLED = {
    S.IN_FLIGHT: L.RESERVED,
    S.UNCONFIRMED: L.RESERVED,
    S.LOST: L.RESERVED,
    S.OPEN: L.SENT,
    S.PARTIALLY_FILLED: L.SENT,  # the venue tells of a fill that is not booked yet
    S.FILLED: L.CANCELLED,  # cannot be: an order of which nothing was booked does not count as filled
    S.CANCELED: L.CANCELLED,
    S.EXPIRED: L.CANCELLED,
    S.REJECTED: L.CANCELLED,
    S.ABANDONED: L.CANCELLED,
    None: L.CANCELLED,
}


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("state", UNFILLED)
def test_the_state_of_a_claimed_layer_without_a_fill(state: OrderState | None, frozen: bool) -> None:
    ladder = Ladder(plan()).claimed(1, order_id(1), NOW_MS)
    ladder = ladder.frozen(NOW_MS) if frozen else ladder
    assert ladder.state_of(1, None if state is None else layer_order(1, state)) is UNFILLED[state]


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("state", UNFILLED)
def test_the_state_of_a_claimed_layer_with_a_fill(state: OrderState | None, frozen: bool) -> None:
    ladder = Ladder(plan()).claimed(1, order_id(1), NOW_MS).filled_by(1, order_id(1), d("0.04"))
    ladder = ladder.frozen(NOW_MS) if frozen else ladder
    expected = L.PARTIALLY_FILLED if state in LIVING else L.FILLED
    assert ladder.state_of(1, None if state is None else layer_order(1, state, "0.04")) is expected


def test_every_state_of_an_order_is_in_the_table() -> None:
    assert set(UNFILLED) - {None} == set(OrderState)


@pytest.mark.parametrize(("frozen", "state"), [(False, L.PLANNED), (True, L.CANCELLED)])
def test_a_layer_that_was_never_claimed_is_planned_until_the_ladder_is_frozen(frozen: bool, state: LayerState) -> None:
    ladder = Ladder(plan()).frozen(NOW_MS) if frozen else Ladder(plan())
    assert ladder.state_of(2, None) is state


def test_an_unfilled_end_leads_back_to_planned_and_a_newer_claim_back_to_reserved() -> None:
    ladder = Ladder(plan()).claimed(1, order_id(1), NOW_MS).ended_unfilled(1, order_id(1))
    assert ladder.state_of(1, None) is L.PLANNED
    again = ladder.claimed(1, order_id(1, "again"), NOW_MS)
    assert again.state_of(1, layer_order(1, S.IN_FLIGHT, attempt="again")) is L.RESERVED


# --- the slot that holds it


def test_opening_a_ladder_reserves_the_risk_of_all_its_layers() -> None:
    slot = Slot(ACCOUNT, BTC, LONG).with_ladder(plan())
    assert slot.reserved == {KEY: Reserved(d("0"), d("0"), d("21"))}
    assert (slot.reserved_risk, slot.reserved_notional, slot.reserved_margin) == (d("21"), 0, 0)


def test_a_slot_has_one_ladder() -> None:
    with pytest.raises(ValueError, match="has a ladder already"):
        Slot(ACCOUNT, BTC, LONG).with_ladder(plan()).with_ladder(replace(plan(), id=LadderId("another")))


def test_a_layer_takes_its_risk_out_of_the_reserve() -> None:
    slot = with_first_layer()
    assert slot.reserved == {KEY: Reserved(d("0"), d("0"), d("16")), order_id(1): Reserved(d("99"), d("9.9"), d("5"))}
    assert slot.reserved_risk == plan().reserve
    assert slot.ladder is not None
    assert slot.ladder.last_layer_at_ms == NOW_MS


def test_the_last_layer_leaves_no_reserve_behind() -> None:
    slot = with_first_layer()
    for number in (2, 3):
        slot = slot.with_entry(layer_entry(number), NOW_MS, NOW_MS)
    assert KEY not in slot.reserved
    assert slot.reserved_risk == d("21")


def test_layers_whose_risk_has_more_places_than_totals_keep_change_the_totals_by_nothing() -> None:
    """Else a layer could need a millionth of a millionth more than the cap has left, and be refused."""
    odd = plan(*[str(ODD_RISK)] * 3)
    slot = Slot(ACCOUNT, BTC, LONG).with_ladder(odd).with_entry(layer_entry(1, risk=ODD_RISK), NOW_MS, NOW_MS)
    for number in (2, 3):
        layered = slot.with_entry(layer_entry(number, risk=ODD_RISK), NOW_MS, NOW_MS)
        assert totals_change(slot, layered).risk == 0
        slot = layered


def test_a_layer_out_of_turn_cannot_be_claimed() -> None:
    with pytest.raises(ValueError, match="layer 3"):
        with_first_layer().with_entry(layer_entry(3), NOW_MS, NOW_MS)


def test_an_entry_without_a_ladder_leaves_the_reserve_alone() -> None:
    other = live_entry(intent(strategy=StrategyId("other"), quantity=d("0.2")))
    slot = with_first_layer().with_entry(other, NOW_MS)
    assert slot.reserved[KEY] == with_first_layer().reserved[KEY]
    assert slot.reserved_risk == d("21") + other.risk


def test_a_first_layer_that_ends_unfilled_takes_the_whole_ladder_with_it() -> None:
    slot = with_first_layer()
    done = slot.settled(layer_order(1, OrderState.EXPIRED))
    assert (done.ladder, done.reserved, done.entries) == (None, {}, ())
    released = {change.order: change.state for change in reservation_changes(slot, done)}
    assert released == {KEY: ReservationState.RELEASED, order_id(1): ReservationState.RELEASED}
    assert done.settled(layer_order(1, OrderState.EXPIRED)) is done


def test_a_later_layer_that_ends_unfilled_gives_its_risk_back_to_the_ladder() -> None:
    held = holding_first_layer()
    layered = held.with_entry(layer_entry(2), NOW_MS, NOW_MS)
    assert layered.settled(layer_order(2, OrderState.CANCELED)).reserved == held.reserved


@pytest.mark.parametrize(("filled", "risk"), [("0.05", "3.5"), ("0.1", "7")])
def test_a_layer_that_fills_in_part_keeps_that_part_of_its_risk_and_is_used_up(filled: str, risk: str) -> None:
    layered = holding_first_layer().with_entry(layer_entry(2), NOW_MS, NOW_MS)
    ended = layer_order(2, OrderState.CANCELED, filled)
    ended = replace(ended, intent=replace(ended.intent, quantity=d("0.1")))
    done = layered.booked(ended, fill(filled)).settled(ended)
    assert done.reserved[order_id(2)].risk == d(risk)
    assert done.reserved[KEY].risk == d("9")
    assert done.ladder is not None
    assert done.ladder.next_layer == plan().layer(3)


def test_a_frozen_ladder_gives_back_what_its_unclaimed_layers_held_and_keeps_the_rest() -> None:
    held = holding_first_layer().with_frozen_ladder(NOW_MS + 5)
    assert held.reserved == {order_id(1): Reserved(d("99"), d("9.9"), d("5"))}
    assert held.with_frozen_ladder(NOW_MS + 9) == held
    assert Slot(ACCOUNT, BTC, LONG).with_frozen_ladder(NOW_MS) == Slot(ACCOUNT, BTC, LONG)


def test_a_layer_of_a_frozen_ladder_that_ends_unfilled_gives_its_risk_back_to_the_account() -> None:
    frozen = holding_first_layer().with_entry(layer_entry(2), NOW_MS, NOW_MS).with_frozen_ladder(NOW_MS)
    assert frozen.reserved_risk == d("12")
    assert frozen.settled(layer_order(2, OrderState.CANCELED)).reserved_risk == d("5")


def test_closing_the_position_releases_the_ladder_and_every_filled_layer() -> None:
    closed = holding_first_layer().position_closed(NOW_MS)
    assert (closed.position, closed.ladder, closed.reserved) == (None, None, {})


def test_a_layer_under_way_outlives_the_position_with_its_ladder_frozen() -> None:
    layered = holding_first_layer().with_entry(layer_entry(2), NOW_MS, NOW_MS)
    closed = layered.position_closed(NOW_MS + 5)
    assert closed.reserved == {order_id(2): layered.reserved[order_id(2)]}
    assert closed.ladder is not None
    assert closed.ladder.frozen_at_ms == NOW_MS + 5
    done = closed.settled(layer_order(2, OrderState.CANCELED))
    assert (done.ladder, done.reserved) == (None, {})


def test_a_layer_that_fills_after_its_position_closed_holds_the_plans_stop_and_gets_no_more_layers() -> None:
    closed = holding_first_layer().with_entry(layer_entry(2), NOW_MS, NOW_MS).position_closed(NOW_MS + 5)
    filled = layer_order(2, OrderState.FILLED, "0.2")
    again = closed.with_position(position(quantity=d("0.2"))).booked(filled, fill("0.2", "980")).settled(filled)
    assert again.ladder is not None
    assert again.ladder.plan.stop_price == d("900")
    assert again.ladder.next_layer is None
    assert again.reserved == {order_id(2): Reserved(d("196"), d("19.6"), d("7"))}
    assert again.position_closed(NOW_MS + 9).reserved == {}


def test_a_late_fill_of_a_settled_layer_reserves_its_part_and_takes_the_layer_up_again() -> None:
    held = holding_first_layer().with_entry(layer_entry(2), NOW_MS, NOW_MS)
    settled = held.settled(layer_order(2, OrderState.CANCELED))
    late = settled.booked(layer_order(2, OrderState.CANCELED), fill("0.1", "980"))
    assert late.reserved[order_id(2)] == Reserved(d("98"), d("9.8"), d("3.5"))
    assert late.reserved[KEY].risk == d("9")
    assert late.ladder is not None
    assert late.ladder.next_layer == plan().layer(3)


def test_a_late_fill_of_a_ladder_that_is_gone_reserves_its_own_risk() -> None:
    gone = with_first_layer().settled(layer_order(1, OrderState.CANCELED))
    late = gone.with_position(position(quantity=d("0.1"))).booked(layer_order(1), fill("0.1", "990"))
    assert late.ladder is None
    assert late.reserved == {order_id(1): Reserved(d("99"), d("9.9"), d("5"))}
