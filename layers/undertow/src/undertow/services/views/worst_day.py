"""The worst recorded day of a symbol, and what entries would have lost on it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.market import Candle, PositionSide
from undertow.domain.numbers import HUNDRED, ZERO, plain
from undertow.services.views.render import EpochMs, Figure

_CENT: Final = Decimal("0.01")
_FINE: Final = Decimal("0.00000001")
_DEAR: Final = 1_000


class WorstDay(TypedDict):
    """The worst of ``days`` recorded days, and what the entries would have lost on it."""

    opened_at_ms: EpochMs
    days: int
    from_ms: EpochMs
    against_pct: Figure
    extreme_price: Figure
    entries_reached: int
    stop_reached: bool
    loss_with_stop: Figure
    loss_without_stop: Figure


def worst_day(days: Sequence[Candle], side: PositionSide) -> tuple[Candle, Decimal] | None:
    """The day with the largest move against ``side`` from its open, in percent of the open; None without days."""

    def against(day: Candle) -> Decimal:
        extreme = day.low if side is PositionSide.LONG else day.high
        return max(ZERO, side.sign * (day.open - extreme) / day.open * HUNDRED)

    worst = max((day for day in days if day.open > 0), key=against, default=None)
    return None if worst is None else (worst, against(worst))


def worst_day_row(
    side: PositionSide, days: Sequence[Candle], start: Decimal, stop: Decimal, filled: Sequence[tuple[Decimal, Decimal]]
) -> WorstDay | None:
    """What entries would have lost had the worst recorded day begun at ``start``.

    ``filled`` are price and quantity of each entry. Those that the day reaches count, at the day's extreme without a
    stop and no farther than the stop with it; a gap over the stop would cost more.
    """
    found = worst_day(days, side)
    if found is None:
        return None
    day, percent = found
    sign = side.sign
    extreme = start * (1 - sign * percent / HUNDRED)
    exit_price = max(extreme, stop) if side is PositionSide.LONG else min(extreme, stop)
    reached = [(price, quantity) for price, quantity in filled if sign * (price - extreme) >= 0]
    without = sum((sign * (price - extreme) * quantity for price, quantity in reached), ZERO)
    with_stop = sum((sign * (price - exit_price) * quantity for price, quantity in reached), ZERO)
    return {
        "opened_at_ms": day.open_time_ms,
        "days": len(days),
        "from_ms": days[0].open_time_ms,
        "against_pct": plain(percent.quantize(_CENT)),
        "extreme_price": plain(extreme.quantize(_CENT)) if extreme >= _DEAR else plain(extreme.quantize(_FINE)),
        "entries_reached": len(reached),
        "stop_reached": sign * (stop - extreme) >= 0,
        "loss_with_stop": plain(max(ZERO, with_stop).quantize(_CENT)),
        "loss_without_stop": plain(max(ZERO, without).quantize(_CENT)),
    }
