"""What is known of accounts and venues now, over the tables."""

from collections.abc import Sequence

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.cascade_item import MEASURED_AT, cascade_item, read_cascade_item
from undertow.adapters.dynamo.conditions import Condition, earlier, not_later, stored_version
from undertow.adapters.dynamo.guard_records import GuardRecord
from undertow.adapters.dynamo.register_records import (
    BalanceRecord,
    ControlRecord,
    InstrumentRecord,
    ReadinessRecord,
    VenueHealthRecord,
)
from undertow.adapters.dynamo.store import TRANSACTION_LIMIT, DynamoStore
from undertow.adapters.dynamo.tables import BALANCES, CONTROL, INSTRUMENTS
from undertow.adapters.dynamo.worker_rows import heartbeat_item, heartbeat_of
from undertow.domain.account import Balance, Control, Heartbeat, Readiness, VenueHealth, never_switched
from undertow.domain.cascade import CascadeState
from undertow.domain.guard import AccountGuard
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.instrument import Instrument
from undertow.domain.market import Venue
from undertow.ports import Clock


class DynamoControls:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def get(self, account: AccountId) -> Control:
        item = self._store.get(CONTROL, keys.account(account), keys.CONTROL)
        return ControlRecord.from_raw_data(item).to_domain() if item else never_switched(account)

    def set(self, control: Control) -> bool:
        item = ControlRecord.from_domain(control).serialize()
        return self._store.put_if(CONTROL, item, stored_version(control.version - 1))


class DynamoVenueHealths:
    def __init__(self, store: DynamoStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def get(self, venue: Venue) -> VenueHealth:
        item = self._store.get(CONTROL, keys.venue(venue), keys.HEALTH)
        return VenueHealthRecord.from_raw_data(item).to_domain() if item else VenueHealth(venue)

    def set(self, health: VenueHealth) -> None:
        item = VenueHealthRecord.from_domain(health).serialize()
        self._store.put_if(CONTROL, item, _yields_to(health, self._clock.now_ms()))


class DynamoHeartbeats:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def put(self, heartbeat: Heartbeat) -> None:
        self._store.put(CONTROL, heartbeat_item(heartbeat))

    def all(self) -> Sequence[Heartbeat]:
        items = self._store.query(CONTROL, keys.HEARTBEATS)
        return [heartbeat_of(item) for item in items]


class DynamoInstruments:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def get(self, venue: Venue, symbol: Symbol) -> Instrument | None:
        item = self._store.get(INSTRUMENTS, venue.value, symbol)
        return InstrumentRecord.from_raw_data(item).to_domain() if item else None

    def all(self, venue: Venue) -> Sequence[Instrument]:
        items = self._store.query(INSTRUMENTS, venue.value)
        return [InstrumentRecord.from_raw_data(item).to_domain() for item in items]

    def save(self, instruments: Sequence[Instrument]) -> None:
        # In transactions, since batch writes are denied on tables that never lose a row: a batch can delete.
        latest = {(one.venue, one.symbol): InstrumentRecord.from_domain(one).serialize() for one in instruments}
        items = list(latest.values())
        for start in range(0, len(items), TRANSACTION_LIMIT):
            page = items[start : start + TRANSACTION_LIMIT]
            self._store.write([self._store.putting("instrument", INSTRUMENTS, item) for item in page])


class DynamoBalances:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def save(self, balance: Balance) -> None:
        historic = BalanceRecord.from_domain(balance, keys.HISTORY + keys.at(balance.time_ms))
        latest = BalanceRecord.from_domain(balance, keys.LATEST)
        self._store.put(BALANCES, historic.serialize())
        self._store.put_if(BALANCES, latest.serialize(), not_later("time_ms", balance.time_ms))

    def latest(self, account: AccountId) -> Balance | None:
        item = self._store.get(BALANCES, account, keys.LATEST)
        return BalanceRecord.from_raw_data(item).to_domain() if item else None

    def history(self, account: AccountId, from_ms: int, to_ms: int) -> Sequence[Balance]:
        first, last = keys.span(from_ms, to_ms - 1)
        items = self._store.query(BALANCES, account, between=(keys.HISTORY + first, keys.HISTORY + last))
        return [BalanceRecord.from_raw_data(item).to_domain() for item in items]


class DynamoReadinesses:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def save(self, readiness: Readiness) -> None:
        item = ReadinessRecord.from_domain(readiness).serialize()
        self._store.put_if(CONTROL, item, not_later("verified_at_ms", readiness.verified_at_ms))

    def all(self, account: AccountId) -> Sequence[Readiness]:
        items = self._store.query(CONTROL, keys.account(account), prefix=keys.READINESSES)
        return [ReadinessRecord.from_raw_data(item).to_domain() for item in items]


class DynamoGuards:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def get(self, account: AccountId) -> AccountGuard:
        item = self._store.get(CONTROL, keys.account(account), keys.GUARD)
        return GuardRecord.from_raw_data(item).to_domain() if item else AccountGuard(account)

    def set(self, guard: AccountGuard) -> bool:
        item = GuardRecord.from_domain(guard).serialize()
        return self._store.put_if(CONTROL, item, stored_version(guard.version - 1))


class DynamoCascadeStates:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def put(self, state: CascadeState) -> None:
        self._store.put_if(CONTROL, cascade_item(state), earlier(MEASURED_AT, state.measured_at_ms))

    def latest(self, venue: Venue) -> CascadeState | None:
        item = self._store.get(CONTROL, keys.venue(venue), keys.CASCADE)
        return read_cascade_item(item) if item else None


def _yields_to(health: VenueHealth, now_ms: int) -> Condition:
    """As ``VenueHealth.yields_to``, of the stored row."""
    same_kind = "(#until <= :now OR #entries_only = :entries_only) AND #until < :until"
    weaker = "" if health.entries_only else " OR (#until > :now AND #entries_only <> :entries_only)"
    return Condition(
        f"attribute_not_exists(#pk) OR ({same_kind}){weaker}",
        {"#pk": "pk", "#until": "blocked_until_ms", "#entries_only": "entries_only"},
        {
            ":now": {"N": str(now_ms)},
            ":until": {"N": str(health.blocked_until_ms)},
            ":entries_only": {"BOOL": health.entries_only},
        },
    )
