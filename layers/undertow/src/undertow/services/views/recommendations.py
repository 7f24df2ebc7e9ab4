"""What to look at: symbols worth trading or leaving, and settings that stand out. It only ever advises.

Rules of thumb over recorded figures, each with its reasons in words: no promise, and nothing is applied.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

from typing_extensions import TypedDict

from undertow.domain.account import Account
from undertow.domain.conditions import CascadeFormula, CascadeReading, Colour
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import BestPrices
from undertow.domain.numbers import HUNDRED, ZERO, plain
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.services.views.book import Book, read_book
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.setting_advice import SettingAdvice, setting_advice
from undertow.services.views.sources import Sources

MOST_SYMBOLS: Final = 30
MOST_BOOKS: Final = 6
"""Spreads are asked of the venue for the busiest symbols only: a page is not worth a share of its request limits."""
FEW_LIQUIDATIONS: Final = 10
WIDE_SPREAD_PCT: Final = Decimal("0.1")
LARGEST_MINIMUM_PCT: Final = Decimal(1)
"""A smallest order above this part of equity leaves no room for layers."""
_HOUR_MS: Final = 3_600_000


Advice = Literal["keep", "consider", "review", "leave"]


class SymbolFigures(TypedDict):
    liquidations: int
    volume: Figure
    largest: Figure
    spread_pct: Figure | None
    cascade: Colour | None
    min_notional: Figure | None


class SymbolAdvice(TypedDict):
    symbol: str
    traded: bool
    advice: Advice
    reasons: list[str]
    figures: SymbolFigures


class AccountAdvice(TypedDict):
    account: str
    symbols: list[SymbolAdvice]
    settings: list[SettingAdvice]


class Recommendations(TypedDict):
    """It only ever advises: nothing is applied."""

    time_ms: EpochMs
    from_ms: EpochMs
    note: str
    accounts: list[AccountAdvice]


@dataclass(slots=True)
class _Seen:
    count: int = 0
    volume: Decimal = ZERO
    largest: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class _Judged:
    """``against`` are the reasons to stay away, ``reasons`` all of them."""

    figures: SymbolFigures
    reasons: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)


def recommendations(sources: Sources, only: AccountId | None, hours: int) -> Recommendations:
    now_ms = sources.clock.now_ms()
    return {
        "time_ms": now_ms,
        "from_ms": now_ms - hours * _HOUR_MS,
        "note": "advice from recorded figures; nothing is applied. The feed is sampled: volumes are lower bounds",
        "accounts": [_account(sources, account, hours) for account in sources.accounts(only)],
    }


def _account(sources: Sources, account: Account, hours: int) -> AccountAdvice:
    book = read_book(sources, account)
    strategies = [one for _, one in sorted(sources.params.current().strategies.items()) if one.account == account.id]
    traded = {symbol for strategy in strategies if strategy.enabled for symbol in strategy.symbols}
    return {
        "account": account.id,
        "symbols": _symbols(sources, book, traded, hours),
        "settings": list(setting_advice(book, strategies)),
    }


def _symbols(sources: Sources, book: Book, traded: set[Symbol], hours: int) -> list[SymbolAdvice]:
    seen = _recorded(sources, book, hours)
    ranked = sorted(seen, key=lambda symbol: (-seen[symbol].volume, symbol))
    wanted = ranked[:MOST_SYMBOLS] + sorted(symbol for symbol in traded if symbol not in ranked[:MOST_SYMBOLS])
    state = sources.kept.cascades.latest(book.account.venue)
    spreads = _spreads(sources, book, ranked[:MOST_BOOKS])
    rows: list[SymbolAdvice] = []
    for symbol in wanted:
        readings = {} if state is None else state.symbols.get(symbol, {})
        judged = _judged(
            seen.get(symbol, _Seen()),
            book.instruments.get(symbol),
            spreads.get(symbol),
            readings.get(CascadeFormula.MAGNITUDE),
            book.equity,
        )
        rows.append(
            {
                "symbol": symbol,
                "traded": symbol in traded,
                "advice": _advice(judged, symbol in traded),
                "reasons": [*judged.reasons, *judged.against],
                "figures": judged.figures,
            }
        )
    return rows


def _recorded(sources: Sources, book: Book, hours: int) -> dict[Symbol, _Seen]:
    seen: dict[Symbol, _Seen] = {}
    now_ms = sources.clock.now_ms()
    for liquidation in sources.kept.liquidations.between(book.account.venue, now_ms - hours * _HOUR_MS, now_ms):
        own = seen.setdefault(liquidation.symbol, _Seen())
        own.count += 1
        own.volume += liquidation.notional
        own.largest = max(own.largest, liquidation.notional)
    return seen


def _spreads(sources: Sources, book: Book, symbols: list[Symbol]) -> dict[Symbol, BestPrices]:
    """What the venue does not answer is not judged by its spread. A first failure ends the asking."""
    found: dict[Symbol, BestPrices] = {}
    data = sources.marks.venues.market_data(book.account.venue)
    for symbol in symbols:
        try:
            found[symbol] = data.fetch_best_prices(symbol)
        except (VenueReadFailed, VenueUnreachable):
            break
    return found


def _advice(judged: _Judged, traded: bool) -> Advice:
    if judged.against:
        return "review" if traded else "leave"
    return "keep" if traded else "consider"


def _judged(
    seen: _Seen,
    instrument: Instrument | None,
    prices: BestPrices | None,
    cascade: CascadeReading | None,
    equity: Decimal | None,
) -> _Judged:
    judged = _Judged(
        {
            "liquidations": seen.count,
            "volume": plain(seen.volume),
            "largest": plain(seen.largest),
            "spread_pct": None if prices is None else plain(_spread_pct(prices)),
            "cascade": None if cascade is None else cascade.colour,
            "min_notional": None if instrument is None else plain(_smallest(instrument, prices)),
        }
    )
    if seen.count < FEW_LIQUIDATIONS:
        judged.against.append(f"only {seen.count} liquidations were recorded: signals would be rare")
    else:
        judged.reasons.append(f"{seen.count} liquidations of {seen.volume:.0f} USDT together were recorded")
    judged.against.extend(_obstacles(instrument, prices, cascade, equity))
    return judged


def _obstacles(
    instrument: Instrument | None, prices: BestPrices | None, cascade: CascadeReading | None, equity: Decimal | None
) -> Iterator[str]:
    if instrument is None:
        yield "its trading rules are not known"
    elif not instrument.is_trading:
        yield f"it is {instrument.status} at the venue"
    elif equity is not None and _smallest(instrument, prices) * HUNDRED > equity * LARGEST_MINIMUM_PCT:
        smallest = plain(_smallest(instrument, prices))
        yield f"its smallest order of {smallest} USDT is more than {LARGEST_MINIMUM_PCT} % of the equity"
    if prices is not None and _spread_pct(prices) > WIDE_SPREAD_PCT:
        yield f"its spread of {plain(_spread_pct(prices))} % is wider than {plain(WIDE_SPREAD_PCT)} %"
    if cascade is not None and cascade.colour.blocks:
        yield f"its cascade light is {cascade.colour.value} now"


def _spread_pct(prices: BestPrices) -> Decimal:
    return (prices.spread / prices.mid * HUNDRED).quantize(Decimal("0.001"))


def _smallest(instrument: Instrument, prices: BestPrices | None) -> Decimal:
    """The notional of the smallest order that the venue takes, quote units."""
    by_quantity = ZERO if prices is None else instrument.min_quantity * prices.mid
    return max(instrument.min_notional, by_quantity)
