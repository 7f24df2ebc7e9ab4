"""Runs of reconciliation that overlap: by the lease one of them does nothing, and without it they do no harm."""

from dataclasses import dataclass, replace

import pytest
from tests.services.test_reconcile import leg
from tests.services.world import ACCOUNT, World
from tests.unit.builders import d

from undertow.domain.lease import Lease
from undertow.domain.market import PositionSide
from undertow.domain.outcome import VenueReadFailed
from undertow.domain.reconciliation import Proof
from undertow.services.reconcile import TURN_MS, Reconcile

TASK = f"reconcile#{ACCOUNT.id}"


@dataclass(frozen=True, slots=True)
class NoLeases:
    """Everybody has every task: what is left of the safety is what every write asks for by itself."""

    def acquire(self, name: str, holder: str, ttl_ms: int) -> Lease | None:
        return Lease(name, holder, 1, 2**62)

    def renew(self, lease: Lease, ttl_ms: int) -> Lease | None:
        return lease

    def held(self, lease: Lease) -> bool:
        return True

    def release(self, lease: Lease) -> None:
        return None


def without_lease(reconcile: Reconcile) -> Reconcile:
    return replace(reconcile, take_turn=replace(reconcile.take_turn, leases=NoLeases()))


def test_a_run_that_meets_another_does_nothing_and_says_so(world: World) -> None:
    assert world.desk.repositories.leases.acquire(TASK, "another", TURN_MS) is not None
    world.venue.positions = [leg("0.5", PositionSide.SHORT)]
    before = world.desk.repositories.guards.get(ACCOUNT.id)
    report = world.desk.reconcile(ACCOUNT)
    assert report.overlapped
    assert not report.is_proven
    assert world.desk.repositories.ledger.slots_in_use(ACCOUNT.id) == []
    assert world.desk.repositories.guards.get(ACCOUNT.id) == before
    assert world.meter.counts["reconciliations_overlapped"] == 1


def test_a_run_gives_its_turn_back_also_when_it_failed(world: World) -> None:
    world.venue.read_failure = VenueReadFailed("time-out")
    with pytest.raises(VenueReadFailed):
        world.desk.reconcile(ACCOUNT)
    world.venue.read_failure = None
    assert not world.desk.reconcile(ACCOUNT).overlapped


def test_a_run_that_was_cut_off_holds_nobody_up_for_longer_than_a_minute(world: World) -> None:
    assert world.desk.repositories.leases.acquire(TASK, "cut off", TURN_MS) is not None
    world.clock.advance(60_000)
    assert not world.desk.reconcile(ACCOUNT).overlapped


def test_a_run_that_was_so_slow_that_another_took_over_changes_nothing_more(world: World) -> None:
    world.holding()
    world.clock.advance(10_000)
    world.venue.positions = [leg("0.009"), leg("0.5", PositionSide.SHORT)]
    reports = []

    def frozen_for_a_minute() -> None:
        world.clock.advance(60_000)
        world.venue.positions = [leg("0.009")]  # the short was closed by its owner meanwhile
        reports.append(world.desk.reconcile(ACCOUNT))

    world.venue.while_asked_for_positions = [frozen_for_a_minute]
    slow = world.desk.reconcile(ACCOUNT)
    (quick,) = reports
    assert slow.overlapped
    assert quick.is_proven
    assert world.desk.repositories.ledger.slot(ACCOUNT.id, leg("1").symbol, PositionSide.SHORT).position is None
    latest = world.desk.repositories.reconciliations.latest(ACCOUNT.id)
    assert latest is not None
    assert latest.epoch == quick.epoch > slow.epoch


def test_a_proof_of_a_run_that_was_overtaken_never_replaces_its_successors(world: World) -> None:
    now_ms = world.clock.now_ms()
    record = world.desk.reconcile.record_proof
    record(ACCOUNT.id, Proof(8, now_ms))
    record(ACCOUNT.id, Proof(7, now_ms + 5))
    assert world.desk.repositories.guards.get(ACCOUNT.id).proof == Proof(8, now_ms)


def test_runs_that_overlap_without_any_lease_adopt_a_position_once(world: World) -> None:
    both = without_lease(world.desk.reconcile)
    world.venue.positions = [leg("0.5", PositionSide.SHORT)]
    world.venue.while_asked_for_positions = [lambda: both(ACCOUNT)]
    both(ACCOUNT)
    corrections = world.desk.repositories.ledger.corrections(ACCOUNT.id, 0, world.clock.now_ms(), 10)
    assert [one.after for one in corrections] == [d("0.5")]
    assert len(world.venue.of_purpose("s")) == 1


def test_runs_that_overlap_without_any_lease_close_a_ghost_once(world: World) -> None:
    world.holding()
    world.clock.advance(60_000)
    world.desk.reconcile(ACCOUNT)
    world.clock.advance(60_000)
    both = without_lease(world.desk.reconcile)
    world.venue.while_asked_for_positions = [lambda: both(ACCOUNT)]
    both(ACCOUNT)
    kept = world.desk.repositories.ledger
    assert world.slot.position is None
    assert len(kept.corrections(ACCOUNT.id, 0, world.clock.now_ms(), 10)) == 1
    assert len(kept.closed_positions(ACCOUNT.id, 0, world.clock.now_ms(), 10)) == 1


def test_runs_that_overlap_without_any_lease_book_every_missed_trade_once(world: World) -> None:
    world.holding()
    target = world.position.target_order
    assert target is not None
    world.clock.advance(10_000)
    world.venue.fill(target, d("0.009"), d("102000"))
    both = without_lease(world.desk.reconcile)
    world.venue.while_asked_for_positions = [lambda: both(ACCOUNT)]
    both(ACCOUNT)
    assert world.slot.position is None
    assert len(world.desk.repositories.fills.recent(ACCOUNT.id, 0, world.clock.now_ms(), 10)) == 2
