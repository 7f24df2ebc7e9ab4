"""People are told once for every time that it is due, by every route, whatever fails in between."""

from dataclasses import dataclass, field, replace

import pytest
from tests.services.world import START_MS, parameters

from undertow.adapters.memory import (
    MemoryStore,
    RecordingMeter,
    RecordingRoutes,
    SettableClock,
    StaticParams,
    memory_repositories,
)
from undertow.domain.alert import AlertLevel, Over, Raised
from undertow.ports import (
    AlertPolicy,
    AlertRoute,
    NoParameters,
    Parameters,
    ParametersUnread,
    RouteFailed,
    RouteKind,
    RouteRefused,
)
from undertow.services.carry_out_trial import CarryOutTrial
from undertow.services.notice import moment, notice_of
from undertow.services.switchboard import Switchboard
from undertow.services.tell_alert import NotTold, TellAlert
from undertow.services.try_routes import TryRoutes

ALL = frozenset(AlertLevel)
PAGES = frozenset({AlertLevel.CRITICAL})
KEY = "unprotected_for_long#main#BTCUSDT#long"
MINUTE_MS = 60_000


@dataclass(frozen=True)
class NoParams:
    """A store that was never written to, or cannot be read."""

    failure: NoParameters = field(default_factory=lambda: NoParameters("never stored"))

    def current(self) -> Parameters:
        raise self.failure

    refreshed = current


@dataclass
class Telling:
    routes: RecordingRoutes = field(default_factory=RecordingRoutes)
    meter: RecordingMeter = field(default_factory=RecordingMeter)
    clock: SettableClock = field(default_factory=lambda: SettableClock(START_MS))

    def __post_init__(self) -> None:
        self.alerts = memory_repositories(MemoryStore(), self.clock).alerts
        self.use(("phone", PAGES), ("desk", ALL))

    def use(self, *routes: tuple[str, frozenset[AlertLevel]]) -> None:
        policy = AlertPolicy(tuple(AlertRoute(name, RouteKind.DISCORD, levels) for name, levels in routes))
        current = parameters()
        params = StaticParams(replace(current, globals=replace(current.globals, alerts=policy)))
        self.tell = TellAlert(self.alerts, params, self.routes, "live", self.clock, self.meter)
        try_routes = TryRoutes(params, self.routes, "live", self.clock)
        self.switchboard = Switchboard(self.tell, CarryOutTrial(self.alerts, try_routes, self.tell, self.clock))

    def raised(self, at_ms: int = 0, level: AlertLevel = AlertLevel.CRITICAL, key: str = KEY) -> Raised:
        return Raised(
            key, level, "no stop for too long", {"symbol": "BTCUSDT", "since_ms": str(START_MS)}, START_MS + at_ms
        )

    def over(self, at_ms: int) -> Over:
        return Over(KEY, "the position has its stop", START_MS + at_ms)

    @property
    def told(self) -> list[tuple[str, str]]:
        """By which route, and the first words."""
        return [(route, notice.title.split("]")[1].split(":")[0].strip()) for route, notice in self.routes.told]


@pytest.fixture
def telling() -> Telling:
    return Telling()


def test_each_route_of_the_level_is_told_once(telling: Telling) -> None:
    telling.tell(telling.raised())
    telling.tell(telling.raised(at_ms=1_000))
    assert telling.told == [("phone", "CRITICAL"), ("desk", "CRITICAL")]


def test_a_route_is_told_of_its_levels_only(telling: Telling) -> None:
    telling.tell(telling.raised(level=AlertLevel.HIGH))
    assert telling.told == [("desk", "HIGH")]


def test_an_escalation_is_told_at_once_and_by_the_routes_of_the_new_level(telling: Telling) -> None:
    telling.tell(telling.raised(level=AlertLevel.HIGH))
    telling.tell(telling.raised(at_ms=1))
    assert telling.told == [("desk", "HIGH"), ("phone", "CRITICAL"), ("desk", "CRITICAL")]


def test_what_goes_on_is_told_again(telling: Telling) -> None:
    for minute in range(11):
        telling.tell(telling.raised(at_ms=minute * MINUTE_MS))
    assert telling.told == [("phone", "CRITICAL"), ("desk", "CRITICAL")] * 3


def test_the_end_is_told_once_and_only_where_the_beginning_was(telling: Telling) -> None:
    telling.tell(telling.raised(level=AlertLevel.HIGH))
    telling.tell(telling.over(5))
    telling.tell(telling.over(6))
    assert telling.told == [("desk", "HIGH"), ("desk", "OVER")]


def test_the_end_of_what_never_was_is_not_told(telling: Telling) -> None:
    telling.tell(telling.over(5))
    assert telling.told == []


