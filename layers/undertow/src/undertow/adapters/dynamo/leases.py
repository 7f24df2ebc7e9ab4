"""Leases over the tables: one row for each task, which is overwritten and never deleted, so that epochs only grow."""

from dataclasses import replace

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.attributes import IntegerAttribute
from undertow.adapters.dynamo.conditions import ABSENT, Condition
from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.tables import CONTROL
from undertow.domain.lease import Lease
from undertow.ports import Clock


class LeaseRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    holder = UnicodeAttribute()
    epoch = IntegerAttribute()
    until_ms = IntegerAttribute()

    @classmethod
    def from_domain(cls, lease: Lease) -> "LeaseRecord":
        return cls(pk=keys.LEASES, sk=lease.name, holder=lease.holder, epoch=lease.epoch, until_ms=lease.until_ms)

    def to_domain(self) -> Lease:
        return Lease(self.sk, self.holder, self.epoch, self.until_ms)


class DynamoLeases:
    def __init__(self, store: DynamoStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def acquire(self, name: str, holder: str, ttl_ms: int) -> Lease | None:
        known, now_ms = self._get(name), self._clock.now_ms()
        if known is not None and not known.is_free(now_ms):
            return None
        lease = Lease(name, holder, 1 if known is None else known.epoch + 1, now_ms + ttl_ms)
        return lease if self._put(lease, ABSENT if known is None else _as_it_was(known)) else None

    def renew(self, lease: Lease, ttl_ms: int) -> Lease | None:
        known = self._get(lease.name)
        if known is None or not self._is(lease, known):
            return None
        renewed = replace(lease, until_ms=self._clock.now_ms() + ttl_ms)
        return renewed if self._put(renewed, _as_it_was(known)) else None

    def held(self, lease: Lease) -> bool:
        known = self._get(lease.name)
        return known is not None and self._is(lease, known)

    def release(self, lease: Lease) -> None:
        known = self._get(lease.name)
        if known is not None and self._is(lease, known):
            self._put(replace(lease, until_ms=self._clock.now_ms()), _as_it_was(known))

    def _is(self, lease: Lease, known: Lease) -> bool:
        return known.epoch == lease.epoch and not known.is_free(self._clock.now_ms())

    def _get(self, name: str) -> Lease | None:
        item = self._store.get(CONTROL, keys.LEASES, name)
        return LeaseRecord.from_raw_data(item).to_domain() if item else None

    def _put(self, lease: Lease, condition: Condition) -> bool:
        return self._store.put_if(CONTROL, LeaseRecord.from_domain(lease).serialize(), condition)


def _as_it_was(known: Lease) -> Condition:
    """Nobody has taken, renewed or given back the task since it was read."""
    return Condition(
        "#epoch = :epoch AND #until = :until",
        {"#epoch": "epoch", "#until": "until_ms"},
        {":epoch": {"N": str(known.epoch)}, ":until": {"N": str(known.until_ms)}},
    )
