"""How far each symbol is from a signal: what was liquidated within its windows against the thresholds, and cascades.

Sums are taken from the stored tape over the time that ends now. The worker measures the same on event time, a few
hundred milliseconds earlier: what is shown here tells how near a signal is, and no order ever depends on it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from undertow.domain.account import Heartbeat
from undertow.domain.cascade import CascadeState
from undertow.domain.conditions import AggregateCascade, CascadeFormula, CascadeReading
from undertow.domain.decision import Decision
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import Liquidation, Side, Venue
from undertow.domain.numbers import HUNDRED, ZERO, plain
from undertow.ports import LadderStrategy, Strategy
from undertow.services.views.recorded_gaps import SAMPLED
from undertow.services.views.sources import Sources
from undertow.services.views.standing import CASCADE_LATE_MS, HEARTBEAT_LATE_MS
from undertow.services.views.window_rows import (
    AggregateRow,
    CascadeRow,
    CascadeStrip,
    Covered,
    LastRank,
    StrategyProgress,
    SymbolProgress,
    Threshold,
    Windows,
)
from undertow.strategies.hunter import HunterParams, VolumeUnit
from undertow.strategies.ladder.params import LadderParams
from undertow.strategies.signal import TradeSide, position_side

MOST_SYMBOLS: Final = 60
LOOKED_BACK_MS: Final = 6 * 3_600_000
_MOST_DECISIONS: Final = 300
_TENTH: Final = Decimal("0.1")


def windows(sources: Sources, venue: Venue, only: AccountId | None) -> Windows:
    """Every watched symbol of the accounts' strategies, the nearest to a signal first."""
    now_ms = sources.clock.now_ms()
    accounts = {account.id for account in sources.accounts(only) if account.venue is venue}
    strategies = [one for _, one in sorted(sources.params.current().strategies.items()) if one.account in accounts]
    tape = _tape(sources, venue, strategies, now_ms)
    looked = _last_looks(sources, strategies, now_ms)
    state = sources.kept.cascades.latest(venue)
    symbols = sorted({symbol for strategy in strategies for symbol in strategy.symbols})
    rows = [_symbol(symbol, strategies, tape.get(symbol, ()), looked, state, now_ms) for symbol in symbols]
    rows.sort(key=lambda row: (-_nearest(row), row["symbol"]))
    return {
        "time_ms": now_ms,
        "venue": venue.value,
        "sampled": SAMPLED,
        "coverage": _covered(sources.kept.heartbeats.all(), now_ms),
        "cascade": _strip(state, now_ms),
        "symbols": rows[:MOST_SYMBOLS],
        "truncated": len(rows) > MOST_SYMBOLS,
    }


def _tape(
    sources: Sources, venue: Venue, strategies: Sequence[Strategy], now_ms: int
) -> Mapping[Symbol, Sequence[Liquidation]]:
    longest_ms = max((_window_ms(params) for one in strategies for params in one.symbols.values()), default=0)
    found: dict[Symbol, list[Liquidation]] = {}
    if longest_ms:
        for liquidation in sources.kept.liquidations.between(venue, now_ms - longest_ms, now_ms):
            found.setdefault(liquidation.symbol, []).append(liquidation)
    return found


def _window_ms(params: HunterParams | LadderParams) -> int:
    return params.volume_window_s * 1000 if isinstance(params, HunterParams) else 0


def _last_looks(sources: Sources, strategies: Sequence[Strategy], now_ms: int) -> Mapping[tuple[str, Symbol], Decision]:
    """The newest decision of each ladder on each symbol, as far as a bounded look back finds one."""
    newest: dict[tuple[str, Symbol], Decision] = {}
    for account in sorted({one.account for one in strategies if isinstance(one, LadderStrategy)}):
        recent = sources.kept.decisions.recent(account, now_ms - LOOKED_BACK_MS, now_ms, _MOST_DECISIONS)
        for decision in recent:
            newest.setdefault((decision.strategy, decision.symbol), decision)
    return newest


def _symbol(
    symbol: Symbol,
    strategies: Sequence[Strategy],
    tape: Sequence[Liquidation],
    looked: Mapping[tuple[str, Symbol], Decision],
    state: CascadeState | None,
    now_ms: int,
) -> SymbolProgress:
    readings = {} if state is None else state.symbols.get(symbol, {})
    return {
        "symbol": symbol,
        "strategies": [
            _progress(one, symbol, tape, looked.get((one.id, symbol)), now_ms)
            for one in strategies
            if symbol in one.symbols
        ],
        "cascades": [_cascade(reading) for reading in readings.values()],
    }


