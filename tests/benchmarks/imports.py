"""How long importing each function's handler takes, against ``import boto3`` with one client in the same run.

Measured on what deploys: the layers and functions that ``sam build`` makes of the template, and nothing else on the
path. In CPU time of a process of its own, which is what an import takes on a machine with nothing else to do. What a
handler puts off to its first event is measured beside it: a function that imports nothing and then builds for a second
is not fast.
"""

import os
import statistics
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from local.deployment import EMULATOR_PYTHON, LOCAL_BUILD, build
from local.processes import Progress
from local.stack import REGION
from tests.benchmarks.rows import Row, row

ROUNDS: Final = 9
GOAL: Final = 2.0
TRADING: Final = ("EvaluateLiquidations", "TrackAccount", "FollowUpOrders")
OTHERS: Final = ("Reconcile", "ManagePositions", "SyncInstruments", "Api", "Authorizer")
LAYERS: Final = ("VendorLayer", "UndertowLayer")

_TIMED: Final = "import time; began = time.process_time(); {work}; print(time.process_time() - began)"
_BOTO3: Final = "import boto3; boto3.client('dynamodb')"
_HANDLER: Final = "import handler"
_READY: Final = "import handler, undertow.bootstrap; undertow.bootstrap.desk_from_env()"


def measure() -> list[Row]:
    build({**os.environ, "AWS_DEFAULT_REGION": REGION}, Progress())
    names = (*TRADING, *OTHERS)
    works = {name: (name, _HANDLER) for name in names}
    works |= {"boto3": (TRADING[0], _BOTO3), "desk": (TRADING[0], _READY)}
    # In turns, so that what else the machine does falls on all of them alike.
    rounds = [{name: _milliseconds(*work) for name, work in works.items()} for _ in range(ROUNDS)]
    median = {name: statistics.median(times[name] for times in rounds) for name in works}
    yardstick = f"{median['boto3']:.0f} ms: import boto3 and one client (medians of {ROUNDS})"
    rows = []
    for name in names:
        times = median[name] / median["boto3"]
        goal, met = (f"at most {GOAL:g}x", times <= GOAL) if name in TRADING else ("none", None)
        rows.append(row(f"import of {name}'s handler", median[name], "ms", yardstick, times, goal, met=met))
    ready = f"the same for {TRADING[0]} with its desk, ready for a message"
    return [*rows, row(ready, median["desk"], "ms", yardstick, median["desk"] / median["boto3"])]


def _milliseconds(function: str, work: str) -> float:
    ran = subprocess.run(
        [EMULATOR_PYTHON, "-S", "-c", _TIMED.format(work=work)],
        env=_environment(LOCAL_BUILD / function),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(ran.stdout.split()[-1]) * 1000


def _environment(function: Path) -> Mapping[str, str]:
    """What the template gives a function. Nothing is called, so nothing needs to exist."""
    path = [function, *(LOCAL_BUILD / layer / "python" for layer in LAYERS)]
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(str(part) for part in path),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "UNDERTOW_STAGE": "bench",
        "UNDERTOW_TABLE_PREFIX": "undertow-bench-",
        "UNDERTOW_FOLLOW_UPS_QUEUE_URL": "https://sqs.invalid/follow-ups",
    }
