"""What stands against new entries now, since when, and what clears it; and why single signals were refused lately."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.account import Account, Heartbeat, Mode, Switch
from undertow.domain.cascade import CascadeState
from undertow.domain.conditions import CascadeFormula
from undertow.domain.decision import Outcome
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.numbers import ONE, plain
from undertow.ports import LadderStrategy, Parameters, Strategy
from undertow.risk.budget import portfolio_cap
from undertow.risk.limits import (
    FORCED_PAUSE_MS,
    HARD_MAX_BALANCE_AGE_MS,
    HARD_MAX_PARAMS_AGE_MS,
    MAX_INSTRUMENT_AGE_MS,
    MAX_PROOF_AGE_MS,
)
from undertow.risk.proof import GATE, unproven_account
from undertow.risk.readiness import unready
from undertow.services.views.book import Book, read_book
from undertow.services.views.render import EpochMs
from undertow.services.views.sources import Sources
from undertow.strategies.hunter import HunterParams
from undertow.strategies.ladder.params import LadderParams

HEARTBEAT_LATE_MS: Final = 30_000
CASCADE_LATE_MS: Final = 30_000
"""The worker writes the state every few seconds: one this old is no state at all."""
RECENT_MS: Final = 3_600_000
_MOST_DECISIONS: Final = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """``scope`` says what it holds up: all, an account, a venue, a strategy, or a symbol of an account.

    ``since_ms`` is None where nobody kept the time. ``inputs`` are the figures behind it, as shown to people.
    """

    kind: str
    scope: str
    since_ms: int | None
    reason: str
    clears: str
    inputs: Mapping[str, str] = field(default_factory=dict)


class BlockRow(TypedDict):
    """``scope`` says what it holds up; times are null where nobody kept them. ``inputs`` are the figures behind it."""

    kind: str
    scope: str
    since_ms: EpochMs | None
    for_ms: int | None
    reason: str
    clears: str
    inputs: dict[str, str]


class Refusals(TypedDict):
    """Signals of the last hour that were refused, by the gate that said no."""

    from_ms: EpochMs
    decisions: int
    truncated: bool
    by_gate: dict[str, int]


class Blocks(TypedDict):
    """``counts`` are of ``blocks``, by kind."""

    time_ms: EpochMs
    blocks: list[BlockRow]
    counts: dict[str, int]
    refusals: Refusals


def blocks(sources: Sources, only: AccountId | None) -> Blocks:
    params, now_ms = sources.params.current(), sources.clock.now_ms()
    accounts = list(sources.accounts(only))
    found = standing_blocks(sources, params, [read_book(sources, account) for account in accounts], now_ms)
    return {
        "time_ms": now_ms,
        "blocks": [_row(standing, now_ms) for standing in found],
        "counts": dict(Counter(standing.kind for standing in found)),
        "refusals": _refusals(sources, accounts, now_ms),
    }


def standing_blocks(sources: Sources, params: Parameters, books: Sequence[Book], now_ms: int) -> list[Standing]:
    found = [*_of_parameters(params, now_ms), *_of_workers(sources.kept.heartbeats.all(), now_ms)]
    for book in books:
        strategies = [one for _, one in sorted(params.strategies.items()) if one.account == book.account.id]
        found += [
            *_of_account(book),
            *_of_strategies(strategies),
            *_of_symbols(book, strategies),
            *_of_cascades(sources.kept.cascades.latest(book.account.venue), book.account, strategies, now_ms),
        ]
    return found


def _row(standing: Standing, now_ms: int) -> BlockRow:
    return {
        "kind": standing.kind,
        "scope": standing.scope,
        "since_ms": standing.since_ms,
        "for_ms": None if standing.since_ms is None else max(0, now_ms - standing.since_ms),
        "reason": standing.reason,
        "clears": standing.clears,
        "inputs": dict(standing.inputs),
    }


def _refusals(sources: Sources, accounts: Sequence[Account], now_ms: int) -> Refusals:
    """Of the last hour, by the gate that said no."""
    recent = [
        decision
        for account in accounts
        for decision in sources.kept.decisions.recent(account.id, now_ms - RECENT_MS, now_ms, _MOST_DECISIONS)
    ]
    refused = Counter(decision.gate for decision in recent if decision.outcome is Outcome.REFUSED)
    return {
        "from_ms": now_ms - RECENT_MS,
        "decisions": len(recent),
        "truncated": len(recent) >= _MOST_DECISIONS,
        "by_gate": dict(refused.most_common()),
    }


def _of_parameters(params: Parameters, now_ms: int) -> Iterator[Standing]:
    age_ms = params.age_ms(now_ms)
    if age_ms > HARD_MAX_PARAMS_AGE_MS:
        yield Standing(
            "stale_parameters",
            "all",
            now_ms - age_ms + HARD_MAX_PARAMS_AGE_MS,
            "the parameters could not be read for too long: old limits are no limits",
            "the parameter store answers again",
            {"age_ms": str(age_ms), "max_age_ms": str(HARD_MAX_PARAMS_AGE_MS)},
        )


def _of_workers(heartbeats: Sequence[Heartbeat], now_ms: int) -> Iterator[Standing]:
    """One worker that is heard is enough: it sees the whole feed."""
    latest = max(heartbeats, key=lambda heartbeat: heartbeat.time_ms, default=None)
    clears = "the stream worker reports again"
    if latest is None:
        yield Standing("worker_silent", "all", None, "no stream worker has ever reported: nothing is seen", clears)
        return
    age_ms = now_ms - latest.time_ms
    if age_ms > HEARTBEAT_LATE_MS:
        inputs = {"worker": latest.worker, "age_ms": str(age_ms), "late_ms": str(HEARTBEAT_LATE_MS)}
        yield Standing("worker_silent", "all", latest.time_ms, "the stream worker is not heard", clears, inputs)
    elif not latest.window_covered:
        yield Standing(
            "window_not_covered",
            "all",
            None,
            "the worker has not yet seen a whole window since its start or since a gap in the stream",
            "a whole window has passed without a gap",
            {"worker": latest.worker},
        )


def _of_account(book: Book) -> Iterator[Standing]:
    yield from _switched(book)
    yield from _venue(book)
    for kind, block in book.guard.blocks.items():
        yield Standing(kind.value, _account(book), block.since_ms, block.reason, block.clears, block.inputs)
    yield from _unproven(book)
    yield from _forced(book)
    yield from _balance(book)
    yield from _caps(book)
    yield from _unprotected(book)


def _account(book: Book) -> str:
    return f"account {book.account.id}"


def _switched(book: Book) -> Iterator[Standing]:
    control = book.control
    if control.admits_entries:
        return
    clears = {
        Switch.FLATTEN: "everything is closed and a person resumes the account",
        Switch.CLOSE_ONLY: "a person resumes the account",
    }.get(control.switch, "a person resumes the account: `undertow resume`, or the button")
    since_ms = control.since_ms or None
    inputs = {"by": control.by, "version": str(control.version)}
    yield Standing(control.switch.value, _account(book), since_ms, control.reason, clears, inputs)


def _venue(book: Book) -> Iterator[Standing]:
    health = book.health
    if not health.blocks(book.now_ms):
        return
    what = "nothing may be opened" if health.entries_only else "the venue may not be called"
    yield Standing(
        "venue_failure",
        f"venue {book.account.venue.value}",
        None,
        f"{what}: {health.reason}",
        "by itself when the time is over, unless the cause goes on",
        {"until_ms": str(health.blocked_until_ms), "entries_only": str(health.entries_only).lower()},
    )


def _unproven(book: Book) -> Iterator[Standing]:
    """Simulating accounts are at no venue: there is nothing that the ledger could differ from."""
    if book.account.mode is Mode.SIMULATE:
        return
    clears = "reconciliation proves it again, every minute: `undertow reconcile` shows what it found"
    refused = unproven_account(book.guard, book.now_ms, MAX_PROOF_AGE_MS)
    if refused is not None:
        yield Standing(GATE, _account(book), None, refused.reason, clears, refused.inputs)
        return
    for symbol, doubt in book.guard.proof.unproven.items() if book.guard.proof is not None else ():
        yield Standing(GATE, f"{symbol} of account {book.account.id}", None, doubt, clears)


def _forced(book: Book) -> Iterator[Standing]:
    for symbol, at_ms in sorted(book.guard.forced.items()):
        if book.now_ms - at_ms < FORCED_PAUSE_MS:
            yield Standing(
                "forced_close",
                f"{symbol} of account {book.account.id}",
                at_ms,
                "the venue closed a position of the symbol by force",
                "by itself, an hour after it happened",
                {"pause_ms": str(FORCED_PAUSE_MS)},
            )


def _balance(book: Book) -> Iterator[Standing]:
    clears = "the venue's balance is read again; reconciliation does so every minute"
    if book.balance is None:
        yield Standing("stale_balance", _account(book), None, "the account's balance is not known yet", clears)
        return
    age_ms = book.now_ms - book.balance.time_ms
    if age_ms > HARD_MAX_BALANCE_AGE_MS:
        since_ms = book.balance.time_ms + HARD_MAX_BALANCE_AGE_MS
        inputs = {"age_ms": str(age_ms), "max_age_ms": str(HARD_MAX_BALANCE_AGE_MS)}
        yield Standing("stale_balance", _account(book), since_ms, "the account's balance is too old", clears, inputs)


def _caps(book: Book) -> Iterator[Standing]:
    totals, limits = book.totals, book.limits
    if book.equity is not None:
        cap = portfolio_cap(limits.risk, book.equity)
        if totals.risk >= cap:
            yield Standing(
                "portfolio_risk",
                _account(book),
                None,
                "the whole risk budget is reserved; layers of open ladders still draw on their own reserve",
                "a position closes, layers are given up, a stop is tightened or equity grows",
                {"reserved": plain(totals.risk), "cap": plain(cap), "equity": plain(book.equity)},
            )
    if limits.max_positions and totals.slots >= limits.max_positions:
        inputs = {"positions": str(totals.slots), "max_positions": str(limits.max_positions)}
        reason = "the account has as many positions as it may have; those that are open may still grow"
        yield Standing("max_positions", _account(book), None, reason, "a position closes", inputs)
    for kind, used, cap in (
        ("max_total_margin", totals.margin, limits.max_total_margin),
        ("max_total_notional", totals.notional, limits.max_total_notional),
    ):
        if used >= cap:
            reason = f"the cap on {kind.removeprefix('max_').replace('_', ' ')} is used up"
            yield Standing(
                kind, _account(book), None, reason, "a position closes", {"used": plain(used), "cap": plain(cap)}
            )


def _unprotected(book: Book) -> Iterator[Standing]:
    """Says what is in danger. Protection tries on by itself; after the set time it closes the position."""
    for position in book.positions:
        if position.unprotected_since_ms is not None:
            yield Standing(
                "unprotected",
                f"{position.symbol} {position.side.value} of account {book.account.id}",
                position.unprotected_since_ms,
                "no stop stands at the venue for this position",
                "the stop is confirmed, or the position is closed at market",
                {"quantity": plain(position.quantity), "entry_price": plain(position.entry_price)},
            )


def _of_strategies(strategies: Sequence[Strategy]) -> Iterator[Standing]:
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


def _of_symbols(book: Book, strategies: Sequence[Strategy]) -> Iterator[Standing]:
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


def _of_cascades(
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
