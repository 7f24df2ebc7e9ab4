"""``python -m tests.benchmarks [NAME ...]``: every benchmark, or the named ones, as ratios against stated yardsticks.

Prints a table and writes the same rows to build/bench.json. Exit 1 when a goal was missed.
"""

import argparse
import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from local.deployment import BUILD
from tests.benchmarks.rows import Row, table

NAMES: Final = ("imports", "gate", "ladder", "signing", "latency", "worker", "costs", "cloud", "fill_to_page", "pages")
"""In the order in which they run: the ones that mind a busy machine most come first."""


def benchmarks(tape: Path | None) -> Mapping[str, Callable[[], list[Row]]]:
    """Each is imported when it runs: what one of them loads must not slow another down."""

    def of(name: str, **given: object) -> list[Row]:
        rows: list[Row] = importlib.import_module(f"tests.benchmarks.{name}").measure(**given)
        return rows

    return {name: partial(of, name, **({"tape": tape} if name == "costs" else {})) for name in NAMES}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all of them unless given")
    parser.add_argument("--tape", type=Path, help="a recorded tape for the requests of a cascade; else a synthetic one")
    parser.add_argument("--out", type=Path, default=BUILD / "bench.json")
    given = parser.parse_args()
    if unknown := sorted(set(given.names) - set(NAMES)):
        parser.error(f"there is no benchmark {unknown[0]}")
    _say_if_busy()
    known = benchmarks(given.tape)
    rows: list[Row] = []
    for name in given.names or NAMES:
        began_s = time.monotonic()
        _say(f"{name}: running")
        rows += known[name]()
        _say(f"{name}: {time.monotonic() - began_s:.0f} s")
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    sys.stdout.write(table(rows) + "\n")
    missed = [one["name"] for one in rows if one["met"] is False]
    for name in missed:
        _say(f"goal missed: {name}")
    return 1 if missed else 0


def _say_if_busy() -> None:
    """The longest of many waits says as much of what else the machine does."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load > cores / 2:
        _say(f"the machine is busy (load {load:.1f} on {cores} cores): latencies will look worse than they are")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
