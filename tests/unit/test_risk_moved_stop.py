"""Where a person may put a stop, and what that adds to what may be lost: both sides of the market."""

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.builders import LONG, SHORT, d, instrument, position, protection

from undertow.domain.market import PositionSide
from undertow.risk.approval import Refusal
from undertow.risk.limits import RiskLimits
from undertow.risk.moved_stop import MovedStop, StopQuestion, moved_to, moved_to_break_even
from undertow.risk.protection import Trailing

FEES = RiskLimits(taker_fee_pct=d("0.04"))


def question(side: PositionSide = LONG, mark: str = "1000", trails: bool = False, **held: Any) -> StopQuestion:
    """A position of 0.3 from 1000. Its strategy's own stop is 1 % away: 990 for a long, 1010 for a short."""
    params = protection(trailing=Trailing() if trails else None)
    return StopQuestion(position(side=side, **held), None, params, instrument(), d(mark))


@pytest.mark.parametrize(
    ("side", "asked", "price", "added_loss"),
    [
        (LONG, "995", "995", "-1.5"),
        (LONG, "995.01", "995.1", "-1.53"),
        (LONG, "990", "990", "0"),
        (SHORT, "1005", "1005", "-1.5"),
        (SHORT, "1004.99", "1004.9", "-1.53"),
    ],
)
def test_a_tighter_stop_is_rounded_towards_the_price_and_says_how_much_less_is_lost(
    side: PositionSide, asked: str, price: str, added_loss: str
) -> None:
    own = d("990") if side is LONG else d("1010")
    moved = moved_to(d(asked), question(side))
    assert moved == MovedStop(before=own, price=d(price), added_loss=d(added_loss))
    assert not moved.loosens


@pytest.mark.parametrize(
    ("side", "tightened", "asked"), [(LONG, "998", "992"), (SHORT, "1002", "1008")], ids=["long", "short"]
)
def test_taking_a_tightening_back_loosens_by_the_way_between_the_two_stops(
    side: PositionSide, tightened: str, asked: str
) -> None:
    moved = moved_to(d(asked), question(side, trailed_stop=d(tightened)))
    assert moved == MovedStop(before=d(tightened), price=d(asked), added_loss=d("1.8"))
    assert moved.loosens


@pytest.mark.parametrize(
    ("side", "asked", "told"),
    [
        (LONG, "1000", "1000"),
        (LONG, "999.95", "1000"),
        (LONG, "1000.1", "1000.1"),
        (LONG, "0", "0"),
        (SHORT, "1000", "1000"),
        (SHORT, "999.9", "999.9"),
        (SHORT, "-1", "-1"),
    ],
)
def test_a_stop_that_the_mark_price_has_reached_or_that_is_no_price_is_refused(
    side: PositionSide, asked: str, told: str
) -> None:
    says = f"a stop at {told} would close the position at once: the mark price is 1000"
    assert moved_to(d(asked), question(side)) == Refusal("beyond_price", says)


@pytest.mark.parametrize(("side", "asked", "loosest"), [(LONG, "989.9", "990"), (SHORT, "1010.1", "1010")])
def test_a_stop_looser_than_the_strategys_own_is_refused_however_tight_the_present_one_is(
    side: PositionSide, asked: str, loosest: str
) -> None:
    says = f"the stop may be at {loosest} at the loosest: no more risk than that is held in reserve"
    refusal = Refusal("beyond_reserve", says)
    assert moved_to(d(asked), question(side)) == refusal
    tight = d("999") if side is LONG else d("1001")
    assert moved_to(d(asked), question(side, trailed_stop=tight)) == refusal


def test_a_stop_that_is_being_trailed_may_be_tightened_and_not_loosened() -> None:
    trailed = question(trails=True, trailed_stop=d("995"), best_price=d("1020"))
    says = "the strategy trails the stop and would put it back to 995"
    assert moved_to(d("992"), trailed) == Refusal("trailing", says)
    assert isinstance(moved_to(d("996"), trailed), MovedStop)


def test_before_trailing_has_begun_or_without_it_a_person_may_loosen() -> None:
    waiting = question(trails=True, trailed_stop=d("995"))
    assert isinstance(moved_to(d("992"), waiting), MovedStop)
    by_hand = question(trailed_stop=d("995"), best_price=d("1020"))
    assert isinstance(moved_to(d("992"), by_hand), MovedStop)


@pytest.mark.parametrize(("side", "mark", "price"), [(LONG, "1010", "1000.9"), (SHORT, "990", "999.2")])
def test_break_even_pays_the_fees_of_both_ends(side: PositionSide, mark: str, price: str) -> None:
    moved = moved_to_break_even(question(side, mark), FEES)
    assert isinstance(moved, MovedStop)
    assert moved.price == d(price)


@pytest.mark.parametrize("there", ["1000.9", "1005"])
def test_break_even_changes_nothing_where_the_stop_is_as_good_already(there: str) -> None:
    asked = question(mark="1010", trailed_stop=d(there))
    says = f"the stop is at {there} already, which is no worse"
    assert moved_to_break_even(asked, FEES) == Refusal("nothing_to_change", says)


def test_break_even_is_refused_while_the_price_is_not_beyond_it() -> None:
    refused = moved_to_break_even(question(mark="1000.9"), FEES)
    assert isinstance(refused, Refusal)
    assert refused.gate == "beyond_price"


def test_the_loosest_stop_is_that_of_the_parameters_whatever_stop_was_set_before() -> None:
    wide = replace(question(trailed_stop=d("995")), params=protection(stop_loss_pct=d("3")))
    assert moved_to(d("970"), wide) == MovedStop(d("995"), d("970"), d("7.5"))
