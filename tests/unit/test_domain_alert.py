"""When an alert is told again, when it is over, and what comes too late to matter."""

from dataclasses import replace

import pytest
from tests.unit.builders import NOW_MS

from undertow.domain.alert import Alert, AlertLevel, Over, Raised, Repetition, over, raised

MINUTE_MS = 60_000
USUAL = Repetition()


def report(at_ms: int, level: AlertLevel = AlertLevel.HIGH, message: str = "apart") -> Raised:
    return Raised("clock#aster", level, message, {"offset_ms": "900"}, NOW_MS + at_ms)


def after(*reports: Raised | Over) -> Alert:
    known: Alert | None = None
    for one in reports:
        changed = raised(known, one, USUAL) if isinstance(one, Raised) else over(known, one)
        known = changed or known
    assert known is not None
    return known


def test_the_first_report_begins_the_first_episode_and_is_told() -> None:
    alert = after(report(0))
    assert (alert.episode, alert.count, alert.version) == (1, 1, 1)
    assert alert.told_ms == alert.first_ms == alert.last_ms == NOW_MS
    assert alert.is_open


@pytest.mark.parametrize(
    ("level", "again_ms"), [(AlertLevel.CRITICAL, 5 * MINUTE_MS), (AlertLevel.HIGH, 30 * MINUTE_MS)]
)
def test_an_alert_that_goes_on_is_told_again_after_its_levels_time_and_not_before(
    level: AlertLevel, again_ms: int
) -> None:
    early = after(report(0, level), report(again_ms - 1, level))
    assert (early.told_ms, early.count) == (NOW_MS, 2)
    assert after(report(0, level), report(again_ms, level)).told_ms == NOW_MS + again_ms


def test_an_acknowledged_alert_is_not_told_again_while_it_goes_on_as_it_is() -> None:
    seen = after(report(0)).acknowledged("somebody", NOW_MS + 1)
    later = raised(seen, report(60 * MINUTE_MS), USUAL)
    assert later is not None
    assert (later.told_ms, later.acknowledged_by, later.count) == (NOW_MS, "somebody", 2)


def test_an_acknowledged_alert_that_gets_worse_is_told_and_nobody_has_seen_that() -> None:
    seen = after(report(0)).acknowledged("somebody", NOW_MS + 1)
    worse = raised(seen, report(2, AlertLevel.CRITICAL), USUAL)
    assert worse is not None
    assert (worse.told_ms, worse.acknowledged_ms, worse.acknowledged_by) == (NOW_MS + 2, None, "")


def test_a_new_episode_was_seen_by_nobody() -> None:
    seen = after(report(0)).acknowledged("somebody", NOW_MS + 1)
    ended = over(seen, Over("clock#aster", "well", NOW_MS + 2))
    again = raised(ended, report(3), USUAL)
    assert again is not None
    assert (again.episode, again.acknowledged_ms) == (2, None)


def test_an_info_is_told_once() -> None:
    day_ms = 24 * 60 * MINUTE_MS
    alert = after(report(0, AlertLevel.INFO), report(day_ms, AlertLevel.INFO))
    assert (alert.told_ms, alert.count) == (NOW_MS, 2)


def test_a_worse_level_is_told_at_once_and_a_better_one_does_not_soften_the_alert() -> None:
    worse = after(report(0), report(1, AlertLevel.CRITICAL))
    assert (worse.level, worse.told_ms) == (AlertLevel.CRITICAL, NOW_MS + 1)
    again = raised(worse, report(2, AlertLevel.INFO), USUAL)
    assert again is not None
    assert (again.level, again.told_ms) == (AlertLevel.CRITICAL, NOW_MS + 1)


def test_the_latest_words_and_facts_are_kept() -> None:
    assert after(report(0), report(1, message="further apart")).message == "further apart"


def test_a_report_that_comes_twice_changes_nothing() -> None:
    assert raised(after(report(5)), report(5), USUAL) is None
    assert raised(after(report(5)), report(4), USUAL) is None


def test_what_is_over_is_over_once() -> None:
    ended = after(report(0), Over("clock#aster", "they agree", NOW_MS + 9))
    assert (ended.resolved_ms, ended.resolution, ended.due_ms) == (NOW_MS + 9, "they agree", NOW_MS + 9)
    assert over(ended, Over("clock#aster", "they agree", NOW_MS + 10)) is None
    assert over(None, Over("clock#aster", "they agree", NOW_MS)) is None


def test_an_end_that_is_older_than_the_latest_report_ends_nothing() -> None:
    assert over(after(report(0), report(10)), Over("clock#aster", "they agree", NOW_MS + 9)) is None


def test_a_report_after_the_end_begins_the_next_episode_and_one_from_before_it_does_not() -> None:
    ended = after(report(0), Over("clock#aster", "they agree", NOW_MS + 9))
    again = raised(ended, report(10), USUAL)
    assert again is not None
    assert (again.episode, again.count, again.version, again.is_open) == (2, 1, 1, True)
    assert again.delivered == {}
    assert raised(ended, report(9), USUAL) is None


def test_a_route_is_behind_until_it_has_told_what_is_due() -> None:
    alert = after(report(0))
    assert alert.is_behind("phone")
    told = alert.told_by("phone", alert.due_ms)
    assert not told.is_behind("phone")
    assert (told.heard_of("phone"), told.heard_of("desk"), told.version) == (True, False, 2)
    ended = over(told, Over("clock#aster", "they agree", NOW_MS + 9))
    assert ended is not None
    assert ended.is_behind("phone")
    assert not replace(ended, delivered={"phone": NOW_MS + 9}).is_behind("phone")
