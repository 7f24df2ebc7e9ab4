"""Signals that come to nothing: each refusal names its figures, and what the account was not asked stays unasked."""

from dataclasses import replace
from typing import Any

import pytest
from tests.services.test_ladder_life import decide, layer, use
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, HUNTER, d

from undertow.domain.account import Mode, Switch
from undertow.domain.decision import Decision, Outcome
from undertow.domain.ids import AccountId, StrategyId, Symbol
from undertow.domain.market import PositionSide, Side, Venue
from undertow.domain.order import OrderState, Purpose
from undertow.domain.outcome import Rejected, VenueReadFailed, VenueUnreachable
from undertow.ports import HunterStrategy
from undertow.risk.limits import HARD_MAX_PARAMS_AGE_MS
from undertow.strategies.signal import OppositePolicy


def told(decision: Decision) -> tuple[Outcome, str, str]:
    return decision.outcome, decision.gate, decision.reason


def set_hunter(world: World, **changes: Any) -> None:
    params = world.params.current()
    strategy = params.strategies[HUNTER]
    symbols = {BTC: replace(strategy.symbols[BTC], **changes)}
    world.params.replace(replace(params, strategies={HUNTER: replace(strategy, symbols=symbols)}))  # type: ignore[arg-type]


@pytest.mark.parametrize(("later_ms", "left_ms"), [(1, 29_999), (29_999, 1)])
def test_a_signal_within_the_cooldown_is_told_how_much_of_it_is_left(world: World, later_ms: int, left_ms: int) -> None:
    world.entered(1)
    world.clock.advance(later_ms)
    (decision,) = world.desk.evaluate(world.liquidation_batch(2))
    assert told(decision) == (Outcome.REFUSED, "cooldown", "the strategy entered this side a moment ago")
    assert (decision.inputs["left_ms"], decision.thresholds["cooldown_s"]) == (str(left_ms), "30")


def test_at_the_end_of_the_cooldown_a_signal_enters_again(world: World) -> None:
    world.entered(1)
    world.clock.advance(30_000)
    (decision,) = world.desk.evaluate(world.liquidation_batch(2))
    assert decision.outcome is Outcome.TAKEN


def test_a_ladder_that_holds_a_position_is_not_held_up_by_the_cooldown(world: World) -> None:
    use(world)
    layer(world, 1, "100000")
    decision = decide(world, 2, "99000")
    assert decision.gate == "layer_delay"
    assert decision.thresholds["layer_delay_s"] == "5"


def test_a_ladder_whose_first_layer_is_under_way_is_still_cooling_down(world: World) -> None:
    use(world)
    assert decide(world, 1).outcome is Outcome.TAKEN
    assert decide(world, 2).gate == "cooldown"


def test_a_symbol_without_rules_is_refused_without_reading_the_account(world: World) -> None:
    other = Symbol("ETHUSDT")
    params = world.params.current()
    strategy = params.strategies[HUNTER]
    symbols = {other: strategy.symbols[BTC]}
    world.params.replace(replace(params, strategies={HUNTER: replace(strategy, symbols=symbols)}))  # type: ignore[arg-type]
    (decision,) = world.desk.evaluate(world.liquidation_batch(symbol=other))
    assert told(decision) == (Outcome.REFUSED, "instrument", "the symbol's trading rules are not known")
    assert decision.position_side is PositionSide.LONG


def test_old_parameters_are_told_with_their_age_and_its_limit(world: World) -> None:
    old = replace(world.params.current(), read_at_ms=world.clock.now_ms() - HARD_MAX_PARAMS_AGE_MS - 1)
    world.params.replace(old)
    (decision,) = world.desk.evaluate(world.liquidation_batch())
    assert told(decision)[1:] == ("parameters_age", "the parameters could not be read for too long")
    assert decision.thresholds["max_parameters_age_ms"] == "600000"


@pytest.mark.parametrize("failure", [VenueReadFailed("time-out"), VenueUnreachable("time-out")])
def test_a_venue_that_cannot_be_made_ready_is_told_with_its_cause(world: World, failure: Exception) -> None:
    world.venue.read_failure = failure
    (decision,) = world.desk.evaluate(world.liquidation_batch())
    words = "mode and leverage could not be verified at the venue: time-out"
    assert told(decision) == (Outcome.REFUSED, "readiness", words)


