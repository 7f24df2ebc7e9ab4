"""Trailing: break-even on the way to the target, then behind the best price, only ever tightening."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import LONG, SHORT, d, instrument, position, protection
from tests.unit.plans import plan_of

from undertow.domain.ladder import Ladder, LadderPlan, StopAnchor
from undertow.domain.market import PositionSide
from undertow.domain.position import Position
from undertow.risk.limits import RiskLimits
from undertow.risk.protection import Trailing, target_price, wanted_stop, wanted_target
from undertow.risk.trailing import break_even, trailed

LIMITS = RiskLimits()
FINE = instrument(tick_size=d("0.01"), min_price=d("0.01"))
ONE_PERCENT_BEHIND = Trailing()


def moved(held: Position, *marks: str | Decimal, trailing: Trailing = ONE_PERCENT_BEHIND) -> Position:
    """``held`` after these mark prices, with its target at 2 %."""
    for mark in marks:
        held = trailed(held, Decimal(mark), target_price(held, protection(), FINE), trailing, LIMITS, FINE)
    return held


@pytest.mark.parametrize(("side", "mark"), [(LONG, "1009.99"), (SHORT, "990.01")])
def test_less_than_half_way_to_the_target_nothing_moves(side: PositionSide, mark: str) -> None:
    held = position(side=side)
    assert moved(held, mark) is held


@pytest.mark.parametrize(("side", "mark", "stop"), [(LONG, "1010", "1000.81"), (SHORT, "990", "999.2")])
def test_half_way_the_stop_goes_to_entry_plus_both_fees(side: PositionSide, mark: str, stop: str) -> None:
    """Behind the best price alone it would stand at 999.9: the two fees of 0.04 % are what is more."""
    begun = moved(position(side=side), mark)
    assert (begun.trailed_stop, begun.best_price) == (d(stop), d(mark))
    assert begun.trailed_stop == break_even(position(side=side), LIMITS, FINE)


@pytest.mark.parametrize(
    ("side", "mark", "stop"),
    [
        (LONG, "1015", "1004.85"),
        (SHORT, "985", "994.85"),
        (LONG, "1015.01", "1004.85"),  # 1004.8599: the tick further from the mark price
        (SHORT, "985.01", "994.87"),  # 994.8601
    ],
)
def test_further_on_it_follows_the_best_price_at_its_distance(side: PositionSide, mark: str, stop: str) -> None:
    assert moved(position(side=side), mark).trailed_stop == d(stop)


def test_the_best_price_stays_when_the_price_comes_back() -> None:
    back = moved(position(), "1015", "1006")
    assert (back.best_price, back.trailed_stop) == (d("1015"), d("1004.85"))


def test_coming_back_under_half_way_does_not_end_trailing() -> None:
    assert moved(position(), "1010", "1005", "1018").trailed_stop == d("1007.82")


def test_without_a_target_trailing_does_not_begin() -> None:
    held = position()
    assert trailed(held, d("1100"), None, ONE_PERCENT_BEHIND, LIMITS, FINE) is held


def test_a_target_on_the_wrong_side_begins_nothing() -> None:
    held = position()
    assert trailed(held, d("1100"), d("999"), ONE_PERCENT_BEHIND, LIMITS, FINE) is held


def test_a_stop_that_a_person_tightened_is_not_loosened() -> None:
    assert moved(position(trailed_stop=d("1007")), "1010").trailed_stop == d("1007")


def test_a_stop_is_not_put_where_the_price_has_been_already() -> None:
    """After an addition at a high price break-even lies above the mark: a stop there would close at once."""
    begun = replace(moved(position(), "1010"), entry_price=d("1012"))
    assert moved(begun, "1011").trailed_stop == d("1000.89")


def net_of_fees(held: Position, exit_price: Decimal) -> Decimal:
    gained = held.side.sign * (exit_price - held.entry_price)
    return gained - (held.entry_price + exit_price) * LIMITS.taker_fee_pct / 100


@given(st.sampled_from(PositionSide), st.decimals("1", "100000", places=2))
def test_break_even_pays_both_fees_and_a_tick_worse_does_not(side: PositionSide, entry: Decimal) -> None:
    held = position(side=side, entry_price=entry)
    even = break_even(held, LIMITS, FINE)
    assert net_of_fees(held, even) >= -d("1E-20")
    assert net_of_fees(held, even - side.sign * FINE.tick_size) < 0


@given(
    st.sampled_from(PositionSide),
    st.lists(st.decimals("900", "1100", places=2), max_size=40),
    st.decimals("1", "100", places=0),
    st.decimals("0.1", "10", places=1),
)
def test_trailing_never_loosens_and_never_stands_beyond_the_price(
    side: PositionSide, marks: list[Decimal], begins: Decimal, distance: Decimal
) -> None:
    held = position(side=side)
    for mark in marks:
        before = held
        held = moved(held, mark, trailing=Trailing(begins, distance))
        if before.trailed_stop is not None:
            assert held.trailed_stop is not None
            assert side.sign * (held.trailed_stop - before.trailed_stop) >= 0
        if held.trailed_stop != before.trailed_stop:
            assert held.trailed_stop is not None
            assert side.sign * (mark - held.trailed_stop) > 0
        if before.best_price is not None:
            assert held.best_price is not None
            assert side.sign * (held.best_price - before.best_price) >= 0


@given(st.sampled_from(PositionSide), st.lists(st.decimals("900", "1100", places=2), max_size=30))
def test_what_trailing_sets_the_wanted_stop_never_undercuts(side: PositionSide, marks: list[Decimal]) -> None:
    held = position(side=side)
    wanted = wanted_stop(held, None, protection(), FINE)
    for mark in marks:
        held = moved(held, mark)
        again = wanted_stop(held, None, protection(), FINE)
        assert side.sign * (again - wanted) >= 0
        assert held.trailed_stop is None or side.sign * (again - held.trailed_stop) >= 0
        wanted = again


def plan(side: PositionSide = LONG, anchor: StopAnchor = StopAnchor.SIGNAL, stop: str = "950") -> LadderPlan:
    return plan_of(
        side=side, anchor=anchor, stop_price=d(stop), stop_loss_pct=d("5"), take_profit_pct=d("1.5"), atr_pct=d("2.5")
    )


@pytest.mark.parametrize(
    ("sentence", "side", "ladder", "trailed_to", "stop", "target"),
    [
        ("without a ladder by the parameters", LONG, None, None, "970.2", "999.6"),
        ("frozen when it opened, wherever the average went", LONG, Ladder(plan()), None, "950", "994.7"),
        ("frozen for a short", SHORT, Ladder(plan(SHORT, stop="1050")), None, "1050", "965.3"),
        ("off the grid, away from the market", LONG, Ladder(plan(stop="950.019")), None, "950.01", "994.7"),
        ("off the grid for a short", SHORT, Ladder(plan(SHORT, stop="1050.011")), None, "1050.02", "965.3"),
        (
            "after the average with the plan's distance",
            LONG,
            Ladder(plan(anchor=StopAnchor.AVERAGE)),
            None,
            "931",
            "994.7",
        ),
        ("tightened by trailing", LONG, Ladder(plan()), "985", "985", "994.7"),
        ("not loosened by it", LONG, Ladder(plan()), "940", "950", "994.7"),
        ("tightened for a short", SHORT, Ladder(plan(SHORT, stop="1050")), "975", "975", "965.3"),
        ("not loosened for a short", SHORT, Ladder(plan(SHORT, stop="1050")), "1060", "1050", "965.3"),
        ("tightened without a ladder", LONG, None, "981", "981", "999.6"),
    ],
)
def test_a_stop_and_a_target_stand_where_plan_parameters_and_trailing_put_them(
    sentence: str, side: PositionSide, ladder: Ladder | None, trailed_to: str | None, stop: str, target: str
) -> None:
    held = position(side=side, entry_price=d("980"), trailed_stop=None if trailed_to is None else d(trailed_to))
    assert wanted_stop(held, ladder, protection(), FINE) == d(stop)
    assert wanted_target(held, ladder, protection(), FINE) == d(target)
