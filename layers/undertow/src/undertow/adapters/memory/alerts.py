"""Alerts in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from undertow.adapters.memory.store import MemoryStore
from undertow.domain.alert import Alert
from undertow.ports.places import Place, beyond, place_of_alert


@dataclass(frozen=True, slots=True)
class MemoryAlerts:
    store: MemoryStore

    def latest(self, key: str) -> Alert | None:
        with self.store.lock:
            return next(reversed(self.store.alerts[key]), None)

    def save(self, alert: Alert) -> bool:
        with self.store.lock:
            episodes = self.store.alerts[alert.key]
            if alert.version == 1:
                if any(known.episode == alert.episode for known in episodes):
                    return False
                episodes.append(alert)
                return True
            for place, known in enumerate(episodes):
                if known.episode == alert.episode and known.version == alert.version - 1:
                    episodes[place] = alert
                    return True
            return False

    def open(self) -> Sequence[Alert]:
        return [alert for alert in self._newest_first() if alert.is_open]

    def recent(self, from_ms: int, to_ms: int, limit: int, after: Place | None = None) -> Sequence[Alert]:
        found = (alert for alert in self._newest_first() if from_ms <= alert.last_ms <= to_ms)
        return beyond(found, place_of_alert, after, limit)

    def _newest_first(self) -> list[Alert]:
        with self.store.lock:
            alerts = [alert for episodes in self.store.alerts.values() for alert in episodes]
        return sorted(alerts, key=place_of_alert, reverse=True)
