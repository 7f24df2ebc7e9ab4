"""Every single write to the memory store, in order: what the checkers look at instead of the whole state."""

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any, Final, NamedTuple

from undertow.adapters.memory import MemoryStore

_FORGETFUL: Final = frozenset(
    {"lock", "unfinished", "liquidations", "healths", "heartbeats", "instruments", "cascades", "feed", "connections"}
)
"""Not recorded: indexes, caches, market data, news for the page, and what only the latest of counts."""
_ABSENT: Final = object()


class Written(NamedTuple):
    """``before`` is None where the row is new, ``after`` is None where it was taken away. ``part`` is the account's
    part of the table where it has one."""

    table: str
    part: Any
    key: Any
    before: Any
    after: Any


class Journal:
    """Puts recording tables in place of those of ``store``; what they held already stays and counts as known."""

    def __init__(self, store: MemoryStore) -> None:
        self.writes: list[Written] = []
        for one in fields(MemoryStore):
            if one.name in _FORGETFUL:
                continue
            table = getattr(store, one.name)
            if not isinstance(table, dict):
                setattr(store, one.name, _RecordedList(self.writes, one.name, None, table))
                continue
            factory: Callable[[], Any] | None = getattr(table, "default_factory", None)
            if factory is None:
                setattr(store, one.name, _RecordedTable(self.writes, one.name, None, table))
            else:
                setattr(store, one.name, _Parts(self.writes, one.name, factory, table))

    def taken(self) -> list[Written]:
        """The writes since the last call."""
        taken = self.writes[:]
        self.writes.clear()
        return taken


class _RecordedTable(dict[Any, Any]):
    __slots__ = ("_name", "_part", "_writes")

    def __init__(self, writes: list[Written], name: str, part: Any, rows: dict[Any, Any]) -> None:
        super().__init__(rows)
        self._writes, self._name, self._part = writes, name, part

    def __setitem__(self, key: Any, row: Any) -> None:
        self._writes.append(Written(self._name, self._part, key, self.get(key), row))
        super().__setitem__(key, row)

    def __delitem__(self, key: Any) -> None:
        self._writes.append(Written(self._name, self._part, key, self[key], None))
        super().__delitem__(key)

    def setdefault(self, key: Any, row: Any = None) -> Any:
        if key not in self:
            self[key] = row
        return self[key]

    def pop(self, key: Any, default: Any = _ABSENT) -> Any:
        if key not in self and default is not _ABSENT:
            return default
        row = self[key]
        del self[key]
        return row

    def clear(self) -> None:
        for key in list(self):
            del self[key]

    def update(self, *rows: Any, **more: Any) -> None:
        for key, row in dict(*rows, **more).items():
            self[key] = row

    def popitem(self) -> Any:
        raise NotImplementedError("no store takes an arbitrary row away")


class _RecordedList(list[Any]):
    __slots__ = ("_name", "_part", "_writes")

    def __init__(self, writes: list[Written], name: str, part: Any, rows: Iterable[Any]) -> None:
        super().__init__(rows)
        self._writes, self._name, self._part = writes, name, part

    def append(self, row: Any) -> None:
        self._writes.append(Written(self._name, self._part, len(self), None, row))
        super().append(row)

    def __setitem__(self, place: Any, row: Any) -> None:
        self._writes.append(Written(self._name, self._part, place, self[place], row))
        super().__setitem__(place, row)

    def __delitem__(self, place: Any) -> None:
        self._writes.append(Written(self._name, self._part, place, self[place], None))
        super().__delitem__(place)

    def pop(self, place: Any = -1) -> Any:
        row = self[place]
        del self[place]
        return row

    def clear(self) -> None:
        while self:
            del self[-1]


class _Parts(dict[Any, Any]):
    """A table by account (or venue, or key): a part comes into being when it is first looked at."""

    __slots__ = ("_factory", "_name", "_writes")

    def __init__(self, writes: list[Written], name: str, factory: Callable[[], Any], parts: dict[Any, Any]) -> None:
        super().__init__()
        self._writes, self._name, self._factory = writes, name, factory
        for key, rows in parts.items():
            self[key] = rows

    def __missing__(self, key: Any) -> Any:
        self[key] = self._factory()
        return self[key]

    def __setitem__(self, key: Any, rows: Any) -> None:
        make = _RecordedTable if isinstance(rows, dict) else _RecordedList
        super().__setitem__(key, make(self._writes, self._name, key, rows))
