"""Liquidation prices far below one quote unit, and at the very edges of tiers, where rounding would show."""

from decimal import Decimal

import pytest
from tests.unit.builders import LONG, SHORT, d

from undertow.domain.instrument import LeverageBracket
from undertow.domain.market import PositionSide
from undertow.risk.liquidation import (
    Leg,
    hedge_liquidation_prices,
    hyperliquid_liquidation_price,
    hyperliquid_tiers,
    is_solvent,
    isolated_liquidation_price,
    maintenance_margin,
)

TIERS = hyperliquid_tiers([(d("0"), 50), (d("500"), 25), (d("1500"), 10)])


@pytest.mark.parametrize(
    ("side", "expected"),
    # 1,000 coins at 0.40 with a margin of 40 are worth 0.36 less (or more) when nothing is left but 1 % of the rest.
    [(LONG, d("360") / d("990")), (SHORT, d("440") / d("1010"))],
)
def test_a_coin_below_one_quote_unit_is_liquidated_below_one_quote_unit(side: PositionSide, expected: Decimal) -> None:
    one_percent = (LeverageBracket(1, 50, d("0"), d("1E+9"), d("0.01"), d("0")),)
    found = isolated_liquidation_price(side, d("1000"), d("0.4"), d("40"), one_percent)
    assert found is not None
    assert found == pytest.approx(expected, abs=Decimal("1E-25"))
    by_formula = hyperliquid_liquidation_price(side, d("1000"), d("0.4"), d("40"), one_percent)
    assert by_formula == pytest.approx(expected, abs=Decimal("1E-25"))


@pytest.mark.parametrize("side", PositionSide)
@pytest.mark.parametrize("border", ["500", "1500"])
def test_a_position_that_dies_exactly_where_two_tiers_meet_dies_there_by_both_formulas(
    side: PositionSide, border: str
) -> None:
    """100 coins that are worth ``border`` at the price where nothing is left: entry and margin are chosen for it."""
    quantity, at = d("100"), d(border) / 100
    entry = at * d("1.25") if side is LONG else at * d("0.75")
    margin = abs(entry - at) * quantity + maintenance_margin(d(border), TIERS)
    assert isolated_liquidation_price(side, quantity, entry, margin, TIERS) == at
    present = hyperliquid_liquidation_price(side, quantity, entry, margin, TIERS)
    assert present is not None
    assert abs(present - at) < Decimal("1E-20")


@pytest.mark.parametrize("other", ["0", "3"])
def test_what_other_positions_need_is_not_there_for_this_one(other: str) -> None:
    alone = hyperliquid_liquidation_price(LONG, d("10"), d("30"), d("60") - d(other), TIERS)
    beside = hyperliquid_liquidation_price(LONG, d("10"), d("30"), d("60"), TIERS, d(other))
    assert beside == alone is not None


def test_tiers_are_numbered_from_one_and_the_last_has_no_end_to_speak_of() -> None:
    assert [(one.bracket, one.max_leverage, one.notional_floor, one.notional_cap) for one in TIERS] == [
        (1, 50, d("0"), d("500")),
        (2, 25, d("500"), d("1500")),
        (3, 10, d("1500"), d("1E+15")),
    ]
    assert [one.maintenance_ratio for one in TIERS] == [d("0.01"), d("0.02"), d("0.05")]
    assert [one.cumulative for one in TIERS] == [d("0"), d("5"), d("50")]


def test_a_margin_that_exactly_covers_what_is_needed_is_still_solvent() -> None:
    leg = Leg(LONG, d("10"), d("30"))
    assert is_solvent((leg,), d("30"), d("3"), TIERS)
    assert not is_solvent((leg,), d("30"), d("2.999"), TIERS)


def test_what_other_positions_need_and_lose_brings_both_ends_of_a_pair_nearer() -> None:
    long, short = Leg(LONG, d("30"), d("10")), Leg(SHORT, d("10"), d("10"))
    (free,) = hedge_liquidation_prices(long, short, d("100"), TIERS)
    (bound,) = hedge_liquidation_prices(long, short, d("100"), TIERS, d("20"), d("-10"))
    assert hedge_liquidation_prices(long, short, d("70"), TIERS) == (bound,)
    assert free < bound < 10


def test_a_pair_needs_a_quantity_and_a_price_on_both_sides() -> None:
    whole, nothing = Leg(LONG, d("1"), d("10")), Leg(SHORT, d("0"), d("10"))
    with pytest.raises(ValueError, match="a position of 0 at 10 has no liquidation price"):
        hedge_liquidation_prices(whole, nothing, d("5"), TIERS)
