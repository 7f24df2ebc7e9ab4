"""Snapshot, protect, then trade: what is not proven to be as the venue has it is not entered."""

from dataclasses import replace

import pytest
from tests.services.test_adopted_positions import bought
from tests.services.test_corrections import adds_up, closed, passes
from tests.services.test_reconcile import leg
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d

from undertow.domain.account import Mode
from undertow.domain.decision import Decision, Outcome
from undertow.domain.event import OrderChanged, StreamGap
from undertow.domain.ids import ClientOrderId, TradeId
from undertow.domain.market import PositionSide, Side
from undertow.domain.order import OrderState
from undertow.domain.outcome import NotOpen, Unconfirmed, VenueReadFailed
from undertow.domain.reconciliation import Proof

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT


def decided(world: World, number: int = 1, side: Side = Side.SELL) -> Decision:
    (decision,) = world.desk.evaluate(world.liquidation_batch(number, side=side))
    return decision


def gap(world: World) -> StreamGap:
    return StreamGap(ACCOUNT.id, world.clock.now_ms() - 4_000, world.clock.now_ms(), "reconnected")


def test_an_account_that_was_never_reconciled_opens_nothing_and_asks_the_venue_nothing(world: World) -> None:
    world.store.guards.clear()
    world.venue.read_failure = AssertionError("a signal must not start reads")  # type: ignore[assignment]
    decision = decided(world)
    assert (decision.outcome, decision.gate) == (Outcome.REFUSED, "not_reconciled")
    assert decision.reason == "the ledger was never proven to equal the venue"


@pytest.mark.parametrize(("age_ms", "gate"), [(300_000, ""), (300_001, "not_reconciled")])
def test_a_proof_counts_for_five_minutes(world: World, age_ms: int, gate: str) -> None:
    world.clock.advance(age_ms)
    world.desk.repositories.balances.save(world.venue.fetch_balance())
    decision = decided(world)
    assert decision.gate == gate
    if gate:
        assert decision.inputs["age_ms"] == "300001"
        assert decision.thresholds["max_age_ms"] == "300000"


def test_a_proof_from_the_future_counts_for_nothing(world: World) -> None:
    world.desk.reconcile.record_proof(ACCOUNT.id, Proof(1, world.clock.now_ms() + 60_000))
    assert decided(world).gate == "not_reconciled"


@pytest.mark.parametrize("side", [Side.SELL, Side.BUY])
def test_a_leg_that_differs_keeps_entries_of_its_symbol_waiting_on_both_sides(world: World, side: Side) -> None:
    world.holding()
    world.venue.positions = [leg("0.004")]
    world.clock.advance(31_000)
    world.desk.reconcile(ACCOUNT)
    decision = decided(world, 2, side)
    assert decision.gate == "not_reconciled"
    assert "the ledger has 0.009 and the venue 0.004" in decision.reason


def test_once_the_difference_is_settled_entries_go_on(world: World) -> None:
    world.holding()
    world.venue.positions = [leg("0.004")]
    passes(world, 2, apart_ms=31_000)
    assert decided(world, 2).gate == ""


def test_a_failed_pass_proves_nothing_and_an_earlier_proof_grows_old(world: World) -> None:
    world.venue.read_failure = VenueReadFailed("time-out")
    for _ in range(6):
        world.clock.advance(60_000)
        with pytest.raises(VenueReadFailed):
            world.desk.reconcile(ACCOUNT)
    world.venue.read_failure = None
    world.desk.repositories.balances.save(world.venue.fetch_balance())
    assert decided(world).gate == "not_reconciled"


def test_after_a_gap_only_what_is_read_after_it_counts(world: World) -> None:
    world.clock.advance(1_000)
    world.venue.read_failure = VenueReadFailed("time-out")
    with pytest.raises(VenueReadFailed):
        world.desk.track(ACCOUNT, gap(world))
    world.venue.read_failure = None
    refused = decided(world)
    assert (refused.gate, "events of the account were missed" in refused.reason) == ("not_reconciled", True)
    world.desk.track(ACCOUNT, gap(world))
    assert decided(world, 2).gate == ""


def test_a_gap_told_of_while_another_run_is_at_it_waits_for_the_next_pass(world: World) -> None:
    def gap_meanwhile() -> None:
        world.clock.advance(1_000)
        world.desk.track(ACCOUNT, gap(world))

    world.venue.while_asked_for_positions = [gap_meanwhile]
    world.desk.reconcile(ACCOUNT)
    assert decided(world).gate == "not_reconciled"
    world.clock.advance(60_000)
    world.desk.reconcile(ACCOUNT)
    assert decided(world, 2).gate == ""


