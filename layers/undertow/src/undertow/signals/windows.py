"""Trailing windows over liquidations, on event time and with exact sums. No clock, no I/O.

The stream worker is the only process that sees every event in order, so it measures here and attaches the result to
what it forwards; whoever decides needs no query over past events.
"""

from bisect import bisect_right
from collections.abc import Iterable
from decimal import Context, Decimal
from typing import Final

from undertow.domain.ids import LiquidationId
from undertow.domain.market import Liquidation, VolumeWindow
from undertow.domain.numbers import ZERO

_EXACT: Final = Context(prec=96)
"""Quantity and price have at most 27 digits each. With 96 no product and no sum is ever rounded, so what was added
is taken away again to the last digit, however long the worker runs."""
_add: Final = _EXACT.add
_subtract: Final = _EXACT.subtract
_multiply: Final = _EXACT.multiply

_Value = tuple[Decimal, Decimal, LiquidationId]
"""What an event adds: quote units, base units; and its id."""

_PRUNE_AT: Final = 256
"""Events that have left the longest window are deleted in lots of this size: one by one would cost a shift each."""


class SideWindows:
    """The windows of one symbol and one side.

    With T the newest event time ever added, a window of w seconds holds the events of (T - w, T]. An event that comes
    late but inside still counts; one from before does not. An event counts once, by its id.
    """

    __slots__ = ("_ids", "_running", "_times", "_values")

    def __init__(self, lengths_s: Iterable[int]) -> None:
        self._times: list[int] = []
        self._values: list[_Value] = []
        self._ids: set[LiquidationId] = set()
        self._running = [_Running(seconds) for seconds in sorted(set(lengths_s))]
        if not self._running:
            raise ValueError("a window needs a length")

    @property
    def lengths_s(self) -> tuple[int, ...]:
        return tuple(running.seconds for running in self._running)

    @property
    def newest_ms(self) -> int | None:
        return self._times[-1] if self._times else None

    def __len__(self) -> int:
        """Events held in memory, among them some that have left every window."""
        return len(self._times)

    def add(self, liquidation: Liquidation) -> dict[int, VolumeWindow] | None:
        """The windows right after this event, by length in seconds; None when the event was counted before."""
        ids = self._ids
        if liquidation.id in ids:
            return None
        times = self._times
        time_ms = liquidation.event_time_ms
        usdt = _multiply(liquidation.quantity, liquidation.price)
        value = (usdt, liquidation.quantity, liquidation.id)
        if times and time_ms < times[-1]:
            return self._insert(time_ms, value)
        windows = {}
        for running in self._running:
            running.leave_until(time_ms - running.length_ms, times, self._values)
            windows[running.seconds] = running.count(time_ms, value, times)
        times.append(time_ms)
        self._values.append(value)
        ids.add(liquidation.id)
        if self._running[-1].start >= _PRUNE_AT:
            self._prune()
        return windows

    def _insert(self, time_ms: int, value: _Value) -> dict[int, VolumeWindow]:
        """Count an event that is older than the newest one, where it still belongs."""
        times = self._times
        newest_ms = times[-1]
        outdated = time_ms <= newest_ms - self._running[-1].length_ms
        position = bisect_right(times, time_ms)
        windows = {}
        for running in self._running:
            if time_ms <= newest_ms - running.length_ms:
                windows[running.seconds] = running.unchanged(len(times))
                running.start += 0 if outdated else 1
            else:
                windows[running.seconds] = running.count_late(position, time_ms, value, times)
        if not outdated:
            times.insert(position, time_ms)
            self._values.insert(position, value)
            self._ids.add(value[2])
        return windows

    def _prune(self) -> None:
        gone = self._running[-1].start
        self._ids.difference_update(value[2] for value in self._values[:gone])
        del self._times[:gone], self._values[:gone]
        for running in self._running:
            running.start -= gone

    def resized(self, lengths_s: Iterable[int]) -> "SideWindows":
        """The same events under other lengths. A longer window begins with what the longest one so far still held."""
        other = SideWindows(lengths_s)
        other._times = self._times
        other._values = self._values
        other._ids = self._ids
        if self._times:
            for running in other._running:
                running.sum_up(self._times, self._values)
        return other


class _Running:
    """One window over the shared events: where it begins, and the sums from there to the newest event."""

    __slots__ = ("length_ms", "sampled_seconds", "seconds", "start", "tokens", "usdt")

    def __init__(self, seconds: int) -> None:
        if seconds <= 0:
            raise ValueError(f"a window of {seconds} s holds nothing")
        self.seconds = seconds
        self.length_ms = seconds * 1000
        self.start = 0
        self.usdt = ZERO
        self.tokens = ZERO
        self.sampled_seconds = 0

    def leave_until(self, until_ms: int, times: list[int], values: list[_Value]) -> None:
        """Take out the events up to ``until_ms``, that moment included."""
        start, end = self.start, len(times)
        if start == end or times[start] > until_ms:
            return
        while start < end and times[start] <= until_ms:
            usdt, tokens, _ = values[start]
            self.usdt = _subtract(self.usdt, usdt)
            self.tokens = _subtract(self.tokens, tokens)
            start += 1
            if start == end or times[start] // 1000 != times[start - 1] // 1000:
                self.sampled_seconds -= 1
        self.start = start
        if start == end:
            # An exact zero would keep the exponent of everything that was ever in the sum.
            self.usdt = self.tokens = ZERO

    def count(self, time_ms: int, value: _Value, times: list[int]) -> VolumeWindow:
        """Add an event that is not older than any, before it stands in ``times``."""
        end = len(times)
        if self.start == end or times[-1] // 1000 != time_ms // 1000:
            self.sampled_seconds += 1
        return self._added(value, end - self.start + 1)

    def count_late(self, position: int, time_ms: int, value: _Value, times: list[int]) -> VolumeWindow:
        """Add an event that will stand at ``position``, inside the window."""
        second = time_ms // 1000
        after = position < len(times) and times[position] // 1000 == second
        before = position > self.start and times[position - 1] // 1000 == second
        if not after and not before:
            self.sampled_seconds += 1
        return self._added(value, len(times) - self.start + 1)

    def _added(self, value: _Value, events: int) -> VolumeWindow:
        usdt_before, tokens_before = self.usdt, self.tokens
        self.usdt = usdt = _add(usdt_before, value[0])
        self.tokens = tokens = _add(tokens_before, value[1])
        return VolumeWindow(self.seconds, usdt, tokens, usdt_before, tokens_before, events, self.sampled_seconds)

    def unchanged(self, end: int) -> VolumeWindow:
        return VolumeWindow(
            self.seconds, self.usdt, self.tokens, self.usdt, self.tokens, end - self.start, self.sampled_seconds
        )

    def sum_up(self, times: list[int], values: list[_Value]) -> None:
        """Begin over events that are there already."""
        self.start = bisect_right(times, times[-1] - self.length_ms)
        for usdt, tokens, _ in values[self.start :]:
            self.usdt = _add(self.usdt, usdt)
            self.tokens = _add(self.tokens, tokens)
        self.sampled_seconds = len({time_ms // 1000 for time_ms in times[self.start :]})
