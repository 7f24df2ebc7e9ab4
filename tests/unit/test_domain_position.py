"""A position through increases and reductions, on both sides."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import ACCOUNT, BTC, HUNTER, LONG, NOW_MS, SHORT, d, fill, position

from undertow.domain.ids import TradeId
from undertow.domain.market import PositionSide, Side
from undertow.domain.position import Position, opened_by

LATER_MS = NOW_MS + 5_000
both_sides = pytest.mark.parametrize("side", [LONG, SHORT])


@both_sides
def test_a_fill_opens_a_position_that_is_unprotected_from_that_moment(side: PositionSide) -> None:
    opened = opened_by(fill("0.3", "1000", side=side.entry_side, realized_pnl=d("0")), side, HUNTER, leverage=10)
    assert (opened.account, opened.symbol, opened.side) == (ACCOUNT, BTC, side)
    assert (opened.quantity, opened.entry_price, opened.max_quantity) == (d("0.3"), d("1000"), d("0.3"))
    assert (opened.opened_at_ms, opened.updated_at_ms, opened.unprotected_since_ms) == (NOW_MS, NOW_MS, NOW_MS)
    assert (opened.leverage, opened.commission, opened.strategy, opened.is_external) == (10, d("0.05"), HUNTER, False)
    assert opened.notional == d("300")
    assert opened.signed_quantity == side.sign * d("0.3")


def test_a_position_without_a_strategy_is_external() -> None:
    assert opened_by(fill("0.3"), LONG, None, leverage=1).is_external


def test_the_same_fill_always_opens_the_same_position_and_another_fill_another() -> None:
    first, again, next_one = fill("0.3"), fill("0.3", "999"), fill("0.3", trade_id=TradeId(2))
    ids = [opened_by(each, LONG, HUNTER, 10).id for each in (first, again, next_one)]
    assert ids[0] == ids[1] != ids[2]
    assert opened_by(first, SHORT, HUNTER, 10).id != ids[0]


@both_sides
def test_an_increase_averages_the_entry_price_by_quantity(side: PositionSide) -> None:
    grown = position(side=side).increased(fill("0.1", "1100", side=side.entry_side, time_ms=LATER_MS))
    assert (grown.quantity, grown.entry_price, grown.max_quantity) == (d("0.4"), d("1025"), d("0.4"))
    assert (grown.updated_at_ms, grown.opened_at_ms, grown.commission) == (LATER_MS, NOW_MS, d("0.05"))


@both_sides
def test_a_reduction_keeps_the_entry_price_and_the_largest_size(side: PositionSide) -> None:
    cut = position(side=side).reduced(fill("0.1", side=side.exit_side, realized_pnl=d("7"), time_ms=LATER_MS))
    assert (cut.quantity, cut.entry_price, cut.max_quantity) == (d("0.2"), d("1000"), d("0.3"))
    assert (cut.realized_pnl, cut.commission, cut.updated_at_ms) == (d("7"), d("0.05"), LATER_MS)
    assert cut.closed_at_ms is None


@both_sides
def test_a_reduction_by_exactly_its_size_closes_a_position(side: PositionSide) -> None:
    closed = position(side=side).reduced(fill("0.300", side=side.exit_side, time_ms=LATER_MS))
    assert (closed.quantity, closed.closed_at_ms) == (d("0"), LATER_MS)


@both_sides
def test_trades_that_are_learnt_of_in_another_order_still_say_when_it_was_opened_and_closed(side: PositionSide) -> None:
    early, late = NOW_MS - 10, LATER_MS + 10
    grown = position(side=side).increased(fill("0.1", side=side.entry_side, time_ms=early))
    assert grown.opened_at_ms == early
    cut = grown.reduced(fill("0.3", side=side.exit_side, time_ms=late))
    closed = cut.reduced(fill("0.1", side=side.exit_side, time_ms=LATER_MS))
    assert (closed.quantity, closed.opened_at_ms, closed.closed_at_ms) == (d("0"), early, late)


def test_a_reduction_by_more_than_its_size_is_an_error_and_never_a_negative_position() -> None:
    with pytest.raises(ValueError, match=r"0\.31 cannot come out of a position of 0\.3"):
        position().reduced(fill("0.31", side=Side.SELL))


@pytest.mark.parametrize(
    ("side", "mark", "pnl"),
    [(LONG, "1010", "3"), (LONG, "990", "-3"), (SHORT, "1010", "-3"), (SHORT, "990", "3"), (LONG, "1000", "0")],
)
def test_the_unrealized_result_follows_the_mark_price(side: PositionSide, mark: str, pnl: str) -> None:
    assert position(side=side).unrealized_pnl(d(mark)) == d(pnl)


@pytest.mark.parametrize(("side", "entry", "exit_"), [(LONG, Side.BUY, Side.SELL), (SHORT, Side.SELL, Side.BUY)])
def test_a_side_is_entered_and_left_by_opposite_orders(side: PositionSide, entry: Side, exit_: Side) -> None:
    assert (side.entry_side, side.exit_side, side.opposite.opposite) == (entry, exit_, side)
    assert entry.opposite is exit_


fills = st.lists(
    st.tuples(
        st.booleans(),
        st.decimals("0.001", "1000", places=3, allow_nan=False),
        st.decimals("0.00000001", "200000", places=8, allow_nan=False),
        st.decimals("-1000", "1000", places=8, allow_nan=False),
    ),
    max_size=30,
)


@given(fills)
def test_quantity_fees_and_results_are_the_exact_sums_of_the_fills(
    moves: list[tuple[bool, Decimal, Decimal, Decimal]],
) -> None:
    held: Position = opened_by(fill("0.001", "1", commission=d("0")), LONG, HUNTER, 10)
    quantity, cost, pnl, commission = Fraction("0.001"), Fraction("0.001"), Fraction(0), Fraction(0)
    highest = quantity
    for opens, size, price, result in moves:
        part = size if opens else min(size, held.quantity)
        traded = fill(part, price, realized_pnl=d("0") if opens else result, commission=d("0.0001"))
        commission += Fraction("0.0001")
        if opens:
            held = held.increased(traded)
            quantity, cost = quantity + Fraction(part), cost + Fraction(part) * Fraction(price)
        else:
            cost -= cost / quantity * Fraction(part)
            held = held.reduced(traded)
            quantity, pnl = quantity - Fraction(part), pnl + Fraction(result)
        highest = max(highest, quantity)
        assert Fraction(held.quantity) == quantity >= 0
        assert (Fraction(held.realized_pnl), Fraction(held.commission)) == (pnl, commission)
        assert Fraction(held.max_quantity) == highest
        assert (held.closed_at_ms is not None) == (quantity == 0)
        if quantity == 0:
            break
        assert abs(Fraction(held.entry_price) - cost / quantity) < Fraction(1, 10**18)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=40), st.sampled_from(["0.07", "43211.7", "0.00000123"]))
def test_partial_fills_at_one_price_leave_that_price_as_the_entry_price(parts: list[int], price: str) -> None:
    held = opened_by(fill("0.003", price), LONG, HUNTER, 10)
    for part in parts:
        held = held.increased(fill(Decimal(part) / 1000, price))
    assert held.entry_price == d(price), "else the stop would wander off its tick"
