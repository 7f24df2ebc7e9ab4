"""A ladder from its first liquidation to its end, through the services, over memory."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.services.world import ACCOUNT, World, parameters
from tests.unit.builders import BTC, LONG, d
from tests.unit.ladders import LADDER, ladder_params

from undertow.domain.account import Switch
from undertow.domain.conditions import Atr, Conditions, PercentileRank
from undertow.domain.decision import Decision, Outcome
from undertow.domain.ids import ClientOrderId
from undertow.domain.market import LiquidationBatch, MarkPrice
from undertow.domain.order import OrderState
from undertow.domain.outcome import Rejected
from undertow.ports import ClaimOutcome, EntryClaim, LadderStrategy, Ledger
from undertow.risk.exposure import AccountSnapshot

PERCENT = {"layer1_size_pct": d("2"), "first_step_pct": d("0.3")}


@pytest.fixture(name="laddered")
def _laddered(world: World) -> World:
    """The world with a ladder on BTC instead of a hunter: 0.002 BTC at about 100,000 and 1.8 times more each layer."""
    use(world)
    return world


def use(world: World, **changes: Any) -> None:
    usual = ladder_params(PERCENT, cascade_formula=None, layer_delay_s=5, **changes)
    strategy = LadderStrategy(LADDER, ACCOUNT.id, True, {BTC: usual}, "l1")
    world.params.parameters = replace(parameters(), strategies={LADDER: strategy})


def large(world: World, number: int = 1, price: str = "100000") -> LiquidationBatch:
    """A liquidation at the 90th percentile while the book stands at ``price``, with an ATR of 0.5 %."""
    moment = world.clock.now_ms()
    plain = world.liquidation_batch(number, bid=price, ask=str(d(price) + 10))
    measured = replace(plain.liquidations[0], percentile=PercentileRank(d("90"), 500, d("10"), complete=True))
    conditions = Conditions({300: Atr(d("0.5"), d("0.5"), 300, moment - 1_000)}, {}, {}, {}, None)
    mark = MarkPrice(d(price), moment - 100)
    return replace(plain, liquidations=(measured,), conditions=conditions, mark=mark)


def decide(world: World, number: int = 1, price: str = "100000") -> Decision:
    (decision,) = world.desk.evaluate(large(world, number, price))
    return decision


def layer(world: World, number: int, price: str) -> ClientOrderId:
    """Let the ladder add a layer, and fill it whole."""
    decision = decide(world, number, price)
    assert decision.client_order_id is not None, decision
    sent = world.order(decision.client_order_id).intent
    assert sent.quantity is not None
    assert sent.price is not None
    world.desk.track(ACCOUNT, world.venue.fill(sent.client_order_id, sent.quantity, sent.price))
    world.desk.repositories.balances.save(world.venue.fetch_balance())
    return sent.client_order_id


def booked_risk(world: World) -> Any:
    return world.desk.repositories.ledger.totals(ACCOUNT.id).risk


def test_the_first_layer_reserves_the_risk_of_the_whole_ladder(laddered: World) -> None:
    decision = decide(laddered)
    assert decision.outcome is Outcome.TAKEN
    ladder = laddered.slot.ladder
    assert ladder is not None
    assert len(ladder.plan.layers) == 5
    assert laddered.slot.reserved_risk == ladder.plan.reserve
    assert booked_risk(laddered) >= ladder.plan.reserve > 5 * ladder.plan.layer(1).risk
    assert [reading.number for reading in decision.layers] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert decision.inputs["layer"] == "1"


def test_layers_draw_on_the_reserve_and_the_stop_stays_where_it_was_frozen(laddered: World) -> None:
    layer(laddered, 1, "100000")
    reserved, stop = booked_risk(laddered), laddered.position.stop_price
    laddered.clock.advance(6_000)
    layer(laddered, 2, "99600")
    laddered.clock.advance(6_000)
    layer(laddered, 3, "99200")
    assert booked_risk(laddered) == reserved
    assert laddered.position.stop_price == stop
    assert laddered.slot.ladder is not None
    assert sorted(laddered.slot.ladder.filled) == [1, 2, 3]
    assert laddered.position.target_price is not None
    assert laddered.position.target_price < d("100900")
    assert len(laddered.venue.of_purpose("s")) == len(laddered.venue.of_purpose("t")) == 1


def test_a_layer_waits_for_its_price_and_its_delay(laddered: World) -> None:
    layer(laddered, 1, "100000")
    assert decide(laddered, 2, "99000").gate == "layer_delay"
    laddered.clock.advance(6_000)
    assert decide(laddered, 3, "99990").gate == "price_not_reached"
    assert decide(laddered, 4, "99000").outcome is Outcome.TAKEN
    laddered.clock.advance(6_000)
    assert decide(laddered, 5, "98900").gate == "layer_pending"


def test_a_layer_that_ends_unfilled_gives_its_risk_back_to_the_ladder(laddered: World) -> None:
    layer(laddered, 1, "100000")
    reserved = booked_risk(laddered)
    laddered.clock.advance(6_000)
    laddered.venue.answers = [lambda _order: Rejected(-2019, "Margin is insufficient.")]
    again = decide(laddered, 2, "99600")
    assert again.client_order_id is not None
    assert laddered.order(again.client_order_id).state is OrderState.REJECTED
    assert booked_risk(laddered) == reserved
    laddered.clock.advance(6_000)
    assert layer(laddered, 3, "99600")


def test_the_end_of_the_position_releases_everything_and_cancels_the_layer_under_way(laddered: World) -> None:
    layer(laddered, 1, "100000")
    laddered.clock.advance(6_000)
    pending = decide(laddered, 2, "99600").client_order_id
    assert pending is not None
    (stop,) = laddered.venue.of_purpose("s")
    laddered.desk.track(ACCOUNT, laddered.venue.fill(stop.client_order_id, laddered.position.quantity, stop.stop_price))
    assert laddered.order(pending).state is OrderState.CANCELED
    assert laddered.slot.position is None
    assert laddered.slot.ladder is None
    assert booked_risk(laddered) == 0


def test_an_unfilled_first_layer_leaves_nothing_behind(laddered: World) -> None:
    laddered.venue.answers = [lambda _order: Rejected(-2019, "Margin is insufficient.")]
    decide(laddered)
    assert laddered.slot.ladder is None
    assert laddered.slot.reserved == {}
    assert booked_risk(laddered) == 0


def test_a_ladder_that_would_exceed_the_portfolio_risk_is_refused(laddered: World) -> None:
    limits = laddered.params.parameters.globals.limits[ACCOUNT.id]
    tight = replace(limits, risk=replace(limits.risk, max_portfolio_risk_pct=d("0.1")))
    known = laddered.params.parameters
    laddered.params.parameters = replace(known, globals=replace(known.globals, limits={ACCOUNT.id: tight}))
    decision = decide(laddered)
    assert (decision.outcome, decision.gate) == (Outcome.REFUSED, "portfolio_risk")
    assert laddered.venue.submitted == []


def test_a_price_that_has_run_away_from_the_liquidation_is_not_followed(laddered: World) -> None:
    decision = decide(laddered, price="100600")
    assert (decision.outcome, decision.gate) == (Outcome.REFUSED, "deviation")


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        (lambda batch: replace(batch, conditions=None), "atr"),
        (lambda batch: replace(batch, liquidations=(replace(batch.liquidations[0], percentile=None),)), "history"),
    ],
)
def test_what_was_not_measured_is_refused_without_reading_the_account(
    laddered: World, change: Callable[[LiquidationBatch], LiquidationBatch], gate: str
) -> None:
    (decision,) = laddered.desk.evaluate(change(large(laddered)))
    assert (decision.outcome, decision.gate) == (Outcome.REFUSED, gate)


# --- a pause at every point between signal and POST ------------------------------------------------------------


@dataclass(slots=True)
class PausingLedger:
    """The ledger, with the owner's pause right before or after one of its calls."""

    ledger: Ledger
    world: World
    when: str

    def snapshot(self, *given: Any) -> AccountSnapshot:
        self._pause("before the snapshot")
        found = self.ledger.snapshot(*given)
        self._pause("after the snapshot")
        return found

    def claim(self, claim: EntryClaim) -> ClaimOutcome:
        self._pause("before the claim")
        outcome = self.ledger.claim(claim)
        self._pause("after the claim")
        return outcome

    def _pause(self, moment: str) -> None:
        if moment == self.when:
            self.when = ""
            self.world.switch(Switch.PAUSED)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)


@pytest.mark.parametrize("kind", ["hunter", "ladder"])
@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        ("before the signal", 0),
        ("before the snapshot", 0),
        ("after the snapshot", 0),
        ("before the claim", 0),
        ("after the claim", 1),
    ],
)
def test_a_pause_lets_out_at_most_the_order_that_was_claimed_before(
    world: World, kind: str, moment: str, sent: int
) -> None:
    if kind == "ladder":
        use(world)
    evaluate = world.desk.evaluate
    ledger = PausingLedger(evaluate.enter.ledger, world, moment)
    place = replace(evaluate.enter.place, ledger=ledger)
    paused = replace(evaluate, enter=replace(evaluate.enter, ledger=ledger, place=place))
    if moment == "before the signal":
        world.switch(Switch.PAUSED)
    cascade = [large(world, number) if kind == "ladder" else world.liquidation_batch(number) for number in range(5)]
    for batch in cascade:
        paused(batch)
    assert len(world.venue.submitted) == sent


def test_the_long_side_of_a_hedged_pair_does_not_stop_the_short(laddered: World) -> None:
    layer(laddered, 1, "100000")
    assert laddered.desk.repositories.ledger.totals(ACCOUNT.id).slots == 1
    assert laddered.slot.side is LONG
