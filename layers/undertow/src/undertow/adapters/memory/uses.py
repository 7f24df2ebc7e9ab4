"""When callers were let in, in memory."""

from collections.abc import Mapping
from dataclasses import dataclass

from undertow.adapters.memory.store import MemoryStore


@dataclass(frozen=True, slots=True)
class MemoryUses:
    store: MemoryStore

    def note(self, caller: str, time_ms: int) -> None:
        with self.store.lock:
            self.store.uses[caller] = max(time_ms, self.store.uses.get(caller, 0))

    def last(self) -> Mapping[str, int]:
        with self.store.lock:
            return dict(self.store.uses)