def test_what_was_made_ready_is_remembered_and_not_asked_again(world: World) -> None:
    world.entered(1)
    known = world.desk.repositories.ledger.snapshot(ACCOUNT.id, ACCOUNT.venue, BTC).readiness
    assert known is not None
    assert (known.leverage, known.verified_at_ms) == (10, world.clock.now_ms())
    world.clock.advance(31_000)
    world.venue.read_failure = VenueReadFailed("not to be asked")
    (decision,) = world.desk.evaluate(world.liquidation_batch(2))
    assert decision.outcome is Outcome.TAKEN


def test_a_paused_or_unproven_account_is_not_made_ready(world: World) -> None:
    world.venue.read_failure = VenueReadFailed("not to be asked")
    world.switch(Switch.PAUSED)
    (decision,) = world.desk.evaluate(world.liquidation_batch(1))
    assert decision.gate == "paused"
    world.switch(Switch.RUNNING)
    world.remember(proof=None)
    (decision,) = world.desk.evaluate(world.liquidation_batch(2))
    assert decision.gate == "not_reconciled"


def against(world: World, policy: OppositePolicy) -> Decision:
    world.holding()
    world.clock.advance(31_000)
    set_hunter(world, opposite=policy)
    (decision,) = world.desk.evaluate(world.liquidation_batch(2, side=Side.BUY))
    return decision


def test_a_strategy_that_ignores_signals_against_its_position_says_so(world: World) -> None:
    decision = against(world, OppositePolicy.IGNORE)
    words = "the strategy holds the other side and ignores such signals"
    assert told(decision) == (Outcome.REFUSED, "opposite_position", words)
    assert (decision.position_side, decision.inputs["leverage"]) == (PositionSide.SHORT, "10")


def test_a_strategy_that_hedges_opens_the_other_side_beside_its_position(world: World) -> None:
    decision = against(world, OppositePolicy.HEDGE)
    assert decision.outcome is Outcome.TAKEN
    assert decision.client_order_id is not None
    sent = world.order(decision.client_order_id).intent
    assert (sent.purpose, sent.position_side) == (Purpose.ENTRY, PositionSide.SHORT)


def test_a_reduction_takes_no_more_than_is_held_and_its_record_is_that_of_the_exit(world: World) -> None:
    decision = against(world, OppositePolicy.REDUCE)
    assert decision.client_order_id is not None
    sent = world.order(decision.client_order_id).intent
    assert (sent.purpose, sent.quantity, sent.position_side) == (Purpose.EXIT, d("0.009"), PositionSide.LONG)
    assert (decision.inputs["quantity"], decision.inputs["price"]) == ("0.009", "")
    assert decision.layers == ()


def test_a_strategy_or_symbol_that_is_switched_off_is_on_record_as_such(world: World) -> None:
    params = world.params.current()
    off = replace(params.strategies[HUNTER], enabled=False)
    world.params.replace(replace(params, strategies={HUNTER: off}))
    (decision,) = world.desk.evaluate(world.liquidation_batch())
    assert (decision.outcome, decision.position_side) == (Outcome.REFUSED, None)
    assert decision.gate == "symbol_enabled"
    assert world.meter.counts["decisions_refused"] == 1
    assert world.meter.counts["signals"] == 0


