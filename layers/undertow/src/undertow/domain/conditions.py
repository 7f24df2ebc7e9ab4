"""What the worker measures of the market beside each liquidation: volatility, history, cascades, bias.

These are statistics, not money: decimals here are figures that were rounded once, for the record and for comparison.
Percent values are whole numbers (2 means 2 %). Times are epoch milliseconds, UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class PercentileRank:
    """Where a liquidation stands among the earlier ones of its symbol and side.

    ``rank`` is 0 to 100 with ties counted half; ``events`` is how many it was compared with, itself not among them;
    ``days`` is over how long a time these lie. ``complete`` is false while the history is still being read.
    """

    rank: Decimal
    events: int
    days: Decimal
    complete: bool


@dataclass(frozen=True, slots=True)
class Atr:
    """Average true range in percent of the last close, over closed candles of ``interval_s`` only.

    ``fast_pct`` is the plain mean of the last few true ranges, ``slow_pct`` Wilder's average after its warm-up.
    """

    fast_pct: Decimal
    slow_pct: Decimal
    interval_s: int
    closed_at_ms: int

    @property
    def pct(self) -> Decimal:
        """The larger: a burst must widen the distances at once, a lull right after it must not narrow them."""
        return max(self.fast_pct, self.slow_pct)


@dataclass(frozen=True, slots=True)
class Vwap:
    """Volume-weighted average price over the trailing ``minutes`` of closed candles, quote units."""

    price: Decimal
    minutes: int
    closed_at_ms: int


class Colour(StrEnum):
    """How far a cascade has gone. UNKNOWN means that an input is stale: it counts as blocked."""

    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"
    UNKNOWN = "unknown"

    @property
    def blocks(self) -> bool:
        return self in (Colour.ORANGE, Colour.RED, Colour.UNKNOWN)


class CascadeFormula(StrEnum):
    """MAGNITUDE measures sizes against what is usual; LEGACY is the formula as published, for comparison."""

    MAGNITUDE = "magnitude"
    LEGACY = "legacy"


class ReversalQuality(StrEnum):
    POOR = "poor"
    OK = "ok"
    GOOD = "good"
    EXCELLENT = "excellent"


@dataclass(frozen=True, slots=True)
class CascadeReading:
    """The cascade score of one symbol by one formula.

    ``liquidations`` (LQ), ``returns`` (RET) and ``open_interest`` (OI) are None where they did not count; ``counted``
    names those that did. ``points`` are on the scale of all three (0 to 6), whichever counted.
    """

    formula: CascadeFormula
    colour: Colour
    points: Decimal
    liquidations: Decimal | None
    returns: Decimal | None
    open_interest: Decimal | None
    counted: tuple[str, ...]
    reversal: ReversalQuality
    since_ms: int
    measured_at_ms: int
    reason: str = ""
    """Why the colour is UNKNOWN; empty otherwise."""


@dataclass(frozen=True, slots=True)
class AggregateCascade:
    """Whether so many of the monitored symbols are in a cascade that nothing may be opened anywhere."""

    blocked: bool
    blocked_symbols: int
    fresh_symbols: int
    monitored_symbols: int
    since_ms: int
    measured_at_ms: int

    @property
    def share_pct(self) -> Decimal:
        """Blocked among those with fresh data, in percent; 0 where there are none."""
        return Decimal(100 * self.blocked_symbols) / self.fresh_symbols if self.fresh_symbols else Decimal(0)


@dataclass(frozen=True, slots=True)
class Bias:
    """Lean of book depth and funding, -1 (down) to +1 (up); recorded with decisions, and refuses nothing."""

    book: Decimal | None
    funding: Decimal | None
    combined: Decimal | None


@dataclass(frozen=True, slots=True)
class Conditions:
    """The market of one symbol beside a message. What is None was not measured, is not asked for, or is stale.

    ``atrs`` are by candle interval in seconds, ``vwaps`` by length in minutes, ``cascades`` by formula.
    """

    atrs: Mapping[int, Atr]
    vwaps: Mapping[int, Vwap]
    cascades: Mapping[CascadeFormula, CascadeReading]
    aggregates: Mapping[CascadeFormula, AggregateCascade]
    bias: Bias | None
