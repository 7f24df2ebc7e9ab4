from dataclasses import replace

import pytest
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, HUNTER, d, hunter_params, instrument

from undertow.domain.account import Mode, PositionMode, Switch, VenueHealth
from undertow.domain.decision import Outcome
from undertow.domain.ids import StrategyId
from undertow.domain.market import MarkPrice, PositionSide, Side, Venue
from undertow.domain.order import OrderState
from undertow.domain.outcome import Rejected, Unconfirmed, VenueBlocked, VenueReadFailed, VenueUnreachable
from undertow.ports import HunterStrategy
from undertow.strategies.signal import Direction


def test_a_crossed_threshold_places_one_limit_order_priced_from_the_book(world: World) -> None:
    (decision,) = world.desk.evaluate(world.liquidation_batch())
    assert decision.outcome is Outcome.TAKEN
    (sent,) = world.venue.submitted
    assert (sent.intent.side, sent.intent.price, sent.intent.quantity) == (Side.BUY, d("100010"), d("0.009"))
    assert world.order(sent.intent.client_order_id).state is OrderState.OPEN
    assert world.slot.reserved_notional == sent.intent.notional


@pytest.mark.parametrize(
    ("side", "direction", "opened"),
    [
        (Side.SELL, Direction.FADE, PositionSide.LONG),
        (Side.BUY, Direction.FADE, PositionSide.SHORT),
        (Side.SELL, Direction.FOLLOW, PositionSide.SHORT),
        (Side.BUY, Direction.FOLLOW, PositionSide.LONG),
    ],
)
def test_the_direction_says_which_side_is_opened(
    world: World, side: Side, direction: Direction, opened: PositionSide
) -> None:
    _change_params(world, direction=direction)
    (decision,) = world.desk.evaluate(world.liquidation_batch(side=side))
    assert decision.position_side is opened


def test_a_volume_below_the_threshold_is_refused_and_recorded_without_touching_the_account(world: World) -> None:
    (decision,) = world.desk.evaluate(world.liquidation_batch(before="1000", after="4000"))
    assert (decision.outcome, decision.gate) == (Outcome.REFUSED, "volume")
    assert decision.inputs["volume"] == "4000"
    assert decision.thresholds["volume_threshold"] == "10000"
    assert _stored(world) == [decision.id]
    assert world.venue.submitted == []


def test_a_volume_that_was_above_the_threshold_before_is_not_a_new_signal(world: World) -> None:
    (decision,) = world.desk.evaluate(world.liquidation_batch(before="11000", after="14000"))
    assert decision.gate == "volume_edge"


def test_the_same_liquidation_seen_twice_makes_one_decision_and_one_order(world: World) -> None:
    batch = world.liquidation_batch()
    world.desk.evaluate(batch)
    world.desk.evaluate(batch)
    assert len(world.venue.submitted) == 1
    assert len(_stored(world)) == 1


def test_a_second_signal_within_the_cooldown_is_refused(world: World) -> None:
    world.entered(1)
    (decision,) = world.desk.evaluate(world.liquidation_batch(2))
    assert (decision.gate, decision.thresholds["cooldown_s"]) == ("cooldown", "30")


def test_after_the_cooldown_a_second_entry_takes_the_next_layer(world: World) -> None:
    world.entered(1)
    world.clock.advance(31_000)
    world.entered(2)
    assert [entry.layer for entry in world.slot.entries] == [0, 1]


def test_the_cap_on_a_position_counts_what_is_reserved(world: World) -> None:
    for number in range(5):
        world.entered(number)
        world.clock.advance(31_000)
    _change_params(
        world, limits=replace(world.params.current().strategies[HUNTER].symbols[BTC].limits, max_open_orders=9)
    )
    world.desk.repositories.balances.save(world.venue.fetch_balance())
    (decision,) = world.desk.evaluate(world.liquidation_batch(99))
    assert decision.gate == "max_position_margin"


def test_a_paused_account_is_not_entered(world: World) -> None:
    world.switch(Switch.PAUSED)
    (decision,) = world.desk.evaluate(world.liquidation_batch())
    assert decision.gate == "paused"
    assert world.venue.submitted == []


def test_a_stale_liquidation_is_refused_even_when_the_volume_crossed(world: World) -> None:
    batch = world.liquidation_batch()
    world.clock.advance(6_000)
    (decision,) = world.desk.evaluate(batch)
    assert decision.gate == "event_age"


