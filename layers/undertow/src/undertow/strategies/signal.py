"""What strategies that act on liquidations have in common: which side a liquidation speaks for, and what fired."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from undertow.domain.market import Liquidation, PositionSide, Side


class Direction(StrEnum):
    """FADE trades against the liquidations (longs liquidated: buy), FOLLOW with them."""

    FADE = "fade"
    FOLLOW = "follow"


class TradeSide(StrEnum):
    BOTH = "both"
    LONG = "long"
    SHORT = "short"


class OppositePolicy(StrEnum):
    """What a signal against an open position of the same symbol does: nothing, a hedge, or a reduction of it."""

    IGNORE = "ignore"
    HEDGE = "hedge"
    REDUCE = "reduce"


@dataclass(frozen=True, slots=True)
class Signal:
    """A trigger that fired: which side to open, on what volume."""

    side: PositionSide
    liquidation: Liquidation
    inputs: Mapping[str, str]
    thresholds: Mapping[str, str]


def position_side(liquidated: Side, direction: Direction) -> PositionSide:
    """SELL means that a long was liquidated: to fade it is to buy, to follow it is to sell."""
    faded = PositionSide.LONG if liquidated is Side.SELL else PositionSide.SHORT
    return faded if direction is Direction.FADE else faded.opposite
