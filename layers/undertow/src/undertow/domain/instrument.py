"""Trading rules of one symbol, as the venue publishes them."""

from dataclasses import dataclass
from decimal import Decimal

from undertow.domain.ids import Symbol
from undertow.domain.market import Side, Venue
from undertow.domain.numbers import ZERO, ceil_to, floor_to


@dataclass(frozen=True, slots=True)
class LeverageBracket:
    """One notional tier. ``maintenance_ratio`` is a fraction (0.005 is half a percent); ``cumulative`` quote units."""

    bracket: int
    max_leverage: int
    notional_floor: Decimal
    notional_cap: Decimal
    maintenance_ratio: Decimal
    cumulative: Decimal


@dataclass(frozen=True, slots=True)
class Instrument:
    """Filters of one perpetual. A limit of zero means the venue sets none.

    Prices are quote units, quantities base units, ``min_notional`` quote units.
    ``price_multiplier_up`` and ``_down`` bound a limit price against the mark (PERCENT_PRICE). ``brackets`` are the
    leverage tiers by rising notional, empty while they were not read.
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
    brackets: tuple[LeverageBracket, ...] = ()

    @property
    def is_trading(self) -> bool:
        return self.status == "TRADING"

    def entry_price(self, price: Decimal, side: Side) -> Decimal:
        """``price`` on the tick grid, moved away from the market: a BUY goes down, a SELL up."""
        return self.price_below(price) if side is Side.BUY else self.price_above(price)

    def price_below(self, price: Decimal) -> Decimal:
        """The highest price on the tick grid not above ``price``."""
        return self.min_price + floor_to(price - self.min_price, self.tick_size)

    def price_above(self, price: Decimal) -> Decimal:
        """The lowest price on the tick grid not below ``price``."""
        return self.min_price + ceil_to(price - self.min_price, self.tick_size)

    def price_bounds(self, side: Side, mark: Decimal) -> tuple[Decimal, Decimal | None]:
        """Lowest and highest limit price that the venue admits while the mark price is ``mark``; None: no highest.

        PERCENT_PRICE binds a BUY from above and a SELL from below only.
        """
        if side is Side.SELL:
            return max(self.min_price, mark * self.price_multiplier_down), self.max_price or None
        highest = [bound for bound in (self.max_price, mark * self.price_multiplier_up) if bound]
        return self.min_price, min(highest, default=None)

    def quantity_below(self, quantity: Decimal) -> Decimal:
        """The largest admissible quantity not above ``quantity``, or zero: rounding never grows risk."""
        return _quantity_below(quantity, self.lot_size, self.min_quantity, self.max_quantity)

    def market_quantity_below(self, quantity: Decimal) -> Decimal:
        """As ``quantity_below``, under MARKET_LOT_SIZE."""
        return _quantity_below(quantity, self.market_lot_size, self.market_min_quantity, self.market_max_quantity)


def _quantity_below(quantity: Decimal, step: Decimal, lowest: Decimal, highest: Decimal) -> Decimal:
    """Steps count from ``lowest``, so that ``highest`` itself need not be a quantity that the venue admits."""
    wanted = min(quantity, highest) if highest else quantity
    if wanted < lowest:
        return ZERO
    return lowest + floor_to(wanted - lowest, step)
