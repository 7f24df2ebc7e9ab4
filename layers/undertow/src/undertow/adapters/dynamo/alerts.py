"""Alerts over the tables: a row for each episode of a condition."""

from collections.abc import Sequence
from typing import Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.attributes import EnumAttribute, IntegerAttribute, IntegersAttribute, TextsAttribute
from undertow.adapters.dynamo.conditions import ABSENT, at_version
from undertow.adapters.dynamo.newest import Newest
from undertow.adapters.dynamo.store import DynamoStore, Item
from undertow.adapters.dynamo.tables import ALERTS
from undertow.domain.alert import Alert, AlertLevel
from undertow.ports.places import Place, place_of_alert

_OPEN, _BY_TIME = ALERTS.indexes
OPEN: Final = "open"
KIND: Final = "alert"


class AlertRecord(Model):
    """``open`` is there while the alert is: by it the index of open ones finds the row."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    open = UnicodeAttribute(null=True)
    kind = UnicodeAttribute()
    at = UnicodeAttribute()
    level = EnumAttribute(AlertLevel)
    message = UnicodeAttribute()
    facts = TextsAttribute()
    first_ms = IntegerAttribute()
    last_ms = IntegerAttribute()
    told_ms = IntegerAttribute()
    episode = IntegerAttribute()
    reports = IntegerAttribute()
    resolved_ms = IntegerAttribute(null=True)
    resolution = UnicodeAttribute()
    delivered = IntegersAttribute()
    acknowledged_ms = IntegerAttribute(null=True)
    acknowledged_by = UnicodeAttribute(default="")
    version = IntegerAttribute()

    @classmethod
    def from_domain(cls, alert: Alert) -> "AlertRecord":
        return cls(
            pk=alert.key,
            sk=f"{alert.episode:08d}",
            open=OPEN if alert.is_open else None,
            kind=KIND,
            at=keys.at(alert.last_ms, alert.key),
            level=alert.level,
            message=alert.message,
            facts=alert.facts,
            first_ms=alert.first_ms,
            last_ms=alert.last_ms,
            told_ms=alert.told_ms,
            episode=alert.episode,
            reports=alert.count,
            resolved_ms=alert.resolved_ms,
            resolution=alert.resolution,
            delivered=alert.delivered,
            acknowledged_ms=alert.acknowledged_ms,
            acknowledged_by=alert.acknowledged_by,
            version=alert.version,
        )

    def to_domain(self) -> Alert:
        return Alert(
            key=self.pk,
            level=self.level,
            message=self.message,
            facts=self.facts,
            first_ms=self.first_ms,
            last_ms=self.last_ms,
            told_ms=self.told_ms,
            episode=self.episode,
            count=self.reports,
            resolved_ms=self.resolved_ms,
            resolution=self.resolution,
            delivered=self.delivered,
            acknowledged_ms=self.acknowledged_ms,
            acknowledged_by=self.acknowledged_by,
            version=self.version,
        )


class DynamoAlerts:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def latest(self, key: str) -> Alert | None:
        newest = self._store.query(ALERTS, key, newest_first=True, limit=1)
        return next((AlertRecord.from_raw_data(item).to_domain() for item in newest), None)

    def save(self, alert: Alert) -> bool:
        unchanged = ABSENT if alert.version == 1 else at_version(alert.version - 1)
        return self._store.put_if(ALERTS, AlertRecord.from_domain(alert).serialize(), unchanged)

    def open(self) -> Sequence[Alert]:
        items = self._store.query(ALERTS, OPEN, index=_OPEN, newest_first=True)
        return [AlertRecord.from_raw_data(item).to_domain() for item in items]

    def recent(self, from_ms: int, to_ms: int, limit: int, after: Place | None = None) -> Sequence[Alert]:
        listed = Newest(self._store, ALERTS, _BY_TIME)
        return listed.rows(KIND, (from_ms, to_ms), limit, after, _read, place_of_alert)


def _read(item: Item) -> Alert:
    return AlertRecord.from_raw_data(item).to_domain()
