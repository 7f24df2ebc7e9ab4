"""Every few seconds a tick for each live account, with the mark prices of the whole venue."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from stream_worker.quarantine import Quarantine
from undertow.adapters.aster import messages
from undertow.adapters.aster.strict import BadFrame
from undertow.adapters.sqs.messages import tick_mark_text
from undertow.adapters.sqs.sender import Sent
from undertow.adapters.sqs.ticks import MARKS_BYTES, TicksOutbox
from undertow.domain.ids import AccountId, Symbol
from undertow.ports import Clock

EVERY_MS: Final = 5_000
FRESH_MS: Final = 10_000
"""Mark prices come every second; one that did not come for so long is no price to act on."""
MOST_SYMBOLS: Final = 2_000
"""A feed gone mad must not fill the memory with names."""


class LatestMarks:
    """The last mark price event of every symbol of the venue, kept as it came and read when a tick is made.

    Positions that this system did not open may be in symbols that no strategy watches, so all are kept: some 400 of
    them make a message of 20 KB.
    """

    def __init__(self, quarantine: Quarantine, clock: Clock) -> None:
        self._quarantine = quarantine
        self._clock = clock
        self._events: dict[str, Any] = {}

    def note(self, event: Any) -> None:
        """``event`` is a decoded mark price, not yet checked."""
        symbol = event.get("s") if type(event) is dict else None
        if type(symbol) is str and (symbol in self._events or len(self._events) < MOST_SYMBOLS):
            self._events[symbol] = event

    def text(self, first: Iterable[Symbol], longest: int = MARKS_BYTES) -> str:
        """Fresh marks joined by commas, those of ``first`` before all others, as many as fit into ``longest`` bytes."""
        now_ms = self._clock.now_ms()
        texts: list[str] = []
        size = 0
        for symbol in dict.fromkeys([*first, *self._events]):
            text = self._text_of(symbol, now_ms)
            size += len(text.encode()) + 1 if text else 0
            if size > longest:
                break
            if text:
                texts.append(text)
        return ",".join(texts)

    def _text_of(self, symbol: str, now_ms: int) -> str:
        event = self._events.get(symbol)
        if event is None:
            return ""
        try:
            (mark,) = messages.marks(event).marks
        except BadFrame as bad:
            del self._events[symbol]
            self._quarantine.add(str(event), str(bad), now_ms)
            return ""
        return tick_mark_text(mark.symbol, mark.mark) if now_ms - mark.mark.time_ms <= FRESH_MS else ""


class Ticker:
    def __init__(self, marks: LatestMarks, outbox: TicksOutbox, clock: Clock) -> None:
        self._marks = marks
        self._outbox = outbox
        self._clock = clock
        self._accounts: tuple[AccountId, ...] = ()
        self._watched: tuple[Symbol, ...] = ()
        self._last = 0

    @property
    def sent(self) -> Sent:
        return self._outbox.sent

    def watch(self, accounts: Iterable[AccountId], symbols: Iterable[Symbol]) -> None:
        """Whom to send to, and whose marks must be among those sent."""
        self._accounts, self._watched = tuple(accounts), tuple(symbols)

    async def run(self) -> None:
        """Tick for ever, at whole multiples of the interval: so two workers tick as one."""
        while True:
            await asyncio.sleep((EVERY_MS - self._clock.now_ms() % EVERY_MS) / 1000)
            await self.tick()

    async def tick(self) -> None:
        """Without any fresh price there is nothing to act on, and nothing is sent."""
        now_ms = self._clock.now_ms()
        # Half an interval ahead: a timer that fires a little early still counts as the tick it was meant for.
        number = (now_ms + EVERY_MS // 2) // EVERY_MS
        if number == self._last:
            return
        self._last = number
        marks = self._marks.text(self._watched) if self._accounts else ""
        if marks:
            await self._outbox.send(self._accounts, number, now_ms, marks)
