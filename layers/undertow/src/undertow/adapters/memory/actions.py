"""What people asked to be changed, in memory."""

from dataclasses import dataclass
from typing import Final

from undertow.adapters.memory.store import MemoryStore
from undertow.domain.action import Action, ActionState

_KEPT_MS: Final = 14 * 86_400_000


@dataclass(frozen=True, slots=True)
class MemoryActions:
    store: MemoryStore

    def begin(self, action: Action) -> Action | None:
        with self.store.lock:
            known = self.store.actions.get((action.caller, action.key))
            if known is not None and not _is_free(known, action.begun_at_ms):
                return known
            self.store.actions[action.caller, action.key] = action
            return None

    def begin_again(self, action: Action, seen: Action) -> bool:
        return self._replace(action, seen.begun_at_ms)

    def end(self, action: Action) -> bool:
        return self._replace(action, action.begun_at_ms)

    def _replace(self, action: Action, begun_at_ms: int) -> bool:
        with self.store.lock:
            known = self.store.actions.get((action.caller, action.key))
            if known is None or known.state is not ActionState.BEGUN or known.begun_at_ms != begun_at_ms:
                return False
            self.store.actions[action.caller, action.key] = action
            return True


def _is_free(known: Action, now_ms: int) -> bool:
    return known.state is ActionState.REFUSED or now_ms >= known.begun_at_ms + _KEPT_MS
