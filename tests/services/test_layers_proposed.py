"""What a ladder proposes: a plan from account and market, and each layer with the stop and target of the whole."""

from dataclasses import replace
from typing import Any

import pytest
from tests.services.test_entry_on_record import occasion, proposed
from tests.services.test_ladder_life import large, use
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, LONG, SHORT, d, instrument
from tests.unit.ladders import LADDER, cause, held, ladder_params, planned, request, standing

from undertow.domain.ladder import StopAnchor
from undertow.domain.market import PositionSide, Side
from undertow.risk.approval import Refusal
from undertow.services.enter import Proposal
from undertow.services.propose import detect
from undertow.services.propose_layer import add_layer, propose_layer
from undertow.strategies.signal import Signal

TENTHS = instrument(min_price=d("0.1"), tick_size=d("0.1"), lot_size=d("0.001"))


@pytest.mark.parametrize(
    ("wallet", "unrealized", "available", "base"),
    [("10000", "0", "10000", "10000"), ("10000", "-300", "9900", "9700"), ("10000", "50", "8000", "8000")],
)
def test_a_ladder_is_sized_from_the_smaller_of_equity_and_available_margin(
    world: World, wallet: str, unrealized: str, available: str, base: str
) -> None:
    def with_balance(known: Any) -> Any:
        figures = {"wallet": d(wallet), "unrealized": d(unrealized), "available": d(available)}
        return replace(known, balance=replace(known.balance, **figures))

    made: Any = proposed(world, snapshot=with_balance)
    assert made.plan.sizing_base == d(base)


def test_a_plan_names_what_it_was_made_from_and_its_entry_is_its_first_layer(world: World) -> None:
    made: Any = proposed(world)
    plan, intent = made.plan, made.intent
    assert (plan.strategy, plan.side, plan.created_at_ms) == (LADDER, LONG, world.clock.now_ms())
    assert (plan.params_version, plan.atr_pct, plan.leverage) == ("g1/l1", d("0.5"), 10)
    assert (plan.signal_price, intent.price) == (d("100010"), d("100010"))
    assert (intent.ladder, intent.layer, intent.quantity) == (plan.id, 1, plan.layer(1).quantity)
    assert (intent.risk, made.reserve) == (plan.layer(1).risk, plan.reserve)
    assert intent.expires_at_ms == world.clock.now_ms() - 50 + 5_000
    # Stop 2 % and target 1 % from the price, each rounded away from the market.
    assert (made.stop_price, made.target_price) == (d("98009.8"), d("101010.1"))


def test_a_short_ladder_has_its_stop_above_and_its_target_below(world: World) -> None:
    use(world)
    usual = large(world)
    (first,) = usual.liquidations
    bought = replace(usual, liquidations=(replace(first, liquidation=replace(first.liquidation, side=Side.BUY)),))
    of = occasion(world, LADDER, bought)
    signal = detect(of, bought, bought.liquidations[0])
    assert isinstance(signal, Signal)
    known = world.desk.repositories.ledger.snapshot(ACCOUNT.id, ACCOUNT.venue, BTC)
    made: Any = propose_layer(of, of.params, signal, bought, instrument(), known)  # type: ignore[arg-type]
    assert (made.plan.side, made.intent.price) == (SHORT, d("100000"))
    assert (made.stop_price, made.target_price) == (d("102000"), d("99000"))


@pytest.mark.parametrize(("ask", "opens"), [("100500", True), ("100502", False)])
def test_a_price_may_run_away_from_the_liquidation_by_half_a_percent_and_no_more(
    world: World, ask: str, opens: bool
) -> None:
    beyond = lambda batch: replace(batch, book=replace(batch.book, bid=d(ask) - 1, ask=d(ask)))  # noqa: E731
    made = proposed(world, beyond)
    assert isinstance(made, Proposal) is opens
    if isinstance(made, Refusal):
        assert made.gate == "deviation"
        assert made.thresholds == {"max_total_deviation_pct": "0.5"}


def test_a_price_that_ran_the_other_way_is_welcome(world: World) -> None:
    cheap = lambda batch: replace(batch, book=replace(batch.book, bid=d("99000"), ask=d("99001")))  # noqa: E731
    assert isinstance(proposed(world, cheap), Proposal)


def test_a_spread_is_a_cost_that_the_target_has_to_earn(world: World) -> None:
    """The target is 1 %, fees cost 0.08 %: of a spread of 0.92 % and more nothing would be left."""

    def spread(ask: str) -> Any:
        wide = lambda batch: replace(batch, book=replace(batch.book, bid=d("99500"), ask=d(ask)))  # noqa: E731
        return proposed(world, wide)

    assert isinstance(spread("100415"), Proposal)
    refused = spread("100425")
    assert isinstance(refused, Refusal)
    assert refused.gate == "target_below_costs"


def test_funding_is_a_cost_for_the_side_that_pays_it(world: World) -> None:
    def paying(rate: str) -> Any:
        return proposed(world, lambda batch: replace(batch, mark=replace(batch.mark, funding_rate=d(rate))))

    refused = paying("0.0092")
    assert isinstance(refused, Refusal)
    assert refused.gate == "target_below_costs"
    assert isinstance(paying("0.009"), Proposal)
    assert isinstance(paying("-0.5"), Proposal)


@pytest.mark.parametrize(
    ("side", "anchor", "stop", "target"),
    [
        (LONG, StopAnchor.SIGNAL, "98", "100.7"),
        (SHORT, StopAnchor.SIGNAL, "102", "99.2"),
        (LONG, StopAnchor.AVERAGE, "97.7", "100.7"),
        (SHORT, StopAnchor.AVERAGE, "102.4", "99.2"),
    ],
)
def test_a_layer_is_judged_by_the_stop_and_the_target_of_the_position_that_it_makes(
    side: PositionSide, anchor: StopAnchor, stop: str, target: str
) -> None:
    params = ladder_params(anchor=anchor)
    plan = planned(request(params, side=side))
    position = held(plan, quantity=d("4"))
    price = d("99.4") if side is LONG else d("100.6")
    second = replace(plan.layer(2), quantity=d("4"), price=d("99.5") if side is LONG else d("100.5"))
    ladder = standing(replace(plan, layers=(plan.layer(1), second)))
    made = add_layer(ladder, position, price, cause(), params, TENTHS, request().now_ms)
    assert isinstance(made, Proposal), made
    assert (made.intent.layer, made.intent.price, made.intent.quantity) == (2, price, d("4"))
    # Half at 100 and half at the layer's price: the average is 0.3 better, 99.7 or 100.3.
    assert (made.stop_price, made.target_price) == (d(stop), d(target))
    assert (made.reserve, made.plan) == (d("0"), None)
