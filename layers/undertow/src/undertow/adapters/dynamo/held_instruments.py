"""Trading rules held for a minute: they change once in months, and every decision, every stop and every page asks."""

from collections.abc import Sequence
from typing import Final

from undertow.domain.ids import Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import Venue
from undertow.ports import Clock, Instruments

HELD_MS: Final = 60_000
"""Rules are fetched from the venue once an hour, so that this adds little to their age."""


class HeldInstruments:
    """``Instruments`` that ask for the same symbol, and for a venue's whole list, at most once a minute.

    What is not known is asked for every time.
    """

    def __init__(self, kept: Instruments, clock: Clock) -> None:
        self._kept = kept
        self._clock = clock
        self._held: dict[tuple[Venue, Symbol], tuple[int, Instrument]] = {}
        self._lists: dict[Venue, tuple[int, Sequence[Instrument]]] = {}

    def get(self, venue: Venue, symbol: Symbol) -> Instrument | None:
        now_ms = self._clock.now_ms()
        held_at_ms, instrument = self._held.get((venue, symbol), (now_ms, None))
        if instrument is not None and _is_fresh(held_at_ms, now_ms):
            return instrument
        found = self._kept.get(venue, symbol)
        if found is not None:
            self._held[venue, symbol] = (now_ms, found)
        return found

    def all(self, venue: Venue) -> Sequence[Instrument]:
        now_ms = self._clock.now_ms()
        held_at_ms, listed = self._lists.get(venue, (now_ms, ()))
        if listed and _is_fresh(held_at_ms, now_ms):
            return listed
        found = self._kept.all(venue)
        self._lists[venue] = (now_ms, found)
        return found

    def save(self, instruments: Sequence[Instrument]) -> None:
        self._held.clear()
        self._lists.clear()
        self._kept.save(instruments)


def _is_fresh(held_at_ms: int, now_ms: int) -> bool:
    """A clock that was set back makes nothing fresh."""
    return 0 <= now_ms - held_at_ms < HELD_MS