def test_a_window_that_is_not_covered_is_not_traded_on(world: World) -> None:
    (decision,) = world.desk.evaluate(world.liquidation_batch(covered=False))
    assert decision.gate == "window"


def test_simulate_mode_decides_and_records_but_sends_nothing(world: World) -> None:
    _change_params(world, simulate=True)
    (decision,) = world.desk.evaluate(world.liquidation_batch())
    assert decision.outcome is Outcome.SIMULATED
    assert world.venue.submitted == []
    assert _stored(world) == [decision.id]


def test_a_symbol_that_only_simulates_sets_no_leverage_at_the_venue(world: World) -> None:
    """It would have become the leverage of what another strategy holds there."""
    _change_params(world, simulate=True)
    world.venue.read_failure = VenueReadFailed("nobody is to ask")
    (decision,) = world.desk.evaluate(world.liquidation_batch())
    assert decision.outcome is Outcome.SIMULATED
    assert not list(world.desk.repositories.readinesses.all(ACCOUNT.id))


def test_a_simulating_account_is_judged_without_the_tiers_that_only_accounts_are_told(world: World) -> None:
    known = world.params.parameters
    simulating = replace(ACCOUNT, mode=Mode.SIMULATE)
    world.params.parameters = replace(known, globals=replace(known.globals, accounts={ACCOUNT.id: simulating}))
    world.desk.repositories.instruments.save([instrument(brackets=())])
    (decision,) = world.desk.evaluate(world.liquidation_batch())
    assert decision.outcome is Outcome.SIMULATED


def test_a_rejected_entry_gives_its_reservation_back(world: World) -> None:
    world.venue.answers = [lambda _order: Rejected(-2019, "Margin is insufficient.")]
    order = world.entered()
    assert world.order(order).state is OrderState.REJECTED
    assert world.slot.reserved == {}
    assert world.desk.repositories.ledger.totals(ACCOUNT.id).notional == 0


def test_an_unconfirmed_entry_keeps_its_reservation_and_is_asked_about(world: World) -> None:
    world.venue.answers = [lambda _order: Unconfirmed("503")]
    order = world.entered()
    assert world.order(order).state is OrderState.UNCONFIRMED
    assert order in world.slot.reserved
    world.clock.advance(2_000)
    world.follow_up()
    assert world.venue.questions == [order]
    assert len(world.venue.submitted) == 1


def test_an_entry_that_could_not_be_sent_is_abandoned_and_not_sent_again(world: World) -> None:
    def unreachable(_order: object) -> Rejected:
        raise VenueUnreachable("connection refused")

    world.venue.answers = [unreachable]
    order = world.entered()
    assert world.order(order).state is OrderState.ABANDONED
    assert world.slot.reserved == {}


def test_a_venue_that_tells_us_to_wait_blocks_the_next_entry(world: World) -> None:
    until_ms = world.clock.now_ms() + 120_000

    def banned(_order: object) -> Rejected:
        raise VenueBlocked(until_ms, "418")

    world.venue.answers = [banned]
    world.entered(1)
    world.clock.advance(31_000)
    (decision,) = world.desk.evaluate(world.liquidation_batch(2))
    assert decision.gate == "venue_health"
    assert world.desk.repositories.healths.get(Venue.ASTER) == VenueHealth(Venue.ASTER, until_ms, "418")


def test_a_redelivered_message_asks_about_its_order_and_never_sends_it_again(world: World) -> None:
    def dies(_order: object) -> Rejected:
        raise KeyboardInterrupt

    world.venue.answers = [dies]
    batch = world.liquidation_batch()
    with pytest.raises(KeyboardInterrupt):
        world.desk.evaluate(batch)
    world.clock.advance(90_000)
    assert world.desk.evaluate(batch, redelivered=True) == ()
    assert len(world.venue.submitted) == 1
    assert len(world.venue.questions) == 1


def test_a_symbol_whose_leverage_the_venue_will_not_set_is_not_entered(world: World) -> None:
    world.venue.readiness_leverage = 3
    (decision,) = world.desk.evaluate(world.liquidation_batch())
    assert (decision.gate, decision.inputs["leverage"]) == ("readiness", "3")


def test_a_symbol_whose_readiness_cannot_be_read_is_not_entered(world: World) -> None:
    world.venue.read_failure = VenueReadFailed("time-out")
    (decision,) = world.desk.evaluate(world.liquidation_batch())
    assert decision.gate == "readiness"


