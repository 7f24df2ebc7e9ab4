"""``python -m tests.simulation --seeds N --steps M``: the last line is JSON; the exit status is 1 on violations."""

import argparse
import json
import signal
import sys

from tests.simulation.run import Result, run_seed
from tests.simulation.runner import keep, simulate, smallest_prefix, tell


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--steps", type=int, default=2_000)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--replay", type=int, metavar="SEED", help="run one seed and print the end of its trace")
    parser.add_argument("--tail", type=int, default=120, help="how many lines of it")
    parser.add_argument("--keep", action="store_true", help="add failing seeds to regressions.json")
    parser.add_argument("--verbose", action="store_true", help="print what happened in the runs")
    given = parser.parse_args()
    # Ended like by Ctrl-C: the processes that run the seeds would otherwise wait for more for ever.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if given.replay is not None:
        return replay(given.replay, given.steps, given.tail)
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    totals = simulate(seeds, given.steps, given.jobs)
    for failed in totals.failed[:5]:
        show_smallest(failed, given.steps, given.keep)
    if given.verbose:
        for name, count in sorted(totals.events.items()):
            say(f"{count:8} {name}")
        for ours_ms, seed, naked in totals.longest:
            say(f"{ours_ms:8} ms without a stop ({naked.raw_ms} in all) in seed {seed}: {naked.where}")
    say(json.dumps(totals.summary()))
    return 1 if totals.failed else 0


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def show_smallest(failed: Result, steps: int, kept: bool) -> None:
    least, result = smallest_prefix(failed.seed, steps)
    what = result.violations[0].what
    tell(f"seed {failed.seed} fails within {least} steps: {what}")
    tell(f"  replay: python -m tests.simulation --replay {failed.seed} --steps {least}")
    if kept:
        keep(failed.seed, least, what)


def replay(seed: int, steps: int, tail: int) -> int:
    result = run_seed(seed, steps)
    for line in result.tail[-tail:]:
        say(line)
    for violation in result.violations:
        say(f"step {violation.step}: {violation.what}")
    say(f"trace {result.trace_hash}")
    return 1 if result.violations else 0


if __name__ == "__main__":
    sys.exit(main())
