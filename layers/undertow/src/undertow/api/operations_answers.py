"""Whether everything runs, what it is set up with, what people did, and saying that an alert was seen."""

from collections.abc import Mapping
from typing import Final

from typing_extensions import TypedDict

from undertow.api.call import DAY_MS, Answer, Call, time_range
from undertow.api.pages import wanted_page
from undertow.services.acknowledge_alert import AcknowledgeAlert
from undertow.services.console import Console
from undertow.services.views.audit import LIST, AuditList, audit
from undertow.services.views.operations import Operations, operations
from undertow.services.views.setup import Setup, setup
from undertow.version import VERSION

LONGEST_KEY: Final = 200
MOST_EPISODES: Final = 10**8 - 1


class Acknowledged(TypedDict):
    """Who saw it first, and when."""

    key: str
    episode: int
    acknowledged_ms: int | None
    acknowledged_by: str


class TestsAsked(TypedDict):
    """``routes`` are being tried; what came of it stands in the settings, as ``tested`` of each route."""

    asked_ms: int
    routes: list[str]


def _operations(console: Console, call: Call) -> Operations:
    """Streams, venue, delays, orders without an answer, reconciliation, imports and failures, in one answer."""
    call.given.done()
    return operations(console.sources, VERSION)


def _settings(console: Console, call: Call) -> Setup:
    """Accounts, tokens and alert routes as they are set up. It shows no secret."""
    call.given.done()
    return setup(console.sources, console.tokens.all())


def _audit(console: Console, call: Call) -> AuditList:
    """What people did, newest first."""
    from_ms, to_ms = time_range(console, call.given, 30 * DAY_MS, 3_660 * DAY_MS)
    page = wanted_page(call.given, LIST, 50, 200)
    call.given.done()
    return audit(console.sources, from_ms, to_ms, page.limit, page.after)


def _acknowledge(console: Console, call: Call) -> Acknowledged:
    """The alert is not told again while it goes on as it is. ``episode`` is the one that was seen."""
    key = call.given.words("key", None, LONGEST_KEY)
    episode = call.given.whole("episode", None, 1, MOST_EPISODES)
    call.given.done()
    kept, clock = console.sources.kept, console.sources.clock
    seen = AcknowledgeAlert(kept.alerts, kept.audit, clock)(key, episode, call.by)
    return {
        "key": seen.key,
        "episode": seen.episode,
        "acknowledged_ms": seen.acknowledged_ms,
        "acknowledged_by": seen.acknowledged_by,
    }


def _test_routes(console: Console, call: Call) -> TestsAsked:
    """A test alert by every route, or by ``route`` alone. It is sent within seconds, by who may read the addresses."""
    only = call.given.alert_route()
    call.given.done()
    trials = console.ask_trial(only, call.by)
    return {"asked_ms": trials[0].at_ms, "routes": [trial.route for trial in trials]}


ANSWERS: Final[Mapping[str, Answer]] = {
    "operations": _operations,
    "settings": _settings,
    "audit": _audit,
    "acknowledge_alert": _acknowledge,
    "test_routes": _test_routes,
}
