"""Who is looking, and everything the first page shows."""

from collections.abc import Mapping
from enum import StrEnum
from importlib.metadata import version
from typing import Final

from typing_extensions import TypedDict

from undertow.api.call import Answer, Call
from undertow.domain.account import Mode
from undertow.domain.market import Venue
from undertow.services.console import Console
from undertow.services.views.overview import Overview, overview
from undertow.services.views.render import EpochMs


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
        "version": version("undertow"),
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


ANSWERS: Final[Mapping[str, Answer]] = {"me": _me, "overview": _overview}