def test_an_account_in_simulate_mode_needs_no_proof(world: World) -> None:
    world.store.guards.clear()
    known = world.params.current()
    simulating = replace(ACCOUNT, mode=Mode.SIMULATE)
    world.params.replace(replace(known, globals=replace(known.globals, accounts={ACCOUNT.id: simulating})))
    assert decided(world).outcome is Outcome.SIMULATED


def test_orders_of_ours_that_serve_nothing_and_cannot_be_cancelled_keep_entries_waiting(world: World) -> None:
    world.holding()
    stop = world.position.stop_order
    assert stop is not None
    left_behind = world.venue.standing[stop]
    world.desk.track(ACCOUNT, world.venue.fill(world.position.target_order or stop, d("0.009"), d("102000")))
    world.venue.standing = {stop: left_behind}
    world.venue.cancel_failure = VenueReadFailed("time-out")
    passes(world, 1, apart_ms=31_000)
    assert "serve nothing any more" in decided(world, 2).reason
    world.venue.cancel_failure = None
    passes(world, 1)
    assert decided(world, 3).gate == ""


def test_a_position_that_could_not_be_protected_keeps_entries_of_its_symbol_waiting(world: World) -> None:
    world.venue.answers = [world.venue.take, lambda _order: Unconfirmed("503"), lambda _order: Unconfirmed("503")]
    world.holding()
    world.venue.positions = [leg("0.009")]
    world.clock.advance(1_000)
    world.venue.answers = [lambda _order: Unconfirmed("503")] * 2
    world.desk.reconcile(ACCOUNT)
    proof = world.desk.repositories.guards.get(ACCOUNT.id).proof
    assert proof is not None
    assert proof.unproven == {BTC: "the position is not protected"}


@pytest.mark.parametrize(("later_ms", "gate"), [(3_599_000, "forced_close"), (3_600_000, "")])
def test_after_a_close_by_force_nothing_is_opened_in_the_symbol_for_an_hour(
    world: World, later_ms: int, gate: str
) -> None:
    world.holding()
    entry = world.venue.ended[next(iter(world.venue.ended))]
    news = replace(entry, client_order_id=ClientOrderId("adl_autoclose"), side=Side.SELL)
    fill = replace(world.venue.trades[0], trade_id=TradeId(500), side=Side.SELL, client_order_id=news.client_order_id)
    world.desk.track(ACCOUNT, OrderChanged(ACCOUNT.id, news, fill, "adl", world.clock.now_ms()))
    assert world.slot.position is None
    world.clock.advance(later_ms)
    world.prove()
    world.desk.repositories.balances.save(world.venue.fetch_balance())
    assert decided(world, 2).gate == gate


def test_a_history_row_is_written_when_something_changed_and_once_an_hour(world: World) -> None:
    for _ in range(60):
        world.clock.advance(60_000)
        world.desk.reconcile(ACCOUNT)
    rows = world.desk.repositories.reconciliations.history(ACCOUNT.id, 0, world.clock.now_ms(), 100)
    assert len(rows) == 2


# --- trades that nobody heard of --------------------------------------------------------------------------------------


def test_the_owners_own_trades_that_left_no_position_are_booked_once_they_were_imported(world: World) -> None:
    now_ms = world.clock.now_ms()
    opened = replace(bought("0.5", 600), position_side=SHORT, time_ms=now_ms - 60_000)
    shut = replace(bought("0.5", 601, Side.BUY), position_side=SHORT, time_ms=now_ms - 30_000, realized_pnl=d("12"))
    world.venue.trades += [opened, shut]
    world.desk.repositories.trades.record([opened, shut])
    passes(world, 1)
    (gone,) = closed(world)
    assert (gone.realized_pnl, gone.is_external) == (d("12"), True)
    assert adds_up(world, SHORT)


def test_dust_below_the_venues_minimum_is_closed(world: World) -> None:
    world.venue.positions = [leg("0.00001", SHORT)]
    world.desk.reconcile(ACCOUNT)
    position = world.desk.repositories.ledger.slot(ACCOUNT.id, BTC, SHORT).position
    assert position is not None
    (order,) = world.desk.manage.close(ACCOUNT, position, "flatten")
    assert order.state is OrderState.OPEN
    assert order.intent.quantity == d("0.00001")


def test_a_cancel_that_raced_a_fill_is_decided_by_asking(world: World) -> None:
    entry = world.entered()
    quantity = world.venue.standing[entry].quantity
    world.clock.advance(61_000)
    world.venue.fill(entry, quantity, d("100001"))
    assert isinstance(world.venue.cancel(BTC, entry), NotOpen)
    world.venue.positions = [leg(str(quantity))]
    report = world.desk.reconcile(ACCOUNT)
    assert world.order(entry).state is OrderState.FILLED
    assert (report.differences, world.position.quantity) == (0, quantity)
    assert adds_up(world)
