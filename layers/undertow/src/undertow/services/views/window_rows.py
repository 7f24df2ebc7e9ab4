"""What ``windows`` tells: progress toward signals, cascades, and whether the feed is heard."""

from typing import Literal

from typing_extensions import TypedDict

from undertow.domain.conditions import CascadeFormula, Colour, ReversalQuality
from undertow.domain.decision import Outcome
from undertow.domain.market import PositionSide
from undertow.services.views.render import EpochMs, Figure
from undertow.strategies.hunter import VolumeUnit


class Threshold(TypedDict):
    """Toward one side: what counts for it, the volume so far, and what opens a position. ``progress_pct`` may pass 100.

    ``liquidated`` is the side of the positions whose liquidations count.
    """

    side: PositionSide
    liquidated: Literal["long", "short"]
    traded: bool
    volume: Figure
    threshold: Figure
    upper: Figure | None
    progress_pct: Figure
    events: int


class LastRank(TypedDict):
    """The last liquidation that the strategy looked at: where it ranked among earlier ones. Null was not measured."""

    percentile: str | None
    history_events: str | None
    outcome: Outcome
    gate: str
    at_ms: EpochMs
    age_ms: int


class StrategyProgress(TypedDict):
    """A hunter has ``window_s`` and ``thresholds``; a ladder has ``percentile``, ``min_history`` and ``last``."""

    strategy: str
    account: str
    kind: Literal["hunter", "ladder"]
    enabled: bool
    simulate: bool
    window_s: int | None
    unit: VolumeUnit | None
    thresholds: list[Threshold]
    percentile: str | None
    min_history: int | None
    last: LastRank | None


class CascadeRow(TypedDict):
    """``points`` are of 6; liquidations, returns and open interest are null where they did not count."""

    formula: CascadeFormula
    colour: Colour
    points: Figure
    liquidations: Figure | None
    returns: Figure | None
    open_interest: Figure | None
    reversal: ReversalQuality
    since_ms: EpochMs
    reason: str


class SymbolProgress(TypedDict):
    symbol: str
    strategies: list[StrategyProgress]
    cascades: list[CascadeRow]


class AggregateRow(TypedDict):
    formula: CascadeFormula
    blocked: bool
    blocked_symbols: int
    fresh_symbols: int
    monitored_symbols: int
    share_pct: Figure
    since_ms: EpochMs


class CascadeStrip(TypedDict):
    """``stale`` where the worker has not measured for half a minute, or never: then no colour is to be believed."""

    measured_at_ms: EpochMs | None
    age_ms: int | None
    stale: bool
    open_interest_served: bool
    aggregates: list[AggregateRow]


class Covered(TypedDict):
    """Whether the worker lives, and whether its longest window lies in time heard without a gap."""

    worker: str | None
    heard_at_ms: EpochMs | None
    age_ms: int | None
    late: bool
    covered: bool


class Windows(TypedDict):
    time_ms: EpochMs
    venue: str
    sampled: str
    coverage: Covered
    cascade: CascadeStrip
    symbols: list[SymbolProgress]
    truncated: bool
