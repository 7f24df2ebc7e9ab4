"""Live news in both stores: numbers without holes, whoever writes them, and nothing at all while nobody looks."""

from concurrent.futures import ThreadPoolExecutor

from tests.contract.repositories.make import NOW_MS

from undertow.adapters.dynamo import feed as dynamo_feed
from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.tables import CONNECTIONS
from undertow.domain.feed import LEEWAY_MS, WATCHED_FOR_MS, Connection, News, NewsKind
from undertow.ports import Repositories


def news(*names: str) -> list[News]:
    return [News(NewsKind.ORDER, NOW_MS, "main", {"client_order_id": name, "layers": [{"n": 1}]}) for name in names]


def told(kept: Repositories, after: int, limit: int = 100) -> list[tuple[int, object]]:
    page = kept.feed.after(after, limit)
    assert not page.reset
    return [(event.seq, event.news.data["client_order_id"]) for event in page.events]


def test_while_nobody_watches_nothing_is_kept(kept: Repositories) -> None:
    assert not kept.feed.is_watched(NOW_MS)
    assert not kept.feed.publish(news("a"), NOW_MS)
    seq = kept.feed.watch(NOW_MS)
    assert told(kept, seq) == []


def test_news_has_the_next_numbers_and_is_read_as_it_was_written(kept: Repositories) -> None:
    seq = kept.feed.watch(NOW_MS)
    assert [event.seq for event in kept.feed.publish(news("a", "b"), NOW_MS)] == [seq + 1, seq + 2]
    kept.feed.publish([News(NewsKind.ALERT, NOW_MS, None, {"open": True, "level": None})], NOW_MS)
    page = kept.feed.after(seq, 10)
    assert (page.seq, page.reset, [event.seq for event in page.events]) == (seq + 3, False, [seq + 1, seq + 2, seq + 3])
    assert page.events[0].news == news("a")[0]
    assert (page.events[2].news.account, page.events[2].news.data) == (None, {"open": True, "level": None})
    assert told(kept, seq, limit=1) == [(seq + 1, "a")]
    assert len(kept.feed.after(seq + 2, 10).events) == 1


def test_more_news_than_one_transaction_takes_is_numbered_on(kept: Repositories) -> None:
    seq = kept.feed.watch(NOW_MS)
    kept.feed.publish(news(*(str(number) for number in range(150))), NOW_MS)
    assert [number for number, _ in told(kept, seq, 500)] == list(range(seq + 1, seq + 151))


def test_writers_at_the_same_time_leave_no_hole_and_take_no_number_twice(shared: Repositories) -> None:
    seq = shared.feed.watch(NOW_MS)
    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(lambda n: shared.feed.publish(news(f"{n} a", f"{n} b"), NOW_MS), range(12)))
    numbers = sorted(event.seq for events in written for event in events)
    assert numbers == list(range(seq + 1, seq + 25))
    assert [number for number, _ in told(shared, seq)] == numbers
    assert all(events[1].seq == events[0].seq + 1 for events in written)


def test_who_comes_back_after_nobody_watched_takes_a_snapshot(kept: Repositories) -> None:
    seq = kept.feed.watch(NOW_MS)
    kept.feed.publish(news("a"), NOW_MS)
    later = NOW_MS + WATCHED_FOR_MS + LEEWAY_MS + 1
    assert not kept.feed.publish(news("lost"), later)
    again = kept.feed.watch(later)
    for known in (seq, seq + 1):
        page = kept.feed.after(known, 10)
        assert (page.reset, page.events, page.seq) == (True, (), again)
    assert told(kept, again) == []


def test_somebody_who_still_watches_misses_nothing_when_another_one_comes(kept: Repositories) -> None:
    seq = kept.feed.watch(NOW_MS)
    kept.feed.publish(news("a"), NOW_MS)
    assert kept.feed.watch(NOW_MS + WATCHED_FOR_MS - 1) == seq + 1
    kept.feed.publish(news("b"), NOW_MS + 2 * WATCHED_FOR_MS - 2)
    assert [name for _, name in told(kept, seq)] == ["a", "b"]


def test_news_goes_on_for_a_moment_after_the_last_watcher_because_clocks_differ(kept: Repositories) -> None:
    seq = kept.feed.watch(NOW_MS)
    assert kept.feed.publish(news("a"), NOW_MS + WATCHED_FOR_MS + LEEWAY_MS)
    assert told(kept, seq) == [(seq + 1, "a")]


def test_a_number_that_was_never_given_out_asks_for_a_snapshot(kept: Repositories) -> None:
    seq = kept.feed.watch(NOW_MS)
    assert kept.feed.after(seq + 5, 10).reset
    assert kept.feed.after(0, 10).reset


def test_rows_that_the_table_dropped_from_the_middle_ask_for_a_snapshot(store: DynamoStore) -> None:
    kept = dynamo_feed.DynamoFeed(store)
    seq = kept.watch(NOW_MS)
    kept.publish(news("a", "b", "c"), NOW_MS)
    store.delete(CONNECTIONS, "events", f"{seq + 2:015d}")
    assert kept.after(seq, 10).reset
    assert not kept.after(seq + 2, 10).reset


def test_connections_are_there_until_they_were_silent_for_too_long(kept: Repositories) -> None:
    first = Connection("a", "abcdefgh", NOW_MS, NOW_MS + 90_000)
    kept.connections.put(first)
    kept.connections.put(Connection("b", "abcdefgh", NOW_MS, NOW_MS + 1_000))
    assert kept.connections.get("a") == first
    assert [one.id for one in kept.connections.all(NOW_MS + 1_000)] == ["a"]
    kept.connections.remove("a")
    kept.connections.remove("a")
    assert kept.connections.get("a") is None
    assert [one.id for one in kept.connections.all(NOW_MS)] == ["b"]
