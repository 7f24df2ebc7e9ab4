"""Trading rules of one symbol, as the venue publishes them."""

from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.ids import Symbol
from undertow.domain.market import Side, Venue
from undertow.domain.numbers import ceil_to, floor_to


@dataclass(frozen=True, slots=True)
class Instrument:
    """Filters of one perpetual. A limit of zero means the venue sets none.

    Prices are quote units, quantities base units, ``min_notional`` quote units.
    ``price_multiplier_up`` and ``_down`` bound a limit price against the mark (PERCENT_PRICE).
    """

    venue: Venue
    symbol: Symbol
    base_asset: str
    quote_asset: str
    margin_asset: str
    status: str
    tick_size: Decimal
    min_price: Decimal
    max_price: Decimal
    lot_size: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    market_lot_size: Decimal
    market_min_quantity: Decimal
    market_max_quantity: Decimal
    min_notional: Decimal
    price_multiplier_up: Decimal
    price_multiplier_down: Decimal
    max_orders: int
    max_algo_orders: int
    trigger_protect: Decimal
    market_take_bound: Decimal
    liquidation_fee: Decimal
    fetched_at_ms: int

    @property
    def is_trading(self) -> bool:
        return self.status == "TRADING"

    def entry_price(self, price: Decimal, side: Side) -> Decimal:
        """``price`` on the tick grid, moved away from the market: a BUY goes down, a SELL up."""
        offset = price - self.min_price
        stepped = floor_to(offset, self.tick_size) if side is Side.BUY else ceil_to(offset, self.tick_size)
        return self.min_price + stepped

    def price_below(self, price: Decimal) -> Decimal:
        """The highest admissible price not above ``price``."""
        return self.min_price + floor_to(price - self.min_price, self.tick_size)

    def price_above(self, price: Decimal) -> Decimal:
        """The lowest admissible price not below ``price``."""
        return self.min_price + ceil_to(price - self.min_price, self.tick_size)

    def quantity_below(self, quantity: Decimal) -> Decimal:
        """The largest admissible quantity not above ``quantity``, or zero: rounding never grows risk."""
        if quantity < self.min_quantity:
            return Decimal(0)
        stepped = self.min_quantity + floor_to(quantity - self.min_quantity, self.lot_size)
        return min(stepped, self.max_quantity) if self.max_quantity else stepped

    def market_quantity_below(self, quantity: Decimal) -> Decimal:
        """As ``quantity_below``, under MARKET_LOT_SIZE."""
        if quantity < self.market_min_quantity:
            return Decimal(0)
        stepped = self.market_min_quantity + floor_to(quantity - self.market_min_quantity, self.market_lot_size)
        return min(stepped, self.market_max_quantity) if self.market_max_quantity else stepped


@dataclass(frozen=True, slots=True)
class LeverageBracket:
    """One notional tier. ``maintenance_ratio`` is a fraction (0.005 is half a percent); ``cumulative`` quote units."""

    bracket: int
    max_leverage: int
    notional_floor: Decimal
    notional_cap: Decimal
    maintenance_ratio: Decimal
    cumulative: Decimal
