"""How much of a venue's limits is used, by what, and how far its clock is from ours.

The venue counts for an address, whoever asks from it; so of what the functions were told the highest count holds. What
each endpoint took is our own count, which is kept at the end of an invocation: it may be some seconds late.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from typing_extensions import TypedDict

from undertow.domain.contact import ALARMING_OFFSET_MS, KEPT_MINUTES, MINUTE_MS, Asked, ClockOffset, Contact, VenueCount
from undertow.domain.market import Venue
from undertow.services.views import render
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.sources import Sources


class WeightUsed(TypedDict):
    """What the venue told that it had counted for our address: the most of the minute that runs and the one before.

    ``told_ms`` is when. Where nobody was told anything in these two minutes it is the latest that is known.
    """

    used: int
    limit: int
    used_pct: Figure
    told_ms: EpochMs


class ClockCompared(TypedDict):
    """``offset_ms`` is how far the venue's clock is ahead of ours, as last measured; ``apart``: too far."""

    offset_ms: int
    measured_ms: EpochMs
    apart: bool


class VenueNow(TypedDict):
    """Null is what nobody knows: nothing was asked within five minutes, or the venue did not tell."""

    venue: Venue
    weight: WeightUsed | None
    clock: ClockCompared | None


class AskedNow(TypedDict):
    """``minute_weight`` is of the venue's minute that runs, ``before_weight`` of the whole one before it."""

    name: str
    requests: int
    weight: int
    minute_weight: int
    before_weight: int
    by: list[str]


class Contacted(TypedDict):
    """Of the venue's last five minutes, the one that runs included, the heaviest first.

    In ``by_endpoint`` ``by`` are functions, in ``by_function`` it is endpoints. ``weight`` is of all five minutes.
    """

    venue: Venue
    from_ms: EpochMs
    now: VenueNow
    by_endpoint: list[AskedNow]
    by_function: list[AskedNow]


def venue_now(sources: Sources, venue: Venue, now_ms: int) -> VenueNow:
    return _now(venue, _read(sources, venue, now_ms), now_ms)


def contacted(sources: Sources, venue: Venue, now_ms: int) -> Contacted:
    found = _read(sources, venue, now_ms)
    asked = [(one, endpoint, asked) for one in found for endpoint, asked in one.by_endpoint.items()]
    return {
        "venue": venue,
        "from_ms": _first_minute(now_ms) * MINUTE_MS,
        "now": _now(venue, found, now_ms),
        "by_endpoint": _rows(((endpoint, one.function, one.minute, some) for one, endpoint, some in asked), now_ms),
        "by_function": _rows(((one.function, endpoint, one.minute, some) for one, endpoint, some in asked), now_ms),
    }


def _first_minute(now_ms: int) -> int:
    return now_ms // MINUTE_MS - KEPT_MINUTES + 1


def _read(sources: Sources, venue: Venue, now_ms: int) -> Sequence[Contact]:
    return sources.kept.contacts.since(venue, _first_minute(now_ms))


def _now(venue: Venue, found: Sequence[Contact], now_ms: int) -> VenueNow:
    clocks = [one.clock for one in found if one.clock is not None]
    return {
        "venue": venue,
        "weight": _weight([(one.minute, one.count) for one in found if one.count is not None], now_ms),
        "clock": _clock(max(clocks, key=lambda clock: clock.measured_at_ms)) if clocks else None,
    }


def _weight(told: Sequence[tuple[int, VenueCount]], now_ms: int) -> WeightUsed | None:
    if not told:
        return None
    recent = [count for minute, count in told if minute >= now_ms // MINUTE_MS - 1]
    latest = max((count for _, count in told), key=lambda count: count.told_at_ms)
    count = max(recent, key=lambda count: (count.used, count.told_at_ms)) if recent else latest
    return {
        "used": count.used,
        "limit": count.limit,
        "used_pct": render.percent(Decimal(count.used) / count.limit),
        "told_ms": count.told_at_ms,
    }


def _clock(clock: ClockOffset) -> ClockCompared:
    return {
        "offset_ms": clock.offset_ms,
        "measured_ms": clock.measured_at_ms,
        "apart": abs(clock.offset_ms) > ALARMING_OFFSET_MS,
    }


def _rows(asked: Iterable[tuple[str, str, int, Asked]], now_ms: int) -> list[AskedNow]:
    by_name: dict[str, list[tuple[str, int, Asked]]] = defaultdict(list)
    for name, other, minute, some in asked:
        by_name[name].append((other, minute, some))
    rows = [_row(name, parts, now_ms // MINUTE_MS) for name, parts in by_name.items()]
    return sorted(rows, key=lambda row: (-row["weight"], row["name"]))


def _row(name: str, parts: Sequence[tuple[str, int, Asked]], minute: int) -> AskedNow:
    return {
        "name": name,
        "requests": sum(some.requests for _, _, some in parts),
        "weight": sum(some.weight for _, _, some in parts),
        # The venue's clock may be a little ahead of ours: its next minute has begun then.
        "minute_weight": sum(some.weight for _, when, some in parts if when >= minute),
        "before_weight": sum(some.weight for _, when, some in parts if when == minute - 1),
        "by": sorted({other for other, _, _ in parts}),
    }
