"""Keep a report of a condition and tell people of it: each route once for every time that it is due."""

import logging
from dataclasses import dataclass
from typing import Final

from undertow.domain.alert import Alert, AlertLevel, Over, Raised, over, raised
from undertow.ports import (
    USUAL_ALERTS,
    AlertPolicy,
    AlertRoute,
    Alerts,
    Clock,
    Meter,
    NoParameters,
    ParametersUnread,
    ParamsSource,
    RouteFailed,
    RouteRefused,
    Routes,
)
from undertow.services.notice import notice_of
from undertow.services.record_order import ATTEMPTS, LostTooManyRaces

logger = logging.getLogger(__name__)

REFUSED: Final = "route_refused#"


class NotTold(Exception):
    """Some routes are behind. The report should come again: who has told it will not tell it twice."""


@dataclass(frozen=True, slots=True)
class TellAlert:
    alerts: Alerts
    params: ParamsSource
    routes: Routes
    stage: str
    clock: Clock
    meter: Meter

    def __call__(self, report: Raised | Over) -> None:
        """Safe to repeat. Raises NotTold when a route could not be reached, after all others were."""
        try:
            policy = self.params.current().globals.alerts
        except ParametersUnread as unread:
            # Somebody is told now; whom the globals name is told when they can be read.
            self._by(USUAL_ALERTS, report, unread)
            raise NotTold(f"the routes are not known: {unread}") from unread
        except NoParameters as missing:
            self._by(USUAL_ALERTS, report, missing)
        else:
            self._by(policy, report)

    def _by(self, policy: AlertPolicy, report: Raised | Over, unread: NoParameters | None = None) -> None:
        if unread is not None:
            logger.warning("alert_policy_unread", extra={"cause": str(unread)})
        alert = self._record(report, policy)
        if alert is not None:
            self._tell(alert, policy)

    def _record(self, report: Raised | Over, policy: AlertPolicy) -> Alert | None:
        """The condition as it is known after ``report``."""
        for _ in range(ATTEMPTS):
            known = self.alerts.latest(report.key)
            changed = raised(known, report, policy.repetition) if isinstance(report, Raised) else over(known, report)
            if changed is None:
                return known
            if self.alerts.save(changed):
                return changed
        raise LostTooManyRaces(f"the alert {report.key} kept changing while a report of it was kept")

    def _tell(self, alert: Alert, policy: AlertPolicy) -> None:
        failed = []
        for route in policy.routes:
            if not _owes(route, alert):
                continue
            try:
                self.routes.send(route, notice_of(alert, self.stage))
            except RouteFailed as failure:
                logger.warning("alert_not_told", extra={"alert": alert.key, "route": route.name, "cause": str(failure)})
                self.meter.count("alert_routes_failed")
                failed.append(f"{route.name}: {failure}")
            except RouteRefused as refusal:
                logger.warning("alert_refused", extra={"alert": alert.key, "route": route.name, "cause": str(refusal)})
                self.meter.count("alert_routes_refused")
                self._note(alert, route)
                self._tell_of_refusal(alert, route, refusal)
            else:
                self.meter.count("alerts_told")
                self._note(alert, route)
                self._tell_of_recovery(alert, route)
        if failed:
            raise NotTold("; ".join(failed))

    def _note(self, alert: Alert, route: AlertRoute) -> None:
        for _ in range(ATTEMPTS):
            known = self.alerts.latest(alert.key)
            if known is None or known.episode != alert.episode:
                return
            if self.alerts.save(known.told_by(route.name, alert.due_ms)):
                return
        raise LostTooManyRaces(f"the alert {alert.key} kept changing while it was noted as told")

    def _tell_of_refusal(self, alert: Alert, route: AlertRoute, refusal: RouteRefused) -> None:
        """By the other routes. A refusal of that news by another route is told by the log alone."""
        if not alert.key.startswith(REFUSED):
            facts = {"route": route.name, "cause": str(refusal)}
            message = "an alert route refuses what it is sent"
            self(Raised(REFUSED + route.name, AlertLevel.HIGH, message, facts, self.clock.now_ms()))

    def _tell_of_recovery(self, alert: Alert, route: AlertRoute) -> None:
        refused = None if alert.key.startswith(REFUSED) else self.alerts.latest(REFUSED + route.name)
        if refused is not None and refused.is_open:
            self(Over(refused.key, "the route takes alerts again", self.clock.now_ms()))


def _owes(route: AlertRoute, alert: Alert) -> bool:
    """The end is told where the beginning was, the beginning by every route of the level but the one it is about."""
    if alert.key == REFUSED + route.name or not alert.is_behind(route.name):
        return False
    return alert.level in route.levels if alert.is_open else alert.heard_of(route.name)
