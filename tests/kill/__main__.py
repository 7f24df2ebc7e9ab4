"""``python -m tests.kill``: the whole kill matrix; its last line is JSON. Status 1 if anything was violated."""

import argparse
import json
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

from tests.kill.matrix import TOO_SLOW, Point, points, try_point
from tests.kill.scenarios import SCENARIOS
from tests.kill.station import Station, open_station


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--only", default="", help="scenarios whose name contains this text")
    parser.add_argument("--list", action="store_true", help="say which points there are and kill nobody")
    parser.add_argument("--thorough", action="store_true", help="each point with and without the user stream")
    given = parser.parse_args()
    # The emulator asks for credentials and believes every one.
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    with tempfile.TemporaryDirectory(prefix="undertow-kill-") as root, open_station(Path(root)) as station:
        result = _run(station, given)
    sys.stdout.write(f"{json.dumps(result)}\n")
    return 1 if result["violations"] or result["untried"] else 0


def _run(station: Station, given: argparse.Namespace) -> dict[str, Any]:
    started_s = time.monotonic()
    tried: Counter[str] = Counter()
    places: dict[str, int] = {}
    violations: list[str] = []
    untried: list[str] = []
    for scenario in (one for one in SCENARIOS if given.only in one.name):
        found = list(points(station, scenario, thorough=given.thorough))
        places[scenario.name] = len({point.place for point in found})
        _say(f"{scenario.name}: {places[scenario.name]} points", started_s)
        for point in found:
            if given.list:
                sys.stdout.write(f"{point}\n")
                continue
            tried[scenario.name] += 1
            try:
                violations += _violations(station, point)
            except TOO_SLOW as slow:
                _say(f"{point} could not be tried: {slow!r}", started_s)
                untried.append(str(point))
            if tried.total() % 25 == 0:
                _say(f"{tried.total()} runs, {len(violations)} violations", started_s)
        _say(f"{tried.total()} runs, {len(violations)} violations", started_s)
    return {
        "points": sum(places.values()),
        "runs": tried.total(),
        "untried": len(untried),
        "violations": len(violations),
        "seconds": round(time.monotonic() - started_s),
        "by_scenario": places,
        "violated": violations,
        "too_slow_for": untried,
    }


def _violations(station: Station, point: Point) -> list[str]:
    try:
        try_point(station, point)
    except AssertionError:
        sys.stderr.write(f"VIOLATED {point}\n{traceback.format_exc()}\n")
        return [str(point)]
    return []


def _say(text: str, started_s: float) -> None:
    sys.stderr.write(f"[{time.monotonic() - started_s:6.0f} s] {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
