"""What a generated tape is calibrated to, and how a tape is measured against it.

The figures are those of one market-wide cascade of fifty minutes on a large venue: 5,228 liquidations of 501 symbols.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from local.venue.tape import Tape

Curve = Sequence[tuple[float, float]]
"""Points of a quantile function: shares of the population, ascending, and the value below which that share lies."""

EVENTS_PER_SECOND: Final[Curve] = (
    (0.0, 0.0),
    (0.543, 0.49),
    (0.72, 1.0),
    (0.83, 2.0),
    (0.90, 4.0),
    (0.95, 7.0),
    (0.99, 22.0),
    (0.999, 67.0),
    (1.0, 152.0),
)
NOTIONAL: Final[Curve] = (
    (0.0, 0.5),
    (0.01, 3.3),
    (0.05, 6.1),
    (0.10, 9.2),
    (0.25, 43.0),
    (0.50, 192.0),
    (0.75, 950.0),
    (0.90, 3_458.0),
    (0.95, 6_517.0),
    (0.99, 35_656.0),
    (0.999, 540_000.0),
    (1.0, 4_000_000.0),
)
EVENTS_BY_RANK: Final[Curve] = (
    (0, 161.0),
    (2, 137.0),
    (5, 103.0),
    (10, 75.0),
    (20, 51.0),
    (30, 30.0),
    (50, 21.0),
    (75, 16.0),
    (100, 12.0),
    (150, 9.0),
    (200, 6.0),
    (300, 3.0),
    (400, 2.0),
    (500, 1.0),
)
"""Events of the symbol with that rank; for 5,228 events in all."""
LIMIT_DISTANCE: Final[Curve] = (
    (0.0, 0.0032),
    (0.10, 0.0046),
    (0.25, 0.0076),
    (0.50, 0.0099),
    (0.75, 0.0145),
    (0.90, 0.0235),
    (0.99, 0.0986),
    (1.0, 0.1660),
)
"""How far the order's limit price lies beyond the average price of its fill, as a share."""
SELL_SHARE: Final = 0.92
PARTIAL_LAST_FILL_SHARE: Final = 0.58
LARGEST_SIMULTANEOUS: Final = 64


def at(curve: Curve, share: float) -> float:
    """The value at ``share``; between two points logarithmic where both are positive, else straight."""
    shares = [point[0] for point in curve]
    right = min(max(bisect_right(shares, share), 1), len(curve) - 1)
    (from_share, low), (to_share, high) = curve[right - 1], curve[right]
    part = min(max((share - from_share) / (to_share - from_share), 0.0), 1.0)
    if low > 0 and high > 0:
        return math.exp(math.log(low) + part * (math.log(high) - math.log(low)))
    return low + part * (high - low)


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one tape. Quantiles are keyed by share; notionals are in quote units."""

    events: int
    seconds: float
    symbols: int
    sell_share: float
    mean_per_second: float
    per_second: dict[float, int]
    most_per_second: int
    quiet_share: float
    most_per_minute: int
    most_per_millisecond: int
    least_gap_ms: int
    notional: dict[float, float]
    most_notional: float
    most_of_a_symbol: int
    partial_last_fill_share: float
    not_ascii: int


def measure(tape: Tape) -> Measured:
    """What the tape's README would say of it."""
    frames = tape.frames
    per_second = Counter((frame.event_ms - tape.start_ms) // 1_000 for frame in frames)
    per_minute = Counter((frame.event_ms - tape.start_ms) // 60_000 for frame in frames)
    seconds = tape.length_ms // 1_000 + 1
    counts = sorted(per_second.get(second, 0) for second in range(seconds))
    notionals = sorted(float(frame.price * frame.quantity) for frame in frames)
    symbols = Counter(frame.symbol for frame in frames)
    return Measured(
        events=len(frames),
        seconds=tape.length_ms / 1_000,
        symbols=len(symbols),
        sell_share=sum(frame.order["S"] == "SELL" for frame in frames) / len(frames),
        mean_per_second=len(frames) / seconds,
        per_second={share: counts[int(share * seconds)] for share in (0.5, 0.9, 0.99, 0.999)},
        most_per_second=counts[-1],
        quiet_share=counts.count(0) / seconds,
        most_per_minute=max(per_minute.values()),
        most_per_millisecond=max(Counter(frame.event_ms for frame in frames).values()),
        least_gap_ms=_least_gap_ms(tape),
        notional={share: notionals[int(share * len(frames))] for share in (0.5, 0.9, 0.99)},
        most_notional=notionals[-1],
        most_of_a_symbol=max(symbols.values()),
        partial_last_fill_share=sum(frame.order["l"] != frame.order["z"] for frame in frames) / len(frames),
        not_ascii=sum(not symbol.isascii() for symbol in symbols),
    )


def _least_gap_ms(tape: Tape) -> int:
    """Between two events of one symbol; the tape's length where none repeats."""
    last: dict[str, int] = {}
    least = tape.length_ms
    for frame in tape.frames:
        if frame.symbol in last:
            least = min(least, frame.event_ms - last[frame.symbol])
        last[frame.symbol] = frame.event_ms
    return least
