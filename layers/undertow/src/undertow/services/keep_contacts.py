"""Keeps what this process asked of venues, so that people see how much of the venue's limit is used, and by what.

What it costs: one write of less than 1 kB at the end of an invocation, at most once in 15 s for a process, and none
where nothing was asked; where two minutes or two venues have gathered, one for each. A function that runs once a minute
adds one write a minute, one that never rests four. Nothing is written while an order is on its way.
"""

import logging
from dataclasses import dataclass
from typing import Final

from undertow.ports import Clock, Contacts, ContactTally, StoreBusy

logger = logging.getLogger(__name__)

EVERY_MS: Final = 15_000
"""What an invocation asked within this time of the last write is kept by the next one: a burst's end may come late. The
venue's own count does not wait for it: whoever asks next is told."""


@dataclass(slots=True)
class KeepContacts:
    """``tally`` is None where venues are not asked over a network: in replays and trials."""

    tally: ContactTally | None
    contacts: Contacts
    clock: Clock
    _kept_at_ms: int | None = None

    def __call__(self) -> None:
        """A store that does not answer keeps nobody from trading: what was counted is kept next time."""
        now_ms = self.clock.now_ms()
        if self.tally is None or (self._kept_at_ms is not None and 0 <= now_ms - self._kept_at_ms < EVERY_MS):
            return
        taken = self.tally.take()
        if not taken:
            return
        self._kept_at_ms = now_ms
        for place, contact in enumerate(taken):
            try:
                self.contacts.add(contact)
            except StoreBusy as busy:
                logger.warning("contacts_not_kept", extra={"cause": str(busy)})
                self.tally.give_back(taken[place:])
                return
