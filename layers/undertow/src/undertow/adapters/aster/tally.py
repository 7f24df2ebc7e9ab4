"""What this process asks of the venue, by minute and endpoint. In memory only: whoever runs the process keeps it."""

import threading
from collections.abc import Sequence
from typing import Final

from undertow.domain.contact import KEPT_MINUTES, MINUTE_MS, Asked, ClockOffset, Contact, VenueCount
from undertow.domain.market import Venue

VENUE: Final = Venue.ASTER


class WeightTally:
    """Implements ``ports.ContactTally`` for all connections of a process. Safe to use from several threads.

    Minutes are the venue's, since its limits are. Only the latest few are held, however rarely they are taken.
    """

    def __init__(self, function: str) -> None:
        self._function = function
        self._minutes: dict[int, Contact] = {}
        self._lock = threading.Lock()

    def asked(self, at_ms: int, endpoint: str, weight: int) -> None:
        """A request is on its way; it counts whether or not it is answered."""
        self._add(at_ms, {endpoint: Asked(1, weight)})

    def told(self, at_ms: int, used: int, limit: int) -> None:
        """What the venue counted of its limit, by its answer."""
        self._add(at_ms, count=VenueCount(used, limit, at_ms))

    def compared(self, at_ms: int, offset_ms: int) -> None:
        """The venue's clock was measured against ours."""
        self._add(at_ms, clock=ClockOffset(offset_ms, at_ms))

    def take(self) -> Sequence[Contact]:
        with self._lock:
            taken = [self._minutes[minute] for minute in sorted(self._minutes)]
            self._minutes.clear()
            return taken

    def give_back(self, contacts: Sequence[Contact]) -> None:
        with self._lock:
            for one in contacts:
                later = self._minutes.get(one.minute)
                self._minutes[one.minute] = one if later is None else one.plus(later)
            self._forget()

    def _add(
        self,
        at_ms: int,
        by_endpoint: dict[str, Asked] | None = None,
        count: VenueCount | None = None,
        clock: ClockOffset | None = None,
    ) -> None:
        minute = at_ms // MINUTE_MS
        more = Contact(VENUE, self._function, minute, by_endpoint or {}, count, clock)
        with self._lock:
            known = self._minutes.get(minute)
            self._minutes[minute] = more if known is None else known.plus(more)
            self._forget()

    def _forget(self) -> None:
        for minute in sorted(self._minutes)[:-KEPT_MINUTES]:
            del self._minutes[minute]
