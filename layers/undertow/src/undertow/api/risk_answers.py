"""What stands in the way of entries, and what is at risk."""

from collections.abc import Mapping
from typing import Final

from undertow.api.call import DAY_MS, Answer, Call, time_range
from undertow.domain.json_text import Json
from undertow.services.console import Console
from undertow.services.views.blocks import blocks
from undertow.services.views.recommendations import recommendations
from undertow.services.views.reconciliation import ReconciliationFilter, reconciliation
from undertow.services.views.risk import risk


def _blocks(console: Console, call: Call) -> dict[str, Json]:
    only = call.given.account()
    call.given.done()
    return blocks(console.sources, only)


def _risk(console: Console, call: Call) -> dict[str, Json]:
    only = call.given.account()
    call.given.done()
    return risk(console.sources, only)


def _recommendations(console: Console, call: Call) -> dict[str, Json]:
    only = call.given.account()
    hours = call.given.whole("hours", 6, 1, 24)
    call.given.done()
    return recommendations(console.sources, only, hours)


def _reconciliation(console: Console, call: Call) -> dict[str, Json]:
    given = call.given
    from_ms, to_ms = time_range(console, given, DAY_MS, 31 * DAY_MS)
    wanted = ReconciliationFilter(given.account(), from_ms, to_ms, given.whole("limit", 50, 1, 200))
    given.done()
    return reconciliation(console.sources, wanted)


ANSWERS: Final[Mapping[str, Answer]] = {
    "blocks": _blocks,
    "risk": _risk,
    "reconciliation": _reconciliation,
    "recommendations": _recommendations,
}
