"""Alerts are kept episode by episode, and two processes never both begin the same one."""

from dataclasses import replace
from typing import Any

from tests.contract.repositories.make import NOW_MS

from undertow.domain.alert import Alert, AlertLevel
from undertow.ports import Repositories

KEY = "unprotected#main#币安人生USDT#long"


def alert(**changes: Any) -> Alert:
    made = Alert(
        key=KEY,
        level=AlertLevel.CRITICAL,
        message="no stop could be confirmed",
        facts={"symbol": "币安人生USDT", "note": ""},
        first_ms=NOW_MS,
        last_ms=NOW_MS + 5,
        told_ms=NOW_MS + 1,
    )
    return replace(made, **changes)


def test_an_alert_comes_back_as_it_was_kept(kept: Repositories) -> None:
    stored = alert(episode=3, count=7, delivered={"phone": NOW_MS, "desk": NOW_MS + 1})
    assert kept.alerts.save(stored)
    assert kept.alerts.latest(KEY) == stored


def test_nothing_is_known_of_a_condition_that_was_never_reported(kept: Repositories) -> None:
    assert kept.alerts.latest(KEY) is None
    assert list(kept.alerts.open()) == []


def test_an_episode_begins_once(kept: Repositories) -> None:
    assert kept.alerts.save(alert())
    assert not kept.alerts.save(alert(message="another process, at the same moment"))
    assert kept.alerts.latest(KEY) == alert()


def test_a_change_that_did_not_see_another_is_not_stored(kept: Repositories) -> None:
    kept.alerts.save(alert())
    assert kept.alerts.save(alert(count=2, version=2))
    assert not kept.alerts.save(alert(count=9, version=2))
    latest = kept.alerts.latest(KEY)
    assert latest is not None
    assert latest.count == 2


def test_a_change_of_an_episode_that_never_began_is_not_stored(kept: Repositories) -> None:
    assert not kept.alerts.save(alert(version=2))
    assert kept.alerts.latest(KEY) is None


def test_the_newest_episode_is_the_one_that_counts_and_earlier_ones_stay(kept: Repositories) -> None:
    over = alert(resolved_ms=NOW_MS + 9, resolution="a stop stands", version=2)
    kept.alerts.save(alert())
    kept.alerts.save(over)
    again = alert(episode=2, first_ms=NOW_MS + 60_000, last_ms=NOW_MS + 60_000)
    assert kept.alerts.save(again)
    assert kept.alerts.latest(KEY) == again
    assert list(kept.alerts.recent(0, NOW_MS + 90_000, 10)) == [again, over]


def test_only_what_is_not_over_is_open_and_the_latest_report_comes_first(kept: Repositories) -> None:
    kept.alerts.save(alert(key="a"))
    kept.alerts.save(alert(key="b", last_ms=NOW_MS + 50))
    kept.alerts.save(alert(key="c", last_ms=NOW_MS + 60))
    kept.alerts.save(alert(key="c", last_ms=NOW_MS + 60, resolved_ms=NOW_MS + 70, version=2))
    assert [one.key for one in kept.alerts.open()] == ["b", "a"]


def test_recent_ones_are_bounded_by_time_and_number(kept: Repositories) -> None:
    for number in range(5):
        kept.alerts.save(alert(key=f"k{number}", last_ms=NOW_MS + number))
    assert [one.key for one in kept.alerts.recent(NOW_MS + 1, NOW_MS + 3, 2)] == ["k3", "k2"]
