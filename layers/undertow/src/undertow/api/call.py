"""One request as the answers see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from undertow.api.given import Given
from undertow.services.console import Console

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
LATEST_MS: Final = 10**13 - 1
MOST_VERSIONS: Final = 10**9
LONGEST_REASON: Final = 200


@dataclass(frozen=True, slots=True)
class Door:
    """Through which door a call came: the gateway's stage, what its token may do, where live events are.

    ``wait`` waits for so many seconds; None where nobody can be kept waiting.
    """

    stage: str = ""
    scopes: frozenset[str] = frozenset()
    live_url: str = ""
    wait: Callable[[float], None] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, the query or body, the variable parts of the path; If-Match, Idempotency-Key, Last-Event-ID."""

    by: str
    given: Given
    path: Mapping[str, str]
    if_match: str | None = None
    key: str | None = None
    door: Door = Door()
    last_event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Download:
    """An answer that is a file. ``headers`` tell of it what a program needs to know."""

    text: str
    content_type: str
    name: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EventStream:
    """Server-sent events."""

    text: str


Answer = Callable[[Console, Call], Mapping[str, object] | Download | EventStream]


def time_range(console: Console, given: Given, default_ms: int, longest_ms: int) -> tuple[int, int]:
    """``from_ms`` and ``to_ms``, both included. The range ends now and is ``default_ms`` long unless given."""
    now_ms = console.sources.clock.now_ms()
    to_ms = given.whole("to_ms", now_ms, 0, LATEST_MS, "now, when it is not given")
    from_ms = given.whole("from_ms", max(0, to_ms - default_ms), 0, LATEST_MS, _before(default_ms, longest_ms))
    if from_ms > to_ms:
        given.complain("from_ms", "a time not after to_ms")
    elif to_ms - from_ms > longest_ms:
        given.complain("from_ms", f"at most {longest_ms // HOUR_MS} hours before to_ms")
    return from_ms, to_ms


def moments(console: Console, given: Given, default_ms: int, longest_ms: int) -> tuple[int, int]:
    """As ``time_range``, and ``from`` and ``to`` may be days or moments as people write them."""
    now_ms = console.sources.clock.now_ms()
    to_ms = given.moment("to", None, last=True)
    from_ms = given.moment("from", None)
    if to_ms is None:
        to_ms = given.whole("to_ms", now_ms, 0, LATEST_MS, "now, when it is not given")
    if from_ms is None:
        from_ms = given.whole("from_ms", max(0, to_ms - default_ms), 0, LATEST_MS, _before(default_ms, longest_ms))
    if from_ms > to_ms:
        given.complain("from", "a time not after to")
    elif to_ms - from_ms > longest_ms:
        given.complain("from", f"at most {longest_ms // DAY_MS} days before to")
    return from_ms, to_ms


def _before(default_ms: int, longest_ms: int) -> str:
    usual, most = default_ms // HOUR_MS, longest_ms // HOUR_MS
    return f"{usual} hours before the end, when it is not given, and at most {most} hours before it"
