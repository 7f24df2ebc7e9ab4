"""Live news over the table of connections: a head with the last number, and a row for each event.

Head and events are written in one transaction, on condition that the head has not moved. So numbers have no holes, and
whoever sees a number sees all before it.
"""

from collections.abc import Sequence
from typing import Any, Final

from undertow.adapters.dynamo.conditions import Condition
from undertow.adapters.dynamo.store import TRANSACTION_LIMIT, DynamoStore, Item
from undertow.adapters.dynamo.tables import CONNECTIONS, TTL_ATTRIBUTE
from undertow.domain.feed import LEEWAY_MS, WATCHED_FOR_MS, Connection, FeedEvent, FeedPage, News, NewsKind
from undertow.domain.json_text import read_object, write_json
from undertow.ports import StoreBusy

_FEED: Final = "feed"
_HEAD: Final = "head"
_EVENTS: Final = "events"
_SOCKETS: Final = "sockets"
KEPT_S: Final = 3_600
RACES: Final = 12
"""Streams of several tables are read side by side, so several writers want the next numbers at once."""
MOST_AT_ONCE: Final = TRANSACTION_LIMIT - 1


class DynamoFeed:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store
        self._seen: Item | None = None
        """The head as it was when somebody asked whether anybody watches: mostly it stands when the news is written."""

    def publish(self, news: Sequence[News], now_ms: int) -> Sequence[FeedEvent]:
        numbered: list[FeedEvent] = []
        for first in range(0, len(news), MOST_AT_ONCE):
            numbered += self._publish(news[first : first + MOST_AT_ONCE], now_ms)
        return numbered

    def _publish(self, news: Sequence[News], now_ms: int) -> Sequence[FeedEvent]:
        for _ in range(RACES):
            head, self._seen = self._seen or self._head(), None
            if head is None or not _is_watched(head, now_ms):
                return ()
            seq = _number(head, "seq")
            numbered = [FeedEvent(number, one) for number, one in enumerate(news, start=seq + 1)]
            moved = {**head, "seq": {"N": str(seq + len(numbered))}}
            steps = [self._store.putting("head", CONNECTIONS, moved, _unmoved(head))]
            steps += [
                self._store.putting(f"event {event.seq}", CONNECTIONS, _item(event, now_ms)) for event in numbered
            ]
            if not self._store.write(steps):
                return numbered
        raise StoreBusy(f"the head of the feed was moved by others {RACES} times")

    def is_watched(self, now_ms: int) -> bool:
        self._seen = self._head()
        return self._seen is not None and _is_watched(self._seen, now_ms)

    def watch(self, now_ms: int) -> int:
        for _ in range(RACES):
            head = self._head()
            seq = 0 if head is None else _number(head, "seq")
            begun = 0 if head is None else _number(head, "begun")
            if head is None or now_ms > _number(head, "watched_until_ms"):
                seq += 1
                begun = seq
            elif _number(head, "watched_until_ms") - now_ms > WATCHED_FOR_MS * 3 // 4:
                return seq  # said a moment ago: many pages would only get in each other's way
            watched = {
                "pk": {"S": _FEED},
                "sk": {"S": _HEAD},
                "seq": {"N": str(seq)},
                "begun": {"N": str(begun)},
                "watched_until_ms": {"N": str(now_ms + WATCHED_FOR_MS)},
            }
            if self._store.put_if(CONNECTIONS, watched, _unmoved(head)):
                return seq
        raise StoreBusy(f"the head of the feed was moved by others {RACES} times")

    def after(self, seq: int, limit: int) -> FeedPage:
        head = self._head()
        last = 0 if head is None else _number(head, "seq")
        begun = 0 if head is None else _number(head, "begun")
        if not begun <= seq <= last:
            return FeedPage((), last, reset=True)
        wanted = (_place(seq + 1), _place(last))
        found = [_event(item) for item in self._store.query(CONNECTIONS, _EVENTS, between=wanted, limit=limit)]
        numbers = [event.seq for event in found]
        # Rows past their time go one by one, in any order.
        if numbers != list(range(seq + 1, seq + 1 + len(found))) or (seq < last and not found):
            return FeedPage((), last, reset=True)
        return FeedPage(tuple(found), last, reset=False)

    def _head(self) -> Item | None:
        return self._store.get(CONNECTIONS, _FEED, _HEAD)


def _is_watched(head: Item, now_ms: int) -> bool:
    return now_ms <= _number(head, "watched_until_ms") + LEEWAY_MS


def _unmoved(head: Item | None) -> Condition:
    """Neither the numbers nor who watches have changed: each is written with what was read of the other."""
    if head is None:
        return Condition("attribute_not_exists(#pk)", {"#pk": "pk"})
    return Condition(
        "#seq = :seq AND #watched = :watched",
        {"#seq": "seq", "#watched": "watched_until_ms"},
        {":seq": head["seq"], ":watched": head["watched_until_ms"]},
    )


def _number(item: Item, name: str) -> int:
    return int(item[name]["N"])


def _place(seq: int) -> str:
    return f"{seq:015d}"


def _item(event: FeedEvent, now_ms: int) -> Item:
    news = event.news
    return {
        "pk": {"S": _EVENTS},
        "sk": {"S": _place(event.seq)},
        "kind": {"S": news.kind.value},
        "at_ms": {"N": str(news.at_ms)},
        "data": {"S": write_json(news.data)},
        TTL_ATTRIBUTE: {"N": str(now_ms // 1_000 + KEPT_S)},
        **({} if news.account is None else {"account": {"S": news.account}}),
    }


def _event(item: Item) -> FeedEvent:
    account: dict[str, Any] | None = item.get("account")
    news = News(
        NewsKind(item["kind"]["S"]),
        _number(item, "at_ms"),
        None if account is None else str(account["S"]),
        read_object(item["data"]["S"]),
    )
    return FeedEvent(int(item["sk"]["S"]), news)


class DynamoConnections:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store

    def put(self, connection: Connection) -> None:
        self._store.put(
            CONNECTIONS,
            {
                "pk": {"S": _SOCKETS},
                "sk": {"S": connection.id},
                "token": {"S": connection.token},
                "since_ms": {"N": str(connection.since_ms)},
                "renew_by_ms": {"N": str(connection.renew_by_ms)},
                TTL_ATTRIBUTE: {"N": str(connection.renew_by_ms // 1_000 + KEPT_S)},
            },
        )

    def get(self, connection: str) -> Connection | None:
        item = self._store.get(CONNECTIONS, _SOCKETS, connection)
        return None if item is None else _connection(item)

    def remove(self, connection: str) -> None:
        self._store.delete(CONNECTIONS, _SOCKETS, connection)

    def all(self, now_ms: int) -> Sequence[Connection]:
        """Rows past their time may lie there for days before the table drops them."""
        known = (_connection(item) for item in self._store.query(CONNECTIONS, _SOCKETS))
        return [connection for connection in known if now_ms < connection.renew_by_ms]


def _connection(item: Item) -> Connection:
    return Connection(item["sk"]["S"], item["token"]["S"], _number(item, "since_ms"), _number(item, "renew_by_ms"))
