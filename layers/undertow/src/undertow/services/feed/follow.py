"""Live news for who asks instead of listening on a socket: page by page, or as a stream of server-sent events."""

from collections.abc import Callable
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.feed import FeedEvent, FeedPage
from undertow.domain.json_text import Json, write_json
from undertow.services.feed.messages import event_json
from undertow.services.views.render import EpochMs
from undertow.services.views.sources import Sources

LOOK_AGAIN_S: Final = 0.25
LOOKS: Final = 8
"""Two seconds. A stream holds one of the few copies of the API's function, which a pause may need."""
RETRY_MS: Final = 500


class LiveEvent(TypedDict):
    """``data`` has the fields of the row of the list that the kind belongs to; ``account`` is null for all accounts."""

    seq: int
    kind: str
    at_ms: EpochMs
    account: str | None
    data: dict[str, object]


class FeedAnswer(TypedDict):
    """``reset`` says that something after the number is lost: take a snapshot and go on from its ``seq``."""

    time_ms: EpochMs
    events: list[LiveEvent]
    seq: int
    reset: bool


def feed(sources: Sources, after: int | None, limit: int) -> FeedAnswer:
    """What came after a number, oldest first. Without a number: the last one, to go on from."""
    now_ms = sources.clock.now_ms()
    seq = sources.kept.feed.watch(now_ms)
    page = FeedPage((), seq, reset=False) if after is None else sources.kept.feed.after(after, limit)
    return {
        "time_ms": now_ms,
        "events": [_row(event) for event in page.events],
        "seq": page.seq,
        "reset": page.reset,
    }


def stream(sources: Sources, after: int | None, limit: int, wait: Callable[[float], None] | None) -> str:
    """The same as server-sent events: news at once, or after up to two seconds without any a number to go on from."""
    seq = sources.kept.feed.watch(sources.clock.now_ms())
    begin = seq if after is None else after
    page = sources.kept.feed.after(begin, limit)
    for _ in range(LOOKS):
        if page.reset or page.events or wait is None:
            break
        wait(LOOK_AGAIN_S)
        page = sources.kept.feed.after(begin, limit)
    told = [f"retry: {RETRY_MS}\n\n"]
    if page.reset:
        told.append(_sent("reset", page.seq, {"seq": page.seq}))
    elif page.events:
        told += [_sent("news", event.seq, event_json(event)) for event in page.events]
    else:
        told.append(_sent("nothing", begin, {"seq": begin}))
    return "".join(told)


def _sent(kind: str, number: int, data: Json) -> str:
    """JSON has no line breaks of its own, so that one line holds it."""
    return f"id: {number}\nevent: {kind}\ndata: {write_json(data)}\n\n"


def _row(event: FeedEvent) -> LiveEvent:
    news = event.news
    return {
        "seq": event.seq,
        "kind": news.kind.value,
        "at_ms": news.at_ms,
        "account": news.account,
        "data": dict(news.data),
    }
