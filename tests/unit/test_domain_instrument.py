"""Rounding by the venue's filters: prices away from the market, quantities never larger."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import d, instrument

from undertow.domain.instrument import Instrument
from undertow.domain.market import Side

grids = st.sampled_from(
    [
        instrument(),
        instrument(tick_size=d("0.5"), min_price=d("0.3")),
        instrument(tick_size=d("0.00001"), min_price=d("0.000013"), lot_size=d("1"), min_quantity=d("1")),
        instrument(tick_size=d("0.03"), min_price=d("0"), lot_size=d("0.3"), min_quantity=d("0.5")),
        instrument(tick_size=d("7"), min_price=d("556.8"), lot_size=d("0.002"), min_quantity=d("0.005")),
        instrument(lot_size=d("0.3"), min_quantity=d("0.1"), max_quantity=d("10"), market_max_quantity=d("10")),
    ]
)
prices = st.decimals(min_value="0.000001", max_value=10**6, places=12, allow_nan=False)
quantities = st.one_of(
    st.decimals(min_value=0, max_value=2000, places=12, allow_nan=False),
    st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)).map(lambda pair: Decimal(pair[0]) / Decimal(pair[1])),
)


def on_grid(value: Decimal, start: Decimal, step: Decimal) -> bool:
    return ((Fraction(value) - Fraction(start)) / Fraction(step)).denominator == 1


@given(grids, prices)
def test_a_buy_is_rounded_down_to_the_grid_by_less_than_a_tick(rules: Instrument, price: Decimal) -> None:
    rounded = rules.entry_price(price, Side.BUY)
    assert rounded <= price < rounded + rules.tick_size
    assert on_grid(rounded, rules.min_price, rules.tick_size)
    assert rounded == rules.price_below(price)


@given(grids, prices)
def test_a_sell_is_rounded_up_to_the_grid_by_less_than_a_tick(rules: Instrument, price: Decimal) -> None:
    rounded = rules.entry_price(price, Side.SELL)
    assert rounded - rules.tick_size < price <= rounded
    assert on_grid(rounded, rules.min_price, rules.tick_size)
    assert rounded == rules.price_above(price)


@pytest.mark.parametrize(
    ("side", "price", "expected"),
    [
        (Side.BUY, "100.19", "100.1"),
        (Side.SELL, "100.11", "100.2"),
        (Side.BUY, "100.1", "100.1"),
        (Side.SELL, "100.1", "100.1"),
    ],
)
def test_a_price_moves_away_from_the_market_and_one_on_the_grid_stays(side: Side, price: str, expected: str) -> None:
    assert instrument().entry_price(d(price), side) == d(expected)


def test_ticks_count_from_the_minimum_price_even_where_it_is_no_multiple_of_a_tick() -> None:
    rules = instrument(tick_size=d("0.5"), min_price=d("0.3"))
    assert rules.price_below(d("10")) == d("9.8")
    assert rules.price_above(d("10")) == d("10.3")


def test_no_tick_size_means_no_grid() -> None:
    rules = instrument(tick_size=d("0"))
    assert rules.price_below(d("10.123456")) == rules.price_above(d("10.123456")) == d("10.123456")


@given(grids, quantities)
def test_a_quantity_never_grows_and_is_one_that_the_venue_admits(rules: Instrument, quantity: Decimal) -> None:
    rounded = rules.quantity_below(quantity)
    assert rounded <= quantity
    if rounded:
        assert rules.min_quantity <= rounded <= rules.max_quantity
        assert on_grid(rounded, rules.min_quantity, rules.lot_size)


@given(grids, quantities)
def test_a_quantity_is_the_largest_that_the_venue_admits(rules: Instrument, quantity: Decimal) -> None:
    rounded = rules.quantity_below(quantity)
    next_up = rounded + rules.lot_size if rounded else rules.min_quantity
    assert next_up > quantity or next_up > rules.max_quantity


@given(grids, quantities)
def test_market_quantities_follow_their_own_filter_in_the_same_way(rules: Instrument, quantity: Decimal) -> None:
    market_only = replace(
        rules,
        market_lot_size=rules.lot_size,
        market_min_quantity=rules.min_quantity,
        market_max_quantity=rules.max_quantity,
        lot_size=d("1"),
        min_quantity=d("999"),
        max_quantity=d("999"),
    )
    assert market_only.market_quantity_below(quantity) == rules.quantity_below(quantity)


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ("0.5", "0.5"),
        ("0.79", "0.5"),
        ("0.8", "0.8"),
        ("1.0999", "0.8"),
        ("0.4999", "0"),
        ("0", "0"),
        ("-1", "0"),
    ],
)
def test_lots_count_from_the_minimum_quantity_even_where_it_is_no_multiple_of_a_lot(
    quantity: str, expected: str
) -> None:
    rules = instrument(lot_size=d("0.3"), min_quantity=d("0.5"))
    assert rules.quantity_below(d(quantity)) == d(expected)


def test_a_maximum_off_the_grid_is_not_itself_ordered() -> None:
    rules = instrument(lot_size=d("0.3"), min_quantity=d("0.1"), max_quantity=d("10"))
    assert rules.quantity_below(d("5000")) == d("10.0")
    rules = instrument(lot_size=d("0.4"), min_quantity=d("0.1"), max_quantity=d("10"))
    assert rules.quantity_below(d("5000")) == d("9.7")


def test_limits_of_zero_are_no_limits() -> None:
    rules = instrument(min_quantity=d("0"), max_quantity=d("0"))
    assert rules.quantity_below(d("123456.7899")) == d("123456.789")
    assert rules.quantity_below(d("0.0009")) == 0
    assert rules.quantity_below(d("-0.5")) == 0
    assert instrument(market_max_quantity=d("0")).market_quantity_below(d("5000")) == d("5000")


@pytest.mark.parametrize(("status", "trading"), [("TRADING", True), ("PENDING_TRADING", False), ("CLOSE", False)])
def test_only_the_venues_word_trading_means_that_a_symbol_trades(status: str, trading: bool) -> None:
    assert instrument(status=status).is_trading is trading


@pytest.mark.parametrize(
    ("side", "changes", "bounds"),
    [
        pytest.param(Side.BUY, {}, ("0.1", "1150"), id="a buy is bound from above by the mark"),
        pytest.param(Side.SELL, {}, ("850", "1000000"), id="a sell is bound from below by the mark"),
        pytest.param(Side.BUY, {"max_price": "1100"}, ("0.1", "1100"), id="the price filter may be the tighter one"),
        pytest.param(Side.SELL, {"min_price": "900"}, ("900", "1000000"), id="from below as well"),
        pytest.param(Side.BUY, {"max_price": "0"}, ("0.1", "1150"), id="no highest price in the filter"),
        pytest.param(Side.BUY, {"max_price": "0", "price_multiplier_up": "0"}, ("0.1", None), id="no highest at all"),
        pytest.param(Side.SELL, {"max_price": "0"}, ("850", None), id="no highest price for a sell"),
        pytest.param(Side.SELL, {"price_multiplier_down": "0"}, ("0.1", "1000000"), id="no multiplier for a sell"),
    ],
)
def test_the_venues_price_bounds_are_one_sided(
    side: Side, changes: dict[str, str], bounds: tuple[str, str | None]
) -> None:
    rules = instrument(**{name: d(value) for name, value in changes.items()})
    lowest, highest = bounds
    assert rules.price_bounds(side, d("1000")) == (d(lowest), None if highest is None else d(highest))
