"""Say that somebody has seen an alert: it is not told again while it goes on as it is."""

from dataclasses import dataclass

from undertow.domain.alert import Alert
from undertow.domain.json_text import write_json
from undertow.ports import Alerts, Audit, AuditRow, Clock
from undertow.services.record_order import ATTEMPTS


class NoAlert(Exception):
    """No alert of that key is open in that episode: it is over, or never was."""


class AlertContended(Exception):
    """Others wrote of the alert each time that this tried to. Nothing was kept."""


@dataclass(frozen=True, slots=True)
class AcknowledgeAlert:
    alerts: Alerts
    audit: Audit
    clock: Clock

    def __call__(self, key: str, episode: int, by: str) -> Alert:
        """Safe to repeat: who was first stays. Raises NoAlert and AlertContended."""
        for _ in range(ATTEMPTS):
            known = self.alerts.latest(key)
            if known is None or known.episode != episode or not known.is_open:
                raise NoAlert(f"no alert {key} is open in its episode {episode}")
            if known.acknowledged_ms is not None:
                return known
            seen = known.acknowledged(by, self.clock.now_ms())
            if self.alerts.save(seen):
                self._record(seen, by)
                return seen
        raise AlertContended(f"the alert {key} kept changing while it was acknowledged")

    def _record(self, alert: Alert, by: str) -> None:
        self.audit.append(
            AuditRow(
                time_ms=self.clock.now_ms(),
                by=by,
                action="alert:acknowledge",
                subject=alert.key,
                before="",
                after=write_json({"episode": alert.episode, "level": alert.level.value, "message": alert.message}),
            )
        )
