"""What ``windows`` tells: progress toward signals, cascades, and whether the feed is heard."""

from typing_extensions import TypedDict


class Threshold(TypedDict):
    """Toward one side: what counts for it, the volume so far, and what opens a position. ``progress_pct`` may pass 100.

    ``liquidated`` is the side of the positions whose liquidations count.
    """

    side: str
    liquidated: str
    traded: bool
    volume: str
    threshold: str
    upper: str | None
    progress_pct: str
    events: int


class LastRank(TypedDict):
    """The last liquidation that the strategy looked at: where it ranked among earlier ones. Null was not measured."""

    percentile: str | None
    history_events: str | None
    outcome: str
    gate: str
    at_ms: int
    age_ms: int


class StrategyProgress(TypedDict):
    """A hunter has ``window_s`` and ``thresholds``; a ladder has ``percentile``, ``min_history`` and ``last``."""

    strategy: str
    account: str
    kind: str
    enabled: bool
    simulate: bool
    window_s: int | None
    unit: str | None
    thresholds: list[Threshold]
    percentile: str | None
    min_history: int | None
    last: LastRank | None


class CascadeRow(TypedDict):
    """``points`` are of 6; liquidations, returns and open interest are null where they did not count."""

    formula: str
    colour: str
    points: str
    liquidations: str | None
    returns: str | None
    open_interest: str | None
    reversal: str
    since_ms: int
    reason: str


class SymbolProgress(TypedDict):
    symbol: str
    strategies: list[StrategyProgress]
    cascades: list[CascadeRow]


class AggregateRow(TypedDict):
    formula: str
    blocked: bool
    blocked_symbols: int
    fresh_symbols: int
    monitored_symbols: int
    share_pct: str
    since_ms: int


class CascadeStrip(TypedDict):
    """``stale`` where the worker has not measured for half a minute, or never: then no colour is to be believed."""

    measured_at_ms: int | None
    age_ms: int | None
    stale: bool
    open_interest_served: bool
    aggregates: list[AggregateRow]


class Covered(TypedDict):
    """Whether the worker lives, and whether its longest window lies in time heard without a gap."""

    worker: str | None
    heard_at_ms: int | None
    age_ms: int | None
    late: bool
    covered: bool


class Windows(TypedDict):
    time_ms: int
    venue: str
    sampled: str
    coverage: Covered
    cascade: CascadeStrip
    symbols: list[SymbolProgress]
    truncated: bool
