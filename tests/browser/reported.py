"""Alerts that are kept as soon as they are reported: the queue between the two is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from undertow.adapters.memory import RecordingMeter, RecordingRoutes
from undertow.domain.alert import AlertLevel, Over, Raised, RouteTrial
from undertow.ports import Alerts, Clock, ParamsSource
from undertow.services.carry_out_trial import CarryOutTrial
from undertow.services.tell_alert import TellAlert
from undertow.services.try_routes import TryRoutes

STAGE: Final = "preview"


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

    def ask(self, trial: RouteTrial) -> None:
        """A trial is carried out as soon as it is asked for."""
        try_routes = TryRoutes(self.params, self.routes, STAGE, self.clock)
        CarryOutTrial(self.alerts, try_routes, self._teller(), self.clock)(trial)

    def _tell(self, report: Raised | Over) -> None:
        self._teller()(report)

    def _teller(self) -> TellAlert:
        return TellAlert(self.alerts, self.params, self.routes, STAGE, self.clock, RecordingMeter())
