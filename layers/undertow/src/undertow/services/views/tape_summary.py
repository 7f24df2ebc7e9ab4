"""The liquidation tape at a glance: who, when and how much by the hour, what sizes are usual, at which prices most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.ids import Symbol
from undertow.domain.market import Liquidation, Side, Venue
from undertow.domain.numbers import HUNDRED, ZERO, plain
from undertow.services.views.recorded_gaps import SAMPLED, GapRow, gap_rows
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.sources import Sources

HOUR_MS: Final = 3_600_000
MOST_SYMBOLS: Final = 24
RANKS: Final = (0, 5, 10, 25, 50, 75, 90, 95, 99, 100)
"""Percentiles whose sizes are told: enough to say of any size where it stands."""
FEW: Final = 20
"""Fewer sizes than this have no percentiles worth the name."""
HOTSPOTS: Final = 3
HOTSPOT_PCT: Final = Decimal("0.25")
"""Width of the price bands that are compared, in percent of the symbol's last price."""


class SizeAt(TypedDict):
    percentile: int
    value: Figure


class HeatCell(TypedDict):
    hour_ms: EpochMs
    count: int
    long_value: Figure
    short_value: Figure


class Hotspot(TypedDict):
    """A band of prices in which more was liquidated than in others."""

    from_price: Figure
    to_price: Figure
    value: Figure
    count: int
    share_pct: Figure


class SymbolSummary(TypedDict):
    """``sizes`` is empty where too few were recorded. ``hours`` leaves out those in which nothing was."""

    symbol: str
    watched: bool
    count: int
    long_value: Figure
    short_value: Figure
    largest: Figure
    last_ms: EpochMs
    sizes: list[SizeAt]
    hours: list[HeatCell]
    hotspots: list[Hotspot]


class TapeSummary(TypedDict):
    """Of ``symbols_seen`` symbols the ones with the most value; ``sizes`` are over all of them."""

    time_ms: EpochMs
    from_ms: EpochMs
    to_ms: EpochMs
    hours: list[int]
    sampled: str
    count: int
    value: Figure
    symbols_seen: int
    symbols: list[SymbolSummary]
    sizes: list[SizeAt]
    gaps: list[GapRow]


@dataclass(slots=True)
class _Seen:
    events: list[Liquidation] = field(default_factory=list)

    @property
    def value(self) -> Decimal:
        return sum((one.notional for one in self.events), ZERO)


def tape_summary(sources: Sources, venue: Venue, hours: int) -> TapeSummary:
    """The hours are whole ones; the last of them is the one that is going on."""
    now_ms = sources.clock.now_ms()
    last_ms = now_ms - now_ms % HOUR_MS
    from_ms = last_ms - (hours - 1) * HOUR_MS
    seen: dict[Symbol, _Seen] = {}
    for one in sources.past_tape.between(sources.kept.liquidations, venue, from_ms, now_ms, now_ms):
        seen.setdefault(one.symbol, _Seen()).events.append(one)
    watched = sources.params.current().watched_symbols(venue)
    ranked = sorted(seen, key=lambda symbol: (-seen[symbol].value, symbol))
    every = [one.notional for found in seen.values() for one in found.events]
    return {
        "time_ms": now_ms,
        "from_ms": from_ms,
        "to_ms": now_ms,
        "hours": list(range(from_ms, now_ms + 1, HOUR_MS)),
        "sampled": SAMPLED,
        "count": len(every),
        "value": plain(sum(every, ZERO)),
        "symbols_seen": len(seen),
        "symbols": [_summary(symbol, seen[symbol].events, symbol in watched) for symbol in ranked[:MOST_SYMBOLS]],
        "sizes": _sizes(every),
        "gaps": gap_rows(sources, venue, from_ms, now_ms),
    }


def _summary(symbol: Symbol, events: Sequence[Liquidation], watched: bool) -> SymbolSummary:
    return {
        "symbol": symbol,
        "watched": watched,
        "count": len(events),
        "long_value": plain(_value(events, Side.SELL)),
        "short_value": plain(_value(events, Side.BUY)),
        "largest": plain(max(one.notional for one in events)),
        "last_ms": events[-1].event_time_ms,
        "sizes": _sizes([one.notional for one in events]),
        "hours": _hours(events),
        "hotspots": _hotspots(events),
    }


def _value(events: Iterable[Liquidation], side: Side) -> Decimal:
    return sum((one.notional for one in events if one.side is side), ZERO)


def _hours(events: Sequence[Liquidation]) -> list[HeatCell]:
    by_hour: dict[int, list[Liquidation]] = {}
    for one in events:
        by_hour.setdefault(one.event_time_ms - one.event_time_ms % HOUR_MS, []).append(one)
    return [
        {
            "hour_ms": hour_ms,
            "count": len(some),
            "long_value": plain(_value(some, Side.SELL)),
            "short_value": plain(_value(some, Side.BUY)),
        }
        for hour_ms, some in sorted(by_hour.items())
    ]


def _sizes(values: Sequence[Decimal]) -> list[SizeAt]:
    """The size at each of ``RANKS``, the nearest one below where the rank lies between two."""
    if len(values) < FEW:
        return []
    ordered = sorted(values)
    return [{"percentile": rank, "value": plain(ordered[(len(ordered) - 1) * rank // 100])} for rank in RANKS]


def _hotspots(events: Sequence[Liquidation]) -> list[Hotspot]:
    """Bands of equal width around the last price; nothing where too few were recorded to compare."""
    width = (events[-1].price * HOTSPOT_PCT / HUNDRED).normalize()
    if len(events) < FEW or width <= 0:
        return []
    bands: dict[int, list[Liquidation]] = {}
    for one in events:
        bands.setdefault(int((one.price / width).to_integral_value(ROUND_FLOOR)), []).append(one)
    total = sum((one.notional for one in events), ZERO)
    sums = {band: sum((one.notional for one in some), ZERO) for band, some in bands.items()}
    return [
        {
            "from_price": plain(_rounded(band * width)),
            "to_price": plain(_rounded((band + 1) * width)),
            "value": plain(sums[band]),
            "count": len(bands[band]),
            "share_pct": plain((sums[band] / total * HUNDRED).quantize(Decimal("0.1"))),
        }
        for band in sorted(sums, key=lambda band: (-sums[band], band))[:HOTSPOTS]
    ]


def _rounded(price: Decimal) -> Decimal:
    """To six digits, which is finer than any band is wide."""
    return Decimal(f"{price:.6g}")
