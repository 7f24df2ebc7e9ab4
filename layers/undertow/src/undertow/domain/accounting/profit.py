"""Sums of profit, and the lines that they are made of."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from undertow.domain.accounting.owners import NOBODY, Owner
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide
from undertow.domain.numbers import ZERO

QUOTE: Final = "USDT"
"""The unit of every sum. What is paid in another asset is told apart, and never added without its rate then."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one event did to the wallet, in quote units. ``commission`` is a cost: positive when paid.

    ``apart`` is signed: what came in or went out in other assets than the quote.
    """

    time_ms: int
    symbol: Symbol | None = None
    side: PositionSide | None = None
    owner: Owner = NOBODY
    realized: Decimal = ZERO
    commission: Decimal = ZERO
    funding: Decimal = ZERO
    other: Decimal = ZERO
    apart: Mapping[str, Decimal] = field(default_factory=dict)
    volume: Decimal = ZERO
    trades: int = 0


@dataclass(frozen=True, slots=True)
class Profit:
    realized: Decimal = ZERO
    commission: Decimal = ZERO
    funding: Decimal = ZERO
    other: Decimal = ZERO
    apart: Mapping[str, Decimal] = field(default_factory=dict)
    volume: Decimal = ZERO
    trades: int = 0

    @property
    def net(self) -> Decimal:
        """What is left of the profit once everything is paid, in quote units. Nothing of ``apart`` is in it."""
        return self.realized - self.commission + self.funding + self.other


def total(lines: Iterable[Line]) -> Profit:
    realized = commission = funding = other = volume = ZERO
    apart: dict[str, Decimal] = defaultdict(Decimal)
    trades = 0
    for line in lines:
        realized += line.realized
        commission += line.commission
        funding += line.funding
        other += line.other
        volume += line.volume
        trades += line.trades
        for asset, amount in line.apart.items():
            apart[asset] += amount
    return Profit(realized, commission, funding, other, dict(apart), volume, trades)


class Grouping(StrEnum):
    SYMBOL = "symbol"
    HOUR = "hour"
    WEEKDAY = "weekday"
    DAY = "day"
    STRATEGY = "strategy"
    SESSION = "session"
    SIDE = "side"


def grouped(lines: Iterable[Line], by: Grouping) -> Mapping[str, Profit]:
    """Sums by key. The empty key holds what belongs to none: income without a symbol, positions of nobody."""
    groups: dict[str, list[Line]] = defaultdict(list)
    key = _KEYS[by]
    for line in lines:
        groups[key(line)].append(line)
    return {name: total(groups[name]) for name in sorted(groups)}


def within(lines: Iterable[Line], from_ms: int, to_ms: int) -> list[Line]:
    """Both ends included."""
    return [line for line in lines if from_ms <= line.time_ms <= to_ms]


def day_of(time_ms: int) -> str:
    """The day in UTC, as 2026-01-31."""
    return _utc(time_ms).date().isoformat()


def _utc(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms // 1000, UTC)


_WEEKDAYS: Final = ("1 Monday", "2 Tuesday", "3 Wednesday", "4 Thursday", "5 Friday", "6 Saturday", "7 Sunday")

_KEYS: Final[Mapping[Grouping, Callable[[Line], str]]] = {
    Grouping.SYMBOL: lambda line: line.symbol or "",
    Grouping.HOUR: lambda line: f"{_utc(line.time_ms).hour:02}",
    Grouping.WEEKDAY: lambda line: _WEEKDAYS[_utc(line.time_ms).weekday()],
    Grouping.DAY: lambda line: day_of(line.time_ms),
    Grouping.STRATEGY: lambda line: line.owner.strategy or "",
    Grouping.SESSION: lambda line: line.owner.session or "",
    Grouping.SIDE: lambda line: "" if line.side is None else line.side.value,
}
