"""What stands against new entries of strategies: their own switch, their symbols' rules, and cascades."""

from collections.abc import Iterator, Mapping, Sequence

from undertow.domain.account import Account
from undertow.domain.cascade import CascadeState
from undertow.domain.conditions import CascadeFormula
from undertow.domain.ids import Symbol
from undertow.domain.numbers import ONE, plain
from undertow.ports import LadderStrategy, Strategy
from undertow.risk.limits import MAX_INSTRUMENT_AGE_MS
from undertow.risk.readiness import unready
from undertow.services.views.book import Book
from undertow.services.views.standing import CASCADE_LATE_MS, Standing
from undertow.strategies.hunter import HunterParams
from undertow.strategies.ladder.params import LadderParams


def of_strategies(strategies: Sequence[Strategy]) -> Iterator[Standing]:
    for strategy in strategies:
        if not strategy.enabled:
            yield Standing(
                "strategy_off",
                f"strategy {strategy.id}",
                None,
                "the strategy is switched off in its settings",
                "its field `enabled` is set to true",
                {"version": strategy.version},
            )


def of_symbols(book: Book, strategies: Sequence[Strategy]) -> Iterator[Standing]:
    """Symbols that are to be traded and whose limits or settings at the venue are not known for certain."""
    for strategy in strategies:
        traded: Mapping[Symbol, HunterParams | LadderParams] = strategy.symbols
        for symbol, params in sorted(traded.items(), key=lambda item: item[0]):
            if strategy.enabled and params.enabled:
                yield from _missing_limits(book, symbol)
                refusal = unready(
                    book.readinesses.get(symbol), book.account, params.leverage, params.margin_type, book.now_ms
                )
                if refusal is not None:
                    yield Standing(
                        "missing_limits",
                        f"{symbol} of strategy {strategy.id}",
                        None,
                        refusal.reason,
                        "the hourly import of trading rules reads it back from the venue and sets what differs",
                        {**{f"wanted_{name}": value for name, value in refusal.thresholds.items()}, **refusal.inputs},
                    )


def _missing_limits(book: Book, symbol: Symbol) -> Iterator[Standing]:
    instrument, scope = book.instruments.get(symbol), f"{symbol} at {book.account.venue.value}"
    clears = "the import of trading rules reads them from the venue"
    if instrument is None:
        yield Standing("missing_limits", scope, None, "the symbol's trading rules are not known", clears)
        return
    if not instrument.is_trading:
        yield Standing("missing_limits", scope, None, f"the symbol is {instrument.status}, not TRADING", clears)
    age_ms = book.now_ms - instrument.fetched_at_ms
    if age_ms > MAX_INSTRUMENT_AGE_MS:
        since_ms = instrument.fetched_at_ms + MAX_INSTRUMENT_AGE_MS
        inputs = {"age_ms": str(age_ms), "max_age_ms": str(MAX_INSTRUMENT_AGE_MS)}
        yield Standing("missing_limits", scope, since_ms, "the trading rules are older than a day", clears, inputs)
    if not instrument.brackets:
        yield Standing("missing_limits", scope, None, "the symbol's leverage tiers are not known", clears)


def of_cascades(
    state: CascadeState | None, account: Account, strategies: Sequence[Strategy], now_ms: int
) -> Iterator[Standing]:
    """Only by the formulas that enabled ladders ask for."""
    asked: dict[CascadeFormula, set[Symbol]] = {}
    for strategy in strategies:
        if isinstance(strategy, LadderStrategy) and strategy.enabled:
            for symbol, params in strategy.symbols.items():
                if params.cascade_formula is not None and params.enabled:
                    asked.setdefault(params.cascade_formula, set()).add(symbol)
    if not asked:
        return
    venue = f"ladders at {account.venue.value}"
    if state is None or now_ms - state.measured_at_ms > CASCADE_LATE_MS:
        since_ms = None if state is None else state.measured_at_ms
        reason = "cascades were not measured for too long: what is unknown counts as a cascade"
        yield Standing("cascade_unknown", venue, since_ms, reason, "the stream worker measures again")
        return
    for formula, symbols in sorted(asked.items()):
        yield from _of_formula(state, formula, symbols, venue)


def _of_formula(state: CascadeState, formula: CascadeFormula, symbols: set[Symbol], venue: str) -> Iterator[Standing]:
    aggregate = state.aggregates.get(formula)
    if aggregate is not None and aggregate.blocked:
        yield Standing(
            "cascade_aggregate",
            venue,
            aggregate.since_ms,
            "so many symbols are in a cascade that nothing is opened anywhere",
            "less than 35 % of the monitored symbols are blocked",
            {
                "formula": formula.value,
                "blocked": str(aggregate.blocked_symbols),
                "fresh": str(aggregate.fresh_symbols),
                "monitored": str(aggregate.monitored_symbols),
                "share_pct": plain(aggregate.share_pct.quantize(ONE)),
            },
        )
    for symbol in sorted(symbols):
        reading = state.symbols.get(symbol, {}).get(formula)
        if reading is None:
            reason = "no cascade reading: what is unknown counts as a cascade"
            yield Standing("cascade_symbol", f"{symbol} of {venue}", None, reason, "the worker measures the symbol")
        elif reading.colour.blocks:
            yield Standing(
                "cascade_symbol",
                f"{symbol} of {venue}",
                reading.since_ms,
                reading.reason or f"the symbol is {reading.colour.value}",
                "its colour is green or yellow again",
                {
                    "formula": formula.value,
                    "colour": reading.colour.value,
                    "points": plain(reading.points),
                    "counted": ", ".join(reading.counted),
                    "reversal": reading.reversal.value,
                },
            )
