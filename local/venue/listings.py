"""Trading rules of a symbol, read off its prints: what the tape's own texts show, and plausible values for the rest."""

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from local.venue.tape import TapeCandle, TapeFrame

from undertow.adapters.paper.contract import Contract
from undertow.domain.ids import Symbol
from undertow.domain.instrument import Instrument, LeverageBracket
from undertow.domain.market import Venue
from undertow.domain.numbers import ceil_to

QUOTE_ASSETS: Final = ("USDT", "USDC", "USD1", "FDUSD", "USD")
MIN_NOTIONAL: Final = Decimal(5)
_MAX_NOTIONAL: Final = Decimal(20_000_000)
_MAX_MARKET_NOTIONAL: Final = Decimal(2_000_000)

# Caps in quote units, the highest leverage up to the cap, and the maintenance ratio there.
_MAJOR_TIERS: Final = (
    (50_000, 125, "0.004"),
    (600_000, 100, "0.005"),
    (3_000_000, 75, "0.0065"),
    (12_000_000, 50, "0.01"),
    (70_000_000, 25, "0.02"),
    (100_000_000, 20, "0.025"),
    (230_000_000, 10, "0.05"),
    (480_000_000, 5, "0.1"),
    (600_000_000, 4, "0.125"),
    (1_200_000_000, 2, "0.25"),
    (1_800_000_000, 1, "0.5"),
)
_MINOR_TIERS: Final = (
    (10_000, 75, "0.006"),
    (50_000, 50, "0.01"),
    (250_000, 25, "0.02"),
    (1_000_000, 20, "0.025"),
    (3_000_000, 10, "0.05"),
    (6_000_000, 5, "0.1"),
    (9_000_000, 4, "0.125"),
    (15_000_000, 2, "0.25"),
    (20_000_000, 1, "0.5"),
)
_MAJORS: Final = frozenset({"BTC", "ETH"})


def is_listed(symbol: Symbol) -> bool:
    """Whether the venue trades it: dated contracts (``BTCUSDT_251226``) and pairs without a dollar it does not, though
    a tape may know their prints. Those come over the liquidation stream all the same."""
    return symbol.endswith(QUOTE_ASSETS) and symbol not in QUOTE_ASSETS


def contract_of(
    symbol: Symbol, frames: Sequence[TapeFrame], candles: Sequence[TapeCandle], fetched_at_ms: int
) -> Contract:
    """``frames`` and ``candles`` are those of ``symbol``; there is at least one of either."""
    prices = [Decimal(frame.order["p"]) for frame in frames] + [candle.close for candle in candles]
    reference = frames[0].price if frames else candles[0].open
    quantities = [frame.quantity for frame in frames] or [Decimal(1)]
    tick = _tick_size(prices, reference)
    lot = Decimal(1).scaleb(-max(_decimals(quantity) for quantity in quantities))
    base, quote = _assets(symbol)
    instrument = Instrument(
        venue=Venue.ASTER,
        symbol=symbol,
        base_asset=base,
        quote_asset=quote,
        margin_asset=quote,
        status="TRADING",
        tick_size=tick,
        min_price=tick,
        max_price=_power_of_ten_above(reference * 20),
        lot_size=lot,
        min_quantity=lot,
        max_quantity=_largest(_MAX_NOTIONAL / reference, quantities, lot),
        market_lot_size=lot,
        market_min_quantity=lot,
        market_max_quantity=_largest(_MAX_MARKET_NOTIONAL / reference, (), lot),
        min_notional=MIN_NOTIONAL,
        price_multiplier_up=Decimal("1.15"),
        price_multiplier_down=Decimal("0.85"),
        max_orders=200,
        max_algo_orders=100,
        trigger_protect=Decimal("0.05") if base in _MAJORS else Decimal("0.15"),
        market_take_bound=Decimal("0.05") if base in _MAJORS else Decimal("0.30"),
        liquidation_fee=Decimal("0.0125") if base in _MAJORS else Decimal("0.015"),
        fetched_at_ms=fetched_at_ms,
    )
    return Contract(instrument, leverage_brackets(base))


def leverage_brackets(base_asset: str) -> tuple[LeverageBracket, ...]:
    """``cumulative`` makes the maintenance margin continuous where two tiers meet."""
    brackets: list[LeverageBracket] = []
    floor, previous, cumulative = Decimal(0), Decimal(0), Decimal(0)
    for number, (cap, leverage, text) in enumerate(_MAJOR_TIERS if base_asset in _MAJORS else _MINOR_TIERS, start=1):
        ratio = Decimal(text)
        cumulative += floor * (ratio - previous)
        brackets.append(LeverageBracket(number, leverage, floor, Decimal(cap), ratio, cumulative))
        floor, previous = Decimal(cap), ratio
    return tuple(brackets)


def _tick_size(prices: Iterable[Decimal], reference: Decimal) -> Decimal:
    """As fine as the finest price seen, and at most a thousandth of the price: few prints may all be round."""
    finest = max(_decimals(price) for price in prices)
    plausible = 3 - math.floor(math.log10(reference))
    return Decimal(1).scaleb(-max(finest, plausible, 0))


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _largest(quantity: Decimal, seen: Iterable[Decimal], lot: Decimal) -> Decimal:
    """``quantity`` as a power of ten times the lot, never below what was already traded."""
    return max(_power_of_ten_above(quantity), ceil_to(max(seen, default=lot), lot))


def _power_of_ten_above(value: Decimal) -> Decimal:
    return Decimal(1).scaleb(math.ceil(math.log10(value))).quantize(Decimal(1)) if value > 1 else Decimal(1)


def _assets(symbol: Symbol) -> tuple[str, str]:
    quote = next(quote for quote in QUOTE_ASSETS if symbol.endswith(quote))
    return symbol.removesuffix(quote), quote
