"""How long importing each function's handler takes, against ``import boto3`` with one client in the same run.

Each figure is from processes of its own. What a handler puts off to its first event is measured beside it: a function
that imports nothing and then builds for a second is not fast.
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from local.deployment import PROJECT
from tests.benchmarks.rows import Row, row

ROUNDS: Final = 9
GOAL: Final = 2.0
TRADING: Final = ("evaluate_liquidations", "track_account", "follow_up_orders")
OTHERS: Final = ("reconcile", "manage_positions", "sync_instruments", "api", "authorizer")

_TIMED: Final = "import time; began = time.perf_counter(); {work}; print(time.perf_counter() - began)"
_BOTO3: Final = "import boto3; boto3.client('dynamodb')"
_HANDLER: Final = "import functions.{name}.handler"
_READY: Final = (
    "import functions.evaluate_liquidations.handler, undertow.bootstrap; desk = undertow.bootstrap.desk_from_env()"
)


def measure() -> list[Row]:
    names = (*TRADING, *OTHERS)
    works = {"boto3": _BOTO3, "desk": _READY, **{name: _HANDLER.format(name=name) for name in names}}
    # In turns, so that what else the machine does falls on all of them alike.
    rounds = [{name: _milliseconds(work) for name, work in works.items()} for _ in range(ROUNDS)]
    median = {name: statistics.median(times[name] for times in rounds) for name in works}
    yardstick = f"{median['boto3']:.0f} ms: import boto3 and one client (medians of {ROUNDS})"
    rows = []
    for name in names:
        times = median[name] / median["boto3"]
        goal, met = (f"at most {GOAL:g} times", times <= GOAL) if name in TRADING else ("none", None)
        rows.append(row(f"import of {name}", median[name], "ms", yardstick, 1 / times, goal, met=met))
    rows.append(
        row(
            "import of evaluate_liquidations and its desk, ready for a message",
            median["desk"],
            "ms",
            yardstick,
            median["boto3"] / median["desk"],
        )
    )
    return rows


def _milliseconds(work: str) -> float:
    ran = subprocess.run(
        [sys.executable, "-c", _TIMED.format(work=work)],
        cwd=PROJECT,
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(ran.stdout.split()[-1]) * 1000


def _environment() -> Mapping[str, str]:
    """What the template gives a function. Nothing is called, so nothing needs to exist."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "UNDERTOW_"))},
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "UNDERTOW_STAGE": "bench",
        "UNDERTOW_TABLE_PREFIX": "undertow-bench-",
        "UNDERTOW_FOLLOW_UPS_QUEUE_URL": "https://sqs.invalid/follow-ups",
    }
