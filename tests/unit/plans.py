"""Plans of ladders that are not computed: for what does not depend on how their layers came to be."""

from dataclasses import replace
from typing import Any

from tests.unit.builders import HUNTER, LONG, NOW_MS, d

from undertow.domain.ids import LadderId
from undertow.domain.ladder import LadderPlan, PlannedLayer, StopAnchor


def plan_of(*layers: PlannedLayer, **changes: Any) -> LadderPlan:
    """A long from 1000 with its stop at 900, made of ``layers``."""
    usual = LadderPlan(
        id=LadderId("ladder"),
        strategy=HUNTER,
        side=LONG,
        created_at_ms=NOW_MS,
        signal_price=d("1000"),
        stop_price=d("900"),
        stop_loss_pct=d("10"),
        take_profit_pct=d("2"),
        anchor=StopAnchor.SIGNAL,
        atr_pct=None,
        growth=d("1"),
        wanted_growth=d("1"),
        wanted_layers=len(layers),
        sizing_base=d("10000"),
        leverage=10,
        params_version="1/1",
        layers=layers,
    )
    return replace(usual, **changes)
