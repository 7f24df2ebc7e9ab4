"""What people are told: the checker is shown a route that was never asked, an end nobody heard of, a needless alarm."""

from dataclasses import replace

import pytest
from tests.simulation.alarms import HEARD, Alarms, people_are_told
from tests.simulation.invariants import Invariants
from tests.simulation.simulation import Simulation

from undertow.domain.alert import Alert, AlertLevel

SEED = next(seed for seed in range(1, 100) if people_are_told(seed))


class Told:
    """A run in which people are told, before anything has happened."""

    def __init__(self) -> None:
        self.simulation = Simulation(SEED)
        assert self.simulation.alarms is not None
        self.alarms: Alarms = self.simulation.alarms
        self.invariants = Invariants(self.simulation.universe, self.alarms)
        self.now_ms = self.simulation.clock.at_ms

    def keep(self, alert: Alert) -> Alert:
        assert self.simulation.universe.kept.alerts.save(alert)
        return alert

    def alert(self, key: str = "clock", level: AlertLevel = AlertLevel.CRITICAL) -> Alert:
        return Alert(key, level, "something", {}, self.now_ms, self.now_ms, self.now_ms)

    def heard(self, alert: Alert, *routes: str) -> Alert:
        for route in routes:
            self.alarms.people.tellings.append((route, alert.key, alert.episode, alert.due_ms))
            alert = self.keep(alert.told_by(route, alert.due_ms))
        return alert

    def found(self) -> list[str]:
        return [one.what for one in self.invariants.after_step(self.now_ms) if one.invariant == "alert"]

    def at_rest(self) -> list[str]:
        return [one.what for one in self.invariants.at_rest(self.now_ms) if one.invariant == "alert"]


@pytest.fixture(name="told")
def _told() -> Told:
    return Told()


def test_an_alert_that_every_route_has_told_is_as_it_should_be(told: Told) -> None:
    told.heard(told.keep(told.alert()), "phone", "room")
    assert told.found() == []
    assert told.at_rest() == []


def test_a_route_that_has_not_told_what_it_owes_is_found_at_rest(told: Told) -> None:
    told.heard(told.keep(told.alert()), "phone")
    assert told.at_rest() == [f"room has not told clock, due at {told.now_ms}"]


def test_a_route_of_other_levels_owes_nothing(told: Told) -> None:
    told.heard(told.keep(told.alert(level=AlertLevel.INFO)), "room")
    assert told.at_rest() == []


def test_an_end_that_nobody_heard_of_is_found_at_rest(told: Told) -> None:
    alert = told.heard(told.keep(told.alert()), "phone", "room")
    over = replace(alert, resolved_ms=told.now_ms + 5, resolution="over", version=alert.version + 1)
    told.heard(told.keep(over), "room")
    assert told.at_rest() == [f"phone has not told clock, due at {told.now_ms + 5}"]


def test_a_telling_that_never_left_is_found(told: Told) -> None:
    told.keep(told.keep(told.alert()).told_by("phone", told.now_ms))
    assert told.found() == ["clock is noted as told by phone, which was never sent it"]


def test_an_episode_that_goes_back_is_found(told: Told) -> None:
    told.keep(told.alert())
    milder = replace(told.alert(level=AlertLevel.INFO), version=2)
    told.keep(milder)
    (what,) = told.found()
    assert what.startswith("clock, episode 1:")


@pytest.mark.parametrize("key", ["worker_silent", "unprotected#main#AAAUSDT#LONG", "venue_blocked#aster"])
def test_an_alarm_without_a_reason_is_found_at_rest(told: Told, key: str) -> None:
    told.heard(told.keep(told.alert(key)), "phone", "room")
    assert [what for what in told.at_rest() if key in what]


def test_messages_given_up_of_which_nobody_was_told_are_found(told: Told) -> None:
    queue = told.simulation.queues.ticks
    queue.send("body", "group", "digest", 0)
    queue.dead.append(queue.messages.pop())
    assert told.at_rest() == ["ticks has 1 messages given up, and nobody was told"]


def test_people_are_told_in_a_part_of_the_seeds() -> None:
    share = sum(people_are_told(seed) for seed in range(1, 401)) / 400
    assert abs(share - HEARD) < HEARD / 2
