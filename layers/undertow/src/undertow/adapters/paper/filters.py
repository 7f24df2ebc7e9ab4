"""The instrument's filters, each with the venue's own code (aster.md section 7)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from undertow.adapters.paper.errors import ExchangeError
from undertow.domain.instrument import Instrument
from undertow.domain.market import Side

MAX_DECIMALS: Final = 8


@dataclass(frozen=True, slots=True)
class PriceCodes:
    """Codes of one price parameter: it is zero or less, or above the maximum."""

    not_positive: int
    above_max: int


LIMIT_PRICE: Final = PriceCodes(-4001, -4002)
STOP_PRICE: Final = PriceCodes(-4006, -4007)


def check_price(instrument: Instrument, price: Decimal, codes: PriceCodes = LIMIT_PRICE) -> None:
    if price <= 0:
        raise ExchangeError(codes.not_positive, "Price less than 0.")
    if instrument.min_price and price < instrument.min_price:
        raise ExchangeError(-4013, "Price less than min price.")
    if instrument.max_price and price > instrument.max_price:
        raise ExchangeError(codes.above_max, "Price greater than max price.")
    _check_decimals(price, instrument.tick_size)
    if instrument.tick_size and (price - instrument.min_price) % instrument.tick_size:
        raise ExchangeError(-4014, "Price not increased by tick size.")


def check_quantity(instrument: Instrument, quantity: Decimal, at_market: bool) -> None:
    """LOT_SIZE, or MARKET_LOT_SIZE for orders that execute at market."""
    smallest = instrument.market_min_quantity if at_market else instrument.min_quantity
    largest = instrument.market_max_quantity if at_market else instrument.max_quantity
    step = instrument.market_lot_size if at_market else instrument.lot_size
    if quantity <= 0:
        raise ExchangeError(-4003, "Quantity less than or equal to zero.")
    if smallest and quantity < smallest:
        raise ExchangeError(-4004, "Quantity less than min quantity.")
    if largest and quantity > largest:
        raise ExchangeError(-4005, "Quantity greater than max quantity.")
    _check_decimals(quantity, step)
    if step and (quantity - smallest) % step:
        raise ExchangeError(-4023, "Quantity not increased by step size.")


def check_min_notional(instrument: Instrument, notional: Decimal) -> None:
    if notional < instrument.min_notional:
        least = format(instrument.min_notional.normalize(), "f")
        raise ExchangeError(-4164, f"Order's notional must be no smaller than {least} (unless you choose reduce only)")


def check_price_against_mark(instrument: Instrument, side: Side, price: Decimal, mark: Decimal) -> None:
    """PERCENT_PRICE, which bounds each side in one direction only."""
    highest, lowest = mark * instrument.price_multiplier_up, mark * instrument.price_multiplier_down
    if side is Side.BUY and instrument.price_multiplier_up and price > highest:
        raise ExchangeError(-4016, f"Limit price can't be higher than {_shown(highest, instrument)}.")
    if side is Side.SELL and instrument.price_multiplier_down and price < lowest:
        raise ExchangeError(-4024, f"Limit price can't be lower than {_shown(lowest, instrument)}.")


def check_price_against_stop(instrument: Instrument, side: Side, price: Decimal, stop: Decimal) -> None:
    """The limit price of a conditional order, bounded by its own stop price."""
    highest, lowest = stop * instrument.price_multiplier_up, stop * instrument.price_multiplier_down
    if side is Side.BUY and instrument.price_multiplier_up and price > highest:
        raise ExchangeError(-4183, f"Limit price can't be higher than {_shown(highest, instrument)}.")
    if side is Side.SELL and instrument.price_multiplier_down and price < lowest:
        raise ExchangeError(-4184, f"Limit price can't be lower than {_shown(lowest, instrument)}.")


def check_market_price(instrument: Instrument, side: Side, best_opposite: Decimal, mark: Decimal) -> None:
    """A market order is refused when the best opposite price lies outside PERCENT_PRICE."""
    too_high = instrument.price_multiplier_up and best_opposite > mark * instrument.price_multiplier_up
    too_low = instrument.price_multiplier_down and best_opposite < mark * instrument.price_multiplier_down
    if too_high if side is Side.BUY else too_low:
        raise ExchangeError(-4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit.")


def _check_decimals(value: Decimal, step: Decimal) -> None:
    """More decimals than the asset has, trailing zeros aside."""
    allowed = max(_decimals(step), 0) if step else MAX_DECIMALS
    if _decimals(value) > allowed:
        raise ExchangeError(-1111, "Precision is over the maximum defined for this asset.")


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _shown(price: Decimal, instrument: Instrument) -> str:
    return format(instrument.price_below(price).normalize(), "f")
