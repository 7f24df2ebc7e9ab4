"""When callers were let in, over the tables: a row for each, overwritten."""

from collections.abc import Mapping

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.attributes import IntegerAttribute
from undertow.adapters.dynamo.conditions import earlier
from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.tables import CONTROL


class UseRecord(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    time_ms = IntegerAttribute()


class DynamoUses:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def note(self, caller: str, time_ms: int) -> None:
        item = UseRecord(pk=keys.USES, sk=caller, time_ms=time_ms).serialize()
        self._store.put_if(CONTROL, item, earlier("time_ms", time_ms))

    def last(self) -> Mapping[str, int]:
        rows = (UseRecord.from_raw_data(item) for item in self._store.query(CONTROL, keys.USES))
        return {row.sk: row.time_ms for row in rows}