def test_a_route_that_fails_keeps_no_other_from_telling_and_alone_is_tried_again(telling: Telling) -> None:
    telling.routes.troubles["phone"] = [RouteFailed("no answer"), RouteFailed("no answer")]
    for _ in range(2):
        with pytest.raises(NotTold, match="phone: no answer"):
            telling.tell(telling.raised())
    telling.tell(telling.raised())
    assert telling.told == [("desk", "CRITICAL"), ("phone", "CRITICAL")]
    alert = telling.alerts.latest(KEY)
    assert alert is not None
    assert alert.count == 1, "a report that came again for the sake of a route is still one report"
    assert telling.meter.counts["alert_routes_failed"] == 2


def test_a_route_that_refuses_is_told_of_by_the_others_and_does_not_hold_up_the_alert(telling: Telling) -> None:
    telling.routes.troubles["phone"] = [RouteRefused("HTTP 403")]
    telling.tell(telling.raised())
    assert [(route, notice.alert.key) for route, notice in telling.routes.told] == [
        ("desk", "route_refused#phone"),
        ("desk", KEY),
    ]
    assert telling.routes.told[0][1].alert.facts == {"route": "phone", "cause": "HTTP 403"}


def test_a_route_that_takes_alerts_again_is_over(telling: Telling) -> None:
    telling.routes.troubles["phone"] = [RouteRefused("HTTP 403")]
    telling.tell(telling.raised())
    telling.clock.advance(5 * MINUTE_MS)
    telling.tell(telling.raised(at_ms=5 * MINUTE_MS))
    assert ("desk", "OVER") in telling.told
    refused = telling.alerts.latest("route_refused#phone")
    assert refused is not None
    assert not refused.is_open


def test_with_every_route_refusing_it_ends(telling: Telling) -> None:
    telling.routes.troubles = {"phone": [RouteRefused("HTTP 403")] * 9, "desk": [RouteRefused("HTTP 404")] * 9}
    telling.tell(telling.raised())
    assert telling.told == []
    assert telling.meter.counts["alert_routes_refused"] >= 2


def test_without_parameters_the_usual_route_is_told(telling: Telling) -> None:
    tell = replace(telling.tell, params=NoParams())
    tell(telling.raised())
    assert [route for route, _ in telling.routes.told] == ["topics"]


def test_while_the_parameters_cannot_be_read_the_usual_route_is_told_and_the_others_once_they_can(
    telling: Telling,
) -> None:
    """Seed 1993: a function that had just started took the end of an alert, and those who had heard of it never did."""
    telling.tell(telling.raised())
    over = Over(KEY, "it has its stop", START_MS + 1_000)
    unread = NoParams(ParametersUnread("the store does not answer"))
    with pytest.raises(NotTold, match="the store does not answer"):
        replace(telling.tell, params=unread)(over)
    assert [route for route, _ in telling.routes.told] == ["phone", "desk"]
    telling.tell(over)
    assert [route for route, _ in telling.routes.told] == ["phone", "desk"] * 2


def test_what_begins_while_the_parameters_cannot_be_read_is_told_by_every_route_in_the_end(telling: Telling) -> None:
    unread = NoParams(ParametersUnread("the store does not answer"))
    for _ in range(2):
        with pytest.raises(NotTold):
            replace(telling.tell, params=unread)(telling.raised())
    telling.tell(telling.raised())
    assert [route for route, _ in telling.routes.told] == ["topics", "phone", "desk"]


def test_the_text_says_what_where_since_when_and_what_to_do(telling: Telling) -> None:
    telling.tell(telling.raised())
    telling.tell(telling.raised(at_ms=6 * MINUTE_MS))
    assert telling.routes.told[-1][1].text.splitlines() == [
        "[live] CRITICAL: no stop for too long",
        f"where: undertow-live, {KEY}",
        "symbol: BTCUSDT",
        f"since_ms: {moment(START_MS)}",
        f"since: {moment(START_MS)} (2 reports, the last at {moment(START_MS + 6 * MINUTE_MS)})",
        "what to do: runbook 5, An unprotected position (docs/runbook.md)",
    ]


def test_moments_are_written_out_in_utc() -> None:
    assert moment(1_795_251_061_999) == "2026-11-21 08:51:01 UTC"


def test_the_end_says_what_it_was_and_when_it_was_over(telling: Telling) -> None:
    telling.tell(telling.raised())
    telling.tell(telling.over(61_000))
    lines = telling.routes.told[-1][1].text.splitlines()
    assert lines[0] == "[live] OVER: the position has its stop"
    assert lines[1] == "was: no stop for too long"
    assert lines[-1].startswith("over: ")
    assert lines[-1].endswith(" UTC")


def test_a_very_long_fact_is_cut(telling: Telling) -> None:
    telling.tell(replace(telling.raised(), facts={"frame": "x" * 5_000}))
    alert = telling.alerts.latest(KEY)
    assert alert is not None
    assert len(notice_of(alert, "live").text) < 700
