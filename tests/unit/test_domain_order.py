"""The state machine of an order as a full table, and that news in any order of delivery ends alike."""

from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import NOW_MS, d, intent, news, order

from undertow.domain.ids import VenueOrderId
from undertow.domain.market import PositionSide, Side
from undertow.domain.order import FINAL_STATES, Order, OrderNews, OrderState, Purpose

LATER_MS: Final = NOW_MS + 1_000
VENUE_STATES: Final = ("open", "partially_filled", "filled", "canceled", "expired", "rejected")
RELATIONS: Final = {"no fill": "0", "less filled": "1", "as much filled": "2", "more filled": "3"}
KNOWN_FILLED: Final = "2"

# Rows: what we know. Columns: what the venue says. Cells: what we know then.
TABLE: Final = {
    # Nothing is known yet of these three: whatever the venue says is more.
    "in_flight": ("open", "partially_filled", "filled", "canceled", "expired", "rejected"),
    "unconfirmed": ("open", "partially_filled", "filled", "canceled", "expired", "rejected"),
    "lost": ("open", "partially_filled", "filled", "canceled", "expired", "rejected"),
    "open": ("open", "partially_filled", "filled", "canceled", "expired", "rejected"),
    # News of an open order that comes after a part has filled is old news.
    "partially_filled": ("partially_filled", "partially_filled", "filled", "canceled", "expired", "rejected"),
    # What the venue called ended stays ended.
    "filled": ("filled",) * 6,
    "canceled": ("canceled",) * 6,
    "expired": ("expired",) * 6,
    # These two say that the order never lived; words without a fill do not disprove it.
    "rejected": ("rejected",) * 6,
    "abandoned": ("abandoned",) * 6,
}
# A fill is the proof that the order lived: the venue's word counts again.
DISPROVED: Final = dict.fromkeys(
    ("rejected", "abandoned"), ("open", "partially_filled", "filled", "canceled", "expired", "rejected")
)


def expected_state(known: str, said: str, relation: str) -> str:
    row = DISPROVED.get(known, TABLE[known]) if relation != "no fill" else TABLE[known]
    return row[VENUE_STATES.index(said)]


CASES: Final = [
    pytest.param(
        known,
        said,
        relation,
        expected_state(known, said, relation),
        id=f"known as {known}, said to be {said} with {relation}, so {expected_state(known, said, relation)}",
    )
    for known, said, relation in product(TABLE, VENUE_STATES, RELATIONS)
]


def known_order(state: str) -> Order:
    return order(
        OrderState(state),
        filled_quantity=d(KNOWN_FILLED),
        average_price=d("1002"),
        venue_order_id=VenueOrderId(77),
        reason="known",
        version=7,
    )


def test_the_table_knows_every_state() -> None:
    assert set(TABLE) == {state.value for state in OrderState}


@pytest.mark.parametrize(("known", "said", "relation", "expected"), CASES)
def test_news_moves_an_order(known: str, said: str, relation: str, expected: str) -> None:
    before = known_order(known)
    filled = d(RELATIONS[relation])
    after = before.with_news(news(OrderState(said), filled, d("1000") + filled), LATER_MS)
    assert after.state.value == expected
    assert after.filled_quantity == max(filled, d(KNOWN_FILLED))
    assert after.average_price == d("1000") + after.filled_quantity
    assert (after.intent, after.venue_order_id, after.reason) == (before.intent, VenueOrderId(77), "known")
    if (after.state, after.filled_quantity) == (before.state, before.filled_quantity):
        assert after is before
    else:
        assert (after.version, after.updated_at_ms) == (8, LATER_MS)


@pytest.mark.parametrize(("known", "said", "relation", "expected"), CASES)
def test_the_same_news_again_changes_nothing(known: str, said: str, relation: str, expected: str) -> None:
    told = news(OrderState(said), RELATIONS[relation], "1002")
    once = known_order(known).with_news(told, LATER_MS)
    assert once.with_news(told, LATER_MS + 1) is once


