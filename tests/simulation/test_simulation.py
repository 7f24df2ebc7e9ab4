"""The whole system under faults: nothing that must hold is broken, and every run can be had again."""

import logging
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from local.venue.happenings import Liquidated
from tests.simulation.run import run_seed
from tests.simulation.runner import known_regressions, simulate, smallest_prefix
from tests.simulation.simulation import Simulation
from tests.simulation.swarm import FAULTS, Swarm

from undertow.domain.ids import Symbol

ROOT = Path(__file__).parents[2]
SEEDS, STEPS = range(1, 201), 2_000
LONGEST_WITHOUT_A_STOP_MS = 60_000


def test_two_hundred_seeds_break_nothing() -> None:
    totals = simulate(SEEDS, STEPS, jobs=2, quiet=True)
    assert [violation for failed in totals.failed for violation in failed.violations] == []
    assert totals.seeds == len(SEEDS)
    assert len(totals.faults) >= 50
    assert totals.events["fills"] > 1_000
    for happened in ("order_stop_loss_filled", "order_take_profit_filled", "order_exit_filled"):
        assert totals.events[happened] > 20, happened
    for asked in ("request_close_done", "request_stop_done", "request_freeze_layers_done", "people_told"):
        assert totals.events[asked] > 15, asked


@pytest.mark.parametrize("known", known_regressions(), ids=lambda known: f"{known['seed']}-{known['steps']}")
def test_what_failed_once_does_not_fail_again(known: dict[str, int]) -> None:
    result = run_seed(known["seed"], known["steps"])
    assert result.violations == []
    assert max(result.unprotected.ours_ms, default=0) <= LONGEST_WITHOUT_A_STOP_MS


def test_the_same_seed_is_the_same_run_whatever_order_hashes_give_to_sets() -> None:
    """In processes of their own, for a process keeps its hash seed for life."""
    traces = {_traces(str(hash_seed)) for hash_seed in (0, 1, 12_345)}
    assert len(traces) == 1
    (only,) = traces
    assert len(set(only.split())) == 8, "different seeds are different runs"


def _traces(hash_seed: str) -> str:
    script = "from tests.simulation.run import run_seed\nfor seed in range(1, 9): print(run_seed(seed, 800).trace_hash)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_a_run_keeps_quiet_and_lets_others_log_again_afterwards() -> None:
    disabled = logging.root.manager.disable
    run_seed(1, 20)
    assert logging.root.manager.disable == disabled


def test_a_run_that_does_not_fail_has_no_smallest_prefix() -> None:
    with pytest.raises(ValueError, match="does not fail"):
        smallest_prefix(1, 50)


def test_every_fault_names_the_rows_of_the_failure_model_it_stands_for() -> None:
    assert all(kind.rows and all(1 <= row <= 97 for row in kind.rows) for kind in FAULTS.values())


def test_a_worker_whose_clock_is_wrong_hears_a_time_that_is_no_time() -> None:
    """Seed 161 had both at once and the run itself broke."""
    simulation = Simulation(1, swarm=Swarm(Random(1), {"liquidation_clock_wrong": 1.0}))
    simulation.start()
    (worker,) = simulation.workers
    order = {"s": "AAAUSDT", "S": "SELL", "q": "1", "p": "100", "ap": "100", "T": "soon"}
    worker.hear(Liquidated(simulation.clock.at_ms, Symbol("AAAUSDT"), {"E": simulation.clock.at_ms, "o": order}))
    assert worker.is_alive
