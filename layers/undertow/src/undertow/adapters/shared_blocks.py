"""Venues that tell of a ban to every other process, and keep to one that another process was told of.

A venue bans an address or an account, and every function has a client of its own: without this each of them would meet
the ban once, and each of those requests makes it longer. It stands around every venue, so that no service can forget.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from undertow.domain.account import Account, Balance, MarginType, PositionMode, Readiness, VenueHealth, VenuePosition
from undertow.domain.fill import Fill
from undertow.domain.ids import ClientOrderId, Symbol, TradeId
from undertow.domain.imports import Span
from undertow.domain.income import Income
from undertow.domain.instrument import Instrument, LeverageBracket
from undertow.domain.market import BestPrices, Candle, MarkPrice, OpenInterest, PositionSide, Venue
from undertow.domain.order import OrderNews, Purpose
from undertow.domain.outcome import CancelOutcome, SubmitOutcome, VenueBlocked, VenueUnreachable
from undertow.ports import Clock, MarketData, StoreBusy, TradingVenue, VenueHealths, Venues
from undertow.risk.approval import ApprovedOrder

logger = logging.getLogger(__name__)

READ_EVERY_MS: Final = 2_000
"""How old the shared health may be when it is judged by. A ban lasts minutes; a read before each call would cost as
much as the call."""

T = TypeVar("T")


@dataclass(slots=True)
class SharedBlocks:
    """What is known of one venue's health, in this process and in the table.

    Without ``tells`` it keeps to what others met and keeps to itself what it meets: a page that asks too much is no
    reason to hold back a stop.
    """

    venue: Venue
    healths: VenueHealths
    clock: Clock
    tells: bool = True
    _known: VenueHealth = field(init=False)
    _read_at_ms: int | None = None

    def __post_init__(self) -> None:
        self._known = VenueHealth(self.venue)

    def call(self, ask: Callable[[], T]) -> T:
        """What ``ask`` returns. Raises VenueBlocked without asking while the venue may not be called."""
        self._look()
        self._hold_back(entries=False)
        return self.told(ask)

    def submit(self, order: ApprovedOrder, send: Callable[[ApprovedOrder], SubmitOutcome]) -> SubmitOutcome:
        """An entry was reviewed against the shared health a moment ago: no second read keeps it waiting."""
        entry = order.intent.purpose is Purpose.ENTRY
        if not entry:
            try:
                self._look()
            except StoreBusy as busy:
                # It is on record already: that it was never sent has to be told, or it counts as under way.
                raise VenueUnreachable(f"nobody knows whether the venue may be called: {busy}") from busy
        self._hold_back(entries=entry)
        return self.told(lambda: send(order))

    def told(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except VenueBlocked as blocked:
            met = VenueHealth(self.venue, blocked.until_ms, blocked.reason, entries_only=blocked.entries_only)
            if self._known.yields_to(met, self.clock.now_ms()):
                self._known = met
                if self.tells:
                    self._tell(met)
            raise

    def _tell(self, met: VenueHealth) -> None:
        """A busy table keeps from others what was met, and not from the caller that nothing was sent."""
        try:
            self.healths.set(met)
        except StoreBusy as busy:
            logger.warning("block_not_shared", extra={"venue": self.venue.value, "cause": str(busy)})

    def _look(self) -> None:
        now_ms = self.clock.now_ms()
        if self._read_at_ms is not None and 0 <= now_ms - self._read_at_ms < READ_EVERY_MS:
            return
        stored = self.healths.get(self.venue)
        if self._known.yields_to(stored, now_ms):
            self._known = stored
        self._read_at_ms = now_ms

    def _hold_back(self, *, entries: bool) -> None:
        known = self._known
        if known.blocks(self.clock.now_ms()) and (entries or not known.entries_only):
            raise VenueBlocked(known.blocked_until_ms, known.reason, entries_only=known.entries_only)


@dataclass(slots=True)
class BlockSharingVenues:
    """Implements ``ports.Venues`` around another."""

    inner: Venues
    healths: VenueHealths
    clock: Clock
    tells: bool = True
    _blocks: dict[Venue, SharedBlocks] = field(default_factory=dict)

    def trading(self, account: Account) -> TradingVenue:
        return BlockSharingVenue(self.inner.trading(account), self._of(account.venue))

    def market_data(self, venue: Venue) -> MarketData:
        return BlockSharingMarketData(self.inner.market_data(venue), self._of(venue))

    def _of(self, venue: Venue) -> SharedBlocks:
        return self._blocks.setdefault(venue, SharedBlocks(venue, self.healths, self.clock, self.tells))


@dataclass(frozen=True, slots=True)
class BlockSharingVenue:
    """Implements ``ports.TradingVenue`` around another."""

    inner: TradingVenue
    blocks: SharedBlocks

    def submit(self, order: ApprovedOrder) -> SubmitOutcome:
        return self.blocks.submit(order, self.inner.submit)

    def cancel(self, symbol: Symbol, order: ClientOrderId) -> CancelOutcome:
        return self.blocks.call(lambda: self.inner.cancel(symbol, order))

    def fetch_order(self, symbol: Symbol, order: ClientOrderId) -> OrderNews | None:
        return self.blocks.call(lambda: self.inner.fetch_order(symbol, order))

    def fetch_clock_offset_ms(self) -> int:
        return self.blocks.call(self.inner.fetch_clock_offset_ms)

    def fetch_open_orders(self) -> Sequence[OrderNews]:
        return self.blocks.call(self.inner.fetch_open_orders)

    def fetch_positions(self) -> Sequence[VenuePosition]:
        return self.blocks.call(self.inner.fetch_positions)

    def fetch_balance(self) -> Balance:
        return self.blocks.call(self.inner.fetch_balance)

    def fetch_brackets(self) -> Mapping[Symbol, tuple[LeverageBracket, ...]]:
        return self.blocks.call(self.inner.fetch_brackets)

    def fetch_adl_ranks(self, mode: PositionMode) -> Mapping[tuple[Symbol, PositionSide], int]:
        return self.blocks.call(lambda: self.inner.fetch_adl_ranks(mode))

    def fetch_fills(self, symbol: Symbol, since_ms: int) -> Sequence[Fill]:
        return self.blocks.call(lambda: self.inner.fetch_fills(symbol, since_ms))

    def fetch_trade_page(self, symbol: Symbol, wanted: TradeId | Span, limit: int) -> Sequence[Fill]:
        return self.blocks.call(lambda: self.inner.fetch_trade_page(symbol, wanted, limit))

    def fetch_income_page(self, span: Span, limit: int, venue_kind: str | None = None) -> Sequence[Income]:
        return self.blocks.call(lambda: self.inner.fetch_income_page(span, limit, venue_kind))

    def make_ready(self, symbol: Symbol, leverage: int, margin_type: MarginType, account: Account) -> Readiness:
        return self.blocks.call(lambda: self.inner.make_ready(symbol, leverage, margin_type, account))


@dataclass(frozen=True, slots=True)
class BlockSharingMarketData:
    """Implements ``ports.MarketData`` around another: public data is asked for from the same address."""

    inner: MarketData
    blocks: SharedBlocks

    def fetch_instruments(self) -> Sequence[Instrument]:
        return self.blocks.call(self.inner.fetch_instruments)

    def fetch_best_prices(self, symbol: Symbol) -> BestPrices:
        return self.blocks.call(lambda: self.inner.fetch_best_prices(symbol))

    def fetch_mark_price(self, symbol: Symbol) -> MarkPrice:
        return self.blocks.call(lambda: self.inner.fetch_mark_price(symbol))

    def fetch_candles(
        self, symbol: Symbol, interval_s: int, limit: int, until_ms: int | None = None
    ) -> Sequence[Candle]:
        return self.blocks.call(lambda: self.inner.fetch_candles(symbol, interval_s, limit, until_ms))

    def fetch_open_interest(self, symbol: Symbol) -> OpenInterest | None:
        return self.blocks.call(lambda: self.inner.fetch_open_interest(symbol))
