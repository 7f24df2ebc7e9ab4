"""Liquidation prices: worked numbers of the specification, and agreement with a search that knows no formula."""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.unit.builders import BRACKETS, LONG, SHORT, d

from undertow.domain.instrument import LeverageBracket
from undertow.domain.market import PositionSide
from undertow.risk.liquidation import (
    Leg,
    UnknownTiers,
    bracket_of,
    cross_liquidation_price,
    disagreement_pct,
    disagrees,
    hedge_liquidation_prices,
    hyperliquid_liquidation_price,
    hyperliquid_tiers,
    is_solvent,
    isolated_liquidation_price,
    maintenance_margin,
)

ONE_PERCENT = (LeverageBracket(1, 50, d("0"), d("1E+12"), d("0.01"), d("0")),)
"""Section 14's worked position is in a tier of 50x: half of 2 %."""

amounts = st.decimals("0.001", "500", places=3)
prices = st.decimals("0.5", "200000", places=2)
shares = st.decimals("0.001", "1.5", places=3)


@st.composite
def tiers(draw: st.DrawFn) -> tuple[LeverageBracket, ...]:
    """One to six tiers of rising rate, with the deductions that make their maintenance margins meet."""
    count = draw(st.integers(1, 6))
    floors = sorted(draw(st.sets(st.integers(1_000, 5_000_000), min_size=count - 1, max_size=count - 1)))
    leverages = sorted(draw(st.sets(st.integers(1, 125), min_size=count, max_size=count)), reverse=True)
    return hyperliquid_tiers(zip(map(Decimal, (0, *floors)), leverages, strict=True))


def bisected(safe_at: Callable[[Decimal], bool], low: Decimal, high: Decimal) -> Decimal:
    """Where between ``low`` and ``high`` a position turns from safe to liquidated, or back."""
    begins_safe = safe_at(low)
    for _ in range(120):
        middle = (low + high) / 2
        if safe_at(middle) is begins_safe:
            low = middle
        else:
            high = middle
    return low


def by_brute_force(leg: Leg, balance: Decimal, brackets: tuple[LeverageBracket, ...]) -> Decimal | None:
    """By bisection of "margin balance covers maintenance margin", which for one leg turns once at most."""

    def safe_at(price: Decimal) -> bool:
        return is_solvent((leg,), price, balance, brackets)

    highest = leg.entry_price + 4 * abs(balance) / leg.quantity + leg.entry_price * 10
    if safe_at(d("0")) is safe_at(highest):
        return None
    return bisected(safe_at, d("0"), highest)


def nearly(found: Decimal | None, expected: Decimal | None) -> bool:
    """To 18 digits, in which a price of zero, the last that can be told from none, is none."""
    left, right = found or d("0"), expected or d("0")
    return abs(left - right) <= max(abs(right), d("1")) * d("1E-18")


def rounded(price: Decimal | None, places: str = "0.01") -> Decimal:
    assert price is not None
    return price.quantize(d(places))


@pytest.mark.parametrize(("side", "expected"), [(LONG, "86363.64"), (SHORT, "103465.35")])
def test_section_14_both_venues_formulas_agree_on_the_same_inputs(side: PositionSide, expected: str) -> None:
    margin = d("950")  # 0.1 BTC at 95,000 with leverage 10
    aster = isolated_liquidation_price(side, d("0.1"), d("95000"), margin, ONE_PERCENT)
    hyperliquid = hyperliquid_liquidation_price(side, d("0.1"), d("95000"), margin, ONE_PERCENT)
    assert rounded(aster) == rounded(hyperliquid) == d(expected)


def test_section_14_leaving_out_the_maintenance_margin_is_optimistic_by_a_point_of_price() -> None:
    right = hyperliquid_liquidation_price(LONG, d("0.1"), d("95000"), d("950"), ONE_PERCENT)
    # The wrong one takes the whole initial margin for available: 95 of maintenance margin more than there is.
    wrong = hyperliquid_liquidation_price(LONG, d("0.1"), d("95000"), d("950") + 95, ONE_PERCENT)
    assert (rounded(right, "0.1"), rounded(wrong, "0.1")) == (d("86363.6"), d("85404.0"))
    assert right is not None
    assert wrong is not None
    assert d("1") <= (right - wrong) / d("95000") * 100 < d("1.02")


def test_section_14_the_deduction_of_tier_three_follows_from_the_recursion() -> None:
    made = hyperliquid_tiers([(d("0"), 50), (d("500000"), 25), (d("1500000"), 20)])
    assert [tier.maintenance_ratio for tier in made] == [d("0.01"), d("0.02"), d("0.025")]
    assert [tier.cumulative for tier in made] == [0, d("5000"), d("12500")]


