"""What reconciliation found, over the tables: the latest of each account and a history."""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.attributes import DecimalAttribute, IntegerAttribute, TextsAttribute, WrittenAttribute
from undertow.adapters.dynamo.conditions import Condition
from undertow.adapters.dynamo.newest import Newest
from undertow.adapters.dynamo.store import DynamoStore, Item
from undertow.adapters.dynamo.tables import CONTROL
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.reconciliation import LegProof, ReconciliationReport
from undertow.ports.places import Place, place_of_report

_number: Final = DecimalAttribute().serialize


def write_legs(legs: Iterable[LegProof]) -> str:
    rows = [
        [
            leg.symbol,
            leg.side.value,
            _number(leg.ledger_quantity),
            _number(leg.venue_quantity),
            leg.protected,
            leg.ledger_orders,
            leg.venue_orders,
            leg.foreign_orders,
            leg.leftovers,
            leg.doubt,
        ]
        for leg in legs
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def read_legs(text: str) -> tuple[LegProof, ...]:
    return tuple(
        LegProof(Symbol(symbol), PositionSide(side), Decimal(ledger), Decimal(venue), *rest)
        for symbol, side, ledger, venue, *rest in json.loads(text)
    )


class ReconciliationRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    account = UnicodeAttribute()
    epoch = IntegerAttribute()
    read_at_ms = IntegerAttribute()
    finished_at_ms = IntegerAttribute()
    legs = WrittenAttribute(write_legs, read_legs, default=())
    failures = TextsAttribute()
    orders_asked = IntegerAttribute()
    fills_imported = IntegerAttribute()
    adopted = IntegerAttribute()
    adjusted = IntegerAttribute()
    orphans_canceled = IntegerAttribute()

    @classmethod
    def from_domain(cls, report: ReconciliationReport, pk: str, sk: str) -> "ReconciliationRecord":
        return cls(
            pk=pk,
            sk=sk,
            account=report.account,
            epoch=report.epoch,
            read_at_ms=report.read_at_ms,
            finished_at_ms=report.finished_at_ms,
            legs=report.legs,
            failures=report.failures,
            orders_asked=report.orders_asked,
            fills_imported=report.fills_imported,
            adopted=report.adopted,
            adjusted=report.adjusted,
            orphans_canceled=report.orphans_canceled,
        )

    def to_domain(self) -> ReconciliationReport:
        return ReconciliationReport(
            account=AccountId(self.account),
            epoch=self.epoch,
            read_at_ms=self.read_at_ms,
            finished_at_ms=self.finished_at_ms,
            legs=self.legs,
            failures={Symbol(symbol): cause for symbol, cause in self.failures.items()},
            orders_asked=self.orders_asked,
            fills_imported=self.fills_imported,
            adopted=self.adopted,
            adjusted=self.adjusted,
            orphans_canceled=self.orphans_canceled,
        )


class DynamoReconciliations:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def save(self, report: ReconciliationReport, *, historic: bool) -> None:
        latest = ReconciliationRecord.from_domain(report, keys.account(report.account), keys.RECONCILIATION)
        self._store.put_if(CONTROL, latest.serialize(), _not_of_a_later_run(report.epoch))
        if historic:
            at = keys.at(report.read_at_ms, f"{report.epoch:012d}")
            row = ReconciliationRecord.from_domain(report, keys.reconciliations(report.account), at)
            self._store.put(CONTROL, row.serialize())

    def latest(self, account: AccountId) -> ReconciliationReport | None:
        item = self._store.get(CONTROL, keys.account(account), keys.RECONCILIATION)
        return ReconciliationRecord.from_raw_data(item).to_domain() if item else None

    def history(
        self, account: AccountId, from_ms: int, to_ms: int, limit: int, after: Place | None = None
    ) -> Sequence[ReconciliationReport]:
        of_account = keys.reconciliations(account)
        return Newest(self._store, CONTROL).rows(of_account, (from_ms, to_ms), limit, after, _read, place_of_report)


def _read(item: Item) -> ReconciliationReport:
    return ReconciliationRecord.from_raw_data(item).to_domain()


def _not_of_a_later_run(epoch: int) -> Condition:
    return Condition(
        "attribute_not_exists(#pk) OR #epoch <= :epoch",
        {"#pk": "pk", "#epoch": "epoch"},
        {":epoch": {"N": str(epoch)}},
    )
