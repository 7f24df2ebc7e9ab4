"""The slot: layers, cooldown, and what each entry reserves until its order has ended and its fills are gone."""

from dataclasses import replace

import pytest
from tests.unit.builders import ENTRY, HUNTER, NOW_MS, d, fill, intent, live_entry, order, position, slot

from undertow.domain.ids import ClientOrderId, StrategyId, TradeId
from undertow.domain.order import Order, OrderState
from undertow.domain.position import Reserved, Slot

OTHER = StrategyId("other")
SECOND = ClientOrderId("ut-e-two")
UNTIL_MS = NOW_MS + 30_000
WHOLE = Reserved(d("300"), d("30"))


def entered() -> Slot:
    """A slot with one entry of 0.3 at 1000."""
    return slot().with_entry(live_entry(), UNTIL_MS)


def holding(quantity: str) -> Slot:
    """The same with ``quantity`` filled and booked."""
    return entered().with_position(position(quantity=d(quantity))).booked(order(), fill(quantity))


def ended(filled: str, state: OrderState = OrderState.CANCELED) -> Order:
    return order(state, filled_quantity=d(filled))


def test_an_entry_reserves_its_whole_worst_case_and_starts_the_cooldown() -> None:
    claimed = entered()
    assert claimed.reserved == {ENTRY: WHOLE}
    assert (claimed.reserved_notional, claimed.reserved_margin) == (d("300"), d("30"))
    assert claimed.cooldown_until_ms == {HUNTER: UNTIL_MS}
    assert (claimed.entries, claimed.position) == ((live_entry(),), None)


def test_reservations_of_several_entries_add_up() -> None:
    second = intent(client_order_id=SECOND, quantity=d("0.1"), leverage=1, layer=1)
    both = entered().with_entry(live_entry(second), UNTIL_MS)
    assert (both.reserved_notional, both.reserved_margin) == (d("400"), d("130"))


def test_an_empty_slot_reserves_nothing() -> None:
    assert (slot().reserved_notional, slot().reserved_margin) == (d("0"), d("0"))


def test_a_shorter_cooldown_does_not_end_a_longer_one() -> None:
    second = entered().with_entry(live_entry(intent(client_order_id=SECOND, layer=1)), UNTIL_MS - 1)
    assert second.cooldown_until_ms == {HUNTER: UNTIL_MS}
    assert second.with_entry(live_entry(), UNTIL_MS + 1).cooldown_until_ms == {HUNTER: UNTIL_MS + 1}


@pytest.mark.parametrize(
    ("now_ms", "left_ms"),
    [(NOW_MS, 30_000), (UNTIL_MS - 1, 1), (UNTIL_MS, 0), (UNTIL_MS + 1, 0)],
)
def test_a_cooldown_runs_out(now_ms: int, left_ms: int) -> None:
    assert entered().cooldown_left_ms(HUNTER, now_ms) == left_ms


def test_a_cooldown_belongs_to_one_strategy_and_outlives_its_entry() -> None:
    done = entered().settled(ended("0"))
    assert done.cooldown_left_ms(OTHER, NOW_MS) == 0
    assert done.cooldown_left_ms(HUNTER, NOW_MS) == 30_000
    both = done.with_entry(live_entry(client_order_id=SECOND, strategy=OTHER), UNTIL_MS + 1)
    assert both.cooldown_until_ms == {HUNTER: UNTIL_MS, OTHER: UNTIL_MS + 1}


@pytest.mark.parametrize(
    ("taken", "free"), [((), 0), ((0,), 1), ((1,), 0), ((0, 1, 2), 3), ((0, 2), 1), ((2, 1), 0), ((5, 7), 0)]
)
def test_the_smallest_layer_that_no_living_entry_holds_is_free(taken: tuple[int, ...], free: int) -> None:
    entries = tuple(live_entry(client_order_id=ClientOrderId(f"ut-e-{layer}"), layer=layer) for layer in taken)
    assert slot(entries=entries).free_layer(HUNTER) == free
    assert slot(entries=entries).free_layer(OTHER) == 0


@pytest.mark.parametrize("state", [state for state in OrderState if not state.is_final])
def test_an_order_that_has_not_ended_keeps_its_reservation(state: OrderState) -> None:
    claimed = entered()
    assert claimed.settled(order(state)) is claimed


@pytest.mark.parametrize("state", [OrderState.CANCELED, OrderState.EXPIRED, OrderState.REJECTED, OrderState.ABANDONED])
def test_an_order_that_ended_without_a_fill_gives_everything_back(state: OrderState) -> None:
    done = entered().settled(order(state))
    assert (done.entries, done.reserved) == ((), {})