def test_maintenance_margins_of_neighbouring_tiers_meet_at_the_border() -> None:
    for below, above in pairwise(BRACKETS):
        border = below.notional_cap
        assert maintenance_margin(border, [below]) == maintenance_margin(border, [above])


@pytest.mark.parametrize(
    ("notional", "tier"), [("0", 1), ("50000", 1), ("50000.01", 2), ("500000", 2), ("5000000", 3), ("9000000", 3)]
)
def test_a_notional_is_in_the_tier_that_still_admits_it_and_beyond_all_in_the_last(notional: str, tier: int) -> None:
    assert bracket_of(d(notional), BRACKETS).bracket == tier


def test_a_long_that_its_margin_covers_down_to_zero_has_no_liquidation_price() -> None:
    assert isolated_liquidation_price(LONG, d("1"), d("100"), d("100"), BRACKETS) is None
    assert isolated_liquidation_price(LONG, d("1"), d("100"), d("99"), BRACKETS) is not None
    assert hyperliquid_liquidation_price(LONG, d("1"), d("100"), d("100"), BRACKETS) is None
    assert cross_liquidation_price(LONG, d("1"), d("100"), d("5000"), BRACKETS) is None


def test_a_short_is_liquidated_somewhere_above_however_large_its_margin() -> None:
    found = cross_liquidation_price(SHORT, d("1"), d("100"), d("1000000"), BRACKETS)
    assert found is not None
    assert found > 100


@pytest.mark.parametrize("side", PositionSide)
def test_a_position_beyond_rescue_counts_as_due_where_it_stands_and_not_as_safe(side: PositionSide) -> None:
    drowned = cross_liquidation_price(side, d("1"), d("100"), d("-500"), BRACKETS)
    assert drowned is not None
    assert side.sign * (100 - drowned) <= 0


def test_other_cross_positions_take_from_the_wallet_what_they_need_and_lose() -> None:
    alone = cross_liquidation_price(LONG, d("1"), d("1000"), d("80"), BRACKETS)
    beside = cross_liquidation_price(LONG, d("1"), d("1000"), d("100"), BRACKETS, d("5"), d("-15"))
    assert alone == beside


@pytest.mark.parametrize(
    "asked",
    [
        lambda: isolated_liquidation_price(LONG, d("1"), d("100"), d("10"), ()),
        lambda: cross_liquidation_price(SHORT, d("1"), d("100"), d("10"), ()),
        lambda: hyperliquid_liquidation_price(LONG, d("1"), d("100"), d("10"), ()),
        lambda: hedge_liquidation_prices(Leg(LONG, d("1"), d("9")), Leg(SHORT, d("1"), d("9")), d("1"), ()),
        lambda: maintenance_margin(d("1"), ()),
    ],
)
def test_without_tiers_no_price_is_told_rather_than_none(asked: Callable[[], object]) -> None:
    with pytest.raises(UnknownTiers, match=r"^the (leverage|margin) tiers are not known$"):
        asked()


@pytest.mark.parametrize(("quantity", "price"), [("0", "100"), ("-1", "100"), ("1", "0")])
def test_what_is_no_position_has_no_liquidation_price(quantity: str, price: str) -> None:
    with pytest.raises(ValueError, match="no liquidation price"):
        isolated_liquidation_price(LONG, d(quantity), d(price), d("10"), BRACKETS)
    with pytest.raises(ValueError, match="no liquidation price"):
        hyperliquid_liquidation_price(LONG, d(quantity), d(price), d("10"), BRACKETS)


@given(st.sampled_from(PositionSide), amounts, prices, shares, tiers())
def test_isolated_the_bracket_search_agrees_with_brute_force(
    side: PositionSide, quantity: Decimal, price: Decimal, share: Decimal, brackets: tuple[LeverageBracket, ...]
) -> None:
    leg = Leg(side, quantity, price)
    margin = quantity * price * share
    expected = by_brute_force(leg, margin, brackets)
    assert nearly(isolated_liquidation_price(side, quantity, price, margin, brackets), expected)


@given(
    st.sampled_from(PositionSide),
    amounts,
    prices,
    st.decimals("10", "1000000", places=2),
    st.decimals("0", "10000", places=2),
    st.decimals("-20000", "20000", places=2),
    tiers(),
)
def test_cross_the_bracket_search_agrees_with_brute_force(
    side: PositionSide,
    quantity: Decimal,
    price: Decimal,
    wallet: Decimal,
    maintenance: Decimal,
    unrealized: Decimal,
    brackets: tuple[LeverageBracket, ...],
) -> None:
    balance = wallet - maintenance + unrealized
    expected = by_brute_force(Leg(side, quantity, price), balance, brackets)
    assume(expected is not None or balance > 0)
    found = cross_liquidation_price(side, quantity, price, wallet, brackets, maintenance, unrealized)
    assert nearly(found, expected)


