"""Lists newest first, page by page: a page begins in the table where the page before it ended."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.store import DynamoStore, Item
from undertow.adapters.dynamo.tables import Index, Table
from undertow.ports.places import Place, beyond

Row = TypeVar("Row")

_OF_ONE_KEY: Final = 4
"""The last row of the page before is read again and left out, and so are others that an index keeps under its key."""


class Newest:
    """One such list: ``prefix`` leads its sort keys."""

    def __init__(self, store: DynamoStore, table: Table, index: Index | None = None, prefix: str = "") -> None:
        self._store = store
        self._table = table
        self._index = index
        self._prefix = prefix

    def rows(
        self,
        hash_value: str,
        span: tuple[int, int],
        limit: int,
        after: Place | None,
        read: Callable[[Item], Row],
        place_of: Callable[[Row], Place],
    ) -> Sequence[Row]:
        """Both ends of ``span`` are included, epoch milliseconds."""
        first, last = keys.span(*span)
        if after is not None:
            last = min(last, keys.at(after.time_ms, after.key))
        items = self._store.query(
            self._table,
            hash_value,
            index=self._index,
            between=(self._prefix + first, self._prefix + last),
            newest_first=True,
            limit=limit if after is None else limit + _OF_ONE_KEY,
        )
        return beyond(map(read, items), place_of, after, limit)
