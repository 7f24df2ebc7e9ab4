"""The orders of a ladder: the first, each next one when it is due, and how far the first follows the price."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import ACCOUNT, BTC, LONG, NOW_MS, SHORT, d, instrument
from tests.unit.ladders import LADDER, cause, fine, held, ladder_params, planned, request, standing, wanting

from undertow.domain.ids import ClientOrderId, LiquidationId, StrategyId
from undertow.domain.ladder import Ladder
from undertow.domain.market import PositionSide
from undertow.domain.order import OrderIntent, OrderType, Purpose, TimeInForce
from undertow.risk.approval import Refusal
from undertow.strategies.ladder.entry import NextLayer, first_layer, next_layer
from undertow.strategies.ladder.params import LayerTrigger
from undertow.strategies.ladder.schedule import PlanRequest

PRICE_ALONE = ladder_params(layer_trigger=LayerTrigger.PRICE)
LIQUIDATION_ALONE = ladder_params(layer_trigger=LayerTrigger.LIQUIDATION)


def added(asked: NextLayer) -> OrderIntent:
    intent = next_layer(asked)
    assert isinstance(intent, OrderIntent), intent
    return intent


def refused(asked: NextLayer) -> Refusal:
    refusal = next_layer(asked)
    assert isinstance(refusal, Refusal), refusal
    return refusal


def tick(**changes: Any) -> Any:
    return cause(is_liquidation=False, **changes)


def test_layer_1_is_ordered_at_the_price_of_the_signal() -> None:
    of = request()
    made = planned(of)
    intent = first_layer(made, cause(), of.params, ACCOUNT, BTC)
    assert intent == OrderIntent(
        client_order_id=intent.client_order_id,
        account=ACCOUNT,
        symbol=BTC,
        position_side=LONG,
        purpose=Purpose.ENTRY,
        type=OrderType.LIMIT,
        quantity=d("0.1"),
        strategy=LADDER,
        price=d("100"),
        time_in_force=TimeInForce.GTC,
        leverage=10,
        layer=1,
        ttl_s=30,
        expires_at_ms=NOW_MS - 50 + 5_000,
        ladder=made.id,
        risk=made.layer(1).risk,
    )


def test_the_same_cause_makes_the_same_order_and_another_cause_another() -> None:
    of = request()
    made = planned(of)
    once, again, later = (
        first_layer(made, cause(id=LiquidationId(name)), of.params, ACCOUNT, BTC) for name in ("a", "a", "b")
    )
    assert once == again
    assert once.client_order_id != later.client_order_id


def test_the_next_layer_is_ordered_as_planned_when_a_liquidation_meets_its_level() -> None:
    asked = wanting(request(), d("99.5"))
    layer = asked.ladder.plan.layer(2)
    intent = added(asked)
    assert (intent.layer, intent.quantity, intent.risk) == (2, layer.quantity, layer.risk)
    assert (intent.ladder, intent.leverage, intent.position_side) == (asked.ladder.plan.id, 10, LONG)
    assert intent.price == d("99.5")


def test_after_the_second_comes_the_third() -> None:
    assert added(wanting(request(), d("99"), filled=2)).layer == 3


@pytest.mark.parametrize(("side", "price"), [(LONG, "99.601"), (SHORT, "100.399")])
@pytest.mark.parametrize("params", [ladder_params(), PRICE_ALONE])
def test_section_3_no_layer_is_added_before_the_price_is_at_its_level(
    params: Any, side: PositionSide, price: str
) -> None:
    refusal = refused(wanting(request(params, side=side), d(price)))
    assert refusal.gate == "price_not_reached"
    assert refusal.thresholds["level"] == ("99.6" if side is LONG else "100.4")


def test_a_liquidation_alone_adds_a_layer_that_waits_at_its_level() -> None:
    early = added(wanting(request(LIQUIDATION_ALONE), d("99.9")))
    assert early.price == d("99.6")
    late = added(wanting(request(LIQUIDATION_ALONE), d("99.3")))
    assert late.price == d("99.3")


@pytest.mark.parametrize("params", [ladder_params(), LIQUIDATION_ALONE])
def test_a_price_alone_adds_a_layer_only_where_the_settings_say_so(params: Any) -> None:
    assert refused(wanting(request(params), d("99.5"), cause=tick())).gate == "layer_trigger"
    assert added(wanting(request(PRICE_ALONE), d("99.5"), cause=tick())).price == d("99.6")


def test_a_post_only_layer_of_a_price_waits_beside_the_market_and_not_across_it() -> None:
    params = replace(PRICE_ALONE, time_in_force=TimeInForce.GTX)
    assert added(wanting(request(params), d("99.5"), cause=tick())).price == d("99.5")


def test_a_layer_far_below_its_level_is_never_ordered_below_the_venues_minimum() -> None:
    """0.053 at 98.1 would be 5.1993 USDT; with a minimum of 5.2 it goes at its level, where it is worth more."""
    of = request(ladder_params({"growth": d("1")}), instrument=instrument(min_notional=d("5.2")), base=d("5300"))
    asked = wanting(of, d("98.1"))
    assert asked.ladder.plan.layer(2).quantity == d("0.053")
    intent = added(asked)
    assert (intent.price, intent.notional) == (d("99.6"), d("5.2788"))


def test_a_layer_waits_until_the_delay_after_the_one_before_is_over() -> None:
    asked = wanting(request(), d("99.5"))
    just_now = replace(asked, ladder=replace(asked.ladder, last_layer_at_ms=NOW_MS - 29_999))
    refusal = refused(just_now)
    assert refusal.gate == "layer_delay"
    assert (refusal.inputs["waited_ms"], refusal.thresholds["layer_delay_s"]) == ("29999", "30")
    added(replace(just_now, now_ms=NOW_MS + 1))


def test_no_layer_is_stacked_on_one_that_has_not_filled() -> None:
    asked = wanting(request(), d("99"))
    pending = asked.ladder.claimed(2, ClientOrderId("ut-e-2"), NOW_MS - 60_000)
    assert refused(replace(asked, ladder=pending)).gate == "layer_pending"
    partly = pending.filled_by(2, ClientOrderId("ut-e-2"), d("0.00000001"))
    assert added(replace(asked, ladder=partly)).layer == 3
    ended = pending.ended_unfilled(2, ClientOrderId("ut-e-2"))
    assert added(replace(asked, ladder=ended)).layer == 2


def test_a_layer_that_ended_unfilled_is_tried_again_under_another_id_for_another_cause() -> None:
    asked = wanting(request(), d("99.5"))
    again = replace(asked, cause=cause(id=LiquidationId("liq3")))
    assert added(asked).client_order_id == added(asked).client_order_id
    assert added(asked).client_order_id != added(again).client_order_id


def test_when_all_layers_are_used_or_the_ladder_is_frozen_there_is_no_next() -> None:
    asked = wanting(request(), d("98.4"), filled=4)
    assert refused(asked).gate == "layers_used"
    assert refused(asked).inputs == {"layers": "4"}
    frozen = wanting(request(), d("99.5"))
    assert refused(replace(frozen, ladder=frozen.ladder.frozen(NOW_MS))).gate == "layers_used"


@pytest.mark.parametrize("changes", [{"strategy": None}, {"strategy": StrategyId("hunter")}, {"side": SHORT}])
def test_only_the_position_that_the_ladder_opened_gets_layers(changes: dict[str, Any]) -> None:
    asked = wanting(request(), d("99.5"))
    assert refused(replace(asked, position=held(asked.ladder.plan, **changes))).gate == "external_position"


def test_a_symbol_that_is_switched_off_gets_no_layers() -> None:
    assert refused(wanting(request(ladder_params(enabled=False)), d("99.5"))).gate == "symbol_enabled"


@pytest.mark.parametrize("price", ["0", "-1"])
def test_without_a_price_no_layer_is_added(price: str) -> None:
    assert refused(wanting(request(), d(price))).gate == "price"


@pytest.mark.parametrize(("side", "at", "before"), [(LONG, "98", "98.1"), (SHORT, "102", "101.9")])
def test_at_the_stop_no_layer_is_added(side: PositionSide, at: str, before: str) -> None:
    of = request(side=side)
    refusal = refused(wanting(of, d(at)))
    assert refusal.gate == "beyond_stop"
    assert refusal.thresholds == {"stop": at}
    added(wanting(of, d(before)))


def test_a_stop_that_has_tightened_since_counts_and_one_that_is_looser_does_not() -> None:
    asked = wanting(request(), d("99.5"))
    trailed = replace(asked, position=held(asked.ladder.plan, trailed_stop=d("99.55")))
    assert refused(trailed).gate == "beyond_stop"
    added(replace(asked, position=held(asked.ladder.plan, trailed_stop=d("90"))))


def test_settings_that_changed_since_do_not_change_the_plan() -> None:
    asked = wanting(request(), d("99.5"))
    changed = ladder_params({"growth": d("5"), "first_step_pct": d("0.1")}, leverage=50)
    assert added(replace(asked, params=changed)) == added(asked)


# What holds of every order.


@st.composite
def askings(draw: st.DrawFn) -> NextLayer:
    """Any price around any ladder, for any trigger and cause, some of them due."""
    side = draw(st.sampled_from(PositionSide))
    params = ladder_params(
        {"first_step_pct": draw(st.decimals("0.1", "0.6", places=2))},
        layer_trigger=draw(st.sampled_from(LayerTrigger)),
        time_in_force=draw(st.sampled_from((TimeInForce.GTC, TimeInForce.GTX))),
    )
    of = request(params, side=side, instrument=fine(tick_size=d("0.01"), min_price=d("0.01"), min_notional=d("5")))
    made = planned(of)
    asked = wanting(of, draw(st.decimals("97", "103", places=3)), filled=draw(st.integers(1, len(made.layers))))
    ago_ms = draw(st.integers(0, 60_000))
    return replace(
        asked,
        cause=cause(is_liquidation=draw(st.booleans())),
        ladder=replace(asked.ladder, last_layer_at_ms=NOW_MS - ago_ms),
    )


@given(askings())
def test_no_layer_is_ever_ordered_beyond_its_level(asked: NextLayer) -> None:
    intent = next_layer(asked)
    if isinstance(intent, OrderIntent):
        level = asked.ladder.plan.layer(intent.layer).price
        assert intent.price is not None
        assert intent.position_side.sign * (level - intent.price) >= 0


@given(askings())
def test_a_layer_is_ordered_with_the_quantity_and_the_risk_that_were_planned(asked: NextLayer) -> None:
    intent = next_layer(asked)
    if isinstance(intent, OrderIntent):
        layer = asked.ladder.next_layer
        assert layer is not None
        assert (intent.layer, intent.quantity, intent.risk) == (layer.number, layer.quantity, layer.risk)


@given(askings())
def test_every_layer_is_on_the_grid_and_large_enough_where_it_is_ordered(asked: NextLayer) -> None:
    intent = next_layer(asked)
    if isinstance(intent, OrderIntent):
        assert intent.price is not None
        assert intent.price % asked.instrument.tick_size == 0
        assert intent.notional >= asked.instrument.min_notional


@given(askings())
def test_a_layer_that_needs_the_price_never_comes_without_it(asked: NextLayer) -> None:
    intent = next_layer(asked)
    if isinstance(intent, OrderIntent) and asked.params.layer_trigger is not LayerTrigger.LIQUIDATION:
        level = asked.ladder.plan.layer(intent.layer).price
        assert intent.position_side.sign * (level - asked.price) >= 0


@given(askings())
def test_a_layer_that_needs_a_liquidation_never_comes_without_one(asked: NextLayer) -> None:
    if isinstance(next_layer(asked), OrderIntent):
        assert asked.cause.is_liquidation or asked.params.layer_trigger is LayerTrigger.PRICE


@given(askings())
def test_no_layer_comes_within_the_delay_of_the_one_before(asked: NextLayer) -> None:
    if isinstance(next_layer(asked), OrderIntent):
        assert asked.now_ms - asked.ladder.last_layer_at_ms >= asked.params.layer_delay_s * 1000


@given(askings())
def test_no_layer_comes_at_or_beyond_the_stop(asked: NextLayer) -> None:
    plan = asked.ladder.plan
    if isinstance(next_layer(asked), OrderIntent):
        assert plan.side.sign * (asked.price - plan.stop_price) > 0


@given(askings())
def test_the_same_asking_has_the_same_answer(asked: NextLayer) -> None:
    assert next_layer(asked) == next_layer(replace(asked))


def every_order(of: PlanRequest) -> list[OrderIntent]:
    """A ladder that is walked down to its last layer."""
    made = planned(of)
    orders = [first_layer(made, cause(), of.params, ACCOUNT, BTC)]
    for layer in made.layers[1:]:
        orders.append(added(wanting(of, layer.price, filled=layer.number - 1)))
    return orders


@given(st.sampled_from(PositionSide), st.decimals("1", "3", places=2))
def test_the_orders_of_a_whole_ladder_risk_its_reserve_and_each_has_its_own_id(
    side: PositionSide, growth: Decimal
) -> None:
    of = request(ladder_params({"growth": growth}), side=side)
    orders = every_order(of)
    assert sum(order.risk for order in orders) == planned(of).reserve
    assert len({order.client_order_id for order in orders}) == len(orders)


def test_a_ladder_that_stands_is_not_changed_by_being_asked() -> None:
    made = planned(request())
    before = standing(made)
    next_layer(replace(wanting(request(), d("99.5")), ladder=before))
    assert before == standing(made)
    assert isinstance(before, Ladder)
