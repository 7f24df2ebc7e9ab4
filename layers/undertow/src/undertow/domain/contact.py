"""What is asked of a venue, counted: request weight by endpoint, what the venue counted itself, and its clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from undertow.domain.market import Venue

MINUTE_MS: Final = 60_000
KEPT_MINUTES: Final = 5
"""The minute that runs and the four before it. Older ones say nothing of what may still be asked."""
ALARMING_OFFSET_MS: Final = 500
"""Clocks further apart than this are told to people: the age of a signal is wrong by as much."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Requests, and their weight in the venue's units."""

    requests: int = 0
    weight: int = 0

    def plus(self, other: "Asked") -> "Asked":
        return Asked(self.requests + other.requests, self.weight + other.weight)


@dataclass(frozen=True, slots=True)
class VenueCount:
    """How much weight the venue said that it had counted of ``limit`` for the address, all who share it together."""

    used: int
    limit: int
    told_at_ms: int


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """How far the venue's clock was ahead of ours, in milliseconds."""

    offset_ms: int
    measured_at_ms: int


@dataclass(frozen=True, slots=True)
class Contact:
    """What one function had to do with one venue within one minute.

    ``minute`` counts from the epoch, by the venue's clock: its limits begin anew with it. ``by_endpoint`` has names
    such as ``GET /fapi/v3/order``. ``count`` is what the venue said last, None when it said nothing in that minute;
    ``clock`` likewise.
    """

    venue: Venue
    function: str
    minute: int
    by_endpoint: Mapping[str, Asked] = field(default_factory=dict)
    count: VenueCount | None = None
    clock: ClockOffset | None = None

    def plus(self, later: "Contact") -> "Contact":
        """With what the same function had to do with the same venue later in the same minute."""
        names = dict.fromkeys((*self.by_endpoint, *later.by_endpoint))
        none = Asked()
        return replace(
            self,
            by_endpoint={
                name: self.by_endpoint.get(name, none).plus(later.by_endpoint.get(name, none)) for name in names
            },
            count=_higher(self.count, later.count),
            clock=later.clock or self.clock,
        )


def _higher(one: VenueCount | None, other: VenueCount | None) -> VenueCount | None:
    """Answers may overtake each other; within a minute the venue only counts upwards."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda count: (count.used, count.told_at_ms))