def test_news_names_the_order_at_the_venue_and_ends_the_count_of_misses() -> None:
    missed = order(OrderState.LOST).not_found_again(NOW_MS).not_found_again(NOW_MS)
    assert (missed.not_found, missed.version) == (2, 3)
    found = missed.with_news(news(OrderState.OPEN), LATER_MS)
    assert (found.state, found.venue_order_id, found.not_found) == (OrderState.OPEN, VenueOrderId(77), 0)


def test_an_order_is_missing_since_the_first_of_the_answers_in_a_row_that_did_not_know_it() -> None:
    missed = order(OrderState.OPEN).not_found_again(NOW_MS).not_found_again(NOW_MS + 60_000)
    assert missed.missing_since_ms == NOW_MS
    found = missed.with_news(news(OrderState.OPEN), NOW_MS + 61_000)
    assert found.missing_since_ms is None
    assert found.not_found_again(NOW_MS + 120_000).missing_since_ms == NOW_MS + 120_000


def test_news_without_a_venue_id_keeps_the_one_that_is_known() -> None:
    known = order(OrderState.OPEN, venue_order_id=VenueOrderId(5))
    assert known.with_news(news(OrderState.FILLED, "0.3", "1000", venue_order_id=None), LATER_MS).venue_order_id == 5


def test_repeated_news_of_an_order_without_a_venue_id_is_not_written_again_and_again() -> None:
    known = order(OrderState.REJECTED, reason="-2021: would trigger")
    assert known.with_news(news(OrderState.REJECTED, venue_order_id=None), LATER_MS) is known


def test_an_average_that_was_missing_from_the_last_word_is_taken_from_a_later_one() -> None:
    ended = order(OrderState.OPEN).with_news(news(OrderState.CANCELED, "0.2"), LATER_MS)
    told = ended.with_news(news(OrderState.PARTIALLY_FILLED, "0.2", "999"), LATER_MS)
    assert (ended.average_price, told.average_price, told.state) == (d("0"), d("999"), OrderState.CANCELED)


def test_the_average_of_fewer_fills_is_not_taken_for_that_of_all() -> None:
    first = order(OrderState.OPEN).with_news(news(OrderState.PARTIALLY_FILLED, "0.1", "990"), LATER_MS)
    assert first.with_news(news(OrderState.CANCELED, "0.2"), LATER_MS).average_price == 0


def test_a_reason_that_comes_with_news_is_kept() -> None:
    rejected = order(OrderState.IN_FLIGHT).with_news(news(OrderState.REJECTED, reason="no margin"), LATER_MS)
    assert rejected.reason == "no margin"


@pytest.mark.parametrize("state", OrderState)
def test_no_later_truth_changes_an_order_that_has_ended_and_a_lost_one_has_not(state: OrderState) -> None:
    assert state.is_final == (state in FINAL_STATES)
    assert not OrderState.LOST.is_final


def test_a_revision_is_the_next_version_and_keeps_the_reason_unless_there_is_a_new_one() -> None:
    doubtful = order(OrderState.IN_FLIGHT).revised(OrderState.UNCONFIRMED, LATER_MS, "503")
    lost = doubtful.revised(OrderState.LOST, LATER_MS + 1)
    assert (doubtful.state, doubtful.reason, doubtful.version) == (OrderState.UNCONFIRMED, "503", 2)
    assert (lost.state, lost.reason, lost.version, lost.updated_at_ms) == (OrderState.LOST, "503", 3, LATER_MS + 1)


Told = list[OrderNews]


