"""Trailing windows over liquidations, on event time and with exact sums. No clock, no I/O.

The stream worker is the only process that sees every event in order, so it measures here and attaches the result to
what it forwards; whoever decides needs no query over past events.

An event is kept as four plain numbers, about 130 bytes: a cascade may leave a hundred thousand of them in the windows
of a process that has to stay small. Quantities are counted in units of 10^-12, and their products with prices in units
of 10^-24, which is as fine as the numbers that come from outside: no sum is ever rounded, so what was added is taken
away again to the last digit, however long the worker runs.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from decimal import Context, Decimal
from typing import Final

from undertow.domain.market import Liquidation, VolumeWindow
from undertow.domain.numbers import ZERO

_DECIMALS: Final = 12
_EXACT: Final = Context(prec=96)
"""Quantity and price have at most 27 digits each; 96 hold any sum of their products."""
_add: Final = _EXACT.add
_multiply: Final = _EXACT.multiply

_Value = tuple[int, int, Decimal, Decimal]
"""What an event adds: quote and base units as whole numbers, and both as decimals."""

_PRUNE_AT: Final = 256
"""Events that have left the longest window are deleted in lots of this size: one by one would cost a shift each."""


class SideWindows:
    """The windows of one symbol and one side.

    With T the newest event time ever added, a window of w seconds holds the events of (T - w, T]. An event that comes
    late but inside still counts; one from before does not. An event counts once, by its id.
    """

    __slots__ = ("_events", "_running")

    def __init__(self, lengths_s: Iterable[int]) -> None:
        self._events = _Events()
        self._running = [_Running(seconds) for seconds in sorted(set(lengths_s))]
        if not self._running:
            raise ValueError("a window needs a length")

    @property
    def lengths_s(self) -> tuple[int, ...]:
        return tuple(running.seconds for running in self._running)

    @property
    def newest_ms(self) -> int | None:
        return self._events.times[-1] if self._events.times else None

    def __len__(self) -> int:
        """Events held in memory, among them some that have left every window."""
        return len(self._events.times)

    def add(self, liquidation: Liquidation) -> dict[int, VolumeWindow] | None:
        """The windows right after this event, by length in seconds; None when the event was counted before."""
        events = self._events
        # 64 bits of the id are enough: one symbol and side never has more than some thousand events in its windows.
        key = hash(liquidation.id)
        place = bisect_left(events.sorted_keys, key)
        if place < len(events.sorted_keys) and events.sorted_keys[place] == key:
            return None
        time_ms, quantity, price = liquidation.event_time_ms, liquidation.quantity, liquidation.price
        tokens = int(quantity.scaleb(_DECIMALS))
        value = (tokens * int(price.scaleb(_DECIMALS)), tokens, _multiply(quantity, price), quantity)
        if events.times and time_ms < events.times[-1]:
            return self._insert(time_ms, value, key, place)
        windows = {}
        for running in self._running:
            running.leave_until(time_ms - running.length_ms, events)
            windows[running.seconds] = running.count(time_ms, value, events)
        events.append(time_ms, value, key, place)
        if self._running[-1].start >= _PRUNE_AT:
            self._prune()
        return windows

    def _insert(self, time_ms: int, value: _Value, key: int, place: int) -> dict[int, VolumeWindow]:
        """Count an event that is older than the newest one, where it still belongs."""
        events = self._events
        newest_ms = events.times[-1]
        outdated = time_ms <= newest_ms - self._running[-1].length_ms
        position = bisect_right(events.times, time_ms)
        windows = {}
        for running in self._running:
            if time_ms <= newest_ms - running.length_ms:
                windows[running.seconds] = running.unchanged(events)
                running.start += 0 if outdated else 1
            else:
                windows[running.seconds] = running.count_late(position, time_ms, value, events)
        if not outdated:
            events.insert(position, time_ms, value, key, place)
        return windows

    def _prune(self) -> None:
        gone = self._running[-1].start
        self._events.delete_first(gone)
        for running in self._running:
            running.start -= gone

    def resized(self, lengths_s: Iterable[int]) -> "SideWindows":
        """The same events under other lengths. A longer window begins with what the longest one so far still held."""
        other = SideWindows(lengths_s)
        other._events = self._events
        if self._events.times:
            for running in other._running:
                running.sum_up(self._events)
        return other


class _Events:
    """Side by side, by time: when, how many quote and base units, and the key of each event; and all keys sorted."""

    __slots__ = ("keys", "sorted_keys", "times", "tokens", "usdt")

    def __init__(self) -> None:
        self.times = array("q")
        self.usdt: list[int] = []
        self.tokens: list[int] = []
        self.keys = array("q")
        self.sorted_keys = array("q")

    def append(self, time_ms: int, value: _Value, key: int, place: int) -> None:
        self.times.append(time_ms)
        self.usdt.append(value[0])
        self.tokens.append(value[1])
        self.keys.append(key)
        self.sorted_keys.insert(place, key)

    def insert(self, position: int, time_ms: int, value: _Value, key: int, place: int) -> None:
        self.times.insert(position, time_ms)
        self.usdt.insert(position, value[0])
        self.tokens.insert(position, value[1])
        self.keys.insert(position, key)
        self.sorted_keys.insert(place, key)

    def delete_first(self, count: int) -> None:
        del self.times[:count], self.usdt[:count], self.tokens[:count], self.keys[:count]
        self.sorted_keys = array("q", sorted(self.keys))


class _Running:
    """One window over the shared events: where it begins, and the sums from there to the newest event."""

    __slots__ = (
        "_tokens",
        "_tokens_units",
        "_usdt",
        "_usdt_units",
        "length_ms",
        "sampled_seconds",
        "seconds",
        "start",
    )

    def __init__(self, seconds: int) -> None:
        if seconds <= 0:
            raise ValueError(f"a window of {seconds} s holds nothing")
        self.seconds = seconds
        self.length_ms = seconds * 1000
        self.start = 0
        self.sampled_seconds = 0
        self._usdt_units = self._tokens_units = 0
        self._usdt = self._tokens = ZERO

    def leave_until(self, until_ms: int, events: _Events) -> None:
        """Take out the events up to ``until_ms``, that moment included."""
        times = events.times
        start, end = self.start, len(times)
        if start == end or times[start] > until_ms:
            return
        while start < end and times[start] <= until_ms:
            self._usdt_units -= events.usdt[start]
            self._tokens_units -= events.tokens[start]
            start += 1
            if start == end or times[start] // 1000 != times[start - 1] // 1000:
                self.sampled_seconds -= 1
        self.start = start
        self._take_decimals()

    def count(self, time_ms: int, value: _Value, events: _Events) -> VolumeWindow:
        """Add an event that is not older than any, before it stands among the events."""
        end = len(events.times)
        if self.start == end or events.times[-1] // 1000 != time_ms // 1000:
            self.sampled_seconds += 1
        return self._added(value, end - self.start + 1)

    def count_late(self, position: int, time_ms: int, value: _Value, events: _Events) -> VolumeWindow:
        """Add an event that will stand at ``position``, inside the window."""
        times, second = events.times, time_ms // 1000
        after = position < len(times) and times[position] // 1000 == second
        before = position > self.start and times[position - 1] // 1000 == second
        if not after and not before:
            self.sampled_seconds += 1
        return self._added(value, len(times) - self.start + 1)

    def _added(self, value: _Value, events: int) -> VolumeWindow:
        usdt_before, tokens_before = self._usdt, self._tokens
        self._usdt_units += value[0]
        self._tokens_units += value[1]
        self._usdt = usdt = _add(usdt_before, value[2])
        self._tokens = tokens = _add(tokens_before, value[3])
        return VolumeWindow(self.seconds, usdt, tokens, usdt_before, tokens_before, events, self.sampled_seconds)

    def unchanged(self, events: _Events) -> VolumeWindow:
        held, usdt, tokens = len(events.times) - self.start, self._usdt, self._tokens
        return VolumeWindow(self.seconds, usdt, tokens, usdt, tokens, held, self.sampled_seconds)

    def sum_up(self, events: _Events) -> None:
        """Begin over events that are there already."""
        self.start = bisect_right(events.times, events.times[-1] - self.length_ms)
        self._usdt_units, self._tokens_units = sum(events.usdt[self.start :]), sum(events.tokens[self.start :])
        self.sampled_seconds = len({time_ms // 1000 for time_ms in events.times[self.start :]})
        self._take_decimals()

    def _take_decimals(self) -> None:
        """The sums as decimals, without the zeros that the units have behind every number."""
        self._usdt = _EXACT.normalize(_EXACT.scaleb(self._usdt_units, -2 * _DECIMALS))
        self._tokens = _EXACT.normalize(_EXACT.scaleb(self._tokens_units, -_DECIMALS))
