"""The venue's clock as seen from here: measured offset, its age, and what drift forbids."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median_low
from typing import Final

SAMPLES: Final = 5
ALARM_MS: Final = 500
REFUSE_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class TimeSample:
    """One answer of ``GET time`` between two readings of our own clock (epoch milliseconds)."""

    sent_ms: int
    server_ms: int
    received_ms: int

    @property
    def offset_ms(self) -> int:
        """Venue minus us, with the answer assumed to have been written half-way."""
        return self.server_ms - (self.sent_ms + self.received_ms) // 2


class Drift(StrEnum):
    UNMEASURED = "unmeasured"
    GOOD = "good"
    ALARMING = "alarming"
    """Above 500 ms: tell a person."""
    REFUSING = "refusing"
    """Above 1000 ms: the age of a signal can no longer be judged, so nothing new may be opened."""


class ServerTime:
    """Our clock plus the offset last measured. Signers and the budget read the time here."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.local_ms = now_ms
        self._offset_ms = 0
        self._measured_at_ms: int | None = None

    def now_ms(self) -> int:
        return self.local_ms() + self._offset_ms

    def learn(self, samples: Sequence[TimeSample]) -> int:
        """Take the median offset of ``samples``: one slow answer must not shift the clock."""
        self._offset_ms = median_low([sample.offset_ms for sample in samples])
        self._measured_at_ms = self.local_ms()
        return self._offset_ms

    @property
    def offset_ms(self) -> int:
        return self._offset_ms

    @property
    def age_ms(self) -> int | None:
        """How long ago the offset was measured; None if never, or if our clock was set back meanwhile."""
        if self._measured_at_ms is None or self.local_ms() < self._measured_at_ms:
            return None
        return self.local_ms() - self._measured_at_ms

    @property
    def drift(self) -> Drift:
        """Judged by the last measurement, however old: a clock once found wrong stays so until measured again."""
        if self._measured_at_ms is None:
            return Drift.UNMEASURED
        if abs(self._offset_ms) > REFUSE_MS:
            return Drift.REFUSING
        return Drift.ALARMING if abs(self._offset_ms) > ALARM_MS else Drift.GOOD
