"""Leases in memory."""

from dataclasses import dataclass, replace

from undertow.adapters.memory.store import MemoryStore
from undertow.domain.lease import Lease
from undertow.ports import Clock


@dataclass(frozen=True, slots=True)
class MemoryLeases:
    store: MemoryStore
    clock: Clock

    def acquire(self, name: str, holder: str, ttl_ms: int) -> Lease | None:
        with self.store.lock:
            known, now_ms = self.store.leases.get(name), self.clock.now_ms()
            if known is not None and not known.is_free(now_ms):
                return None
            lease = Lease(name, holder, 1 if known is None else known.epoch + 1, now_ms + ttl_ms)
            self.store.leases[name] = lease
            return lease

    def renew(self, lease: Lease, ttl_ms: int) -> Lease | None:
        with self.store.lock:
            if not self.held(lease):
                return None
            renewed = replace(lease, until_ms=self.clock.now_ms() + ttl_ms)
            self.store.leases[lease.name] = renewed
            return renewed

    def held(self, lease: Lease) -> bool:
        with self.store.lock:
            known = self.store.leases.get(lease.name)
            return known is not None and known.epoch == lease.epoch and not known.is_free(self.clock.now_ms())

    def release(self, lease: Lease) -> None:
        with self.store.lock:
            if self.held(lease):
                self.store.leases[lease.name] = replace(lease, until_ms=self.clock.now_ms())
