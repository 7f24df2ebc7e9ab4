"""Mark prices beside the positions, asked of the venue's public data as rarely as a page needs them."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from undertow.domain.ids import Symbol
from undertow.domain.market import MarkPrice, Venue
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import Clock, Venues

logger = logging.getLogger(__name__)

FRESH_MS: Final = 3_000
MOST_QUESTIONS: Final = 12
"""Questions for one answer to a person: the rest of the marks is a little older, and says so."""
TOO_OLD_MS: Final = 120_000
"""Nothing is reckoned from an older mark where its age is not shown beside: it would pass for the price of now."""
SILENCE_MS: Final = 10_000
"""After a failure the venue is left alone for this long; a page is not worth a share of its request limits."""


def still_tells(mark: MarkPrice, now_ms: int) -> bool:
    return now_ms - mark.time_ms <= TOO_OLD_MS


@dataclass(slots=True)
class Marks:
    venues: Venues
    clock: Clock
    _held: dict[tuple[Venue, Symbol], MarkPrice] = field(default_factory=dict)
    _asked_ms: dict[tuple[Venue, Symbol], int] = field(default_factory=dict)
    _silent_until_ms: int = 0

    def of(self, venue: Venue, symbols: Iterable[Symbol]) -> Mapping[Symbol, MarkPrice]:
        """The last known mark prices; symbols whose mark was never learned are not in the answer."""
        wanted = sorted(set(symbols), key=lambda symbol: self._asked_ms.get((venue, symbol), 0))
        now_ms = self.clock.now_ms()
        stale = [symbol for symbol in wanted if now_ms - self._asked_ms.get((venue, symbol), 0) >= FRESH_MS]
        for symbol in stale[:MOST_QUESTIONS]:
            if self.clock.now_ms() < self._silent_until_ms:
                break
            self._ask(venue, symbol)
        return {symbol: self._held[venue, symbol] for symbol in wanted if (venue, symbol) in self._held}

    def _ask(self, venue: Venue, symbol: Symbol) -> None:
        self._asked_ms[venue, symbol] = self.clock.now_ms()
        try:
            self._held[venue, symbol] = self.venues.market_data(venue).fetch_mark_price(symbol)
        except (VenueReadFailed, VenueUnreachable) as error:
            self._silent_until_ms = self.clock.now_ms() + SILENCE_MS
            logger.warning("mark_price_unknown", extra={"symbol": symbol, "cause": str(error)})
