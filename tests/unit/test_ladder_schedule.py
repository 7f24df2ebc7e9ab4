"""Levels, stops and trimming. Numbers with a section are the worked ones of the algorithms' specification."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.unit.builders import BRACKETS, LONG, SHORT, d, instrument, protection
from tests.unit.ladders import NO_COSTS, fine, ladder_params, planned, refused, request

from undertow.domain.account import MarginType
from undertow.domain.instrument import LeverageBracket
from undertow.domain.ladder import StopAnchor
from undertow.domain.market import PositionSide
from undertow.risk.limits import HARD_MAX_GROWTH, HARD_MAX_LAYERS, RiskLimits
from undertow.risk.protection import AdaptiveDistances
from undertow.strategies.ladder.clearance import liquidation_price
from undertow.strategies.ladder.levels import distance_pct
from undertow.strategies.ladder.params import Shape

GROWTH = d("1.8")


def published_distances(first_step: str, layers: int) -> list[Decimal]:
    """As published: c_k = first_step * k^1.2, the first layer not at the signal but a step away."""
    return [d(first_step) * Decimal(k) ** d("1.2") for k in range(1, layers + 1)]


def weights(layers: int) -> list[Decimal]:
    return [GROWTH**k for k in range(layers)]


def average_distance(distances: list[Decimal]) -> Decimal:
    sizes = weights(len(distances))
    return sum((w * c for w, c in zip(sizes, distances, strict=True)), d("0")) / sum(sizes)


def rounded(values: list[Decimal], to: str = "0.01") -> list[Decimal]:
    return [value.quantize(d(to)) for value in values]


# The published ladder (section 3), and ours beside it.


def test_section_3_the_published_distances_of_ten_layers() -> None:
    expected = "0.10 0.23 0.37 0.53 0.69 0.86 1.03 1.21 1.40 1.58"
    assert rounded(published_distances("0.1", 10)) == [d(text) for text in expected.split()]
    # The specification shows the last one as 1.59: it is 1.5849 exactly.
    assert abs(published_distances("0.1", 10)[-1] - d("1.59")) < d("0.006")


def test_section_3_our_distances_are_the_published_ones_a_layer_later() -> None:
    shape = Shape(first_step_pct=d("0.1"))
    ours = [distance_pct(number, shape, d("0.5")) for number in range(1, 12)]
    assert ours == [0, *published_distances("0.1", 10)]


@pytest.mark.parametrize(("layers", "total", "average"), [(10, "445.1", "1.36"), (5, "22.4", "0.54")])
def test_section_3_total_weight_and_average_distance(layers: int, total: str, average: str) -> None:
    assert sum(weights(layers)).quantize(d("0.1")) == d(total)
    assert average_distance(published_distances("0.1", layers)).quantize(d("0.01")) == d(average)


def test_section_3_ten_layers_are_twenty_times_the_size_of_five() -> None:
    assert round(sum(weights(10)) / sum(weights(5))) == 20


def test_section_3_our_ten_layers_weigh_as_much_as_the_published() -> None:
    made = planned(request(ladder_params({"first_step_pct": d("0.1"), "max_layers": 10})))
    assert len(made.layers) == 10
    first = made.layer(1).quantity
    assert (sum(layer.quantity for layer in made.layers) / first).quantize(d("0.1")) == d("445.1")


def test_section_3_with_a_first_step_of_0_4_and_a_stop_of_2_percent_layers_4_to_10_lie_beyond_the_stop() -> None:
    published = published_distances("0.4", 10)
    assert [k for k, distance in enumerate(published, start=1) if distance > 2] == [4, 5, 6, 7, 8, 9, 10]
    made = planned(request(ladder_params({"max_layers": 10})))
    # Ours begin at the signal, so one more of them fits, and the others are left out.
    assert [layer.number for layer in made.layers] == [1, 2, 3, 4]
    assert made.wanted_layers == 10


def test_section_3_the_published_risk_of_1534_is_not_the_5_2_that_can_be_executed() -> None:
    published, sizes = published_distances("0.4", 10), weights(10)
    assert round(sum(sizes) * abs(average_distance(published) - 2)) == 1534
    executable = sum(w * (2 - c) for w, c in zip(sizes, published, strict=True) if c < 2)
    assert executable.quantize(d("0.1")) == d("5.2")


def test_section_3_our_reserve_counts_the_layers_that_can_be_executed_and_no_other() -> None:
    made = planned(request(ladder_params({"max_layers": 10}), limits=NO_COSTS))
    distances = [d("0"), *published_distances("0.4", 3)]
    expected = sum(w * (2 - c) for w, c in zip(weights(4), distances, strict=True))
    assert (made.reserve / made.layer(1).quantity).quantize(d("0.001")) == expected.quantize(d("0.001"))


def test_section_3_distances_widen_with_the_atr_above_its_reference_and_never_narrow_below() -> None:
    shape = Shape(first_step_pct=d("0.1"))
    assert distance_pct(2, shape, d("3")) == d("0.3")
    assert distance_pct(2, shape, d("1")) == distance_pct(2, shape, d("0.01")) == d("0.1")


# The anchor of the stop (section 7.2), and the loss at it (section 8).


def test_section_7_2_the_published_reserve_of_284_is_not_the_loss_of_878() -> None:
    distances, total = published_distances("0.1", 10), sum(weights(10))
    average = average_distance(distances)
    assert round(total * (2 - average)) == 284
    assert round(total * (100 - average) * d("0.02")) == 878
    assert (d("878") / 284).quantize(d("0.1")) == d("3.1")


def test_section_7_2_each_anchor_reserves_what_is_lost_by_it() -> None:
    shape = {"first_step_pct": d("0.1"), "max_layers": 10}
    frozen = planned(request(ladder_params(shape), limits=NO_COSTS))
    following = planned(request(ladder_params(shape, anchor=StopAnchor.AVERAGE), limits=NO_COSTS))
    distances, sizes = [d("0"), *published_distances("0.1", 9)], weights(10)
    by_signal = sum(w * (2 - c) for w, c in zip(sizes, distances, strict=True))
    by_average = sum(w * (100 - c) for w, c in zip(sizes, distances, strict=True)) * d("0.02")
    assert abs(frozen.reserve / frozen.layer(1).quantity - by_signal) < d("0.01")
    assert abs(following.reserve / following.layer(1).quantity - by_average) < d("0.01")
    assert following.reserve / frozen.reserve > 2


def test_section_8_a_layer_loses_the_way_to_the_stop_both_fees_and_the_slippage() -> None:
    limits = RiskLimits(taker_fee_pct=d("0.05"), stop_slippage_pct=d("0.2"))
    made = planned(request(ladder_params({"max_layers": 1}), limits=limits))
    # 0.1 units from 100 to 98: 0.2, fees of 0.05 % on 10 and on 9.8, slippage of 0.2 % on 9.8.
    assert made.reserve == d("0.2") + d("0.005") + d("0.0049") + d("0.0196")


def test_a_short_is_reserved_as_if_it_filled_at_its_first_stop_when_the_stop_follows_the_average() -> None:
    """A short that fills better fills higher, and a stop at a share of its price then lies further away."""
    params = ladder_params({"max_layers": 1}, anchor=StopAnchor.AVERAGE)
    made = planned(request(params, side=SHORT, limits=NO_COSTS))
    assert made.stop_price == 102
    assert made.reserve.quantize(d("0.00001")) == (made.layer(1).quantity * d("102") * d("0.02")).quantize(d("0.00001"))


@pytest.mark.parametrize(("side", "stop"), [(LONG, "97.7"), (SHORT, "101.8")])
def test_a_stop_is_rounded_away_from_the_market_and_reserved_so(side: PositionSide, stop: str) -> None:
    of = request(ladder_params({"max_layers": 1}), side=side, signal_price=d("99.79"), limits=NO_COSTS)
    made = planned(replace(of, instrument=fine(tick_size=d("0.1"), min_price=d("0.1"))))
    assert made.stop_price == d(stop)
    assert made.reserve == made.layer(1).quantity * abs(d("99.79") - d(stop))


def test_adaptive_distances_follow_the_atr_within_their_bounds_and_are_frozen() -> None:
    params = ladder_params(protection=protection(adaptive=AdaptiveDistances()))
    usual, calm, wild = (planned(request(params, atr_pct=d(atr))) for atr in ("1.2", "0.01", "9"))
    assert (usual.stop_loss_pct, usual.take_profit_pct) == (d("2.4"), d("1.8"))
    assert (calm.stop_loss_pct, calm.take_profit_pct) == (d("1"), d("0.5"))
    assert (wild.stop_loss_pct, wild.take_profit_pct) == (d("5"), d("5"))
    assert usual.stop_price == d("97.6")
    assert usual.atr_pct == d("1.2")


# What there can be no ladder from.


def test_a_target_below_the_costs_of_the_round_trip_is_refused() -> None:
    params = ladder_params(protection=protection(take_profit_pct=d("0.1")))
    assert planned(request(params, spread_pct=d("0.02"))).take_profit_pct == d("0.1")
    refusal = refused(request(params, spread_pct=d("0.02"), funding_pct=d("0.01")))
    assert refusal.gate == "target_below_costs"
    assert refusal.thresholds == {"costs_pct": "0.11"}


def test_without_tiers_or_a_smallest_order_there_is_no_ladder() -> None:
    for unknown in (fine(brackets=()), fine(min_notional=d("0")), fine(lot_size=d("0")), fine(tick_size=d("0"))):
        assert refused(request(instrument=unknown)).gate == "missing_limits"


@pytest.mark.parametrize("base", ["0", "-3"])
def test_without_a_balance_there_is_no_ladder(base: str) -> None:
    assert refused(request(base=d(base))).gate == "sizing_base"


def test_a_gap_wider_than_the_stop_leaves_no_level() -> None:
    refusal = refused(request(ladder_params({"min_gap_pct": d("2")})))
    assert refusal.gate == "levels"


@pytest.mark.parametrize("side", list(PositionSide))
def test_a_step_beyond_all_prices_leaves_layer_1_alone(side: PositionSide) -> None:
    made = planned(request(ladder_params({"first_step_pct": d("20"), "spacing_power": d("3")}), side=side))
    assert [layer.number for layer in made.layers] == [1]


def test_levels_that_fall_on_one_tick_are_one_level() -> None:
    coarse = fine(tick_size=d("1"), min_price=d("1"))
    params = ladder_params({"first_step_pct": d("0.9"), "spacing_power": d("1")})
    made = planned(request(params, instrument=coarse, side=SHORT))
    assert [layer.price for layer in made.layers] == [100, 101]
    touching = ladder_params({"first_step_pct": d("0.1"), "spacing_power": d("1")})
    made = planned(request(touching, instrument=coarse))
    assert [layer.price for layer in made.layers] == [100, 99]


def test_settings_beyond_the_hard_caps_are_held_to_them() -> None:
    shape = {"max_layers": 25, "growth": d("9"), "first_step_pct": d("0.01"), "layer1_size_pct": d("0.00001")}
    made = planned(request(ladder_params(shape)))
    assert len(made.layers) <= HARD_MAX_LAYERS
    assert made.growth == HARD_MAX_GROWTH
    flat = planned(request(ladder_params({**shape, "growth": d("1"), "layer1_size_pct": d("0.1")})))
    assert len(flat.layers) == HARD_MAX_LAYERS


# Liquidation-aware trimming (sections 3 and 14).


def test_layers_that_bring_the_liquidation_price_too_near_to_the_stop_are_left_out() -> None:
    roomy = fine(brackets=BRACKETS)
    shape = {"margin_pct": d("100"), "layer1_size_pct": d("6"), "first_step_pct": d("0.1"), "growth": d("2")}
    params = ladder_params(shape, margin_type=MarginType.CROSS, leverage=20)
    made = planned(request(params, instrument=roomy, base=d("10000")))
    assert 2 <= len(made.layers) < 5
    assert made.growth == 2
    quantity = sum(layer.quantity for layer in made.layers)
    cost = sum(layer.notional for layer in made.layers)
    liquidation = liquidation_price(quantity, cost / quantity, request(params, instrument=roomy))
    assert liquidation is None or made.stop_price - liquidation >= d("0.2") * (100 - liquidation)


def test_before_a_ladder_is_left_with_one_layer_its_second_grows_less() -> None:
    shape = {"margin_pct": d("100"), "layer1_size_pct": d("55"), "growth": d("5"), "max_layers": 2}
    params = ladder_params(shape, margin_type=MarginType.CROSS, leverage=20)
    made = planned(request(params, instrument=fine()))
    assert len(made.layers) == 2
    assert 1 < made.growth < 5
    assert made.wanted_growth == 5
    harder = {**shape, "layer1_size_pct": d("110")}
    alone = planned(request(replace(params, shape=Shape(**harder)), instrument=fine()))
    assert len(alone.layers) == 1


def test_a_position_that_would_be_liquidated_beside_its_stop_is_refused() -> None:
    """At 40 times an isolated long from 100 is liquidated at about 98: where its stop would stand."""
    refusal = refused(request(ladder_params(leverage=40)))
    assert refusal.gate == "liquidation_distance"
    assert refusal.inputs["stop"] == "98"
    assert d(refusal.inputs["liquidation"]).quantize(d("0.01")) == d("97.99")
    assert refusal.thresholds == {"liquidation_buffer_pct": "20"}


def test_section_14_the_liquidation_price_is_that_of_the_venues_tier() -> None:
    """0.1 BTC from 95,000, isolated at ten times, a tier with 1 % maintenance: 86,363.64, and a short 103,465.35."""
    tier = LeverageBracket(1, 50, d("0"), d("150000"), d("0.01"), d("0"))
    of = request(signal_price=d("95000"), instrument=instrument(brackets=(tier,)))
    long = liquidation_price(d("0.1"), d("95000"), of)
    short = liquidation_price(d("0.1"), d("95000"), replace(of, side=SHORT))
    assert long is not None
    assert short is not None
    assert (long.quantize(d("0.01")), short.quantize(d("0.01"))) == (d("86363.64"), d("103465.35"))
