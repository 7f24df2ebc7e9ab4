"""Sizes: the formula, the venue's minimum, and growth that gives way. Sections are of the algorithms' specification."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.unit.builders import SHORT, d, instrument, protection
from tests.unit.ladders import NO_COSTS, fine, ladder_params, planned, refused, request

from undertow.strategies.ladder.params import Shape
from undertow.strategies.ladder.sizing import first_quantity, largest_growth, risk_of

GROWTH = d("1.8")
PRICE = d("100")


def equal(layers: int) -> list[Decimal]:
    """Layers that all risk the same per unit: their risk is the quantity, which the published version keeps."""
    return [d("1")] * layers


@pytest.mark.parametrize(("leverage", "balance"), [(1, "50000"), (10, "5000")])
def test_section_1_five_dollars_need_a_balance_of_50000_or_of_5000_at_ten_times(leverage: int, balance: str) -> None:
    assert first_quantity(d(balance), PRICE, leverage, Shape()) * PRICE == 5


def test_section_1_a_tenth_of_a_percent_meets_five_dollars_when_margin_is_500_at_ten_times() -> None:
    assert first_quantity(d("500"), PRICE, 10, Shape(margin_pct=d("100"))) * PRICE == 5
    assert first_quantity(d("499"), PRICE, 10, Shape(margin_pct=d("100"))) * PRICE < 5


def test_section_1_size_and_distance_are_two_settings() -> None:
    usual, larger = (planned(request(ladder_params({"layer1_size_pct": d(size)}))) for size in ("0.1", "0.2"))
    assert larger.layer(1).quantity == 2 * usual.layer(1).quantity
    assert [layer.price for layer in larger.layers] == [layer.price for layer in usual.layers]


@pytest.mark.parametrize(
    ("upsize", "growth"), [("2", "1.644"), ("5", "1.450"), ("10", "1.309"), ("20", "1.169"), ("44.5", "1.000")]
)
def test_section_4_growth_gives_way_to_a_larger_first_layer(upsize: str, growth: str) -> None:
    cap = risk_of(equal(10), d("1"), GROWTH)
    found = largest_growth(GROWTH, lambda tried: risk_of(equal(10), d(upsize), tried) <= cap)
    assert found.quantize(d("0.001")) == d(growth)
    assert risk_of(equal(10), d(upsize), found) <= cap
    assert found == 1 or risk_of(equal(10), d(upsize), found + d("1E-8")) > cap


def test_section_4_five_layers_cannot_be_five_times_as_large() -> None:
    cap = risk_of(equal(5), d("1"), GROWTH)
    assert risk_of(equal(5), d("5"), d("1")) > cap
    assert (cap / 5).quantize(d("0.1")) == d("4.5")


def test_section_4_where_no_growth_fits_the_ladder_has_fewer_layers() -> None:
    """Layer 1 must be nearly 5 times as large: at no growth do five layers fit the risk of the wanted, fewer do."""
    of = request(ladder_params({"max_upsize": d("6"), "first_step_pct": d("0.1")}))
    wanted = planned(of)
    assert (len(wanted.layers), wanted.layer(1).quantity) == (5, d("0.1"))
    made = planned(replace(of, instrument=fine(min_quantity=d("0.47"))))
    assert made.layer(1).quantity == d("0.4935")
    assert 1 <= len(made.layers) < made.wanted_layers == 5
    assert made.reserve <= wanted.reserve * d("1.00001")


def test_section_4_risk_and_not_quantity_is_kept() -> None:
    """The published solution keeps the quantity; flatter weights move it to where a unit loses more."""
    of = request(ladder_params({"first_step_pct": d("0.1"), "max_layers": 10}), limits=NO_COSTS)
    wanted = planned(of)
    made = planned(replace(of, instrument=fine(min_quantity=d("0.19"))))
    assert made.layer(1).quantity == d("0.1995")
    assert wanted.reserve * d("0.9999") < made.reserve <= wanted.reserve * d("1.00001")
    assert sum(layer.quantity for layer in made.layers) < sum(layer.quantity for layer in wanted.layers)
    by_quantity = largest_growth(
        GROWTH, lambda tried: risk_of(equal(10), d("1.995"), tried) <= risk_of(equal(10), d("1"), GROWTH)
    )
    assert 1 < made.growth < by_quantity


def test_section_4_a_lifted_layer_gets_five_percent_and_then_a_whole_lot() -> None:
    # 5 USDT at 100 are 0.05, with 5 % 0.0525, in lots of 0.001: 0.053.
    made = planned(request(instrument=instrument(), base=d("2700")))
    assert made.layer(1).quantity == d("0.053")


def test_section_4_beyond_the_largest_upsize_the_refusal_names_the_balance_that_it_needs() -> None:
    of = request(instrument=instrument(), base=d("2649"))
    refusal = refused(of)
    assert refusal.gate == "minimum_size_risk"
    assert refusal.inputs["balance_needed"] == "2650.01"
    assert "2650.01" in refusal.reason
    assert refusal.thresholds["max_upsize"] == "2"
    assert planned(replace(of, base=d("2650.01"))).layer(1).quantity == d("0.053")


def test_section_4_a_smallest_order_beyond_the_risk_of_the_ladder_is_refused_whatever_upsize_is_allowed() -> None:
    of = request(ladder_params({"max_upsize": d("20"), "max_layers": 2}), instrument=instrument(), base=d("600"))
    refusal = refused(of)
    assert refusal.gate == "minimum_size_risk"
    assert d(refusal.inputs["risk_of_smallest"]) > d(refusal.thresholds["risk_of_wanted_ladder"])
    assert planned(replace(of, base=d(refusal.inputs["balance_needed"]))).layers


def test_a_first_layer_that_only_rounding_brings_below_the_minimum_is_lifted_to_it() -> None:
    coarse = instrument(lot_size=d("0.1"), min_quantity=d("0.1"), min_notional=d("15"))
    # 0.18 wanted; rounded down 0.1 would be 10 USDT; the minimum is 0.15, with 5 % in whole lots 0.2.
    made = planned(request(ladder_params(leverage=10), instrument=coarse, base=d("18000")))
    assert made.layer(1).quantity == d("0.2")


def test_a_deeper_layer_that_is_worth_too_little_at_its_own_price_ends_the_ladder() -> None:
    """Flat sizes just above the minimum at the signal are below it 6 % deeper."""
    params = ladder_params(
        {"growth": d("1"), "first_step_pct": d("2"), "spacing_power": d("1")},
        protection=protection(stop_loss_pct=d("12")),
        leverage=5,
    )
    of = request(params, instrument=fine(min_notional=d("5")), base=d("10400"))
    made = planned(of)
    assert [layer.price for layer in made.layers] == [100, 98]
    mirrored = planned(replace(of, side=SHORT))
    assert len(mirrored.layers) == 5


def test_lots_are_counted_from_the_smallest_quantity() -> None:
    odd = fine(lot_size=d("0.1"), min_quantity=d("0.25"), min_notional=d("5"))
    made = planned(request(ladder_params(leverage=20, max_total_deviation_pct=d("1")), instrument=odd, base=d("9000")))
    assert made.layer(1).quantity == d("0.35")
    assert all((layer.quantity - d("0.25")) % d("0.1") == 0 for layer in made.layers)


def test_no_layer_is_larger_than_the_venues_largest_order() -> None:
    made = planned(request(instrument=fine(max_quantity=d("0.2"))))
    assert [layer.quantity for layer in made.layers] == [d("0.1"), d("0.18"), d("0.2"), d("0.2")]


def test_settings_that_size_layer_1_at_nothing_are_refused() -> None:
    assert refused(request(ladder_params({"layer1_size_pct": d("0")}))).gate == "sizing_base"


def test_a_largest_order_below_the_smallest_is_refused() -> None:
    impossible = instrument(max_quantity=d("0.04"))
    assert refused(request(instrument=impossible, base=d("2700"))).gate == "missing_limits"
