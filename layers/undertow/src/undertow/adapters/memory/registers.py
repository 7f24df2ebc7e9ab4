"""What is known of accounts and venues now, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from undertow.adapters.memory.store import MemoryStore
from undertow.domain.account import Balance, Control, Heartbeat, Readiness, VenueHealth
from undertow.domain.cascade import CascadeState
from undertow.domain.guard import AccountGuard
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import Venue
from undertow.ports import Clock


@dataclass(frozen=True, slots=True)
class MemoryControls:
    store: MemoryStore

    def get(self, account: AccountId) -> Control:
        with self.store.lock:
            return self.store.control(account)

    def set(self, control: Control) -> bool:
        with self.store.lock:
            if self.store.control(control.account).version != control.version - 1:
                return False
            self.store.controls[control.account] = control
            return True


@dataclass(frozen=True, slots=True)
class MemoryVenueHealths:
    store: MemoryStore
    clock: Clock

    def get(self, venue: Venue) -> VenueHealth:
        with self.store.lock:
            return self.store.health(venue)

    def set(self, health: VenueHealth) -> None:
        with self.store.lock:
            if self.store.health(health.venue).yields_to(health, self.clock.now_ms()):
                self.store.healths[health.venue] = health


@dataclass(frozen=True, slots=True)
class MemoryHeartbeats:
    store: MemoryStore

    def put(self, heartbeat: Heartbeat) -> None:
        with self.store.lock:
            self.store.heartbeats[heartbeat.worker] = heartbeat

    def all(self) -> Sequence[Heartbeat]:
        with self.store.lock:
            return sorted(self.store.heartbeats.values(), key=lambda heartbeat: heartbeat.worker)


@dataclass(frozen=True, slots=True)
class MemoryInstruments:
    store: MemoryStore

    def get(self, venue: Venue, symbol: Symbol) -> Instrument | None:
        with self.store.lock:
            return self.store.instruments[venue].get(symbol)

    def all(self, venue: Venue) -> Sequence[Instrument]:
        with self.store.lock:
            return sorted(self.store.instruments[venue].values(), key=lambda instrument: instrument.symbol)

    def save(self, instruments: Sequence[Instrument]) -> None:
        with self.store.lock:
            for instrument in instruments:
                self.store.instruments[instrument.venue][instrument.symbol] = instrument


@dataclass(frozen=True, slots=True)
class MemoryBalances:
    store: MemoryStore

    def save(self, balance: Balance) -> None:
        with self.store.lock:
            self.store.balance_history[balance.account][balance.time_ms] = balance
            known = self.store.balances.get(balance.account)
            if known is None or known.time_ms <= balance.time_ms:
                self.store.balances[balance.account] = balance

    def latest(self, account: AccountId) -> Balance | None:
        with self.store.lock:
            return self.store.balances.get(account)

    def history(self, account: AccountId, from_ms: int, to_ms: int) -> Sequence[Balance]:
        with self.store.lock:
            history = self.store.balance_history[account].values()
            return sorted((b for b in history if from_ms <= b.time_ms <= to_ms), key=lambda balance: balance.time_ms)


@dataclass(frozen=True, slots=True)
class MemoryReadinesses:
    store: MemoryStore

    def save(self, readiness: Readiness) -> None:
        with self.store.lock:
            known = self.store.readinesses[readiness.account].get(readiness.symbol)
            if known is None or known.verified_at_ms <= readiness.verified_at_ms:
                self.store.readinesses[readiness.account][readiness.symbol] = readiness

    def all(self, account: AccountId) -> Sequence[Readiness]:
        with self.store.lock:
            return sorted(self.store.readinesses[account].values(), key=lambda readiness: readiness.symbol)


@dataclass(frozen=True, slots=True)
class MemoryGuards:
    store: MemoryStore

    def get(self, account: AccountId) -> AccountGuard:
        with self.store.lock:
            return self.store.guards.get(account) or AccountGuard(account)

    def set(self, guard: AccountGuard) -> bool:
        with self.store.lock:
            if self.get(guard.account).version != guard.version - 1:
                return False
            self.store.guards[guard.account] = guard
            return True


@dataclass(frozen=True, slots=True)
class MemoryCascadeStates:
    store: MemoryStore

    def put(self, state: CascadeState) -> None:
        with self.store.lock:
            known = self.store.cascades.get(state.venue)
            if known is None or known.measured_at_ms < state.measured_at_ms:
                self.store.cascades[state.venue] = state

    def latest(self, venue: Venue) -> CascadeState | None:
        with self.store.lock:
            return self.store.cascades.get(venue)
