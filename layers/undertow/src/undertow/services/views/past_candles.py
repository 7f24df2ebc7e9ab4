"""Candles of the past, asked of the venue's public data in blocks and kept: charts and decisions share them.

A block that is over never changes, so it is asked for once. How much is asked is bounded twice: within one answer, and
within a minute. What could not be asked is told as missing and never made up.
"""

import logging
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from undertow.domain.ids import Symbol
from undertow.domain.market import Candle, Venue
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import Clock, Venues

logger = logging.getLogger(__name__)

BLOCK: Final = 480
"""Candles in a block: eight hours of minutes. The venue counts a request for fewer than 500 as a weight of 2."""
MOST_BLOCKS: Final = 48
"""Held at once; a block takes a third of a megabyte."""
MOST_A_MINUTE: Final = 30
"""A weight of 60 a minute, of the 2,400 that the venue admits."""
FRESH_MS: Final = 10_000
"""For so long a block that is not over yet is as good as a new one."""
SETTLED_MS: Final = 5_000
"""A candle that closed longer ago than this does not change any more."""
SILENCE_MS: Final = 10_000

Key = tuple[Venue, Symbol, int, int]


@dataclass(slots=True)
class Questions:
    """How many more one answer may ask of the venue."""

    left: int


@dataclass(frozen=True, slots=True)
class PastPrices:
    """``missing`` says why candles are not there; empty when nothing is missing. ``asked_at_ms`` is of the oldest."""

    candles: Sequence[Candle]
    missing: str
    asked_at_ms: int | None


@dataclass(frozen=True, slots=True)
class _Block:
    candles: Sequence[Candle]
    asked_at_ms: int
    is_over: bool


@dataclass(slots=True)
class PastCandles:
    venues: Venues
    clock: Clock
    _blocks: "OrderedDict[Key, _Block]" = field(default_factory=OrderedDict)
    _asked_ms: deque[int] = field(default_factory=lambda: deque(maxlen=MOST_A_MINUTE))
    _silent_until_ms: int = 0

    def between(
        self, venue: Venue, symbol: Symbol, interval_s: int, from_ms: int, to_ms: int, questions: Questions
    ) -> PastPrices:
        """Candles that opened from ``from_ms`` to ``to_ms``, oldest first; the last one may still be open."""
        length_ms = interval_s * 1000 * BLOCK
        last = min(to_ms, self.clock.now_ms()) // length_ms
        found: list[Candle] = []
        missing, asked_ms = "", list[int]()
        for number in range(from_ms // length_ms, last + 1):
            block = self._block((venue, symbol, interval_s, number), questions)
            if isinstance(block, str):
                missing = missing or block
                continue
            asked_ms.append(block.asked_at_ms)
            found += [candle for candle in block.candles if from_ms <= candle.open_time_ms <= to_ms]
        return PastPrices(found, missing, min(asked_ms, default=None))

    def _block(self, key: Key, questions: Questions) -> _Block | str:
        """The block, or why it is not known."""
        held, now_ms = self._blocks.get(key), self.clock.now_ms()
        if held is not None and (held.is_over or now_ms - held.asked_at_ms < FRESH_MS):
            self._blocks.move_to_end(key)
            return held
        refusal = self._may_not_ask(questions, now_ms)
        if refusal:
            return refusal if held is None else held
        questions.left -= 1
        self._asked_ms.append(now_ms)
        return self._asked(key, now_ms)

    def _may_not_ask(self, questions: Questions, now_ms: int) -> str:
        if now_ms < self._silent_until_ms:
            return "the venue did not answer a moment ago"
        if questions.left <= 0:
            return "more was asked for than one answer may ask of the venue"
        if len(self._asked_ms) == MOST_A_MINUTE and now_ms - self._asked_ms[0] < 60_000:
            return "as much was asked of the venue in this minute as may be for pages"
        return ""

    def _asked(self, key: Key, now_ms: int) -> _Block | str:
        venue, symbol, interval_s, number = key
        begin_ms, end_ms = (one * interval_s * 1000 * BLOCK for one in (number, number + 1))
        try:
            data = self.venues.market_data(venue)
            candles = data.fetch_candles(symbol, interval_s, BLOCK, end_ms - 1)
        except (VenueReadFailed, VenueUnreachable) as error:
            self._silent_until_ms = self.clock.now_ms() + SILENCE_MS
            logger.warning("candles_unknown", extra={"symbol": symbol, "cause": str(error)})
            return f"the venue does not answer: {error}"
        inside = [candle for candle in candles if begin_ms <= candle.open_time_ms < end_ms]
        block = self._blocks[key] = _Block(inside, now_ms, now_ms >= end_ms + SETTLED_MS)
        self._blocks.move_to_end(key)
        while len(self._blocks) > MOST_BLOCKS:
            self._blocks.popitem(last=False)
        return block
