"""Ask for a test of alert routes. Nothing is sent here: who asks may read no address of a route."""

from collections.abc import Sequence
from dataclasses import dataclass

from undertow.domain.alert import RouteTrial
from undertow.domain.json_text import write_json
from undertow.ports import Audit, AuditRow, Clock, ParamsSource, RouteTrials


class NoSuchAlertRoute(Exception):
    """The globals have no route of that name, or none at all."""


@dataclass(frozen=True, slots=True)
class AskTrial:
    params: ParamsSource
    trials: RouteTrials
    audit: Audit
    clock: Clock

    def __call__(self, only: str | None, by: str) -> Sequence[RouteTrial]:
        """For every route, or the one of that name. The audit row comes first: no test is without one.

        Raises NoSuchAlertRoute, with nothing written, and TrialNotTaken: later routes were not asked for then.
        """
        now_ms = self.clock.now_ms()
        configured = self.params.current().globals.alerts.routes
        trials = [RouteTrial(route.name, by, now_ms) for route in configured if only in (None, route.name)]
        if not trials:
            missing = "no alert routes are configured" if only is None else f"there is no alert route {only}"
            raise NoSuchAlertRoute(missing)
        names = [trial.route for trial in trials]
        self.audit.append(
            AuditRow(now_ms, by, "alert:test", ", ".join(names), before="", after=write_json({"routes": names}))
        )
        for trial in trials:
            self.trials.ask(trial)
        return trials
