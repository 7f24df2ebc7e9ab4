"""What a change of a slot means for its account: totals that are exact, reservations that are never deleted."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import ACCOUNT, BTC, ENTRY, LONG, NOW_MS, d, fill, intent, live_entry, order, position, slot

from undertow.domain.account import BookTotals
from undertow.domain.booking import (
    Reservation,
    ReservationChange,
    ReservationState,
    TotalsChange,
    applied,
    closing_time_ms,
    in_use,
    reservation_changes,
    reserved,
    room,
    totals_change,
)
from undertow.domain.numbers import PLACES, counted
from undertow.domain.order import OrderState
from undertow.domain.position import Slot

NOTHING = BookTotals(ACCOUNT, d("0"), d("0"), 0)


def entered() -> Slot:
    return slot().with_entry(live_entry(), NOW_MS)


def held() -> Slot:
    filled = entered().with_position(position()).booked(order(), fill("0.3"))
    return filled.settled(order(OrderState.FILLED, filled_quantity=d("0.3")))


def test_an_entry_adds_to_the_totals_and_takes_a_slot() -> None:
    assert totals_change(slot(), entered()) == TotalsChange(d("300"), d("30"), 1)


def test_a_fill_of_a_whole_entry_changes_no_total() -> None:
    change = totals_change(entered(), held())
    assert not change
    assert applied(NOTHING, change) is NOTHING


def test_a_position_that_closes_takes_back_exactly_what_its_entry_had_added() -> None:
    after = applied(applied(NOTHING, totals_change(slot(), entered())), totals_change(held(), held().position_closed()))
    assert after == BookTotals(ACCOUNT, d("0"), d("0"), 0, version=2)


def test_a_position_that_nothing_was_reserved_for_takes_a_slot_only() -> None:
    assert totals_change(slot(), slot(position=position(strategy=None))) == TotalsChange(d("0"), d("0"), 1)


@pytest.mark.parametrize(
    ("notional", "margin", "slots", "counts"),
    [("0", "0", 0, False), ("1", "0", 0, True), ("0", "-1", 0, True), ("0", "0", 1, True)],
)
def test_a_change_of_nothing_is_no_change(notional: str, margin: str, slots: int, counts: bool) -> None:
    assert bool(TotalsChange(d(notional), d(margin), slots)) is counts


@given(st.decimals(0, 10**12, allow_nan=False).map(lambda value: +value))
def test_what_counts_is_never_less_than_what_is_reserved(amount: Decimal) -> None:
    rounded = counted(amount)
    assert Fraction(amount) <= Fraction(rounded) < Fraction(amount) + Fraction(PLACES)


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(1, 50)), min_size=1, max_size=12), st.randoms())
def test_totals_return_to_exactly_zero_in_whatever_order_entries_go(
    sizes: list[tuple[int, int]], random: Random
) -> None:
    now, totals = slot(), NOTHING
    wanted = [
        intent(client_order_id=f"ut-e-{number}", quantity=Decimal(size) / 7, price=d("0.037"), leverage=leverage)
        for number, (size, leverage) in enumerate(sizes)
    ]
    for each in wanted:
        after = now.with_entry(live_entry(each), NOW_MS)
        now, totals = after, applied(totals, totals_change(now, after))
        assert totals.notional == sum((counted(one.notional) for one in now.reserved.values()), d("0"))
        assert totals.margin == sum((counted(one.margin) for one in now.reserved.values()), d("0"))
    random.shuffle(wanted)
    for each in wanted:
        after = now.settled(order(OrderState.CANCELED, of=each))
        now, totals = after, applied(totals, totals_change(now, after))
    assert (totals.notional, totals.margin, totals.slots) == (d("0"), d("0"), 0)


@pytest.mark.parametrize(("cap", "wanted", "left"), [("100", "30", "70"), ("100", "130", "-30"), ("0", "0", "0")])
def test_the_room_under_a_cap_may_be_negative(cap: str, wanted: str, left: str) -> None:
    assert room(d(cap), d(wanted)) == d(left)


def test_a_slot_is_in_use_with_a_position_or_a_living_entry() -> None:
    assert not in_use(slot())
    assert in_use(entered())
    assert in_use(slot(position=position()))


def test_a_closed_position_is_dated_by_its_end_and_an_open_one_by_its_last_change() -> None:
    assert closing_time_ms(position(updated_at_ms=5)) == 5
    assert closing_time_ms(position(updated_at_ms=5, closed_at_ms=4)) == 4


def test_reservations_come_move_and_go() -> None:
    came = reservation_changes(slot(), entered())
    assert came == (ReservationChange(ENTRY, ReservationState.RESERVED, d("300"), d("30")),)
    moved = reservation_changes(entered(), held())
    assert moved == (ReservationChange(ENTRY, ReservationState.FILLED, d("300"), d("30")),)
    gone = reservation_changes(held(), held().position_closed())
    assert gone == (ReservationChange(ENTRY, ReservationState.RELEASED, d("0"), d("0")),)
    assert reservation_changes(held(), held()) == ()


def test_the_record_of_a_reservation_keeps_the_time_of_each_state() -> None:
    record = None
    steps = [(slot(), entered()), (entered(), held()), (held(), held().position_closed())]
    for now_ms, (before, after) in enumerate(steps, start=1):
        (change,) = reservation_changes(before, after)
        record = reserved(after, change, record, now_ms)
    assert record == Reservation(
        ACCOUNT, ENTRY, BTC, LONG, d("0"), d("0"), ReservationState.RELEASED, 1, filled_at_ms=2, released_at_ms=3
    )


def test_a_late_fill_takes_up_again_what_had_been_released() -> None:
    given_up = entered().settled(order(OrderState.ABANDONED))
    late = given_up.with_position(position()).booked(order(OrderState.ABANDONED), fill("0.1"))
    released = reserved(given_up, reservation_changes(entered(), given_up)[0], None, 1)
    (change,) = reservation_changes(given_up, late)
    again = reserved(late, change, released, 2)
    assert (again.state, again.notional, again.filled_at_ms) == (ReservationState.FILLED, d("100"), 2)
    still = reserved(late, replace(change, notional=d("150")), again, 3)
    assert (still.filled_at_ms, still.notional) == (2, d("150"))