def test_a_one_way_account_does_not_enter_against_its_own_position(world: World) -> None:
    _change_account(world, position_mode=PositionMode.ONE_WAY)
    world.entered(1)
    world.clock.advance(31_000)
    (decision,) = world.desk.evaluate(world.liquidation_batch(2, side=Side.BUY))
    assert decision.gate == "opposite_position"


def test_an_account_in_simulate_mode_needs_no_credentials(world: World) -> None:
    _change_account(world, mode=Mode.SIMULATE)
    world.venue.read_failure = VenueReadFailed("no credentials")
    (decision,) = world.desk.evaluate(world.liquidation_batch())
    assert decision.outcome is Outcome.SIMULATED


def test_an_entry_priced_far_from_the_mark_is_refused(world: World) -> None:
    (decision,) = world.desk.evaluate(world.liquidation_batch(bid="70000", ask="70001"))
    assert decision.gate == "price_band"


def test_a_size_below_the_venues_minimum_is_refused_with_both_figures(world: World) -> None:
    _change_params(world, trade_value=d("0.2"))
    (decision,) = world.desk.evaluate(world.liquidation_batch())
    assert decision.gate == "minimum_size"
    assert decision.thresholds["min_notional"] == "5"


def _stored(world: World) -> list[str]:
    rows = world.desk.repositories.decisions.recent(ACCOUNT.id, 0, world.clock.now_ms(), 100)
    return [row.id for row in rows]


def _change_params(world: World, **changes: object) -> None:
    params = world.params.current()
    strategy = params.strategies[HUNTER]
    symbols = {BTC: replace(strategy.symbols[BTC], **changes)}  # type: ignore[arg-type]
    world.params.replace(replace(params, strategies={HUNTER: replace(strategy, symbols=symbols)}))


def _change_account(world: World, **changes: object) -> None:
    params = world.params.current()
    account = replace(ACCOUNT, **changes)  # type: ignore[arg-type]
    world.params.replace(replace(params, globals=replace(params.globals, accounts={ACCOUNT.id: account})))


def test_a_liquidation_at_an_unbelievable_price_is_no_signal(world: World) -> None:
    batch = world.liquidation_batch()
    (measured,) = batch.liquidations
    far = replace(measured, liquidation=replace(measured.liquidation, price=d("10000000")))
    (decision,) = world.desk.evaluate(replace(batch, liquidations=(far,)))
    assert decision.gate == "liquidation_price"


def test_a_book_that_was_silent_for_half_a_minute_while_marks_came_is_not_priced_from(world: World) -> None:
    batch = world.liquidation_batch()
    assert batch.book is not None
    silent = replace(batch, book=replace(batch.book, time_ms=batch.book.time_ms - 31_000))
    world.desk.evaluate(silent)
    (sent,) = world.venue.submitted
    assert sent.intent.price == d("99904.9")  # the mark price less 0.1 %, on the tick


@pytest.mark.parametrize("filled", [False, True])
def test_a_strategy_adds_nothing_to_what_another_one_opened_for_its_stop_would_hold_for_both(
    world: World, filled: bool
) -> None:
    """Two hunters with stops at 4 and 1 %: what the second reserved was a quarter of what it would have lost."""
    usual, wide = world.params.current(), StrategyId("wide")
    far = replace(hunter_params().protection, stop_loss_pct=d("4"), take_profit_pct=d("6"))
    owner = HunterStrategy(wide, ACCOUNT.id, True, {BTC: hunter_params(protection=far)}, "h1")
    world.params.replace(replace(usual, strategies={wide: owner}))
    entry = world.entered()
    if filled:
        world.desk.track(ACCOUNT, world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001")))
    reserved = world.slot.reserved_risk
    world.params.replace(replace(usual, strategies={wide: owner, **usual.strategies}))
    decisions = {decision.strategy: decision for decision in world.desk.evaluate(world.liquidation_batch(2))}
    assert decisions[HUNTER].gate == "other_strategy"
    assert decisions[HUNTER].reason == "the position on this side belongs to strategy wide"
    assert world.slot.reserved_risk == reserved


@pytest.mark.parametrize(("mark_age_ms", "gate"), [(30_000, ""), (30_001, "quote_age")])
def test_a_mark_price_that_fell_silent_admits_no_entry_however_fresh_the_book_is(
    world: World, mark_age_ms: int, gate: str
) -> None:
    batch = world.liquidation_batch()
    silent = MarkPrice(d("100005"), world.clock.now_ms() - mark_age_ms)
    (decision,) = world.desk.evaluate(replace(batch, mark=silent))
    assert decision.gate == gate
    assert len(world.venue.submitted) == (0 if gate else 1)
