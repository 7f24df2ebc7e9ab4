"""A market that can be pushed: prices jump and books thin out, beside what the tape says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from local.venue.happenings import Liquidated, MarketEvent, Quoted, Revalued, Ticked, Traded
from local.venue.market import TapeMarket
from local.venue.ports import Candle, CandleOf, Day, Funding, FundingPayment, Print, Progress, Quote

from undertow.adapters.paper.contract import Contract
from undertow.adapters.paper.depth import Level
from undertow.domain.ids import Symbol
from undertow.domain.numbers import ONE, ceil_to, floor_to, plain

_EIGHT_PLACES: Final = Decimal("1E-8")


@dataclass(frozen=True, slots=True)
class Push:
    """Factors on what the tape's market says: on last price and book, on mark and index, on the sizes in the book."""

    price: Decimal = ONE
    mark: Decimal = ONE
    size: Decimal = ONE


_NONE: Final = Push()


class ShockedMarket:
    """`local.venue.house.MovingMarket` over a tape's. A push holds from the next beat on, until the next one.

    Candles, days and what was traded before are the tape's own.
    """

    def __init__(self, market: TapeMarket) -> None:
        self.taped = market
        self._pushes: dict[Symbol, Push] = {}
        self._are_together = False

    def pushed(self, symbol: Symbol) -> Push:
        return self._pushes.get(symbol, _NONE)

    def push(self, symbol: Symbol, price: Decimal, mark: Decimal | None = None) -> None:
        """Multiply prices by ``price``, mark and index by ``mark``, which is the same unless given."""
        before = self.pushed(symbol)
        moved = price if mark is None or self._are_together else mark
        self._pushes[symbol] = replace(before, price=before.price * price, mark=before.mark * moved)

    def bring_together(self) -> None:
        """From now on mark and index are where the trades are, and no push takes them apart."""
        self._are_together = True
        for symbol, push in self._pushes.items():
            self._pushes[symbol] = replace(push, mark=push.price)

    def resize(self, symbol: Symbol, size: Decimal) -> None:
        """From now on the book shows ``size`` times what the tape's shows."""
        if size != self.pushed(symbol).size:
            self._pushes[symbol] = replace(self.pushed(symbol), size=size)

    # --- what moves -------------------------------------------------------------------------------------------------

    def watch(self, watcher: str, symbols: Iterable[Symbol]) -> None:
        self.taped.watch(watcher, symbols)

    def is_fresh(self, symbol: Symbol) -> bool:
        return self.taped.is_fresh(symbol)

    def until(self, now_ms: int) -> Sequence[MarketEvent]:
        events = self.taped.until(now_ms)
        return [self._moved(event) for event in events] if self._pushes else events

    def _moved(self, event: MarketEvent) -> MarketEvent:
        if event.symbol not in self._pushes:
            return event
        match event:
            case Ticked() | Traded():
                quote = self._quote(event.symbol, event.quote)
                return replace(event, quote=quote, trade=self._print(event.symbol, event.trade))
            case Quoted() | Revalued():
                return replace(event, quote=self._quote(event.symbol, event.quote))
            case Liquidated():
                order = event.payload["o"]
                moved = {name: plain(self._price(event.symbol, Decimal(order[name]))) for name in ("p", "ap")}
                return replace(event, payload={**event.payload, "o": {**order, **moved}})
        return event

    def _quote(self, symbol: Symbol, quote: Quote) -> Quote:
        push, instrument = self.pushed(symbol), self.contract(symbol).instrument
        tick, lot = instrument.tick_size, instrument.lot_size
        bid = max(tick, floor_to(quote.bid * push.price, tick))
        return replace(
            quote,
            bid=bid,
            bid_quantity=max(lot, floor_to(quote.bid_quantity * push.size, lot)),
            ask=max(bid + tick, ceil_to(quote.ask * push.price, tick)),
            ask_quantity=max(lot, floor_to(quote.ask_quantity * push.size, lot)),
            last=self._price(symbol, quote.last),
            mark=(quote.mark * push.mark).quantize(_EIGHT_PLACES),
            index=(quote.index * push.mark).quantize(_EIGHT_PLACES),
        )

    def _print(self, symbol: Symbol, trade: Print) -> Print:
        return replace(trade, price=self._price(symbol, trade.price))

    def _price(self, symbol: Symbol, price: Decimal) -> Decimal:
        tick = self.contract(symbol).instrument.tick_size
        return max(tick, floor_to(price * self.pushed(symbol).price, tick))

    # --- what stands ------------------------------------------------------------------------------------------------

    def symbols(self) -> Sequence[Symbol]:
        return self.taped.symbols()

    def contract(self, symbol: Symbol) -> Contract:
        return self.taped.contract(symbol)

    def quote(self, symbol: Symbol) -> Quote:
        quote = self.taped.quote(symbol)
        return self._quote(symbol, quote) if symbol in self._pushes else quote

    def update_id(self, symbol: Symbol) -> int:
        return self.taped.update_id(symbol)

    def depth(self, symbol: Symbol, limit: int) -> tuple[Sequence[Level], Sequence[Level]]:
        return self.taped.book(symbol, self.quote(symbol), limit)

    def prints(self, symbol: Symbol) -> Sequence[Print]:
        return self.taped.prints(symbol)

    def candles(self, symbol: Symbol, interval: str, of: CandleOf) -> Sequence[Candle]:
        return self.taped.candles(symbol, interval, of)

    def funding(self, symbol: Symbol) -> Funding:
        return self.taped.funding(symbol)

    def funding_history(self, symbol: Symbol) -> Sequence[FundingPayment]:
        return self.taped.funding_history(symbol)

    def day(self, symbol: Symbol) -> Day:
        return self.taped.day(symbol)

    def progress(self) -> Progress:
        return self.taped.progress()
