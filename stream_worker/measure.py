"""From a market frame to what is stored and forwarded. Every frame of every market connection comes through here."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from stream_worker.candles import Candles
from stream_worker.quarantine import Quarantine
from stream_worker.quotes import Quotes
from stream_worker.survey import Survey
from stream_worker.tally import Tally
from stream_worker.ticks import LatestMarks
from stream_worker.venue_clock import VenueClock
from undertow.adapters.aster import messages
from undertow.adapters.aster.strict import BadFrame
from undertow.adapters.sqs.outbox import LiquidationsOutbox
from undertow.domain.ids import Symbol
from undertow.domain.market import Liquidation, Side
from undertow.ports import Clock
from undertow.signals.coverage import Coverage
from undertow.signals.windows import SideWindows

DEFAULT_WINDOW_S: Final = 60
"""Measured for every symbol, watched or not: one that is added to a strategy is not blind for its first minute."""
AHEAD_MS: Final = 10_000
BEHIND_MS: Final = 600_000
"""An event from further ahead would push everything else out of its windows. A late one is harmless, since windows
leave it out; only a clock that is plainly wrong is refused."""
UNWATCHED: Final = 2_000
"""Symbols measured beside the watched ones; a feed gone mad must not fill the memory with names."""


class _Tracked:
    """The windows of one symbol."""

    __slots__ = ("buy", "complete_since_ms", "forwarded", "longest_s", "needed_s", "sell")

    def __init__(self, lengths_s: Iterable[int], complete_since_ms: int) -> None:
        self.sell = SideWindows(lengths_s)
        self.buy = SideWindows(lengths_s)
        self.longest_s = self.sell.lengths_s[-1]
        self.needed_s = self.longest_s
        """The longest window that a strategy asks for: what a message has to cover, however much more is kept."""
        self.complete_since_ms = complete_since_ms
        self.forwarded = False

    def resize(self, lengths_s: Iterable[int], now_ms: int) -> None:
        """A longer window holds what the longest so far held, and is complete when it has grown to its length."""
        newest_ms = max(now_ms, self.sell.newest_ms or 0, self.buy.newest_ms or 0)
        before_s = self.longest_s
        self.sell, self.buy = self.sell.resized(lengths_s), self.buy.resized(lengths_s)
        self.longest_s = self.sell.lengths_s[-1]
        if self.longest_s > before_s:
            self.complete_since_ms = max(self.complete_since_ms, newest_ms - before_s * 1000)


class Measurer:
    def __init__(
        self,
        outbox: LiquidationsOutbox,
        store: Callable[[Liquidation], None],
        quotes: Quotes,
        coverage: Coverage,
        quarantine: Quarantine,
        tally: Tally,
        clock: Clock,
        venue_clock: VenueClock,
        latest_marks: LatestMarks | None = None,
        survey: Survey | None = None,
        candles: Candles | None = None,
    ) -> None:
        """Without a ``survey`` nothing is measured beside the windows, and without ``candles`` none are expected."""
        self._outbox = outbox
        self._store = store
        self._quotes = quotes
        self._coverage = coverage
        self._quarantine = quarantine
        self._tally = tally
        self._clock = clock
        self._venue_clock = venue_clock
        self._latest_marks = latest_marks
        self._survey = survey
        self._candles = candles
        self._tracked: dict[str, _Tracked] = {}
        self._unwatched = 0
        self._forgot_at_ms = 0
        self.longest_window_s = DEFAULT_WINDOW_S
        self.last_event_ms: int | None = None

    # --- what to measure --------------------------------------------------------------------------------------------

    def watch(self, windows: Mapping[Symbol, frozenset[int]]) -> None:
        """Forward liquidations of these symbols and no others, with windows of these lengths beside the default."""
        now_ms = self._venue_clock.latest_ms()
        for symbol, tracked in self._tracked.items():
            tracked.forwarded = symbol in windows
        for symbol, lengths_s in windows.items():
            wanted = sorted({DEFAULT_WINDOW_S, *lengths_s})
            tracked = self._tracked.get(symbol) or self._track(symbol)
            if list(tracked.sell.lengths_s) != wanted:
                tracked.resize(wanted, now_ms)
            tracked.forwarded = True
            tracked.needed_s = max(lengths_s, default=DEFAULT_WINDOW_S)
        self._unwatched = len(self._tracked) - len(windows)
        self.longest_window_s = max((DEFAULT_WINDOW_S, *(one for lengths in windows.values() for one in lengths)))
        self._quotes.watch(windows)

    def remember(self, liquidations: Iterable[Liquidation]) -> None:
        """Count events that somebody stored before: they are neither stored nor forwarded again."""
        for liquidation in liquidations:
            tracked = self._tracked.get(liquidation.symbol) or self._track(liquidation.symbol)
            (tracked.sell if liquidation.side is Side.SELL else tracked.buy).add(liquidation)

    def completed_from(self, from_ms: int) -> None:
        """What was remembered leaves nothing out from ``from_ms`` on."""
        for tracked in self._tracked.values():
            tracked.complete_since_ms = min(tracked.complete_since_ms, from_ms)

    @property
    def is_covered(self) -> bool:
        """Whether the longest window of any symbol lies in time heard without a gap."""
        return self._coverage.covers(self._venue_clock.latest_ms(), self.longest_window_s)

    # --- frames -----------------------------------------------------------------------------------------------------

    def take(self, frame: str) -> None:
        """One frame of a market connection, raw or combined. Never raises for what a frame may hold."""
        self._tally.frames_in += 1
        try:
            if frame.find('"bookTicker"', 0, 160) >= 0 and self._quotes.take_book(frame):
                return
            self._take(messages.unwrapped(messages.decode(frame)))
        except BadFrame as bad:
            self._quarantine.add(frame, str(bad), self._clock.now_ms())

    def _take(self, value: Any) -> None:
        if type(value) is list:
            self._take_marks(value)
        elif type(value) is not dict:
            raise BadFrame("is neither object nor array", "frame", value)
        elif value.get("e") == "forceOrder":
            self._take_liquidation(messages.liquidation(value))
        elif value.get("e") == "markPriceUpdate":
            self._take_marks([value])
        elif value.get("e") == "kline" and self._candles is not None:
            self._candles.hear(messages.kline(value))
        else:
            raise BadFrame("is not an event we subscribe to", "e", value.get("e"))

    def _take_liquidation(self, liquidation: Liquidation) -> None:
        now_ms = self._clock.now_ms()
        event_ms, trade_ms = liquidation.event_time_ms, liquidation.trade_time_ms
        if not now_ms - BEHIND_MS <= trade_ms <= event_ms <= now_ms + AHEAD_MS:
            self._refuse_wrong_time(event_ms, trade_ms)
        tracked = self._tracked.get(liquidation.symbol) or self._track(liquidation.symbol)
        windows = (tracked.sell if liquidation.side is Side.SELL else tracked.buy).add(liquidation)
        if windows is None:
            self._tally.duplicates += 1
            return
        self._tally.liquidations_in += 1
        self.last_event_ms = now_ms
        self._store(liquidation)
        if tracked.forwarded:
            event_ms, needed_s = liquidation.event_time_ms, tracked.needed_s
            complete = event_ms - needed_s * 1000 >= tracked.complete_since_ms
            covered = complete and self._coverage.covers(event_ms, needed_s)
            rank = None if self._survey is None else self._survey.hear(liquidation)
            self._outbox.put(liquidation, windows, now_ms, covered=covered, percentile=rank)
            self._tally.forwarded += 1

    def _refuse_wrong_time(self, event_ms: int, trade_ms: int) -> None:
        """Refuse what is too far from our clock and from the venue's as well."""
        earliest_ms = self._venue_clock.earliest_ms() - BEHIND_MS
        latest_ms = self._venue_clock.latest_ms() + AHEAD_MS
        if not earliest_ms <= event_ms <= latest_ms:
            raise BadFrame("is too far from the venue's clock", "E", event_ms)
        if not earliest_ms <= trade_ms <= latest_ms:
            raise BadFrame("is too far from the venue's clock", "T", trade_ms)

    def _take_marks(self, events: list[Any]) -> None:
        """Mark prices of all symbols come together; one that cannot be read does not cost the others."""
        now_ms = self._clock.now_ms()
        flaw: BadFrame | None = None
        stamp_ms: int | None = None
        for event in events:
            if self._latest_marks is not None:
                self._latest_marks.note(event)
            try:
                if stamp_ms is None or self._quotes.is_watched(event):
                    marks = messages.marks(event).marks
                    stamp_ms = marks[0].mark.time_ms
                    self._quotes.take_marks(marks)
                    if self._survey is not None:
                        self._survey.hear_marks(marks)
            except BadFrame as bad:
                flaw = bad
        if stamp_ms is not None and abs(stamp_ms - now_ms) <= BEHIND_MS:
            self._tally.mark_frames += 1
            self._venue_clock.observe(stamp_ms, now_ms)
        if flaw is not None:
            raise flaw

    def _track(self, symbol: str) -> _Tracked:
        if self._unwatched >= UNWATCHED:
            oldest = next(name for name, tracked in self._tracked.items() if not tracked.forwarded)
            del self._tracked[oldest]
            self._unwatched -= 1
            self._forgot_at_ms = self._venue_clock.latest_ms()
        # A symbol never seen has empty windows, which are complete for as long as the stream was heard, unless it may
        # be one that was forgotten to make room.
        tracked = self._tracked[symbol] = _Tracked([DEFAULT_WINDOW_S], self._forgot_at_ms)
        self._unwatched += 1
        return tracked
