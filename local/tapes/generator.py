"""A synthetic tape: a market-wide cascade of liquidations that never was, with the statistics of one that was.

Marginal distributions are met by ranks: a score says how busy each second is, and the busiest second gets the highest
count of the calibrated distribution, the next one the second highest, and so on. So bursts lie together in time, where
the score puts them, and the counts are right for every seed and every length.
"""

import gzip
import json
import math
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Final

from local.tapes import statistics as shape
from local.tapes.universe import Listing, listings
from local.venue.streams import ALL_FORCE_ORDERS
from local.venue.tape import META_EVENT

VERSION: Final = 1
_EPOCH_MS: Final = 1_760_000_000_000
"""When the invented recording began; any time would do, players restamp it."""
_GAP_MS: Final = 1_000
_JOINS: Final = 0.3
"""Share of events that share their millisecond with an earlier one."""
_SLIDE: Final = 0.012
"""How far the market falls over the tape's bursts, as a share, for a symbol of beta 1."""


def write_tape(path: Path, seed: int, minutes: float) -> None:
    """The same bytes for the same arguments."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{line}\n" for line in lines(seed, minutes))
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def lines(seed: int, minutes: float) -> Iterator[str]:
    """The first one says that the tape is synthetic; it is a combined-stream frame as the others are."""
    meta = {"e": META_EVENT, "synthetic": True, "generator": "local.tapes", "version": VERSION}
    yield _line({**meta, "seed": seed, "minutes": minutes})
    for payload in Cascade(seed, minutes).frames():
        yield _line(payload)


def _line(data: dict[str, Any]) -> str:
    return json.dumps({"stream": ALL_FORCE_ORDERS, "data": data}, ensure_ascii=False, separators=(",", ":"))


class Cascade:
    """One seed's cascade. Everything is drawn in a fixed order from generators of its own."""

    def __init__(self, seed: int, minutes: float) -> None:
        if not 1 <= minutes <= 24 * 60:
            raise ValueError(f"{minutes} minutes: a tape has 1 to {24 * 60}")
        self._seconds = int(minutes * 60)
        self._listings = listings(seed)
        self._weights = list(accumulate(shape.at(shape.EVENTS_BY_RANK, rank) for rank in range(len(self._listings))))
        self._times = Random(f"times {seed}")
        self._choices = Random(f"choices {seed}")
        self._numbers = Random(f"numbers {seed}")
        self._prices = Random(f"prices {seed}")
        self._last_ms: dict[str, int] = {}
        self._drift = {listing.symbol: 0.0 for listing in self._listings}
        self._moved_ms = {listing.symbol: 0 for listing in self._listings}

    def frames(self) -> list[dict[str, Any]]:
        """forceOrder payloads by event time."""
        counts = self._counts()
        events = [(time_ms, symbol) for time_ms in self._event_times(counts) if (symbol := self._symbol_for(time_ms))]
        notionals = self._notionals(len(events))
        fallen = self._market(counts)
        return [
            self._payload(time_ms, listing, notional, fallen[time_ms // 1_000])
            for (time_ms, listing), notional in zip(events, notionals, strict=True)
        ]

    # --- when -------------------------------------------------------------------------------------------------------

    def _counts(self) -> list[int]:
        """Events in each second."""
        scores = self._scores()
        ranks = sorted(range(self._seconds), key=lambda second: scores[second])
        counts = [0] * self._seconds
        for rank, second in enumerate(ranks):
            counts[second] = round(shape.at(shape.EVENTS_PER_SECOND, (rank + 0.5) / self._seconds))
        return counts

    def _scores(self) -> list[float]:
        """How busy each second is: noise, and bursts that start at once and fade within half a minute."""
        random = self._times
        scores = [random.gauss(0, 1) for _ in range(self._seconds)]
        for _ in range(max(2, self._seconds // 260)):
            start, height, fading_s = random.randrange(self._seconds), random.uniform(2, 12), random.uniform(4, 18)
            for second in range(start, min(self._seconds, start + 60)):
                scores[second] += height * math.exp((start - second) / fading_s)
        return scores

    def _event_times(self, counts: Sequence[int]) -> Iterator[int]:
        """Milliseconds since the beginning, ascending. The busiest second holds the largest simultaneous group."""
        busiest = max(range(self._seconds), key=lambda second: counts[second])
        for second, count in enumerate(counts):
            together = min(shape.LARGEST_SIMULTANEOUS, count // 2) if second == busiest else 0
            moments: list[int] = []
            while len(moments) < count - together:
                joins = moments and self._times.random() < _JOINS
                moments.append(self._times.choice(moments) if joins else self._times.randrange(1_000))
            moments += [self._times.randrange(1_000)] * together
            yield from (second * 1_000 + moment for moment in sorted(moments))

    # --- who --------------------------------------------------------------------------------------------------------

    def _symbol_for(self, time_ms: int) -> Listing | None:
        """By the skewed frequency of symbols among those that had no event within the last second."""
        for _ in range(40):
            listing = self._choices.choices(self._listings, cum_weights=self._weights)[0]
            if time_ms - self._last_ms.get(listing.symbol, -_GAP_MS) >= _GAP_MS:
                self._last_ms[listing.symbol] = time_ms
                return listing
        return None

    # --- how much and at what price -----------------------------------------------------------------------------------

    def _notionals(self, count: int) -> list[float]:
        """One from each of ``count`` equal shares of the distribution, in random order; the largest is certain."""
        shares = [(number + self._numbers.random()) / count for number in range(count - 1)] + [1.0]
        self._numbers.shuffle(shares)
        return [shape.at(shape.NOTIONAL, share) for share in shares]

    def _market(self, counts: Sequence[int]) -> list[float]:
        """Logarithm of the market's fall at each second: bursts push it down, about half comes back afterwards."""
        total = sum(count for count in counts if count > 4) or 1
        level, held, levels = 0.0, 0.0, []
        for count in counts:
            push = 2 * _SLIDE * count / total if count > 4 else 0.0
            held += push
            back = held * 0.006
            held -= back
            level += self._prices.gauss(0, 0.00008) - push + back / 2
            levels.append(level)
        return levels

    def _payload(self, time_ms: int, listing: Listing, notional: float, fallen: float) -> dict[str, Any]:
        numbers = self._numbers
        sells = numbers.random() < shape.SELL_SHARE
        average = self._price(time_ms, listing, fallen, sells)
        decimals = max(0, 4 - math.floor(math.log10(listing.price)) - 1)
        distance = shape.at(shape.LIMIT_DISTANCE, numbers.random())
        limit = average * (1 - distance if sells else 1 + distance)
        lot = 10.0**-listing.lot_decimals
        quantity = max(1, round(notional / average / lot))
        last = quantity
        if quantity > 1 and numbers.random() < shape.PARTIAL_LAST_FILL_SHARE:
            last = numbers.randrange(1, quantity)
        lag_ms = min(999, int(math.exp(numbers.gauss(1.1, 1.2))))
        order = {
            "s": listing.symbol,
            "S": "SELL" if sells else "BUY",
            "o": "LIMIT",
            "f": "IOC",
            "q": f"{quantity * lot:.{listing.lot_decimals}f}",
            "p": f"{limit:.{decimals + 1}f}",
            "ap": f"{average:.{decimals + 1 + numbers.randrange(3)}f}",
            "X": "FILLED",
            "l": f"{last * lot:.{listing.lot_decimals}f}",
            "z": f"{quantity * lot:.{listing.lot_decimals}f}",
            "T": _EPOCH_MS + time_ms - lag_ms,
        }
        return {"e": "forceOrder", "E": _EPOCH_MS + time_ms, "o": order}

    def _price(self, time_ms: int, listing: Listing, fallen: float, sells: bool) -> float:
        """The market's fall times beta, a walk of the symbol's own, and a little more: forced orders sweep books."""
        minutes = (time_ms - self._moved_ms[listing.symbol]) / 60_000
        step = self._prices.gauss(0, listing.volatility * math.sqrt(max(minutes, 0.0)))
        self._moved_ms[listing.symbol] = time_ms
        self._drift[listing.symbol] += step
        swept = abs(self._prices.gauss(0, 0.0006)) * (-1 if sells else 1)
        return listing.price * math.exp(listing.beta * fallen + self._drift[listing.symbol] + swept)
