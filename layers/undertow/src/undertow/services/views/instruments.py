"""What the venue lists, and its limits for the symbols that are traded or watched."""

from typing_extensions import TypedDict

from undertow.domain.ids import Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import Venue
from undertow.domain.numbers import HUNDRED, plain
from undertow.services.views import render
from undertow.services.views.render import Aged, EpochMs, Figure
from undertow.services.views.sources import Sources


class ListedSymbol(TypedDict):
    symbol: str
    base_asset: str
    quote_asset: str
    status: str
    watched: bool


class ExchangeSymbols(TypedDict):
    time_ms: EpochMs
    venue: Venue
    symbols: list[ListedSymbol]


class Bracket(TypedDict):
    """One leverage tier, by notional in quote units; ``maintenance_pct`` is of the notional in the tier."""

    max_leverage: int
    notional_floor: Figure
    notional_cap: Figure
    maintenance_pct: Figure


class SymbolLimits(Aged):
    """``brackets`` rise with the notional and are empty while they were not read."""

    symbol: str
    status: str
    quote_asset: str
    base_asset: str
    tick_size: Figure
    min_price: Figure
    max_price: Figure
    lot_size: Figure
    min_quantity: Figure
    max_quantity: Figure
    market_lot_size: Figure
    market_min_quantity: Figure
    market_max_quantity: Figure
    min_notional: Figure
    max_orders: int
    max_algo_orders: int
    liquidation_fee_pct: Figure
    brackets: list[Bracket]


class ExchangeLimits(TypedDict):
    """``unknown`` are symbols that were asked for and of which nothing is known."""

    time_ms: EpochMs
    venue: Venue
    limits: list[SymbolLimits]
    unknown: list[str]


def exchange_symbols(sources: Sources, venue: Venue) -> ExchangeSymbols:
    watched = sources.params.current().watched_symbols(venue)
    listed = sorted(sources.kept.instruments.all(venue), key=lambda instrument: instrument.symbol)
    return {
        "time_ms": sources.clock.now_ms(),
        "venue": venue,
        "symbols": [
            {
                "symbol": instrument.symbol,
                "base_asset": instrument.base_asset,
                "quote_asset": instrument.quote_asset,
                "status": instrument.status,
                "watched": instrument.symbol in watched,
            }
            for instrument in listed
        ],
    }


def exchange_limits(sources: Sources, venue: Venue, only: Symbol | None) -> ExchangeLimits:
    now_ms = sources.clock.now_ms()
    wanted = {only} if only is not None else sources.params.current().watched_symbols(venue)
    listed = [found for found in sources.kept.instruments.all(venue) if found.symbol in wanted]
    missing = wanted - {instrument.symbol for instrument in listed}
    return {
        "time_ms": now_ms,
        "venue": venue,
        "limits": [_limits(found, now_ms) for found in sorted(listed, key=lambda found: found.symbol)],
        "unknown": sorted(str(symbol) for symbol in missing),
    }


def _limits(instrument: Instrument, now_ms: int) -> SymbolLimits:
    return {
        "symbol": instrument.symbol,
        "status": instrument.status,
        "quote_asset": instrument.quote_asset,
        "base_asset": instrument.base_asset,
        "tick_size": plain(instrument.tick_size),
        "min_price": plain(instrument.min_price),
        "max_price": plain(instrument.max_price),
        "lot_size": plain(instrument.lot_size),
        "min_quantity": plain(instrument.min_quantity),
        "max_quantity": plain(instrument.max_quantity),
        "market_lot_size": plain(instrument.market_lot_size),
        "market_min_quantity": plain(instrument.market_min_quantity),
        "market_max_quantity": plain(instrument.market_max_quantity),
        "min_notional": plain(instrument.min_notional),
        "max_orders": instrument.max_orders,
        "max_algo_orders": instrument.max_algo_orders,
        "liquidation_fee_pct": plain(instrument.liquidation_fee * HUNDRED),
        "brackets": [
            {
                "max_leverage": one.max_leverage,
                "notional_floor": plain(one.notional_floor),
                "notional_cap": plain(one.notional_cap),
                "maintenance_pct": plain(one.maintenance_ratio * HUNDRED),
            }
            for one in instrument.brackets
        ],
        **render.aged(instrument.fetched_at_ms, now_ms, "venue exchangeInfo"),
    }
