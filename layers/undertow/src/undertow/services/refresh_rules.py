"""Read a symbol's trading rules anew when the venue refuses an order by them.

They are read each hour, and may change in between: until then every stop would be refused for the old grid.
"""

import logging
from dataclasses import dataclass, replace
from typing import Final

from undertow.domain.ids import Symbol
from undertow.domain.market import Venue
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import Clock, Instruments, Meter, StoreBusy, Venues

logger = logging.getLogger(__name__)

REFUSED_BY_RULES: Final = frozenset({-1111, -4003, -4004, -4005, -4014, -4023, -4164})
"""Decimals; quantity too small, too large, off the grid; price off the grid; value too small."""
AT_MOST_EACH_MS: Final = 10_000
"""Rules as fresh as this are not why an order was refused."""


@dataclass(frozen=True, slots=True)
class RefreshRules:
    instruments: Instruments
    venues: Venues
    clock: Clock
    meter: Meter

    def __call__(self, venue: Venue, symbol: Symbol) -> None:
        """Whoever needs the order looks again and finds the new rules. Where they cannot be read or kept the old ones
        stay: what a refused order leads to, an alert or an exit, does not wait for them."""
        try:
            is_read = self._read(venue, symbol)
        except (VenueReadFailed, VenueUnreachable, StoreBusy) as failure:
            logger.warning("rules_not_read", extra={"venue": venue.value, "symbol": symbol, "cause": str(failure)})
            return
        if is_read:
            self.meter.count("rules_refreshed")
            logger.info("rules_refreshed", extra={"venue": venue.value, "symbol": symbol})

    def _read(self, venue: Venue, symbol: Symbol) -> bool:
        known = self.instruments.get(venue, symbol)
        if known is None or self.clock.now_ms() - known.fetched_at_ms < AT_MOST_EACH_MS:
            return False
        listed = self.venues.market_data(venue).fetch_instruments()
        found = [replace(rule, brackets=known.brackets) for rule in listed if rule.symbol == symbol]
        self.instruments.save(found)
        return bool(found)
