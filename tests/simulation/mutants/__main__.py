"""``python -m tests.simulation.mutants``: plant each bug and let the simulation look for it; print the table."""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Final

from tests.simulation.mutants.catalogue import MUTANTS
from tests.simulation.mutants.hunt import STEPS, Finding, Hunter

SHOWN: Final = 64
"""Letters of what was found that fit a line."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutants")
    parser.add_argument("--seeds", type=int, default=200, help="up to so many for each bug")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=(), help="names of bugs")
    parser.add_argument("--at-least", type=int, default=30, help="so many must be found, else the exit status is 1")
    given = parser.parse_args()
    wanted = [mutant for mutant in MUTANTS if not given.only or mutant.name in given.only]
    seeds = range(1, given.seeds + 1)
    findings: list[Finding] = []
    with tempfile.TemporaryDirectory() as into, ThreadPoolExecutor(given.jobs) as pool:
        hunter = Hunter(Path(into), given.steps)
        hunts = [pool.submit(hunter.find, mutant, seeds) for mutant in wanted]
        for done in as_completed(hunts):
            findings.append(done.result())
            sys.stderr.write(f"{len(findings)} of {len(wanted)}: {line(findings[-1])}\n")
            sys.stderr.flush()
    ordered = sorted(findings, key=lambda finding: wanted.index(finding.mutant))
    sys.stdout.write(table(ordered))
    found = [finding for finding in ordered if finding.seed is not None]
    summary = {
        "planted": len(ordered),
        "found": len(found),
        "not_found": [finding.mutant.name for finding in ordered if finding.seed is None],
        "seeds": given.seeds,
        "slowest_seed": max((finding.seed or 0 for finding in found), default=0),
    }
    sys.stdout.write(json.dumps(summary) + "\n")
    return 0 if len(found) >= min(given.at_least, len(wanted)) else 1


def table(findings: Sequence[Finding]) -> str:
    head = f"{'planted bug':<44} {'seed':>9} {'steps':>6}  found by\n"
    return head + "".join(f"{line(finding)}\n" for finding in findings)


def line(finding: Finding) -> str:
    if finding.seed is None:
        return f"{finding.mutant.name:<44} NOT FOUND        {finding.mutant.breaks} ({finding.tried} seeds)"
    return f"{finding.mutant.name:<44} {finding.seed:>9} {finding.steps:>6}  {finding.what[:SHOWN]}"


if __name__ == "__main__":
    sys.exit(main())
