"""A real socket on loopback that speaks the contract of live events, over memory.

The door, the services and the descriptions are the product's own. What stands in for AWS is small: this server for the
gateway, a direct call for the queue, and a look at what changed in the store for the streams of the tables.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import count, islice
from threading import Thread
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from undertow.adapters.memory import MemoryStore, RecordingMeter
from undertow.domain.feed import Change
from undertow.live_door import live_door
from undertow.ports import Tokens
from undertow.services.feed.describe import Describe
from undertow.services.feed.listen import Listen
from undertow.services.feed.live import Live
from undertow.services.feed.push import PushNews
from undertow.services.feed.record import RecordNews
from undertow.services.views.sources import Sources


class _Context:
    def get_remaining_time_in_millis(self) -> int:
        return 8_000


@dataclass
class OpenSockets:
    """The gateway's own door: what is sent to a socket that is closed comes back as gone."""

    by_id: dict[str, ServerConnection] = field(default_factory=dict)

    def send(self, connections: Iterable[str], text: str) -> Sequence[str]:
        return [connection for connection in list(connections) if not self._sent(connection, text)]

    def _sent(self, connection: str, text: str) -> bool:
        socket = self.by_id.get(connection)
        if socket is None:
            return False
        try:
            socket.send(text)
        except ConnectionClosed:
            return False
        return True


@dataclass
class ChangedRows:
    """What the streams of the tables would tell: everything in the store that is another object than at the last look.

    Rows that are only ever added are counted, all others are compared.
    """

    store: MemoryStore
    _added: dict[tuple[str, object], int] = field(default_factory=dict)
    _known: dict[tuple[object, ...], object] = field(default_factory=dict)

    def take(self) -> list[Change]:
        with self.store.lock:
            return [*self._new_rows(), *self._changed_rows()]

    def _new_rows(self) -> Iterator[Change]:
        kinds: Mapping[str, Mapping[Any, Mapping[Any, Any]]] = {
            "liquidations": self.store.liquidations,
            "decisions": self.store.decisions,
            "fills": self.store.fills,
        }
        for kind, groups in kinds.items():
            for group, rows in groups.items():
                yield from islice(rows.values(), self._added.get((kind, group), 0), None)
                self._added[kind, group] = len(rows)

    def _changed_rows(self) -> Iterator[Change]:
        for key, row in self._rows():
            if self._known.get(key) is not row:
                self._known[key] = row
                yield row
        for account, guard in self.store.guards.items():
            told = (guard.blocks, guard.standing_proof is None)
            if self._known.get(("guard", account)) != told:
                self._known["guard", account] = told
                yield guard

    def _rows(self) -> Iterator[tuple[tuple[object, ...], Any]]:
        store = self.store
        grouped: dict[str, Mapping[Any, Mapping[Any, Any]]] = {"order": store.orders, "request": store.requests}
        for kind, groups in grouped.items():
            for group, rows in groups.items():
                yield from (((kind, group, key), row) for key, row in rows.items())
        plain: dict[str, Mapping[Any, Any]] = {
            "slot": store.slots,
            "balance": store.balances,
            "control": store.controls,
            "health": store.healths,
        }
        for kind, rows in plain.items():
            yield from (((kind, key), row) for key, row in rows.items())
        for key, episodes in store.alerts.items():
            yield from ((("alert", key, number), row) for number, row in enumerate(episodes))


class LiveSocket:
    """``held`` is taken while a message is handled: the store in memory is for one at a time. Port 0 takes any."""

    def __init__(
        self,
        store: MemoryStore,
        sources: Sources,
        tokens: Tokens,
        held: AbstractContextManager[object],
        port: int = 0,
    ) -> None:
        kept, clock = sources.kept, sources.clock
        self._held, self._ids, self._sockets = held, count(1), OpenSockets()
        push = PushNews(kept.feed, kept.connections, self._sockets, clock, lambda _: None)
        listen = Listen(kept.feed, kept.connections, self._sockets, tokens, clock)
        self._door = live_door(lambda: Live(listen, push))
        self._changed = ChangedRows(store)
        self._changed.take()  # what was there before is no news
        self._record = RecordNews(kept.feed, _Calling(push), Describe(sources), clock, RecordingMeter())
        self._server = serve(self._serve, "127.0.0.1", port, max_size=4_096)
        self.url = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    def open(self) -> None:
        self._thread.start()

    def tell(self) -> None:
        """What changed since the last time. For who holds ``held`` already."""
        self._record(self._changed.take())

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()

    def _serve(self, socket: ServerConnection) -> None:
        connection = f"socket-{next(self._ids)}"
        self._sockets.by_id[connection] = socket
        self._happens("CONNECT", connection)
        try:
            for text in socket:
                self._happens("MESSAGE", connection, text if isinstance(text, str) else text.decode())
        finally:
            del self._sockets.by_id[connection]
            self._happens("DISCONNECT", connection)

    def _happens(self, kind: str, connection: str, body: str = "") -> None:
        with self._held:
            self._door({"requestContext": {"eventType": kind, "connectionId": connection}, "body": body}, _Context())


@dataclass(frozen=True)
class _Calling:
    push: Callable[[int, int], None]

    def call(self, first: int, last: int) -> None:
        self.push(first, last)


def said(action: str, **fields: object) -> str:
    """One message of a page, as text."""
    return json.dumps({"action": action, **fields})
