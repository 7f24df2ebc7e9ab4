"""Send a test alert through every route, so that nobody finds out in an emergency that one is silent."""

from collections.abc import Sequence
from dataclasses import dataclass

from undertow.domain.alert import Alert, AlertLevel
from undertow.ports import AlertRoute, Clock, ParamsSource, RouteFailed, RouteRefused, Routes
from undertow.services.notice import notice_of


@dataclass(frozen=True, slots=True)
class Trial:
    """``trouble`` is None when the route took the test alert."""

    route: AlertRoute
    trouble: str | None


@dataclass(frozen=True, slots=True)
class TryRoutes:
    params: ParamsSource
    routes: Routes
    stage: str
    clock: Clock

    def __call__(self, only: str | None, by: str) -> Sequence[Trial]:
        """Every route, whatever its levels, or the one of that name. Nothing is kept: a test is no alert."""
        configured = self.params.current().globals.alerts.routes
        return [Trial(route, self._trouble(route, by)) for route in configured if only in (None, route.name)]

    def _trouble(self, route: AlertRoute, by: str) -> str | None:
        now_ms = self.clock.now_ms()
        alert = Alert(
            key=f"test#{route.name}",
            level=AlertLevel.INFO,
            message="this is a test, nothing happened",
            facts={"asked by": by, "route": route.name},
            first_ms=now_ms,
            last_ms=now_ms,
            told_ms=now_ms,
        )
        try:
            self.routes.send(route, notice_of(alert, self.stage))
        except (RouteFailed, RouteRefused) as trouble:
            return str(trouble)
        return None
