"""Open interest of the monitored symbols, where the venue tells it. Aster documents no such thing: it is asked once."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from undertow.domain.ids import Symbol
from undertow.domain.market import OpenInterest
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable

logger = logging.getLogger(__name__)

FASTEST_S: Final = 0.5
SLOWEST_S: Final = 2.0
ROUND_S: Final = 20.0
"""A sample is of use for 60 s: each symbol is asked for three times a minute, by at most two requests a second."""
RETRY_S: Final = 30.0


class OpenInterestSource(Protocol):
    """Blocking, and called in a thread. Raises VenueUnreachable or VenueReadFailed."""

    def fetch_open_interest(self, symbol: Symbol) -> OpenInterest | None:
        """None when the venue has no such endpoint."""
        ...


class OpenInterestPoll:
    def __init__(self, source: OpenInterestSource, take: Callable[[Symbol, OpenInterest], None]) -> None:
        self._source = source
        self._take = take
        self._symbols: tuple[Symbol, ...] = ()
        self._next = 0
        self.served: bool | None = None
        """None until the venue has answered the first time; False for good once it said that it has no such thing."""

    def watch(self, symbols: Iterable[Symbol]) -> None:
        self._symbols = tuple(sorted(symbols))

    async def run(self, hurry: float = 1.0) -> None:
        """Ask for one symbol after the other, for ever, or until the venue says that there is nothing to ask for.

        All pauses are multiplied with ``hurry``.
        """
        while self.served is not False:
            await asyncio.sleep(await self._ask() * hurry)

    async def _ask(self) -> float:
        """Ask once; returns how long to wait before the next time."""
        if not self._symbols:
            return SLOWEST_S
        self._next = (self._next + 1) % len(self._symbols)
        symbol = self._symbols[self._next]
        try:
            found = await asyncio.to_thread(self._source.fetch_open_interest, symbol)
        except (VenueUnreachable, VenueReadFailed) as error:
            # Not an answer about the endpoint: a venue in trouble is asked again.
            logger.warning("open interest not fetched", extra={"symbol": symbol, "reason": str(error)})
            return RETRY_S
        if found is None:
            # Of one symbol alone it proves nothing only while others are served.
            if self.served is None:
                self.served = False
                logger.info("the venue has no open interest; cascades are measured by the other two statistics")
            return SLOWEST_S
        self.served = True
        self._take(symbol, found)
        return max(FASTEST_S, min(SLOWEST_S, ROUND_S / len(self._symbols)))
