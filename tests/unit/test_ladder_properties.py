"""What holds of every plan, whatever the settings, the symbol's rules, the balance and the way it fills."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.unit.builders import BRACKETS, NOW_MS, d, instrument, position, protection
from tests.unit.ladders import LADDER, ladder_params, request

from undertow.domain.account import MarginType
from undertow.domain.ids import AccountId, LiquidationId, StrategyId
from undertow.domain.ladder import Ladder, LadderPlan, StopAnchor
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO
from undertow.risk.approval import Refusal
from undertow.risk.limits import HARD_MAX_GROWTH, HARD_MAX_LAYERS, RiskLimits
from undertow.risk.liquidation import Leg, cross_liquidation_price, is_solvent, isolated_liquidation_price
from undertow.risk.protection import AdaptiveDistances, ProtectionParams, wanted_stop
from undertow.strategies.ladder.levels import distance_pct, levels_of
from undertow.strategies.ladder.params import LadderParams, Shape
from undertow.strategies.ladder.schedule import PlanRequest, plan
from undertow.strategies.ladder.sizing import first_quantity, risk_of

TICKS = (d("0.0001"), d("0.01"), d("0.1"))
LOTS = (d("0.001"), d("0.1"), d("1"))


def amounts(low: str, high: str, places: int = 2) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=places)


@st.composite
def protections(draw: st.DrawFn) -> ProtectionParams:
    if draw(st.booleans()):
        return protection(adaptive=AdaptiveDistances())
    return protection(stop_loss_pct=draw(amounts("0.5", "8")), take_profit_pct=draw(amounts("0.3", "8")))


@st.composite
def settings_of_ladders(draw: st.DrawFn) -> LadderParams:
    return ladder_params(
        shape={
            "margin_pct": draw(amounts("1", "50")),
            "layer1_size_pct": draw(amounts("0.1", "5")),
            "first_step_pct": draw(amounts("0.02", "1")),
            "spacing_power": draw(amounts("1", "2")),
            "growth": draw(amounts("1", "3")),
            "max_layers": draw(st.integers(1, 25)),
            "max_upsize": draw(amounts("1", "20")),
            "min_gap_pct": draw(amounts("0", "0.3")),
            "liquidation_buffer_pct": draw(amounts("1", "40")),
        },
        leverage=draw(st.integers(1, 12)),
        margin_type=draw(st.sampled_from(MarginType)),
        anchor=draw(st.sampled_from(StopAnchor)),
        max_total_deviation_pct=draw(amounts("0.1", "1")),
        protection=draw(protections()),
    )


@st.composite
def requests(draw: st.DrawFn, least: str = "300", most: str = "200000") -> PlanRequest:
    tick, lot = draw(st.sampled_from(TICKS)), draw(st.sampled_from(LOTS))
    return request(
        draw(settings_of_ladders()),
        side=draw(st.sampled_from(PositionSide)),
        signal_price=tick * draw(st.integers(200, 100_000)),
        atr_pct=draw(amounts("0.05", "4")),
        instrument=instrument(tick_size=tick, min_price=tick, lot_size=lot, min_quantity=lot, max_quantity=lot * 10**7),
        base=draw(amounts(least, most)),
        limits=RiskLimits(taker_fee_pct=draw(amounts("0", "0.1", 3)), stop_slippage_pct=draw(amounts("0", "1"))),
    )


@st.composite
def laid(draw: st.DrawFn, anchors: st.SearchStrategy[StopAnchor] | None = None) -> tuple[PlanRequest, LadderPlan]:
    of = draw(requests())
    if anchors is not None:
        of = replace(of, params=replace(of.params, anchor=draw(anchors)))
    made = plan(of)
    assume(isinstance(made, LadderPlan))
    assert isinstance(made, LadderPlan)
    return of, made


Fills = list[tuple[Decimal, Decimal]]


@st.composite
def filled(draw: st.DrawFn, anchor: StopAnchor) -> tuple[PlanRequest, LadderPlan, Fills]:
    """Layers in their order, each wholly or in part, at its level or anywhere better before the first stop."""
    of, made = draw(laid(st.just(anchor)))
    taken: Fills = []
    for layer in made.layers[: draw(st.integers(1, len(made.layers)))]:
        lots = draw(st.integers(1, int(layer.quantity / of.instrument.lot_size)))
        share = draw(st.one_of(st.just(ZERO), amounts("0", "0.999", 3)))
        worst = of.signal_price if layer.number == 1 else layer.price
        price = worst + (made.stop_price - worst) * share
        taken.append((lots * of.instrument.lot_size, price))
    return of, made, taken


def loss(of: PlanRequest, taken: Fills, stop: Decimal) -> Decimal:
    """Section 8, with the fee of each entry as well: nothing of it is shared with what is tested."""
    fee, slip = of.limits.taker_fee_pct / 100, of.limits.stop_slippage_pct / 100
    return sum(
        (quantity * (of.side.sign * (price - stop) + fee * price + (fee + slip) * stop) for quantity, price in taken),
        ZERO,
    )


def stop_of(of: PlanRequest, made: LadderPlan, taken: Fills) -> Decimal:
    """Where protection would hold the stop of the position that these fills make."""
    quantity = sum((one for one, _ in taken), ZERO)
    cost = sum((one * price for one, price in taken), ZERO)
    opened = position(side=of.side, quantity=quantity, entry_price=cost / quantity, strategy=LADDER)
    return wanted_stop(opened, Ladder(made), of.params.protection, of.instrument)


@given(filled(StopAnchor.SIGNAL))
def test_the_reserve_bounds_the_loss_at_a_frozen_stop_however_the_layers_fill(
    case: tuple[PlanRequest, LadderPlan, Fills],
) -> None:
    of, made, taken = case
    assert loss(of, taken, stop_of(of, made, taken)) <= made.reserve


@given(filled(StopAnchor.AVERAGE))
def test_the_reserve_bounds_the_loss_at_a_stop_that_follows_the_average_however_the_layers_fill(
    case: tuple[PlanRequest, LadderPlan, Fills],
) -> None:
    of, made, taken = case
    assert loss(of, taken, stop_of(of, made, taken)) <= made.reserve


@given(st.one_of(filled(StopAnchor.SIGNAL), filled(StopAnchor.AVERAGE)))
def test_what_filled_loses_no_more_than_the_layers_it_filled_had_reserved(
    case: tuple[PlanRequest, LadderPlan, Fills],
) -> None:
    """So the shares that unfilled layers give back can go back at once."""
    of, made, taken = case
    both = zip(made.layers, taken, strict=False)
    held = sum((layer.risk * quantity / layer.quantity for layer, (quantity, _) in both), ZERO)
    assert loss(of, taken, stop_of(of, made, taken)) <= held + d("1E-18")


@given(laid())
def test_the_risk_of_the_layers_is_the_reserve(case: tuple[PlanRequest, LadderPlan]) -> None:
    _, made = case
    assert made.reserve == sum((layer.risk for layer in made.layers), ZERO)
    assert all(layer.risk > 0 for layer in made.layers)


@given(laid(st.just(StopAnchor.SIGNAL)))
def test_with_a_frozen_stop_a_layer_reserves_exactly_what_it_loses_there(
    case: tuple[PlanRequest, LadderPlan],
) -> None:
    of, made = case
    for layer in made.layers:
        assert abs(layer.risk - max(ZERO, loss(of, [(layer.quantity, layer.price)], made.stop_price))) < d("1E-15")


@given(laid(st.just(StopAnchor.AVERAGE)))
def test_a_stop_that_follows_the_average_never_reserves_less_than_its_distance(
    case: tuple[PlanRequest, LadderPlan],
) -> None:
    _, made = case
    for layer in made.layers:
        assert layer.risk >= layer.notional * made.stop_loss_pct / 100


@given(laid())
def test_neither_the_venues_minimum_nor_rounding_makes_a_ladder_risk_more_than_wanted(
    case: tuple[PlanRequest, LadderPlan],
) -> None:
    of, made = case
    wanted = first_quantity(of.base, of.signal_price, of.params.leverage, of.params.shape)
    growth = min(of.params.shape.growth, HARD_MAX_GROWTH)
    assert made.reserve <= risk_of([level.unit_risk for level in levels_of(of)], wanted, growth)


@given(laid())
def test_growth_lies_between_none_and_the_wanted(case: tuple[PlanRequest, LadderPlan]) -> None:
    of, made = case
    assert 1 <= made.growth <= made.wanted_growth == of.params.shape.growth


@given(laid())
def test_quantities_are_whole_lots(case: tuple[PlanRequest, LadderPlan]) -> None:
    of, made = case
    assert all(layer.quantity % of.instrument.lot_size == 0 for layer in made.layers)


@given(laid())
def test_every_layer_is_large_enough_for_the_venue_at_its_own_price(case: tuple[PlanRequest, LadderPlan]) -> None:
    of, made = case
    for layer in made.layers:
        assert of.instrument.min_quantity <= layer.quantity <= of.instrument.max_quantity
        assert layer.notional >= of.instrument.min_notional
    assert made.layer(1).quantity * made.signal_price >= of.instrument.min_notional


@given(laid())
def test_a_layer_is_never_smaller_than_the_one_before(case: tuple[PlanRequest, LadderPlan]) -> None:
    quantities = [layer.quantity for layer in case[1].layers]
    assert quantities == sorted(quantities)


@given(laid())
def test_no_layer_is_larger_than_growth_allows(case: tuple[PlanRequest, LadderPlan]) -> None:
    """Rounding goes down only. A first layer that was lifted stands at a whole lot already."""
    of, made = case
    wanted = first_quantity(of.base, of.signal_price, of.params.leverage, of.params.shape)
    first = max(wanted, made.layer(1).quantity)
    for layer in made.layers:
        assert layer.quantity <= first * made.growth ** (layer.number - 1) * (1 + d("1E-20"))


@given(laid())
def test_levels_go_ever_further_from_the_signal(case: tuple[PlanRequest, LadderPlan]) -> None:
    of, made = case
    prices = [made.signal_price, *(layer.price for layer in made.layers[1:])]
    assert all(of.side.sign * (near - far) > 0 for near, far in pairwise(prices))


@given(laid())
def test_every_level_lies_before_the_stop_with_the_gap_between(case: tuple[PlanRequest, LadderPlan]) -> None:
    of, made = case
    gap = of.signal_price * of.params.shape.min_gap_pct / 100
    assert all(of.side.sign * (layer.price - made.stop_price) > gap for layer in made.layers[1:])
    assert of.side.sign * (made.signal_price - made.stop_price) > gap


@given(laid())
def test_levels_are_on_the_grid_and_at_most_a_tick_beyond_their_distance(
    case: tuple[PlanRequest, LadderPlan],
) -> None:
    of, made = case
    for layer in made.layers[1:]:
        exact = of.signal_price * (1 - of.side.sign * distance_pct(layer.number, of.params.shape, of.atr_pct) / 100)
        assert layer.price % of.instrument.tick_size == 0
        assert 0 <= of.side.sign * (exact - layer.price) < of.instrument.tick_size


@given(laid())
def test_the_stop_is_on_the_grid_at_its_distance_and_at_most_a_tick_wider(
    case: tuple[PlanRequest, LadderPlan],
) -> None:
    of, made = case
    exact = of.signal_price * (1 - of.side.sign * made.stop_loss_pct / 100)
    assert made.stop_price % of.instrument.tick_size == 0
    assert 0 <= of.side.sign * (exact - made.stop_price) < of.instrument.tick_size


@given(laid())
def test_layer_1_is_reserved_at_the_price_of_the_signal(case: tuple[PlanRequest, LadderPlan]) -> None:
    of, made = case
    assert made.layer(1).price == made.signal_price == of.signal_price


@given(requests())
def test_the_same_request_makes_the_same_plan(of: PlanRequest) -> None:
    assert plan(of) == plan(replace(of))


@given(laid())
def test_a_ladder_has_no_more_layers_than_wanted_and_never_more_than_the_hard_cap(
    case: tuple[PlanRequest, LadderPlan],
) -> None:
    _, made = case
    assert 1 <= len(made.layers) <= min(made.wanted_layers, HARD_MAX_LAYERS)
    assert [layer.number for layer in made.layers] == list(range(1, len(made.layers) + 1))


@given(laid(), st.integers(0, 2))
def test_plans_of_different_causes_have_different_ids(case: tuple[PlanRequest, LadderPlan], which: int) -> None:
    of, made = case
    others = (
        replace(of, account=AccountId("x")),
        replace(of, strategy=StrategyId("x")),
        replace(of, cause=LiquidationId("x")),
    )
    other = plan(others[which])
    assert isinstance(other, LadderPlan)
    assert other.id != made.id
    assert other.layers == made.layers


@st.composite
def too_poor(draw: st.DrawFn) -> tuple[PlanRequest, Decimal]:
    """A request whose balance is too small, and the balance that the refusal names."""
    of = draw(requests("1", "2000"))
    made = plan(of)
    assume(isinstance(made, Refusal) and made.gate == "minimum_size_risk")
    assert isinstance(made, Refusal)
    return of, d(made.inputs["balance_needed"])


def size_refused(of: PlanRequest) -> bool:
    made = plan(of)
    return isinstance(made, Refusal) and made.gate == "minimum_size_risk"


@given(too_poor())
def test_with_the_balance_that_a_refusal_names_there_is_a_ladder(case: tuple[PlanRequest, Decimal]) -> None:
    of, needed = case
    assert needed > of.base
    made = plan(replace(of, base=needed))
    assert isinstance(made, LadderPlan) or made.gate == "liquidation_distance"


@given(too_poor(), amounts("0", "1", 3))
def test_with_less_than_the_balance_that_a_refusal_names_there_is_none(
    case: tuple[PlanRequest, Decimal], share: Decimal
) -> None:
    of, needed = case
    less = needed - d("0.05")
    assume(less >= of.base)
    assert size_refused(replace(of, base=of.base + (less - of.base) * share))


@given(laid())
def test_the_liquidation_price_keeps_its_distance_from_the_stop_after_every_layer(
    case: tuple[PlanRequest, LadderPlan],
) -> None:
    of, made = case
    quantity = cost = ZERO
    for layer in made.layers:
        quantity, cost = quantity + layer.quantity, cost + layer.notional
        average = cost / quantity
        if of.params.margin_type is MarginType.ISOLATED:
            margin = cost / of.params.leverage
            liquidation = isolated_liquidation_price(of.side, quantity, average, margin, BRACKETS)
        else:
            liquidation = cross_liquidation_price(of.side, quantity, average, of.base, BRACKETS)
        if liquidation is None:
            continue
        stop = stop_of(of, made, [(quantity, average)])
        buffer = of.params.shape.liquidation_buffer_pct / 100 * abs(of.signal_price - liquidation)
        assert of.side.sign * (stop - liquidation) >= buffer


@given(laid())
def test_the_whole_position_is_still_solvent_at_its_stop(case: tuple[PlanRequest, LadderPlan]) -> None:
    of, made = case
    taken = [(layer.quantity, layer.price) for layer in made.layers]
    quantity, cost = sum((one for one, _ in taken), ZERO), sum((one * price for one, price in taken), ZERO)
    margin = cost / of.params.leverage if of.params.margin_type is MarginType.ISOLATED else of.base
    assert is_solvent([Leg(of.side, quantity, cost / quantity)], stop_of(of, made, taken), margin, BRACKETS)


@given(requests(), st.integers(0, 3))
def test_an_unknown_rule_of_the_symbol_refuses_every_ladder(of: PlanRequest, which: int) -> None:
    unknown = (
        replace(of.instrument, brackets=()),
        replace(of.instrument, lot_size=ZERO),
        replace(of.instrument, tick_size=ZERO),
        replace(of.instrument, min_notional=ZERO),
    )
    made = plan(replace(of, instrument=unknown[which]))
    assert isinstance(made, Refusal)
    assert made.gate == "missing_limits"


@given(laid())
def test_a_target_always_earns_the_round_trip(case: tuple[PlanRequest, LadderPlan]) -> None:
    of, made = case
    assert made.take_profit_pct >= 2 * of.limits.taker_fee_pct + of.spread_pct + of.funding_pct


@given(amounts("0.001", "30", 3))
def test_adaptive_distances_stay_between_their_bounds(atr_pct: Decimal) -> None:
    of = request(ladder_params(protection=protection(adaptive=AdaptiveDistances())), atr_pct=atr_pct)
    assert 1 <= of.stop_loss_pct <= 5
    assert d("0.5") <= of.take_profit_pct <= 5


@given(amounts("0.01", "10"), amounts("0.01", "10"), st.integers(2, 20))
def test_a_wilder_market_never_brings_a_level_nearer(one: Decimal, other: Decimal, number: int) -> None:
    calm, wild = sorted((one, other))
    assert distance_pct(number, Shape(), calm) <= distance_pct(number, Shape(), wild)


@given(laid(), amounts("0", "0.1", 3), amounts("0", "1"))
def test_dearer_costs_never_lower_what_a_unit_risks(
    case: tuple[PlanRequest, LadderPlan], fee: Decimal, slip: Decimal
) -> None:
    of, _ = case
    dearer = RiskLimits(
        taker_fee_pct=of.limits.taker_fee_pct + fee, stop_slippage_pct=of.limits.stop_slippage_pct + slip
    )
    cheap, dear = levels_of(of), levels_of(replace(of, limits=dearer))
    assert [level.price for level in cheap] == [level.price for level in dear]
    assert all(less.unit_risk <= more.unit_risk for less, more in zip(cheap, dear, strict=True))


@given(laid())
def test_a_frozen_stop_never_reserves_more_than_one_that_follows_the_average(
    case: tuple[PlanRequest, LadderPlan],
) -> None:
    """Deeper layers lie nearer to a frozen stop; one that follows keeps its whole distance from each."""
    of, _ = case
    frozen, following = (levels_of(replace(of, params=replace(of.params, anchor=anchor))) for anchor in StopAnchor)
    assert all(one.unit_risk <= other.unit_risk for one, other in zip(frozen, following, strict=True))


@given(requests())
def test_a_request_is_either_planned_or_refused_with_a_gate_and_a_reason(of: PlanRequest) -> None:
    made = plan(of)
    if isinstance(made, Refusal):
        assert made.gate in ("minimum_size_risk", "liquidation_distance", "target_below_costs", "levels")
        assert made.reason
    else:
        assert made.created_at_ms == NOW_MS
        assert made.sizing_base == of.base
