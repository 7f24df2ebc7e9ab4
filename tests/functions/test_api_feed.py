"""Live events for who polls, and as server-sent events."""

import json

from tests.functions.api_caller import ApiCaller
from tests.functions.conftest import PAGE
from tests.services.world import World

from undertow.api.app import create_app
from undertow.domain.feed import LEEWAY_MS, WATCHED_FOR_MS, News, NewsKind
from undertow.services.console import Console
from undertow.services.feed.follow import LOOKS


def publish(world: World, *names: str) -> None:
    news = [News(NewsKind.ORDER, 1, "main", {"client_order_id": name}) for name in names]
    assert world.desk.repositories.feed.publish(news, world.clock.now_ms())


def sent(text: str) -> list[tuple[str, int, dict[str, object]]]:
    """Kind, id and data of each event."""
    found = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        if "data" in fields:
            found.append((fields["event"], int(fields["id"]), json.loads(fields["data"])))
    return found


def test_who_asks_for_the_first_time_gets_a_number_to_go_on_from(api: ApiCaller, world: World) -> None:
    first = api.get("/api/feed").json
    publish(world, "a", "b")
    second = api.get("/api/feed", after=first["seq"], limit=1).json
    assert (first["events"], first["reset"]) == ([], False)
    assert [(event["seq"], event["data"]["client_order_id"]) for event in second["events"]] == [(first["seq"] + 1, "a")]
    assert second["seq"] == first["seq"] + 2


def test_whoever_asks_is_somebody_who_looks(api: ApiCaller, world: World) -> None:
    feed = world.desk.repositories.feed
    assert not feed.is_watched(world.clock.now_ms())
    seq = api.get("/api/overview").json["seq"]
    assert feed.is_watched(world.clock.now_ms())
    publish(world, "a")
    assert len(api.get("/api/feed", after=seq).json["events"]) == 1


def test_who_comes_back_too_late_is_told_to_take_a_snapshot(api: ApiCaller, world: World) -> None:
    seq = api.get("/api/feed").json["seq"]
    world.clock.advance(WATCHED_FOR_MS + LEEWAY_MS + 1)
    late = api.get("/api/feed", after=seq).json
    assert (late["reset"], late["events"]) == (True, [])
    assert sent(api.get("/api/stream", after=seq).text) == [("reset", late["seq"], {"seq": late["seq"]})]


def test_a_stream_tells_everything_after_the_last_event_that_was_received(api: ApiCaller, world: World) -> None:
    seq = api.get("/api/feed").json["seq"]
    publish(world, "a", "b", "line\nbreak")
    api.extra = {"headers": {"last-event-id": str(seq + 1)}}
    answer = api.get("/api/stream", after=0)
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.text.startswith("retry: ")
    events = sent(answer.text)
    assert [(kind, number) for kind, number, _ in events] == [("news", seq + 2), ("news", seq + 3)]
    assert events[1][2]["data"] == {"client_order_id": "line\nbreak"}


def test_a_last_event_that_is_no_number_is_not_understood(api: ApiCaller) -> None:
    api.extra = {"headers": {"last-event-id": "yesterday"}}
    assert api.get("/api/stream").status == 400


def test_a_stream_waits_for_news_and_ends_with_the_first(console: Console, world: World) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            publish(world, "a")

    api = ApiCaller(create_app(lambda: console, PAGE, wait=wait))
    ((kind, number, _),) = sent(api.get("/api/stream").text)
    assert (kind, len(waits)) == ("news", 3)
    ((kind, again, _),) = sent(api.get("/api/stream", after=number).text)
    assert (kind, again, len(waits)) == ("nothing", number, 3 + LOOKS)
    assert sum(waits[3:]) <= 2
