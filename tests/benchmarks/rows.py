"""What a benchmark says: one figure a row, against a stated yardstick, as a ratio, with the goal if there is one."""

import math
from collections.abc import Sequence
from typing import Final, TypedDict

NO_GOAL: Final = "none"


class Row(TypedDict):
    """``ratio`` to the yardstick is how many times better ours is, or how many times as long where the goal allows so
    many; None where there is nothing to compare."""

    name: str
    value: float
    unit: str
    yardstick: str
    ratio: float | None
    goal: str
    met: bool | None


def row(
    name: str,
    value: float,
    unit: str,
    yardstick: str = "",
    ratio: float | None = None,
    goal: str = NO_GOAL,
    *,
    met: bool | None = None,
) -> Row:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "yardstick": yardstick,
        "ratio": None if ratio is None else round(ratio, 2),
        "goal": goal,
        "met": met,
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of all are not above."""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def table(rows: Sequence[Row]) -> str:
    """For people: names, figures, ratios, and whether what was wanted was reached."""
    width = max(len(one["name"]) for one in rows)
    lines = [f"{'':{width}}  {'value':>10} {'unit':<9} {'ratio':>9}  {'goal':<22} yardstick"]
    for one in rows:
        ratio = "" if one["ratio"] is None else f"{one['ratio']:.2f}x"
        verdict = {None: "", True: ": met", False: ": MISSED"}[one["met"]]
        goal = "" if one["goal"] == NO_GOAL else one["goal"] + verdict
        name, figure = f"{one['name']:{width}}", f"{one['value']:>10.2f} {one['unit']:<9}"
        lines.append(f"{name}  {figure} {ratio:>9}  {goal:<22} {one['yardstick']}".rstrip())
    return "\n".join(lines)
