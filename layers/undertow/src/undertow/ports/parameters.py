"""What tunes trading: globals and strategies as they are in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from undertow.domain.account import Account
from undertow.domain.ids import AccountId, StrategyId, Symbol
from undertow.domain.market import Venue
from undertow.ports.alerts import AlertPolicy
from undertow.risk.limits import AccountLimits
from undertow.risk.protection import ProtectionParams
from undertow.strategies.hunter import HunterParams
from undertow.strategies.ladder.params import LadderParams


@dataclass(frozen=True, slots=True)
class HunterStrategy:
    """One hunter as configured: its parameters by symbol, the base already merged in."""

    id: StrategyId
    account: AccountId
    enabled: bool
    symbols: Mapping[Symbol, HunterParams]
    version: str


@dataclass(frozen=True, slots=True)
class LadderStrategy:
    """One ladder as configured: its parameters by symbol, the base already merged in."""

    id: StrategyId
    account: AccountId
    enabled: bool
    symbols: Mapping[Symbol, LadderParams]
    version: str


Strategy = HunterStrategy | LadderStrategy


@dataclass(frozen=True, slots=True)
class Measurements:
    """What the strategies ask the worker to measure of one symbol.

    Where any symbol is asked for more than windows, cascades are measured of every watched one.
    """

    windows_s: frozenset[int] = frozenset()
    percentile: bool = False
    atr_intervals_s: frozenset[int] = frozenset()
    vwap_minutes: frozenset[int] = frozenset()

    @property
    def more_than_windows(self) -> bool:
        return self.percentile or bool(self.atr_intervals_s or self.vwap_minutes)

    def with_(self, other: "Measurements") -> "Measurements":
        return Measurements(
            self.windows_s | other.windows_s,
            self.percentile or other.percentile,
            self.atr_intervals_s | other.atr_intervals_s,
            self.vwap_minutes | other.vwap_minutes,
        )


@dataclass(frozen=True, slots=True)
class ExternalPolicy:
    """What happens to positions that this system did not open. None: they are watched and reported only."""

    protection: ProtectionParams | None


@dataclass(frozen=True, slots=True)
class Globals:
    accounts: Mapping[AccountId, Account]
    limits: Mapping[AccountId, AccountLimits]
    rate_limit_buffer_pct: int
    unprotected_alert_s: int
    unprotected_close_s: int
    external: ExternalPolicy
    extra_symbols: tuple[Symbol, ...]
    version: str
    alerts: AlertPolicy = field(default_factory=AlertPolicy)


@dataclass(frozen=True, slots=True)
class Parameters:
    """``read_at_ms`` is when the store last answered; None where parameters are simply given."""

    globals: Globals
    strategies: Mapping[StrategyId, Strategy]
    read_at_ms: int | None = None

    def age_ms(self, now_ms: int) -> int:
        return 0 if self.read_at_ms is None else now_ms - self.read_at_ms

    def watched_symbols(self, venue: Venue) -> frozenset[Symbol]:
        """Symbols for which the worker forwards liquidations of ``venue``."""
        return frozenset(
            symbol
            for strategy in self.strategies.values()
            if self.globals.accounts[strategy.account].venue is venue
            for symbol in strategy.symbols
        ) | frozenset(self.globals.extra_symbols)

    def measurements(self, venue: Venue) -> Mapping[Symbol, Measurements]:
        """By symbol, for every watched symbol of ``venue``; what several strategies ask for is put together."""
        wanted = {symbol: Measurements() for symbol in self.watched_symbols(venue)}
        for strategy in self.strategies.values():
            if self.globals.accounts[strategy.account].venue is venue:
                for symbol, params in strategy.symbols.items():
                    wanted[symbol] = wanted[symbol].with_(measurements(params))
        return wanted


def measurements(params: HunterParams | LadderParams) -> Measurements:
    """What one strategy needs to be measured of one symbol."""
    if isinstance(params, HunterParams):
        return Measurements(windows_s=frozenset({params.volume_window_s}))
    return Measurements(
        percentile=True,
        atr_intervals_s=frozenset({params.atr_interval_s}),
        vwap_minutes=frozenset() if params.vwap is None else frozenset({params.vwap.minutes}),
    )


class ParamsSource(Protocol):
    def current(self) -> Parameters:
        """Cached for 30 s. A bad stored value, or a store that does not answer, keeps the last good one and alerts.

        With no good one it raises NoParameters. Entries look at the age; exits and protection never do.
        """
        ...

    def refreshed(self) -> Parameters:
        """As ``current``, read from the store now, however fresh the copy is."""
        ...


class NoParameters(Exception):
    """The parameters could not be read even once, or no globals were ever stored. Nothing may trade."""


class ParametersUnread(NoParameters):
    """They may well be stored: the store does not answer, and will in time."""
