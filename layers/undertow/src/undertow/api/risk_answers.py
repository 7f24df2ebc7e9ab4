"""What stands in the way of entries, and what is at risk."""

from collections.abc import Mapping
from typing import Final

from undertow.api.call import DAY_MS, Answer, Call, time_range
from undertow.services.console import Console
from undertow.services.views.blocks import Blocks, blocks
from undertow.services.views.recommendations import Recommendations, recommendations
from undertow.services.views.reconciliation import (
    RECONCILIATION,
    Reconciliation,
    ReconciliationFilter,
    reconciliation,
)
from undertow.services.views.risk import Risk, risk


def _blocks(console: Console, call: Call) -> Blocks:
    """What stands against new entries now, since when, and what clears it."""
    only = call.given.account()
    call.given.done()
    return blocks(console.sources, only)


def _risk(console: Console, call: Call) -> Risk:
    """The risk budget, what shocks would do, and the eight layers of the gate with their values now."""
    only = call.given.account()
    call.given.done()
    return risk(console.sources, only)


def _recommendations(console: Console, call: Call) -> Recommendations:
    """Advice from recorded figures; nothing is applied."""
    only = call.given.account()
    hours = call.given.whole("hours", 6, 1, 24)
    call.given.done()
    return recommendations(console.sources, only, hours)


def _reconciliation(console: Console, call: Call) -> Reconciliation:
    """What reconciliation found. Each account has a ``next_cursor``: give the account's name with it."""
    given = call.given
    from_ms, to_ms = time_range(console, given, DAY_MS, 31 * DAY_MS)
    only, limit, after = given.account(), given.whole("limit", 50, 1, 200), given.cursor(RECONCILIATION)
    if after is not None and (only is None or len(after) != 2):
        given.complain("account", "the account whose page ended with the cursor")
    wanted = ReconciliationFilter(only, from_ms, to_ms, limit, after)
    given.done()
    return reconciliation(console.sources, wanted)


ANSWERS: Final[Mapping[str, Answer]] = {
    "blocks": _blocks,
    "risk": _risk,
    "reconciliation": _reconciliation,
    "recommendations": _recommendations,
}