def test_an_order_that_ended_waits_for_its_last_fill() -> None:
    waiting = holding("0.1")
    assert waiting.settled(ended("0.2")) is waiting
    assert waiting.reserved == {ENTRY: WHOLE}
    done = waiting.booked(order(), fill("0.1", trade_id=TradeId(2))).settled(ended("0.2"))
    assert done.entries == ()
    assert done.reserved[ENTRY].margin.quantize(d("1E-12")) == d("20")


@pytest.mark.parametrize(
    ("filled", "notional", "margin"), [("0.3", "300", "30"), ("0.15", "150", "15"), ("0.003", "3", "0.3")]
)
def test_an_order_that_ended_gives_back_the_unfilled_share(filled: str, notional: str, margin: str) -> None:
    done = holding(filled).settled(ended(filled))
    assert done.entries == ()
    assert done.reserved == {ENTRY: Reserved(d(notional), d(margin))}


def test_settling_twice_gives_nothing_back_twice() -> None:
    done = holding("0.15").settled(ended("0.15"))
    assert done.settled(ended("0.15")) is done
    assert done.settled(ended("0")) is done


def test_fills_that_the_order_does_not_know_of_yet_keep_their_share() -> None:
    """The trade history brings fills without the state of their order; the order is then given up by mistake."""
    done = holding("0.15").settled(ended("0", OrderState.ABANDONED))
    assert done.reserved == {ENTRY: Reserved(d("150"), d("15"))}


def test_an_order_that_this_slot_does_not_know_changes_nothing() -> None:
    stranger = order(OrderState.CANCELED, of=intent(client_order_id=SECOND))
    claimed = entered()
    assert claimed.settled(stranger) is claimed


def test_settling_one_entry_leaves_the_others() -> None:
    second = live_entry(intent(client_order_id=SECOND, layer=1))
    done = entered().with_entry(second, UNTIL_MS).settled(ended("0"))
    assert (done.entries, set(done.reserved)) == ((second,), {SECOND})


def test_a_fill_counts_for_its_own_entry_only() -> None:
    second = live_entry(intent(client_order_id=SECOND, layer=1))
    both = entered().with_entry(second, UNTIL_MS).booked(order(), fill("0.1"))
    assert [entry.booked for entry in both.entries] == [d("0.1"), d("0")]


def test_late_fills_of_an_order_that_was_given_up_reserve_what_each_takes() -> None:
    given_up = entered().settled(ended("0", OrderState.ABANDONED)).with_position(position(quantity=d("0.1")))
    first = given_up.booked(order(OrderState.ABANDONED), fill("0.1", "999"))
    assert first.reserved == {ENTRY: Reserved(d("99.9"), d("9.99"), d("1.18"))}
    second = first.booked(order(OrderState.ABANDONED), fill("0.2", "1000", trade_id=TradeId(2)))
    assert second.reserved == {ENTRY: Reserved(d("299.9"), d("29.99"), d("3.54"))}


def test_a_late_fill_beyond_the_share_that_was_kept_is_added_to_it() -> None:
    settled = holding("0.1").settled(ended("0.1"))
    later = settled.booked(ended("0.2"), fill("0.1", trade_id=TradeId(2)))
    assert later.reserved_notional.quantize(d("1E-12")) == d("200")


def test_a_position_that_closes_releases_what_its_fills_had_reserved() -> None:
    done = holding("0.3").settled(ended("0.3", OrderState.FILLED)).position_closed()
    assert (done.position, done.reserved) == (None, {})


def test_a_position_that_closes_keeps_what_may_still_fill() -> None:
    closed = holding("0.1").position_closed()
    assert closed.reserved == {ENTRY: WHOLE}
    assert closed.settled(ended("0.1")).reserved == {}


def test_a_fill_after_the_position_closed_opens_the_next_and_is_released_with_it() -> None:
    again = holding("0.1").position_closed().with_position(position()).booked(order(), fill("0.2"))
    done = again.settled(ended("0.3", OrderState.FILLED))
    assert done.reserved == {ENTRY: WHOLE}
    assert done.position_closed().reserved == {}


def test_an_entry_of_a_third_is_not_counted_as_less_than_it_is() -> None:
    thirds = intent(quantity=d("0.3"), price=d("1000"), leverage=3)
    claimed = slot().with_entry(live_entry(thirds), UNTIL_MS).with_position(position())
    done = claimed.booked(order(of=thirds), fill("0.1")).settled(replace(ended("0.1"), intent=thirds))
    assert d("99.999999999999") < done.reserved_notional <= d("100")
    assert d("33.333333333333") < done.reserved_margin
