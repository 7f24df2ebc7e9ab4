"""What is said on a socket, as text."""

from collections.abc import Sequence

from undertow.domain.feed import FeedEvent
from undertow.domain.json_text import Json, write_json


def event_json(event: FeedEvent) -> dict[str, Json]:
    news = event.news
    return {
        "seq": event.seq,
        "kind": news.kind.value,
        "at_ms": news.at_ms,
        "account": news.account,
        "data": news.data,
    }


def events_text(events: Sequence[FeedEvent]) -> str:
    """At least one event, in order and without holes."""
    told: list[Json] = [event_json(event) for event in events]
    return write_json({"type": "events", "first": events[0].seq, "last": events[-1].seq, "events": told})


def subscribed_text(seq: int) -> str:
    return write_json({"type": "subscribed", "seq": seq})


def pong_text(seq: int) -> str:
    return write_json({"type": "pong", "seq": seq})


def reset_text(seq: int) -> str:
    """Something was missed that cannot be had any more: take a snapshot, and go on from ``seq``."""
    return write_json({"type": "reset", "seq": seq})


def refused_text(code: str, detail: str) -> str:
    return write_json({"type": "refused", "code": code, "detail": detail})
