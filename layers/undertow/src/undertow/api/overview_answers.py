"""Who is looking, everything the first page shows, and what happens from then on."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from typing_extensions import TypedDict

from undertow.api.call import Answer, Call, EventStream
from undertow.domain.account import Mode
from undertow.domain.market import Venue
from undertow.services.console import Console
from undertow.services.feed.follow import FeedAnswer, feed, stream
from undertow.services.views.overview import Overview, overview
from undertow.services.views.render import EpochMs
from undertow.version import VERSION

MOST_EVENTS: Final = 10**15 - 1
_NUMBER: Final = re.compile(r"[0-9]{1,15}", re.ASCII)


class History(StrEnum):
    YES = "yes"
    NO = "no"


class OwnAccount(TypedDict):
    account: str
    venue: Venue
    mode: Mode


class Me(TypedDict):
    """``live_url`` is the socket of live events; null where there is none and the page asks instead."""

    principal: str
    scopes: list[str]
    stage: str
    version: str
    live_url: str | None
    accounts: list[OwnAccount]
    now_ms: EpochMs


def _me(console: Console, call: Call) -> Me:
    """Whose token it is, what it may do, and where it is."""
    call.given.done()
    return {
        "principal": call.by,
        "scopes": sorted(call.door.scopes),
        "stage": call.door.stage,
        "version": VERSION,
        "live_url": call.door.live_url or None,
        "accounts": [
            {"account": found.id, "venue": found.venue, "mode": found.mode} for found in console.sources.accounts(None)
        ],
        "now_ms": console.sources.clock.now_ms(),
    }


def _overview(console: Console, call: Call) -> Overview:
    """The top bar, the block banner and the first page in one answer; ``history=no`` leaves out what changes slowly."""
    with_history = call.given.choice("history", History) is not History.NO
    call.given.done()
    return overview(console.sources, with_history)


def _feed(console: Console, call: Call) -> FeedAnswer:
    """Live events after a number, oldest first: for who polls. Whoever asks is somebody who looks, for two minutes."""
    after, limit = _after(call), _limit(call)
    call.given.done()
    return feed(console.sources, after, limit)


def _stream(console: Console, call: Call) -> EventStream:
    """Live events as server-sent events. It ends with the first news, or after two seconds: connect again then.

    Its events are `news` (as an event of `/api/feed`), `nothing`, and `reset`: take a snapshot and go on from its id.
    """
    after, limit = _after(call), _limit(call)
    if call.last_event_id is not None:
        if _NUMBER.fullmatch(call.last_event_id) is None:
            call.given.complain("Last-Event-ID", "the id of the last event, a whole number")
        else:
            after = int(call.last_event_id)
    call.given.done()
    return EventStream(stream(console.sources, after, limit, call.door.wait))


def _after(call: Call) -> int | None:
    given = call.given.whole("after", -1, -1, MOST_EVENTS, "the last number that is known; -1, as without it: none")
    return None if given < 0 else given


def _limit(call: Call) -> int:
    return call.given.whole("limit", 200, 1, 500)


ANSWERS: Final[Mapping[str, Answer]] = {"me": _me, "overview": _overview, "feed": _feed, "stream": _stream}
