"""Alerts that are kept as soon as they are reported: the queue between the two is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from undertow.adapters.memory import RecordingMeter, RecordingRoutes
from undertow.domain.alert import AlertLevel, Over, Raised
from undertow.ports import Alerts, Clock, ParamsSource
from undertow.services.tell_alert import TellAlert


@dataclass(slots=True)
class AlertsKept:
    """A notifier whose routes lead nowhere."""

    alerts: Alerts
    params: ParamsSource
    clock: Clock
    routes: RecordingRoutes = field(default_factory=RecordingRoutes)

    def alert(self, level: AlertLevel, key: str, message: str, facts: Mapping[str, str]) -> None:
        self._tell(Raised(key, level, message, facts, self.clock.now_ms()))

    def resolved(self, key: str, message: str) -> None:
        self._tell(Over(key, message, self.clock.now_ms()))

    def _tell(self, report: Raised | Over) -> None:
        TellAlert(self.alerts, self.params, self.routes, "preview", self.clock, RecordingMeter())(report)
