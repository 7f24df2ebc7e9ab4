"""One thing that stands against new entries, and how old a report may be before it counts as none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

HEARTBEAT_LATE_MS: Final = 30_000
CASCADE_LATE_MS: Final = 30_000
"""The worker writes the state every few seconds: one this old is no state at all."""


@dataclass(frozen=True, slots=True)
class Standing:
    """``scope`` says what it holds up: all, an account, a venue, a strategy, or a symbol of an account.

    ``since_ms`` is None where nobody kept the time. ``inputs`` are the figures behind it, as shown to people.
    """

    kind: str
    scope: str
    since_ms: int | None
    reason: str
    clears: str
    inputs: Mapping[str, str] = field(default_factory=dict)
