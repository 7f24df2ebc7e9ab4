"""The flow from liquidation to closed position: the tape, how near a signal is, decisions and what came of them."""

from collections.abc import Mapping
from typing import Final

from undertow.api.call import DAY_MS, HOUR_MS, Answer, Call, time_range
from undertow.api.given import Given
from undertow.api.pages import wanted_page
from undertow.domain.decision import Outcome
from undertow.domain.ids import DecisionId, PositionId, Symbol
from undertow.domain.market import Venue
from undertow.services.console import Console
from undertow.services.views.chart import MOST_CANDLES, Chart, ChartQuery, Interval, chart
from undertow.services.views.closed_positions import CLOSED, ClosedPositions, ClosedQuery, closed_positions
from undertow.services.views.decision_counts import DecisionCounts, decision_counts
from undertow.services.views.decision_detail import DecisionDetail, decision_detail
from undertow.services.views.decisions import DecisionFilter
from undertow.services.views.prices_after import MOST_DECISIONS, PricesAfter, prices_after
from undertow.services.views.tape_summary import TapeSummary, tape_summary
from undertow.services.views.timeline import Timeline, timeline
from undertow.services.views.window_rows import Windows
from undertow.services.views.windows import windows

_USUAL_CANDLES: Final = 240


def _candles(console: Console, call: Call) -> Chart:
    """Candles of one symbol with what belongs over them: liquidations, our fills, and gaps in the recording."""
    given = call.given
    symbol = given.symbol(required=True)
    interval = given.choice("interval", Interval) or Interval.MINUTE
    step_ms = interval.seconds * 1000
    from_ms, to_ms = time_range(console, given, _USUAL_CANDLES * step_ms, MOST_CANDLES * step_ms)
    given.done()
    return chart(console.sources, Venue.ASTER, ChartQuery(Symbol(str(symbol)), interval, from_ms, to_ms))


def _windows(console: Console, call: Call) -> Windows:
    """How far each watched symbol is from a signal toward either side, and the cascades of the market."""
    only = call.given.account()
    call.given.done()
    return windows(console.sources, Venue.ASTER, only)


def _tape_summary(console: Console, call: Call) -> TapeSummary:
    """Liquidations by symbol and hour, usual sizes, price bands where most was liquidated, and gaps."""
    hours = call.given.whole("hours", 24, 1, 48)
    call.given.done()
    return tape_summary(console.sources, Venue.ASTER, hours)


def _decision_filter(console: Console, given: Given, default_ms: int, most: int) -> DecisionFilter:
    from_ms, to_ms = time_range(console, given, default_ms, 90 * DAY_MS)
    wanted = DecisionFilter(
        from_ms=from_ms,
        to_ms=to_ms,
        limit=given.whole("limit", most, 1, most),
        account=given.account(),
        strategy=given.strategy(),
        symbol=given.symbol(),
        outcome=given.choice("outcome", Outcome),
        gate=given.words("gate", "", 40) or None,
    )
    given.done()
    return wanted


def _decision_counts(console: Console, call: Call) -> DecisionCounts:
    """Decisions by reason and over time."""
    return decision_counts(console.sources, _decision_filter(console, call.given, DAY_MS, 500))


def _prices_after(console: Console, call: Call) -> PricesAfter:
    """What the price did 5, 30 and 240 minutes after each decision: estimates, from one-minute candles."""
    return prices_after(console.sources, _decision_filter(console, call.given, HOUR_MS, MOST_DECISIONS))


def _decision(console: Console, call: Call) -> DecisionDetail:
    """One decision with its chain of gates, by how much it failed, and what came of it."""
    only = call.given.account()
    call.given.done()
    return decision_detail(console.sources, DecisionId(call.path["decision_id"]), only)


def _closed_positions(console: Console, call: Call) -> ClosedPositions:
    """Closed positions, newest first, with what each earned."""
    given = call.given
    from_ms, to_ms = time_range(console, given, 7 * DAY_MS, 366 * DAY_MS)
    page = wanted_page(given, CLOSED, 100, 500)
    wanted = ClosedQuery(
        from_ms=from_ms,
        to_ms=to_ms,
        limit=page.limit,
        after=page.after,
        account=given.account(),
        symbol=given.symbol(),
        strategy=given.strategy(),
    )
    given.done()
    return closed_positions(console.sources, wanted)


def _timeline(console: Console, call: Call) -> Timeline:
    """A position step by step: signal, decision, orders, fills, protection, exit."""
    only = call.given.account()
    call.given.done()
    return timeline(console.sources, PositionId(call.path["position_id"]), only)


ANSWERS: Final[Mapping[str, Answer]] = {
    "candles": _candles,
    "windows": _windows,
    "tape_summary": _tape_summary,
    "decision_counts": _decision_counts,
    "prices_after": _prices_after,
    "decision": _decision,
    "closed_positions": _closed_positions,
    "timeline": _timeline,
}