@st.composite
def lives(draw: st.DrawFn) -> Told:
    """What one venue says of one order over its life, each cumulative quantity with the average that belongs to it."""
    steps = sorted(draw(st.sets(st.integers(1, 300), max_size=4)))
    told = [news(OrderState.OPEN)]
    told += [news(OrderState.PARTIALLY_FILLED, Decimal(step) / 1000, 1000 + Decimal(step)) for step in steps]
    last = told[-1]
    end = draw(st.sampled_from([None, "filled", "canceled", "expired", "rejected"]))
    if end == "rejected":
        return [news(OrderState.REJECTED, reason="no margin")]
    if end is not None:
        said_without_average = draw(st.booleans()) and end != "filled"
        average = d("0") if said_without_average else last.average_price
        told.append(replace(last, state=OrderState(end), average_price=average))
    return told


@given(lives(), st.sampled_from(["in_flight", "unconfirmed", "lost", "open", "abandoned", "rejected"]), st.data())
def test_late_repeated_and_reordered_news_ends_alike(told: Told, start: str, data: st.DataObject) -> None:
    repeated = told + data.draw(st.lists(st.sampled_from(told), max_size=4))
    shuffled = data.draw(st.permutations(repeated))
    first = order(OrderState(start), not_found=2)
    in_order, out_of_order = first, first
    for number, each in enumerate(told):
        in_order = in_order.with_news(each, LATER_MS + number)
    for number, each in enumerate(shuffled):
        before = out_of_order
        out_of_order = out_of_order.with_news(each, LATER_MS + number)
        assert out_of_order.filled_quantity >= before.filled_quantity
        assert out_of_order.version in (before.version, before.version + 1)
    assert replace(out_of_order, version=0, updated_at_ms=0) == replace(in_order, version=0, updated_at_ms=0)


@pytest.mark.parametrize(
    ("quantity", "part", "share"),
    [("0.3", "0", "0"), ("0.3", "0.15", "0.5"), ("0.3", "0.3", "1"), ("0.3", "0.4", "1"), (None, "0.3", "0")],
)
def test_a_share_lies_between_none_and_all(quantity: str | None, part: str, share: str) -> None:
    whole = order(of=intent(quantity=None if quantity is None else d(quantity)))
    assert whole.share_of(d(part)) == d(share)


@pytest.mark.parametrize(
    ("purpose", "position_side", "side"),
    [
        (Purpose.ENTRY, PositionSide.LONG, Side.BUY),
        (Purpose.ENTRY, PositionSide.SHORT, Side.SELL),
        (Purpose.STOP_LOSS, PositionSide.LONG, Side.SELL),
        (Purpose.STOP_LOSS, PositionSide.SHORT, Side.BUY),
        (Purpose.TAKE_PROFIT, PositionSide.LONG, Side.SELL),
        (Purpose.TAKE_PROFIT, PositionSide.SHORT, Side.BUY),
        (Purpose.EXIT, PositionSide.LONG, Side.SELL),
        (Purpose.EXIT, PositionSide.SHORT, Side.BUY),
    ],
)
def test_entries_open_and_everything_else_reduces(purpose: Purpose, position_side: PositionSide, side: Side) -> None:
    wanted = intent(purpose=purpose, position_side=position_side)
    assert wanted.side is side
    assert wanted.reduces == (purpose is not Purpose.ENTRY)
    assert purpose.is_protective == (purpose in (Purpose.STOP_LOSS, Purpose.TAKE_PROFIT))


def test_every_purpose_has_a_letter_of_its_own() -> None:
    assert len({purpose.letter for purpose in Purpose}) == len(Purpose)


@pytest.mark.parametrize(("leverage", "margin"), [(1, "300"), (3, "100"), (50, "6")])
def test_margin_is_notional_divided_by_leverage(leverage: int, margin: str) -> None:
    wanted = intent(leverage=leverage)
    assert (wanted.notional, wanted.margin) == (d("300"), d(margin))


@pytest.mark.parametrize("missing", ["quantity", "price"])
def test_an_order_that_only_closes_takes_no_notional_and_no_margin(missing: str) -> None:
    wanted = intent(**{missing: None})
    assert (wanted.notional, wanted.margin) == (d("0"), d("0"))
