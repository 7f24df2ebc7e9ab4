"""Many seeds over several processes; the smallest failing prefix of one; the figures of all."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from tests.simulation.recovery import Naked
from tests.simulation.run import Result, run_seed

LONGEST: Final = 20
REGRESSIONS: Final = Path(__file__).with_name("regressions.json")


@dataclass(slots=True)
class Totals:
    seeds: int = 0
    steps: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    failed: list[Result] = field(default_factory=list)
    recovery_ms: list[int] = field(default_factory=list)
    unprotected_ms: list[int] = field(default_factory=list)
    unprotected_raw_ms: list[int] = field(default_factory=list)
    others_unprotected_ms: list[int] = field(default_factory=list)
    longest: list[tuple[int, int, Naked]] = field(default_factory=list)
    """The longest times without a stop, each with its seed after its milliseconds."""

    def add(self, result: Result) -> None:
        self.seeds += 1
        self.steps += result.steps
        self.faults.update(result.faults)
        self.events.update(result.events)
        self.recovery_ms += result.recovery_ms
        self.unprotected_ms += result.unprotected.ours_ms
        self.unprotected_raw_ms += result.unprotected.raw_ms
        self.others_unprotected_ms += result.unprotected.others_ms
        self.longest += [(naked.ours_ms, result.seed, naked) for naked in result.unprotected.ours]
        self.longest = sorted(self.longest, key=lambda one: one[:2], reverse=True)[:LONGEST]
        if result.violations:
            self.failed.append(result)

    def summary(self) -> dict[str, Any]:
        return {
            "seeds": self.seeds,
            "steps": self.steps,
            "faults": dict(sorted(self.faults.items())),
            "violations": sum(len(result.violations) for result in self.failed),
            "steps_per_second": int(self.steps / max(self.seconds, 1e-9)),
            "fault_kinds": len(self.faults),
            "recovery_s": _quantiles(sorted(self.recovery_ms)),
            "unprotected_s": _quantiles(sorted(self.unprotected_ms)),
            "unprotected_raw_s": _quantiles(sorted(self.unprotected_raw_ms)),
            "others_unprotected_s": _quantiles(sorted(self.others_unprotected_ms)),
        }


def _quantiles(ascending: Sequence[int]) -> dict[str, float | int]:
    if not ascending:
        return {"count": 0}

    def at(share: float) -> float:
        return ascending[min(len(ascending) - 1, int(share * len(ascending)))] / 1_000

    return {"count": len(ascending), "p50": at(0.5), "p99": at(0.99), "max": ascending[-1] / 1_000}


def results(seeds: Iterable[int], steps: int, jobs: int) -> Iterator[Result]:
    """In the order of the seeds."""
    run = partial(run_seed, steps=steps)
    if jobs == 1:
        yield from map(run, seeds)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(run, seeds, chunksize=4)


def tell(text: str) -> None:
    """Progress and findings, beside the answer."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def simulate(seeds: Sequence[int], steps: int, jobs: int, *, quiet: bool = False) -> Totals:
    """Run all ``seeds``. Progress goes to standard error."""
    totals, began_s, said_s = Totals(), time.monotonic(), time.monotonic()
    for result in results(seeds, steps, jobs):
        totals.add(result)
        totals.seconds = time.monotonic() - began_s
        for violation in result.violations:
            tell(f"seed {violation.seed} step {violation.step}: {violation.what}")
        if not quiet and time.monotonic() - said_s > 5:
            said_s = time.monotonic()
            rate = int(totals.steps / totals.seconds)
            tell(f"{totals.seeds} of {len(seeds)} seeds, {totals.steps} steps, {rate}/s, {len(totals.failed)} failed")
    return totals


def smallest_prefix(seed: int, steps: int) -> tuple[int, Result]:
    """The fewest steps with which ``seed`` still fails, found by halving; what fails at rest may need luck."""
    best = run_seed(seed, steps)
    if not best.violations:
        raise ValueError(f"seed {seed} does not fail within {steps} steps")
    low, high = 0, min(steps, best.violations[0].step)
    tried = run_seed(seed, high)
    if tried.violations:
        best = tried
    else:
        high = steps
    while high - low > 1:
        middle = (low + high) // 2
        tried = run_seed(seed, middle)
        if tried.violations:
            high, best = middle, tried
        else:
            low = middle
    return high, best


def known_regressions() -> list[dict[str, Any]]:
    return list(json.loads(REGRESSIONS.read_text())) if REGRESSIONS.exists() else []


def keep(seed: int, steps: int, what: str) -> None:
    """Remember a seed that failed: it is replayed from now on."""
    known = known_regressions()
    if not any(one["seed"] == seed and one["steps"] == steps for one in known):
        known.append({"seed": seed, "steps": steps, "found": what})
        REGRESSIONS.write_text("[\n" + ",\n".join(f" {json.dumps(one)}" for one in known) + "\n]" + "\n")
