"""The plan of a ladder of 20 layers whose growth has to be solved: CPU time, of ours alone."""

import statistics
import time
from dataclasses import replace
from typing import Final

from tests.benchmarks.rows import Row, row
from tests.unit.builders import BRACKETS, d
from tests.unit.ladders import fine, ladder_params, planned, request

from undertow.domain.account import MarginType
from undertow.domain.ladder import StopAnchor
from undertow.risk.limits import HARD_MAX_LAYERS
from undertow.strategies.ladder.schedule import PlanRequest, plan

GOAL_MS: Final = 5.0
ROUNDS: Final = 9
PLANS: Final = 50


def measure() -> list[Row]:
    """Cross margin and a stop that follows the average have the most to work out."""
    return [
        _row("isolated", MarginType.ISOLATED, StopAnchor.SIGNAL),
        _row("cross, average stop", MarginType.CROSS, StopAnchor.AVERAGE),
    ]


def _row(kind: str, margin_type: MarginType, anchor: StopAnchor) -> Row:
    asked = _request(margin_type, anchor)
    made = planned(asked)
    if len(made.layers) < HARD_MAX_LAYERS or made.growth >= made.wanted_growth:
        raise RuntimeError("a ladder that is cut short, or whose growth stays, says nothing of solving")
    rounds = []
    for _ in range(ROUNDS):
        began_ns = time.process_time_ns()
        for _ in range(PLANS):
            plan(asked)
        rounds.append((time.process_time_ns() - began_ns) / 1e6 / PLANS)
    spent_ms = statistics.median(rounds)
    return row(
        f"ladder of {HARD_MAX_LAYERS} layers, growth solved: {kind}",
        spent_ms,
        "ms CPU",
        f"{GOAL_MS:g} ms (medians of {ROUNDS} rounds of {PLANS})",
        GOAL_MS / spent_ms,
        f"at most {GOAL_MS:g} ms",
        met=spent_ms <= GOAL_MS,
    )


def _request(margin_type: MarginType, anchor: StopAnchor) -> PlanRequest:
    """The venue's minimum makes layer 1 about 1.5 times as large as wanted."""
    shape = {"first_step_pct": d("0.05"), "growth": d("1.3"), "max_layers": HARD_MAX_LAYERS}
    params = ladder_params(shape, margin_type=margin_type, anchor=anchor)
    rules = fine(lot_size=d("0.0001"), min_quantity=d("0.0001"), min_notional=d("14.5"), brackets=BRACKETS)
    return replace(request(params), instrument=rules)
