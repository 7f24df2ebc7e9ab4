from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from undertow.domain.account import BookTotals
from undertow.domain.booking import (
    ReservationState,
    applied,
    reservation_changes,
    reserved,
    room,
    totals_change,
)
from undertow.domain.ids import AccountId, ClientOrderId, StrategyId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO, counted
from undertow.domain.position import LiveEntry, Reserved, Slot

EMPTY = Slot(AccountId("main"), Symbol("BTCUSDT"), PositionSide.LONG)
AMOUNTS = st.decimals(min_value=0, max_value=10**7, allow_nan=False, allow_infinity=False, places=20)
ORDERS = st.dictionaries(
    st.sampled_from([ClientOrderId(name) for name in "abcdef"]), st.builds(Reserved, AMOUNTS, AMOUNTS), max_size=6
)


def holding(held: dict[ClientOrderId, Reserved], living: frozenset[str] = frozenset()) -> Slot:
    entries = tuple(
        LiveEntry(order, StrategyId("hunter"), layer, amount.notional, amount.margin)
        for layer, (order, amount) in enumerate(held.items())
        if order in living
    )
    return replace(EMPTY, reserved=held, entries=entries)


SLOTS = st.builds(holding, ORDERS, st.frozensets(st.sampled_from("abcdef")))


@given(AMOUNTS)
def test_a_reservation_counts_for_no_less_than_it_is_and_hardly_more(amount: Decimal) -> None:
    assert amount <= counted(amount) < amount + Decimal("1E-12")
    assert counted(amount) == counted(amount).quantize(Decimal("1E-12"))


@given(st.lists(SLOTS, min_size=1, max_size=8))
def test_totals_are_what_the_slots_hold_and_return_to_zero(path: list[Slot]) -> None:
    totals = BookTotals(EMPTY.account, ZERO, ZERO, 0)
    for before, after in zip([EMPTY, *path], [*path, EMPTY], strict=True):
        totals = applied(totals, totals_change(before, after))
        assert totals.notional == sum((counted(held.notional) for held in after.reserved.values()), ZERO)
        assert totals.slots == int(bool(after.entries))
    assert (totals.notional, totals.margin, totals.slots) == (ZERO, ZERO, 0)


def test_a_change_of_nothing_is_no_change() -> None:
    totals = BookTotals(EMPTY.account, Decimal(5), Decimal(1), 1, version=3)
    cooled = replace(EMPTY, cooldown_until_ms={StrategyId("hunter"): 5})
    assert not totals_change(EMPTY, cooled)
    assert applied(totals, totals_change(EMPTY, cooled)) is totals


def test_a_cap_has_room_for_what_it_holds_to_the_last_digit() -> None:
    assert room(Decimal("100"), Decimal("99.999999999999")) == Decimal("0.000000000001")
    assert room(Decimal("100"), Decimal("101")) < 0


@given(SLOTS, SLOTS)
def test_reservations_follow_the_slot(before: Slot, after: Slot) -> None:
    changes = {change.order: change for change in reservation_changes(before, after)}
    living = {entry.client_order_id for entry in after.entries}
    for order in after.reserved.keys() | before.reserved.keys():
        change = changes.get(order)
        if order not in after.reserved:
            assert change is not None
            assert (change.state, change.notional, change.margin) == (ReservationState.RELEASED, ZERO, ZERO)
        elif change is not None:
            assert (change.notional, change.margin) == (after.reserved[order].notional, after.reserved[order].margin)
            assert change.state is (ReservationState.RESERVED if order in living else ReservationState.FILLED)
    assert reservation_changes(after, after) == ()


def test_a_reservation_keeps_the_time_of_each_state_it_reached() -> None:
    order = ClientOrderId("a")
    held = {order: Reserved(Decimal(100), Decimal(10))}
    living, filled = holding(held, frozenset("a")), holding(held)
    (claimed,) = reservation_changes(EMPTY, living)
    record = reserved(living, claimed, None, 1)
    assert (record.state, record.reserved_at_ms, record.notional) == (ReservationState.RESERVED, 1, Decimal(100))
    (taken,) = reservation_changes(living, filled)
    record = reserved(filled, taken, record, 2)
    (given_back,) = reservation_changes(filled, EMPTY)
    record = reserved(EMPTY, given_back, record, 3)
    assert (record.reserved_at_ms, record.filled_at_ms, record.released_at_ms) == (1, 2, 3)
    assert (record.state, record.notional, record.margin) == (ReservationState.RELEASED, ZERO, ZERO)
