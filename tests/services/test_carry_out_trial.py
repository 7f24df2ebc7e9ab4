"""A test of a route is sent once, by that route alone, and what came of it is kept."""

import pytest
from tests.services.test_tell_alert import ALL, PAGES, Telling

from undertow.adapters.memory import RecordingRoutes
from undertow.domain.alert import Alert, AlertLevel, Over, Raised, RouteTrial, over
from undertow.ports import AlertRoute, Notice, RouteFailed, RouteRefused
from undertow.services.carry_out_trial import TOOK

BY = "token abcdefgh"
KEY = "test#phone"


@pytest.fixture
def telling() -> Telling:
    return Telling()


def asked(telling: Telling, route: str = "phone") -> RouteTrial:
    return RouteTrial(route, BY, telling.clock.now_ms())


def kept(telling: Telling, key: str = KEY) -> Alert:
    found = telling.alerts.latest(key)
    assert found is not None
    return found


def test_a_test_goes_by_its_route_whatever_levels_that_tells(telling: Telling) -> None:
    telling.use(("phone", PAGES), ("desk", ALL))
    telling.switchboard(asked(telling))
    assert telling.told == [("phone", "INFO")]
    assert telling.routes.told[0][1].alert.facts["asked by"] == BY


def test_what_came_of_it_is_kept_as_an_alert_that_is_over(telling: Telling) -> None:
    trial = asked(telling)
    telling.clock.advance(700)
    telling.switchboard(trial)
    found = kept(telling)
    assert (found.level, found.is_open, found.resolution) == (AlertLevel.INFO, False, TOOK)
    assert found.facts == {"asked_ms": str(trial.at_ms), "asked by": BY}
    assert found.delivered == {"phone": telling.clock.now_ms()}
    assert not found.is_behind("phone")


@pytest.mark.parametrize("trouble", [RouteFailed("no answer"), RouteRefused("401 unauthorized")])
def test_a_test_that_fails_says_why_and_is_not_tried_again(telling: Telling, trouble: Exception) -> None:
    telling.routes.troubles["phone"] = [trouble]
    trial = asked(telling)
    telling.switchboard(trial)
    telling.switchboard(trial)
    assert (kept(telling).resolution, kept(telling).delivered) == (f"failed: {trouble}", {})
    assert telling.told == []


def test_a_message_that_comes_twice_sends_one_test(telling: Telling) -> None:
    trial = asked(telling)
    telling.switchboard(trial)
    telling.switchboard(trial)
    assert telling.told == [("phone", "INFO")]
    assert kept(telling).episode == 1


def test_each_test_is_an_episode_even_when_asked_for_before_the_last_one_ended(telling: Telling) -> None:
    first, second = asked(telling), RouteTrial("phone", BY, telling.clock.now_ms() + 1)
    telling.clock.advance(5_000)
    telling.switchboard(first)
    telling.switchboard(second)
    telling.switchboard(first)
    assert telling.told == [("phone", "INFO"), ("phone", "INFO")]
    assert (kept(telling).episode, kept(telling).facts["asked_ms"]) == (2, str(second.at_ms))


def test_a_test_that_was_begun_and_never_ended_is_gone_on_with(telling: Telling) -> None:
    trial = asked(telling)
    facts = {"asked_ms": str(trial.at_ms), "asked by": BY}
    assert telling.alerts.save(Alert(KEY, AlertLevel.INFO, "a test", facts, trial.at_ms, trial.at_ms, trial.at_ms))
    telling.switchboard(trial)
    assert telling.told == [("phone", "INFO")]
    assert (kept(telling).episode, kept(telling).is_open) == (1, False)


def test_a_test_that_never_ended_makes_way_for_the_next_one(telling: Telling) -> None:
    trial = asked(telling)
    facts = {"asked_ms": str(trial.at_ms - 9_000), "asked by": BY}
    assert telling.alerts.save(Alert(KEY, AlertLevel.INFO, "a test", facts, trial.at_ms, trial.at_ms, trial.at_ms))
    telling.switchboard(trial)
    assert (kept(telling).episode, kept(telling).resolution) == (2, TOOK)


def test_a_route_that_is_gone_meanwhile_is_told_as_a_failure(telling: Telling) -> None:
    telling.switchboard(asked(telling, "pager"))
    assert kept(telling, "test#pager").resolution.startswith("failed: the globals have no route")


class AcknowledgingRoutes(RecordingRoutes):
    """Somebody acknowledges the open test while it is on its way."""

    def __init__(self, telling: Telling) -> None:
        super().__init__()
        self.telling = telling

    def send(self, route: AlertRoute, notice: Notice) -> None:
        super().send(route, notice)
        known = kept(self.telling)
        assert self.telling.alerts.save(known.acknowledged("somebody", self.telling.clock.now_ms()))


def test_an_acknowledgement_in_between_does_not_lose_the_outcome(telling: Telling) -> None:
    telling.routes = AcknowledgingRoutes(telling)
    telling.use(("phone", PAGES))
    telling.switchboard(asked(telling))
    assert (kept(telling).resolution, kept(telling).acknowledged_by) == (TOOK, "somebody")


def test_a_route_that_takes_a_test_refuses_alerts_no_more(telling: Telling) -> None:
    telling.tell(Raised("route_refused#phone", AlertLevel.HIGH, "it refuses", {"cause": "401"}, telling.clock.now_ms()))
    telling.clock.advance(1_000)
    telling.switchboard(asked(telling))
    refused = kept(telling, "route_refused#phone")
    assert (refused.is_open, refused.resolution) == (False, "the route took a test")


def test_a_refusal_that_is_over_stays_as_it_ended(telling: Telling) -> None:
    telling.tell(Raised("route_refused#phone", AlertLevel.HIGH, "it refuses", {"cause": "401"}, telling.clock.now_ms()))
    ended = over(kept(telling, "route_refused#phone"), Over("route_refused#phone", "mended", telling.clock.now_ms()))
    assert ended is not None
    assert telling.alerts.save(ended)
    telling.switchboard(asked(telling))
    assert kept(telling, "route_refused#phone").resolution == "mended"
