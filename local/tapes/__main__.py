"""``python -m local.tapes --seed 1 --minutes 50 --out build/tapes/default.ndjson.gz`` writes a synthetic tape.

``--measure FILE`` prints the statistics of any tape instead.
"""

import argparse
import dataclasses
import json
from pathlib import Path

from local.tapes.generator import write_tape
from local.tapes.statistics import measure
from local.venue.tape import read_tape


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.tapes", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=50.0)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--measure", type=Path)
    given = parser.parse_args()
    if given.out is None and given.measure is None:
        parser.error("give --out, --measure or both")
    if given.out is not None:
        write_tape(given.out, given.seed, given.minutes)
        print(f"synthetic tape, seed {given.seed}, {given.minutes:g} minutes: {given.out}")
    if given.measure is not None:
        print(json.dumps(dataclasses.asdict(measure(read_tape(given.measure)))))


if __name__ == "__main__":
    main()
