"""The last best prices and mark price of each watched symbol."""

from collections.abc import Iterable
from typing import Any, Final

from stream_worker.quarantine import Quarantine
from undertow.adapters.aster import messages
from undertow.adapters.aster.strict import BadFrame
from undertow.domain.ids import Symbol
from undertow.domain.market import BestPrices, MarkPrice
from undertow.ports import Clock

_SYMBOL_KEY: Final = '"s":"'


class Quotes:
    """Best prices come hundreds of times a second and are wanted a few times a minute: the last frame of a symbol is
    kept as it came, and read when somebody asks.
    """

    def __init__(self, quarantine: Quarantine, clock: Clock) -> None:
        self._quarantine = quarantine
        self._clock = clock
        self._books: dict[str, str | messages.Quote | None] = {}
        self._marks: dict[str, MarkPrice | None] = {}

    def watch(self, symbols: Iterable[Symbol]) -> None:
        """Keep these symbols and no others."""
        wanted = list(symbols)
        self._books = {symbol: self._books.get(symbol) for symbol in wanted}
        self._marks = {symbol: self._marks.get(symbol) for symbol in wanted}

    def take_book(self, frame: str) -> bool:
        """Keep a bookTicker frame. False when no symbol can be found in it."""
        start = frame.find(_SYMBOL_KEY) + len(_SYMBOL_KEY)
        end = frame.find('"', start)
        if start < len(_SYMBOL_KEY) or end < 0:
            return False
        symbol = frame[start:end]
        if symbol in self._books:
            self._books[symbol] = frame
        return True

    def is_watched(self, event: Any) -> bool:
        """Whether a mark price is wanted, or so malformed that it must be read to say so."""
        symbol = event.get("s") if type(event) is dict else None
        return type(symbol) is not str or symbol in self._marks

    def take_marks(self, marks: Iterable[messages.Mark]) -> None:
        for mark in marks:
            if mark.symbol in self._marks:
                self._marks[mark.symbol] = mark.mark

    def of(self, symbol: Symbol) -> tuple[BestPrices | None, MarkPrice | None]:
        """What is known of ``symbol`` now; None for what never came, or came unreadable."""
        return self._book(symbol), self._marks.get(symbol)

    def _book(self, symbol: Symbol) -> BestPrices | None:
        held = self._books.get(symbol)
        if isinstance(held, str):
            held = self._books[symbol] = self._read(symbol, held)
        return None if held is None else held.prices

    def _read(self, symbol: Symbol, frame: str) -> messages.Quote | None:
        try:
            read = messages.read_market(frame)
            flaw = "it is not the bookTicker that it looked like"
        except BadFrame as bad:
            read, flaw = None, str(bad)
        if isinstance(read, messages.Quote) and read.symbol == symbol:
            return read
        self._quarantine.add(frame, flaw, self._clock.now_ms())
        return None