def test_strategies_of_other_symbols_venues_and_unknown_accounts_do_not_look_and_the_others_do(world: World) -> None:
    params = world.params.current()
    own = params.strategies[HUNTER]
    elsewhere = replace(ACCOUNT, id=AccountId("elsewhere"), venue=Venue.HYPERLIQUID)
    accounts = {ACCOUNT.id: ACCOUNT, elsewhere.id: elsewhere}
    limits = {**params.globals.limits, elsewhere.id: params.globals.limits[ACCOUNT.id]}
    strategies = {
        name: HunterStrategy(name, account, True, {symbol: own.symbols[BTC]}, "h1")  # type: ignore[dict-item]
        for name, account, symbol in (
            (StrategyId("unknown"), AccountId("nobody"), BTC),
            (StrategyId("venue"), elsewhere.id, BTC),
            (StrategyId("symbol"), ACCOUNT.id, Symbol("ETHUSDT")),
            (HUNTER, ACCOUNT.id, BTC),
        )
    }
    known = replace(params.globals, accounts=accounts, limits=limits)
    world.params.replace(replace(params, globals=known, strategies=strategies))
    decisions = world.desk.evaluate(world.liquidation_batch())
    assert [decision.strategy for decision in decisions] == [HUNTER]


def test_of_a_batch_of_two_each_liquidation_is_decided_on_and_stored(world: World) -> None:
    first, second = world.liquidation_batch(1), world.liquidation_batch(2)
    both = replace(first, liquidations=first.liquidations + second.liquidations)
    decisions = world.desk.evaluate(both)
    assert [(one.liquidation, one.outcome) for one in decisions] == [
        ("liq1", Outcome.TAKEN),
        ("liq2", Outcome.REFUSED),
    ]
    rows = world.desk.repositories.decisions.recent(ACCOUNT.id, 0, world.clock.now_ms(), 100)
    assert {row.id for row in rows} == {one.id for one in decisions}


def test_a_batch_that_comes_again_decides_what_is_left_of_it_and_skips_what_was_claimed(world: World) -> None:
    def dies(_order: object) -> Rejected:
        raise KeyboardInterrupt

    first, second = world.liquidation_batch(1), world.liquidation_batch(2, before="1000", after="2000")
    both = replace(first, liquidations=first.liquidations + second.liquidations)
    world.venue.answers = [dies]
    with pytest.raises(KeyboardInterrupt):
        world.desk.evaluate(both)
    (left,) = world.desk.evaluate(both, redelivered=True)
    assert (left.liquidation, left.gate) == ("liq2", "volume")
    assert len(world.venue.questions) == 1


def test_a_redelivered_signal_whose_order_stands_is_not_asked_about(world: World) -> None:
    batch = world.liquidation_batch()
    (decision,) = world.desk.evaluate(batch)
    assert world.desk.evaluate(batch, redelivered=True) == ()
    assert decision.client_order_id is not None
    assert world.order(decision.client_order_id).state is OrderState.OPEN
    assert world.venue.questions == []


def test_a_redelivered_signal_whose_order_cannot_be_found_is_decided_again_and_sends_nothing_twice(
    world: World,
) -> None:
    batch = world.liquidation_batch()
    (decision,) = world.desk.evaluate(batch)
    assert decision.client_order_id is not None
    del world.store.orders[ACCOUNT.id][decision.client_order_id]
    assert len(world.desk.evaluate(batch, redelivered=True)) == 1
    assert len(world.venue.submitted) == 1


def test_a_redelivered_signal_that_was_refused_is_decided_again(world: World) -> None:
    world.switch(Switch.PAUSED)
    batch = world.liquidation_batch()
    world.desk.evaluate(batch)
    (again,) = world.desk.evaluate(batch, redelivered=True)
    assert again.gate == "paused"


def test_an_account_that_simulates_and_a_symbol_that_does_record_what_would_have_been_sent(world: World) -> None:
    set_hunter(world, simulate=True)
    (decision,) = world.desk.evaluate(world.liquidation_batch(1))
    assert (decision.outcome, decision.client_order_id, len(decision.layers)) == (Outcome.SIMULATED, None, 8)
    assert (decision.inputs["quantity"], decision.inputs["leverage"]) == ("0.009", "10")
    set_hunter(world, simulate=False)
    params = world.params.current()
    pretending = replace(ACCOUNT, mode=Mode.SIMULATE)
    world.params.replace(replace(params, globals=replace(params.globals, accounts={ACCOUNT.id: pretending})))
    world.remember(proof=None)
    (decision,) = world.desk.evaluate(world.liquidation_batch(2))
    assert decision.outcome is Outcome.SIMULATED
    assert world.venue.submitted == []
