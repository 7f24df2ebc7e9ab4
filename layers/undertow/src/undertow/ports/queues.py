"""Queues, alerts, meters and the clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from undertow.domain.alert import AlertLevel
from undertow.domain.follow_up import FollowUp

LONGEST_DELAY_S: Final = 900
"""What a queue can delay one message."""


class NotScheduled(Exception):
    """The queue did not take a follow-up, or never said that it did: it may still come."""


class FollowUps(Protocol):
    def schedule(self, follow_up: FollowUp, delay_s: int) -> None:
        """Deliver it to us again after ``delay_s`` (0 to 900, else ValueError). Raises NotScheduled."""
        ...


@dataclass(frozen=True, slots=True)
class FailedMessage:
    """A message that could not be handled. ``receives`` counts how often it was handed out, this time included."""

    receipt: str
    receives: int


class Redelivery(Protocol):
    def hasten(self, failed: Sequence[FailedMessage]) -> None:
        """Have them delivered again within seconds, in the order given. Never raises: what cannot be hastened comes
        back when the queue's own time is up.
        """
        ...


class Notifier(Protocol):
    def alert(self, level: AlertLevel, key: str, message: str, facts: Mapping[str, str]) -> None:
        """``key`` names the condition, so that the same one is not told twice in a row. Never raises."""
        ...

    def resolved(self, key: str, message: str) -> None:
        """The condition ``key`` has ended, as ``message`` says: told once, if the condition was. Never raises."""
        ...


class Meter(Protocol):
    def count(self, name: str, value: int = 1) -> None: ...

    def observe(self, name: str, milliseconds: int) -> None: ...


class Clock(Protocol):
    def now_ms(self) -> int:
        """Epoch milliseconds, UTC."""
        ...