@given(amounts, amounts, prices, prices, st.decimals("-1000", "1000000", places=2), tiers())
def test_hedged_every_price_found_is_a_turn_and_between_them_nothing_turns(
    long_quantity: Decimal,
    short_quantity: Decimal,
    long_price: Decimal,
    short_price: Decimal,
    wallet: Decimal,
    brackets: tuple[LeverageBracket, ...],
) -> None:
    legs = (Leg(LONG, long_quantity, long_price), Leg(SHORT, short_quantity, short_price))

    def safe_at(price: Decimal) -> bool:
        return is_solvent(legs, price, wallet, brackets)

    found = hedge_liquidation_prices(*legs, wallet, brackets)
    assert len(found) <= 2, "margin left is concave in the price: it is positive on one span at most"
    highest = max((*found, long_price, short_price)) * 10
    points = [highest * step / 200 for step in range(201)]
    for before, after in pairwise(points):
        turns = [price for price in found if before <= price <= after]
        if any(nearly(price, end) for price in found for end in (before, after)):
            continue  # on a grid point, where the last digit decides which side of it the turn is on
        assert (safe_at(before) is not safe_at(after)) == (len(turns) % 2 == 1)
        if len(turns) == 1:
            assert nearly(turns[0], bisected(safe_at, before, after))


@given(st.sampled_from(PositionSide), amounts, prices, st.decimals("0.01", "1", places=3), tiers())
def test_hyperliquid_by_its_formula_agrees_with_brute_force(
    side: PositionSide, size: Decimal, price: Decimal, share: Decimal, brackets: tuple[LeverageBracket, ...]
) -> None:
    value = size * price * share
    expected = by_brute_force(Leg(side, size, price), value, brackets)
    assert nearly(hyperliquid_liquidation_price(side, size, price, value, brackets), expected)


@given(st.sampled_from(PositionSide), amounts, prices, shares, shares, tiers())
def test_more_margin_never_brings_the_liquidation_price_nearer(
    side: PositionSide,
    quantity: Decimal,
    price: Decimal,
    less: Decimal,
    more: Decimal,
    brackets: tuple[LeverageBracket, ...],
) -> None:
    less, more = sorted((less, more))
    near = isolated_liquidation_price(side, quantity, price, quantity * price * less, brackets)
    far = isolated_liquidation_price(side, quantity, price, quantity * price * more, brackets)
    if near is None:
        assert far is None
    elif far is not None:
        assert side.sign * (near - far) >= -price * d("1E-20")


@given(st.sampled_from(PositionSide), amounts, prices, prices, shares, st.integers(1, 125))
def test_in_one_tier_both_venues_formulas_agree_at_any_present_price(
    side: PositionSide, size: Decimal, entry: Decimal, present: Decimal, share: Decimal, leverage: int
) -> None:
    one_tier = hyperliquid_tiers([(d("0"), leverage)])
    leg, margin = Leg(side, size, entry), size * entry * share
    worth = margin + leg.unrealized(present)
    assume(worth > 0)
    by_entry = isolated_liquidation_price(side, size, entry, margin, one_tier)
    by_present = hyperliquid_liquidation_price(side, size, present, worth, one_tier)
    if by_entry is None or by_present is None:
        assert by_entry == by_present
    else:
        assert abs(by_entry - by_present) <= max(entry, present) * d("1E-20")


@given(st.lists(st.tuples(st.integers(1, 10**8), st.integers(1, 125)), max_size=6, unique_by=lambda tier: tier[0]))
def test_maintenance_margin_never_jumps_between_tiers_built_by_the_recursion(above: list[tuple[int, int]]) -> None:
    listed = [(d("0"), 125), *((Decimal(floor), leverage) for floor, leverage in sorted(above))]
    made = hyperliquid_tiers(listed)
    for below, upper in pairwise(made):
        border = upper.notional_floor
        left = border * below.maintenance_ratio - below.cumulative
        right = border * upper.maintenance_ratio - upper.cumulative
        assert abs(left - right) <= d("1E-15")


@pytest.mark.parametrize(
    ("ours", "venues", "difference", "alert"),
    [
        ("100", "100", "0", False),
        ("100.5", "100", "0.5", False),
        ("99.49", "100", "0.51", True),
        (None, "100", "100", True),
        ("100", None, "100", True),
        ("100", "0", "100", True),
    ],
)
def test_section_14_more_than_half_a_percent_from_the_venues_own_figure_is_an_alert(
    ours: str | None, venues: str | None, difference: str, alert: bool
) -> None:
    figures = (None if ours is None else d(ours), None if venues is None else d(venues))
    assert disagreement_pct(*figures) == d(difference)
    assert disagrees(*figures) is alert


def test_two_sides_that_both_name_none_agree() -> None:
    assert disagreement_pct(None, None) is None
    assert not disagrees(None, None)
