"""A task is done by one run at a time, and every run has a number of its own."""

from threading import Barrier, Thread

import pytest

from undertow.adapters.memory import SettableClock
from undertow.domain.lease import Lease
from undertow.ports import Repositories

TASK = "reconcile#main"


def taken(kept: Repositories, holder: str = "one", ttl_ms: int = 60_000) -> Lease:
    lease = kept.leases.acquire(TASK, holder, ttl_ms)
    assert lease is not None
    return lease


def test_a_task_that_nobody_does_is_had_with_the_first_epoch(kept: Repositories, clock: SettableClock) -> None:
    assert taken(kept) == Lease(TASK, "one", 1, clock.now_ms() + 60_000)


def test_a_task_that_another_run_has_is_not_had_and_another_task_is(kept: Repositories) -> None:
    lease = taken(kept)
    assert kept.leases.acquire(TASK, "two", 60_000) is None
    assert kept.leases.acquire("reconcile#other", "two", 60_000) is not None
    assert kept.leases.held(lease)


def test_a_run_that_was_cut_off_is_replaced_when_its_time_is_up(kept: Repositories, clock: SettableClock) -> None:
    first = taken(kept)
    clock.advance(59_999)
    assert kept.leases.acquire(TASK, "two", 60_000) is None
    clock.advance(1)
    second = taken(kept, "two")
    assert second.epoch == first.epoch + 1
    assert not kept.leases.held(first)
    assert kept.leases.held(second)


def test_a_lease_whose_time_is_up_is_not_held_even_if_nobody_has_taken_it(
    kept: Repositories, clock: SettableClock
) -> None:
    lease = taken(kept)
    clock.advance(60_000)
    assert not kept.leases.held(lease)
    assert kept.leases.renew(lease, 60_000) is None


def test_a_renewed_lease_keeps_its_epoch_and_lives_longer(kept: Repositories, clock: SettableClock) -> None:
    lease = taken(kept)
    clock.advance(50_000)
    renewed = kept.leases.renew(lease, 60_000)
    assert renewed is not None
    assert renewed.epoch == lease.epoch
    clock.advance(59_000)
    assert kept.leases.held(renewed)
    assert kept.leases.acquire(TASK, "two", 60_000) is None


def test_a_task_given_back_is_had_at_once_under_the_next_epoch(kept: Repositories) -> None:
    first = taken(kept)
    kept.leases.release(first)
    assert not kept.leases.held(first)
    assert taken(kept, "two").epoch == 2


def test_a_run_that_was_replaced_gives_nothing_back(kept: Repositories, clock: SettableClock) -> None:
    first = taken(kept)
    clock.advance(60_000)
    second = taken(kept, "two")
    kept.leases.release(first)
    assert kept.leases.held(second)


def test_epochs_only_grow_whatever_happens(kept: Repositories, clock: SettableClock) -> None:
    epochs = []
    for number in range(6):
        lease = taken(kept, f"run {number}")
        epochs.append(lease.epoch)
        if number % 2:
            kept.leases.release(lease)
        else:
            clock.advance(60_000)
    assert epochs == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("runs", [8])
def test_of_many_runs_at_once_one_has_the_task(shared: Repositories, runs: int) -> None:
    start, won = Barrier(runs), []

    def run(number: int) -> None:
        start.wait()
        lease = shared.leases.acquire(TASK, f"run {number}", 60_000)
        if lease is not None:
            won.append(lease)

    threads = [Thread(target=run, args=(number,)) for number in range(runs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [lease.epoch for lease in won] == [1]
