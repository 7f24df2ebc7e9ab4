"""The venue as the services see it: one account's trading, and public data. All in domain types."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from undertow.domain.account import Account, Balance, MarginType, PositionMode, Readiness, VenuePosition
from undertow.domain.fill import Fill
from undertow.domain.ids import ClientOrderId, Symbol, TradeId
from undertow.domain.imports import Span
from undertow.domain.income import Income
from undertow.domain.instrument import Instrument, LeverageBracket
from undertow.domain.market import BestPrices, Candle, MarkPrice, OpenInterest, PositionSide, Venue
from undertow.domain.order import OrderNews
from undertow.domain.outcome import CancelOutcome, SubmitOutcome
from undertow.risk.approval import ApprovedOrder


class TradingVenue(Protocol):
    """One account at one venue.

    Every method may raise VenueUnreachable (provably not sent) or its subclass VenueBlocked; every ``fetch_`` method
    may raise VenueReadFailed.
    """

    def submit(self, order: ApprovedOrder) -> SubmitOutcome: ...

    def cancel(self, symbol: Symbol, order: ClientOrderId) -> CancelOutcome: ...

    def fetch_order(self, symbol: Symbol, order: ClientOrderId) -> OrderNews | None:
        """The order, or None when the venue says that it does not know it."""
        ...

    def fetch_clock_offset_ms(self) -> int:
        """How far the venue's clock is ahead of ours, measured now. Requests are stamped accordingly from then on."""
        ...

    def fetch_open_orders(self) -> Sequence[OrderNews]: ...

    def fetch_positions(self) -> Sequence[VenuePosition]:
        """Open positions only."""
        ...

    def fetch_balance(self) -> Balance: ...

    def fetch_brackets(self) -> Mapping[Symbol, tuple[LeverageBracket, ...]]:
        """Leverage tiers of every symbol, by rising notional."""
        ...

    def fetch_adl_ranks(self, mode: PositionMode) -> Mapping[tuple[Symbol, PositionSide], int]:
        """How early each side would be closed to cover others' losses, 0 (last) to 4. A weight of 5 for all.

        A side that the venue does not rank is left out.
        """
        ...

    def fetch_fills(self, symbol: Symbol, since_ms: int) -> Sequence[Fill]:
        """All fills of ``symbol`` from ``since_ms`` on, oldest first, over as many pages as it takes."""
        ...

    def fetch_trade_page(self, symbol: Symbol, wanted: TradeId | Span, limit: int) -> Sequence[Fill]:
        """The first ``limit`` (at most 1000) trades from an id on, or of a span of at most 7 days; by id, lowest first.

        Costs a weight of 5.
        """
        ...

    def fetch_income_page(self, span: Span, limit: int, venue_kind: str | None = None) -> Sequence[Income]:
        """The first ``limit`` (at most 1000) lines of the venue's books in ``span``, oldest first. A weight of 30."""
        ...

    def make_ready(self, symbol: Symbol, leverage: int, margin_type: MarginType, account: Account) -> Readiness:
        """Read back position mode, multi-assets mode, margin type and leverage, and set what differs.

        Returns what the venue then confirms, which may still differ from what was wanted.
        """
        ...


class MarketData(Protocol):
    """Public data of one venue. Raises as TradingVenue's reads do."""

    def fetch_instruments(self) -> Sequence[Instrument]: ...

    def fetch_best_prices(self, symbol: Symbol) -> BestPrices: ...

    def fetch_mark_price(self, symbol: Symbol) -> MarkPrice: ...

    def fetch_candles(
        self, symbol: Symbol, interval_s: int, limit: int, until_ms: int | None = None
    ) -> Sequence[Candle]:
        """The latest ``limit`` (at most 1000) candles, oldest first; the last one may still be open.

        With ``until_ms`` those that opened at that time or before.
        """
        ...

    def fetch_open_interest(self, symbol: Symbol) -> OpenInterest | None:
        """None when the venue has no such endpoint."""
        ...


class Venues(Protocol):
    """Finds the venue of an account; builds each client once."""

    def trading(self, account: Account) -> TradingVenue: ...

    def market_data(self, venue: Venue) -> MarketData: ...
