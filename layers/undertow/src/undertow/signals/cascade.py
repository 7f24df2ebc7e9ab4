"""Whether a symbol is in a liquidation cascade, by size against what is usual; and whether all of them together are.

Three statistics score up to two points each: LQ, the liquidations of the last 60 s against a busy minute of the last
24 hours; RET, the move of the last 60 s in standard deviations, towards the liquidated side; OI, the share of open
contracts closed within five minutes. Where a venue serves no open interest the other two count 6/4 each.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from undertow.domain.conditions import AggregateCascade, CascadeFormula, CascadeReading, Colour, ReversalQuality
from undertow.domain.market import Side
from undertow.domain.numbers import ZERO
from undertow.signals.colours import SteppingColour, colour_of, points_for, reversal_quality
from undertow.signals.figures import figure_of
from undertow.signals.flow import Flow
from undertow.signals.open_interest import OpenInterestTrail
from undertow.signals.returns import Returns

LIQUIDATIONS: Final = "liquidations"
RETURNS: Final = "returns"
OPEN_INTEREST: Final = "open_interest"

LQ_POINTS: Final = (4.0, 8.0)
RET_POINTS: Final = (2.0, 4.0)
OI_POINTS: Final = (2.0, 4.0)
FLOOR_USDT: Final = 10_000.0
"""A minute of less than that counts as this much: in a symbol where little is ever liquidated, little is no cascade."""
WITHOUT_OPEN_INTEREST: Final = Decimal("1.5")
"""Four points are to be had instead of six."""


@dataclass(frozen=True, slots=True)
class _Side:
    """The score of one liquidated side."""

    points: int
    liquidations: float
    returns: float


_QUIET: Final = _Side(0, 0.0, 0.0)


class MagnitudeDetector:
    """One symbol, asked about once a second. It holds a minute of prices and five minutes of open interest; the flows
    hold the rest.

    A stale input makes the colour UNKNOWN, with the reason; the colour of before is kept and holds again once the
    inputs are fresh, until it has been below its band for 60 s that were measured. That nothing is liquidated is no
    stale input: mark prices come every second over the same stream, and tell that it is up.
    """

    def __init__(self, flows: Mapping[Side, Flow], floor_usdt: float = FLOOR_USDT) -> None:
        self._flows = flows
        self._floor_usdt = floor_usdt
        self._returns = Returns()
        self._open_interest = OpenInterestTrail()
        self._colour = SteppingColour()
        self._shown: Colour | None = None
        self._since_ms = 0

    def on_mark(self, price: float, time_ms: int) -> bool:
        """Returns whether the price counts."""
        return self._returns.add(price, time_ms)

    def on_open_interest(self, quantity: float, time_ms: int) -> None:
        self._open_interest.add(quantity, time_ms)

    def tick(self, now_ms: int) -> CascadeReading:
        reason = self._stale(now_ms)
        if reason:
            return self._unknown(reason, now_ms)
        side = self._worse_side(now_ms)
        trail = self._open_interest
        drop_pct = trail.drop_pct() if trail.served else None
        if drop_pct is None:
            points = side.points * WITHOUT_OPEN_INTEREST
        else:
            points = Decimal(side.points + points_for(drop_pct, *OI_POINTS))
        colour = self._colour.follow(colour_of(float(points)), now_ms)
        changes = (trail.change_pct(60), trail.change_pct(180)) if trail.served else (None, None)
        return CascadeReading(
            formula=CascadeFormula.MAGNITUDE,
            colour=colour,
            points=points,
            liquidations=figure_of(side.liquidations),
            returns=figure_of(side.returns),
            open_interest=None if drop_pct is None else figure_of(drop_pct),
            counted=(LIQUIDATIONS, RETURNS) if drop_pct is None else (LIQUIDATIONS, RETURNS, OPEN_INTEREST),
            reversal=reversal_quality(side.liquidations, side.returns >= RET_POINTS[0], *changes),
            since_ms=self._since(colour, now_ms),
            measured_at_ms=now_ms,
        )

    def _stale(self, now_ms: int) -> str:
        if reason := self._returns.stale(now_ms):
            return f"returns: {reason}"
        if self._open_interest.served and (reason := self._open_interest.stale(now_ms)):
            return f"open interest: {reason}"
        return ""

    def _worse_side(self, now_ms: int) -> _Side:
        """Both sides are measured; the one that scores more counts. A side without liquidations scores nothing."""
        deviations = self._returns.deviations()
        worse = _QUIET
        for side, flow in self._flows.items():
            usdt = flow.trailing(now_ms)
            if usdt <= 0:
                continue
            liquidations = usdt / max(flow.usual(now_ms), self._floor_usdt)
            # A forced SELL closes a long: the price that goes with it is a falling one.
            returns = -deviations if side is Side.SELL else deviations
            points = points_for(liquidations, *LQ_POINTS) + points_for(returns, *RET_POINTS)
            if (points, liquidations) > (worse.points, worse.liquidations):
                worse = _Side(points, liquidations, returns)
        return worse

    def _unknown(self, reason: str, now_ms: int) -> CascadeReading:
        return CascadeReading(
            formula=CascadeFormula.MAGNITUDE,
            colour=Colour.UNKNOWN,
            points=ZERO,
            liquidations=None,
            returns=None,
            open_interest=None,
            counted=(),
            reversal=ReversalQuality.POOR,
            since_ms=self._since(Colour.UNKNOWN, now_ms),
            measured_at_ms=now_ms,
            reason=reason,
        )

    def _since(self, shown: Colour, now_ms: int) -> int:
        if shown is not self._shown:
            self._shown, self._since_ms = shown, now_ms
        return self._since_ms


BLOCKS_FROM_PCT: Final = 50
HOLDS_FROM_PCT: Final = 35
FEW: Final = 4
LEAST_OF_FEW: Final = 2


class AggregateDetector:
    """Blocks from 50 % of the symbols on, and until less than 35 % are blocked.

    Blocked are those whose colour blocks, UNKNOWN among them; they are counted against the symbols with fresh data
    only. So what is unknown weighs twice, and the share may exceed 100 %: a third of the symbols without data block
    everything, since then the feed itself is in doubt. Where nothing is fresh the share is taken as 100 %. Fewer than
    four monitored symbols need at least two blocked ones to begin with: one of them alone is blocked by its own colour.
    """

    def __init__(self) -> None:
        self._blocked: bool | None = None
        self._since_ms = 0

    def update(self, readings: Iterable[CascadeReading], now_ms: int) -> AggregateCascade:
        """``readings`` are the latest of every monitored symbol, all by one formula."""
        colours = [reading.colour for reading in readings]
        fresh = sum(colour is not Colour.UNKNOWN for colour in colours)
        blocking = sum(colour.blocks for colour in colours)
        blocked = self._judge(blocking, fresh, len(colours))
        if blocked is not self._blocked:
            self._blocked, self._since_ms = blocked, now_ms
        return AggregateCascade(blocked, blocking, fresh, len(colours), self._since_ms, now_ms)

    def _judge(self, blocking: int, fresh: int, monitored: int) -> bool:
        if self._blocked:
            return blocking > 0 and 100 * blocking >= HOLDS_FROM_PCT * fresh
        enough = blocking >= (LEAST_OF_FEW if monitored < FEW else 1)
        return enough and 100 * blocking >= BLOCKS_FROM_PCT * fresh
