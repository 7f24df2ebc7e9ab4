"""Send the test that somebody asked for, and keep what came of it: a test is an alert that is over at once."""

import logging
from dataclasses import dataclass, replace
from typing import Final

from undertow.domain.alert import Alert, AlertLevel, Over, Raised, Repetition, RouteTrial, over, raised
from undertow.ports import Alerts, Clock
from undertow.services.record_order import ATTEMPTS, LostTooManyRaces
from undertow.services.tell_alert import REFUSED, TellAlert
from undertow.services.try_routes import TryRoutes

logger = logging.getLogger(__name__)

MESSAGE: Final = "a test of the route, nothing happened"
TOOK: Final = "the route took the test"
FAILED: Final = "failed: "
ASKED_MS: Final = "asked_ms"
BY: Final = "asked by"


@dataclass(frozen=True, slots=True)
class CarryOutTrial:
    alerts: Alerts
    try_routes: TryRoutes
    tell: TellAlert
    clock: Clock

    def __call__(self, trial: RouteTrial) -> None:
        """Safe to repeat: what ended is not done again; one that was begun may reach people twice, which harms nobody.

        A test that fails is not tried again: it is about now. Raises NotTold as a report of a condition does.
        """
        begun = self._begin(trial)
        if begun is None:
            return
        tried = self.try_routes(trial.route, trial.by)
        trouble = tried[0].trouble if tried else "the globals have no route of this name any more"
        logger.info("route_tested", extra={"route": trial.route, "by": trial.by, "trouble": trouble or ""})
        self._end(begun, trial.route, trouble)
        if trouble is None:
            self._tell_of_recovery(trial.route)

    def _begin(self, trial: RouteTrial) -> Alert | None:
        """The open alert of this trial; None when it, or one that was asked for later, ended before."""
        for _ in range(ATTEMPTS):
            known = self.alerts.latest(trial.key)
            if known is not None and asked_ms(known) >= trial.at_ms:
                return known if known.is_open and asked_ms(known) == trial.at_ms else None
            changed = self._next(known, trial)
            if changed is not None and self.alerts.save(changed) and changed.is_open:
                return changed
        raise LostTooManyRaces(f"the alert {trial.key} kept changing while a test was begun")

    def _next(self, known: Alert | None, trial: RouteTrial) -> Alert | None:
        """A trial that never ended makes way for the next one."""
        now_ms = self.clock.now_ms()
        if known is not None and known.is_open:
            return over(known, Over(known.key, "it was asked for again", max(now_ms, known.last_ms)))
        ended_ms = 0 if known is None else known.resolved_ms or 0
        facts = {ASKED_MS: str(trial.at_ms), BY: trial.by}
        return raised(
            known, Raised(trial.key, AlertLevel.INFO, MESSAGE, facts, max(now_ms, ended_ms + 1)), Repetition()
        )

    def _end(self, begun: Alert, route: str, trouble: str | None) -> None:
        for _ in range(ATTEMPTS):
            known = self.alerts.latest(begun.key)
            if known is None or known.episode != begun.episode or not known.is_open:
                return
            ended_ms = max(self.clock.now_ms(), known.last_ms)
            ended = over(known, Over(known.key, TOOK if trouble is None else FAILED + trouble, ended_ms))
            if ended is None:
                return
            if trouble is None:
                ended = replace(ended, delivered={route: ended_ms})
            if self.alerts.save(ended):
                return
        raise LostTooManyRaces(f"the alert {begun.key} kept changing while its test was ended")

    def _tell_of_recovery(self, route: str) -> None:
        refused = self.alerts.latest(REFUSED + route)
        if refused is not None and refused.is_open:
            self.tell(Over(refused.key, "the route took a test", self.clock.now_ms()))


def asked_ms(kept: Alert) -> int:
    """When the trial was asked for that ``kept`` is of. Before everything, for an alert that is of none."""
    asked = kept.facts.get(ASKED_MS, "")
    return int(asked) if asked.isascii() and asked.isdecimal() else -1