def _progress(
    strategy: Strategy, symbol: Symbol, tape: Sequence[Liquidation], last: Decision | None, now_ms: int
) -> StrategyProgress:
    params = strategy.symbols[symbol]
    hunts = isinstance(params, HunterParams)
    since_ms = now_ms - _window_ms(params)
    return {
        "strategy": strategy.id,
        "account": strategy.account,
        "kind": "hunter" if hunts else "ladder",
        "enabled": strategy.enabled and params.enabled,
        "simulate": params.simulate,
        "window_s": params.volume_window_s if isinstance(params, HunterParams) else None,
        "unit": params.volume_unit if isinstance(params, HunterParams) else None,
        "thresholds": list(_thresholds(params, tape, since_ms)) if isinstance(params, HunterParams) else [],
        "percentile": None if isinstance(params, HunterParams) else plain(params.trigger.percentile),
        "min_history": None if isinstance(params, HunterParams) else params.trigger.min_history,
        "last": None if hunts or last is None else _last(last, now_ms),
    }


def _thresholds(params: HunterParams, tape: Sequence[Liquidation], since_ms: int) -> Iterator[Threshold]:
    in_usdt = params.volume_unit is VolumeUnit.USDT
    for liquidated in (Side.SELL, Side.BUY):
        side = position_side(liquidated, params.direction)
        counted = [one for one in tape if one.side is liquidated and one.event_time_ms > since_ms]
        volume = sum(((one.notional if in_usdt else one.quantity) for one in counted), ZERO)
        bounds = params.threshold(side)
        yield {
            "side": side,
            "liquidated": "long" if liquidated is Side.SELL else "short",
            "traded": params.trade_side is TradeSide.BOTH or params.trade_side.value == side.value.lower(),
            "volume": plain(volume),
            "threshold": plain(bounds.lower),
            "upper": None if bounds.upper is None else plain(bounds.upper),
            "progress_pct": _share_pct(volume, bounds.lower),
            "events": len(counted),
        }


def _share_pct(volume: Decimal, threshold: Decimal) -> str:
    """A threshold of zero is always reached."""
    return plain((volume / threshold * HUNDRED).quantize(_TENTH)) if threshold > 0 else "100"


def _last(decision: Decision, now_ms: int) -> LastRank:
    return {
        "percentile": decision.inputs.get("percentile"),
        "history_events": decision.inputs.get("history_events"),
        "outcome": decision.outcome,
        "gate": decision.gate,
        "at_ms": decision.decided_at_ms,
        "age_ms": max(0, now_ms - decision.decided_at_ms),
    }


def _nearest(row: SymbolProgress) -> Decimal:
    reached = [
        Decimal(threshold["progress_pct"])
        for strategy in row["strategies"]
        for threshold in strategy["thresholds"]
        if strategy["enabled"] and threshold["traded"]
    ]
    return max(reached, default=Decimal(-1))


def _cascade(reading: CascadeReading) -> CascadeRow:
    return {
        "formula": reading.formula,
        "colour": reading.colour,
        "points": plain(reading.points),
        "liquidations": _figure(reading.liquidations),
        "returns": _figure(reading.returns),
        "open_interest": _figure(reading.open_interest),
        "reversal": reading.reversal,
        "since_ms": reading.since_ms,
        "reason": reading.reason,
    }


def _figure(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _strip(state: CascadeState | None, now_ms: int) -> CascadeStrip:
    return {
        "measured_at_ms": None if state is None else state.measured_at_ms,
        "age_ms": None if state is None else max(0, now_ms - state.measured_at_ms),
        "stale": state is None or now_ms - state.measured_at_ms > CASCADE_LATE_MS,
        "open_interest_served": state is not None and state.open_interest_served,
        "aggregates": [] if state is None else _aggregates(state),
    }


def _aggregates(state: CascadeState) -> list[AggregateRow]:
    return [_aggregate(formula, one) for formula, one in state.aggregates.items()]


def _aggregate(formula: CascadeFormula, one: AggregateCascade) -> AggregateRow:
    return {
        "formula": formula,
        "blocked": one.blocked,
        "blocked_symbols": one.blocked_symbols,
        "fresh_symbols": one.fresh_symbols,
        "monitored_symbols": one.monitored_symbols,
        "share_pct": plain(one.share_pct.quantize(_TENTH)),
        "since_ms": one.since_ms,
    }


def _covered(heartbeats: Iterable[Heartbeat], now_ms: int) -> Covered:
    latest = max(heartbeats, key=lambda one: one.time_ms, default=None)
    if latest is None:
        return {"worker": None, "heard_at_ms": None, "age_ms": None, "late": True, "covered": False}
    age_ms = max(0, now_ms - latest.time_ms)
    late = age_ms > HEARTBEAT_LATE_MS
    return {
        "worker": latest.worker,
        "heard_at_ms": latest.time_ms,
        "age_ms": age_ms,
        "late": late,
        "covered": latest.window_covered and not late,
    }
