"""Apart from everything it looks at: what is silent, late, stuck or full is told, and told to be over."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.services.world import ACCOUNT, START_MS, World, new_world
from tests.unit.builders import BTC, d

from undertow.adapters.memory import RecordingNotifier, RecordingRoutes
from undertow.domain.account import Heartbeat, Switch, VenueHealth
from undertow.domain.alert import AlertLevel, Raised, Repetition, raised
from undertow.domain.guard import Block, BlockKind
from undertow.domain.ids import ClientOrderId
from undertow.domain.market import PositionSide, Venue
from undertow.domain.order import OrderState
from undertow.domain.outcome import Unconfirmed
from undertow.ports import DEAD_MAN, AlertPolicy, DepthsUnknown, RouteFailed, StoreBusy
from undertow.services.check_heartbeats import CheckHeartbeats
from undertow.services.end_alerts import EndAlerts

MINUTE_MS = 60_000
LONG = PositionSide.LONG


@dataclass
class Depths:
    of: dict[str, int] = field(default_factory=dict)
    failure: Exception | None = None

    def depths(self) -> Mapping[str, int]:
        if self.failure is not None:
            raise self.failure
        return self.of


@dataclass
class Checked:
    world: World
    depths: Depths = field(default_factory=Depths)
    routes: RecordingRoutes = field(default_factory=RecordingRoutes)
    notifier: RecordingNotifier = field(default_factory=RecordingNotifier)

    def __post_init__(self) -> None:
        kept, clock = self.world.desk.repositories, self.world.clock
        self.kept = kept
        self.check = CheckHeartbeats(
            kept,
            self.world.params,
            self.depths,
            self.routes,
            EndAlerts(kept, self.notifier, clock),
            self.notifier,
            clock,
            self.world.meter,
        )
        self.beat()

    def beat(self, **changes: Any) -> None:
        now_ms = self.world.clock.now_ms()
        usual = Heartbeat("worker-1", START_MS - 3_600_000, now_ms, now_ms, now_ms, now_ms, 1, 9, 9, 0, 0, 0, True)
        self.kept.heartbeats.put(replace(usual, **changes))

    def compared(self) -> None:
        self.kept.balances.save(self.world.venue.fetch_balance())

    def later(self, minutes: float) -> None:
        self.world.clock.advance(int(minutes * MINUTE_MS))

    def open_alert(self, key: str, **changes: Any) -> None:
        now_ms = self.world.clock.now_ms()
        begun = raised(None, Raised(key, AlertLevel.HIGH, "as it was", {}, now_ms), Repetition())
        assert begun is not None
        assert self.kept.alerts.save(replace(begun, **changes))

    def found(self) -> dict[str, AlertLevel]:
        """What one look tells."""
        self.notifier.alerts.clear()
        self.check()
        return {alert.key: alert.level for alert in self.notifier.alerts}

    def ended(self) -> list[tuple[str, str]]:
        self.notifier.ended.clear()
        self.check()
        return self.notifier.ended


@pytest.fixture
def checked() -> Checked:
    return Checked(new_world())


def held(checked: Checked) -> None:
    checked.world.holding()


def unanswered(checked: Checked) -> ClientOrderId:
    """An entry whose sending was not confirmed."""
    checked.world.venue.answers = [lambda _: Unconfirmed("503")]
    return checked.world.entered()


# --- the worker -----------------------------------------------------------------------------------------------------


def test_when_all_is_well_nothing_is_told_and_the_look_is_counted(checked: Checked) -> None:
    assert checked.found() == {}
    assert checked.notifier.ended == []
    assert checked.world.meter.counts["heartbeats_checked"] == 1


def test_a_worker_that_is_silent_for_a_minute_is_critical(checked: Checked) -> None:
    checked.later(1)
    assert checked.found() == {}
    checked.world.clock.advance(1)
    assert checked.found() == {"worker_silent": AlertLevel.CRITICAL}


def test_a_worker_that_is_back_is_told_once_for_what_was_open(checked: Checked) -> None:
    checked.open_alert("worker_silent")
    assert [key for key, _ in checked.ended()] == ["worker_silent"]


def test_the_worker_that_was_heard_last_counts_not_the_one_before_it(checked: Checked) -> None:
    checked.kept.heartbeats.put(
        replace(checked.kept.heartbeats.all()[0], worker="worker-0", time_ms=START_MS - 86_400_000)
    )
    assert checked.found() == {}


def test_where_nobody_has_switched_on_a_worker_that_never_was_is_no_alarm() -> None:
    world = new_world()
    checked = Checked(world)
    world.store.heartbeats.clear()
    world.switch(Switch.PAUSED)
    checked.later(30)
    checked.compared()
    assert checked.found() == {}
    world.switch(Switch.RUNNING)
    checked.later(2)
    assert checked.found() == {"worker_silent": AlertLevel.CRITICAL}


def test_windows_that_stay_uncovered_are_told_but_a_new_worker_gets_time_to_fill_them(checked: Checked) -> None:
    checked.beat(window_covered=False, epoch=START_MS - 29 * MINUTE_MS)
    assert checked.found() == {}
    checked.beat(window_covered=False, epoch=START_MS - 30 * MINUTE_MS)
    assert checked.found() == {"window_uncovered": AlertLevel.HIGH}


@pytest.mark.parametrize("heard", [START_MS - 6 * MINUTE_MS - 1, None])
def test_a_silent_user_stream_is_critical_while_a_position_is_open(checked: Checked, heard: int | None) -> None:
    checked.beat(last_user_event_ms=heard)
    assert checked.found() == {}
    held(checked)
    checked.beat(last_user_event_ms=heard)
    assert checked.found() == {"user_stream_silent": AlertLevel.CRITICAL}


def test_a_user_stream_that_is_heard_again_is_over(checked: Checked) -> None:
    checked.open_alert("user_stream_silent")
    assert checked.ended() == [("user_stream_silent", "the user stream is heard again")]


def test_a_listen_key_that_was_not_renewed_is_told(checked: Checked) -> None:
    checked.beat(listen_key_renewed_at_ms=START_MS - 45 * MINUTE_MS - 1)
    assert checked.found() == {"listen_key_old": AlertLevel.HIGH}


# --- accounts, venues, queues ---------------------------------------------------------------------------------------


def test_an_account_that_is_not_compared_for_five_minutes_is_critical_and_over_when_it_is(checked: Checked) -> None:
    checked.later(5)
    checked.beat()
    assert checked.found() == {}
    checked.world.clock.advance(1)
    assert checked.found() == {"reconcile_late#main": AlertLevel.CRITICAL}
    checked.open_alert("reconcile_late#main")
    checked.compared()
    assert [key for key, _ in checked.ended()] == ["reconcile_late#main"]


def test_an_order_without_an_answer_is_high_after_two_minutes_and_critical_after_fifteen(checked: Checked) -> None:
    unanswered(checked)
    for minutes, level in ((1.9, None), (0.2, AlertLevel.HIGH), (13, AlertLevel.CRITICAL)):
        checked.later(minutes)
        checked.beat()
        checked.compared()
        assert checked.found().get("order_unanswered#main") == level


def test_a_venue_that_must_not_be_called_is_critical_and_over_when_it_may(checked: Checked) -> None:
    until_ms = START_MS + MINUTE_MS
    checked.kept.healths.set(VenueHealth(Venue.ASTER, until_ms, "418"))
    assert checked.found() == {"venue_blocked#aster": AlertLevel.CRITICAL}
    checked.open_alert("venue_blocked#aster")
    checked.later(1)
    checked.beat()
    assert [key for key, _ in checked.ended()] == ["venue_blocked#aster"]


def test_a_block_of_entries_only_is_none_of_the_venue(checked: Checked) -> None:
    checked.kept.healths.set(VenueHealth(Venue.ASTER, START_MS + MINUTE_MS, "budget", entries_only=True))
    assert checked.found() == {}


def test_given_up_messages_are_told_queue_by_queue_until_the_queue_is_empty(checked: Checked) -> None:
    checked.depths.of = {"undertow-live-ticks.fifo": 0, "undertow-live-follow-ups": 3}
    assert checked.found() == {"dead_letters#undertow-live-follow-ups": AlertLevel.HIGH}
    checked.open_alert("dead_letters#undertow-live-follow-ups")
    checked.depths.of = {"undertow-live-follow-ups": 0}
    assert [key for key, _ in checked.ended()] == ["dead_letters#undertow-live-follow-ups"]


@pytest.mark.parametrize("failure", [DepthsUnknown("away"), StoreBusy("away")])
def test_what_cannot_be_looked_at_keeps_nothing_else_from_being_told(checked: Checked, failure: Exception) -> None:
    checked.depths.failure = failure
    checked.later(2)
    with pytest.raises(type(failure)):
        checked.check()
    assert [alert.key for alert in checked.notifier.alerts] == ["worker_silent"]


def test_accounts_that_only_simulate_are_not_looked_at(checked: Checked) -> None:
    current = checked.world.params.current()
    checked.world.params.replace(replace(current, globals=replace(current.globals, accounts={})))
    checked.later(60)
    checked.beat()
    assert checked.found() == {}


# --- the outside watch ----------------------------------------------------------------------------------------------


def watched_from_outside(checked: Checked) -> None:
    current = checked.world.params.current()
    checked.world.params.replace(replace(current, globals=replace(current.globals, alerts=AlertPolicy(dead_man=True))))


def test_the_dead_man_is_called_only_when_asked_for_and_only_when_everything_was_looked_at(checked: Checked) -> None:
    checked.check()
    assert checked.routes.pings == 0
    watched_from_outside(checked)
    checked.check()
    assert checked.routes.pings == 1
    checked.depths.failure = DepthsUnknown("away")
    with pytest.raises(DepthsUnknown):
        checked.check()
    assert checked.routes.pings == 1


def test_a_dead_man_that_does_not_answer_fails_nothing(checked: Checked) -> None:
    watched_from_outside(checked)
    checked.routes.troubles[DEAD_MAN] = [RouteFailed("no answer")]
    checked.check()
    assert checked.world.meter.counts["dead_man_not_called"] == 1


# --- what was missed ------------------------------------------------------------------------------------------------

SIDE = f"main#{BTC}#{LONG}"


@pytest.mark.parametrize("kind", ["unprotected", "unprotected_for_long", "no_target", "exit_failed"])
def test_an_alert_of_a_position_ends_with_the_position(checked: Checked, kind: str) -> None:
    checked.open_alert(f"{kind}#{SIDE}")
    assert checked.ended() == [(f"{kind}#{SIDE}", "the position is closed")]


def test_an_unprotected_position_is_over_when_its_stop_stands_and_not_before(checked: Checked) -> None:
    entry = checked.world.entered()
    checked.world.venue.answers = [lambda _: Unconfirmed("503")]
    quantity = checked.world.venue.standing[entry].quantity
    checked.world.desk.track(ACCOUNT, checked.world.venue.fill(entry, quantity, d("100000")))
    assert checked.world.position.unprotected_since_ms is not None
    checked.open_alert(f"unprotected#{SIDE}")
    checked.open_alert(f"exit_failed#{SIDE}")
    assert checked.ended() == []
    checked.later(0.1)
    checked.world.desk.protect(ACCOUNT, BTC, LONG)
    checked.world.desk.protect(ACCOUNT, BTC, LONG)
    assert [key for key, _ in checked.world.notifier.ended] == [f"unprotected#{SIDE}", f"unprotected_for_long#{SIDE}"]
    assert checked.ended() == [(f"unprotected#{SIDE}", "the position has its stop")]


def test_a_missing_target_is_over_when_it_stands_and_not_before(checked: Checked) -> None:
    checked.world.holding()
    held = checked.world.position
    without = checked.world.slot.with_position(replace(held, target_order=None))
    checked.world.store.slots[ACCOUNT.id, BTC, LONG] = without
    checked.open_alert(f"no_target#{SIDE}")
    assert checked.ended() == []
    checked.world.store.slots[ACCOUNT.id, BTC, LONG] = without.with_position(held)
    assert checked.ended() == [(f"no_target#{SIDE}", "the position has its target")]


def test_an_exit_that_failed_is_over_with_its_position_although_another_one_stands_there(checked: Checked) -> None:
    checked.world.holding()
    key = f"exit_failed#{SIDE}"
    checked.open_alert(key, facts={"position": checked.world.position.id})
    assert checked.ended() == []
    assert checked.world.slot.position is not None
    checked.world.desk.repositories.alerts.save(
        replace(checked.world.desk.repositories.alerts.open()[0], facts={"position": "an-older-one"}, version=2)
    )
    assert checked.ended() == [(key, "the position is closed")]


def test_a_block_that_is_gone_is_over(checked: Checked) -> None:
    checked.open_alert("blocked#main#daily_loss")
    checked.open_alert("blocked#main#margin_usage")
    guard = checked.kept.guards.get(ACCOUNT.id)
    block = Block("daily_loss", START_MS, "lost too much", "tomorrow")
    blocked = guard.with_block(block, BlockKind.DAILY_LOSS)
    assert checked.kept.guards.set(replace(blocked, version=guard.version + 1))
    assert checked.ended() == [("blocked#main#margin_usage", "no longer: as it was")]


def test_an_order_that_has_ended_is_over_and_one_that_is_not_there_stays(checked: Checked) -> None:
    order = unanswered(checked)
    checked.open_alert(f"order_lost#{order}")
    checked.open_alert("order_lost#nobody-knows")
    assert checked.ended() == []
    stored = checked.world.order(order)
    ended = replace(stored, state=OrderState.ABANDONED, version=stored.version + 1)
    assert checked.kept.orders.update(ended)
    assert checked.ended() == [(f"order_lost#{order}", "the order is abandoned")]


def test_a_difference_is_over_when_later_passes_do_not_find_it_and_not_while_none_are_made(checked: Checked) -> None:
    checked.open_alert(f"difference#{SIDE}")
    checked.later(4.9)
    checked.compared()
    checked.beat()
    assert checked.ended() == []
    checked.later(0.2)
    checked.beat()
    assert [key for key, _ in checked.ended()] == [f"difference#{SIDE}"]


def test_a_difference_stays_open_while_the_venue_is_not_compared(checked: Checked) -> None:
    checked.open_alert("clock#aster")
    checked.later(30)
    checked.beat()
    assert "clock#aster" not in [key for key, _ in checked.ended()]


def test_what_only_happens_is_put_away_after_a_day(checked: Checked) -> None:
    checked.open_alert("margin_call#main", last_ms=START_MS - 24 * 60 * MINUTE_MS)
    assert checked.ended() == []
    checked.world.clock.advance(1)
    assert checked.ended() == [("margin_call#main", "not reported again for a day")]


def test_a_block_that_lasts_is_not_over_because_it_was_reported_once_a_day_ago(checked: Checked) -> None:
    """A drawdown holds entries up until somebody resets it, and is told when it begins."""
    checked.open_alert("blocked#main#drawdown", last_ms=START_MS - 25 * 60 * MINUTE_MS)
    guard = checked.kept.guards.get(ACCOUNT.id)
    blocked = guard.with_block(Block("drawdown", START_MS, "fell too far", "a reset"), BlockKind.DRAWDOWN)
    assert checked.kept.guards.set(replace(blocked, version=guard.version + 1))
    assert checked.ended() == []


def test_an_exit_that_failed_a_day_ago_is_not_over_while_its_position_is_open(checked: Checked) -> None:
    checked.world.holding()
    key = f"exit_failed#{SIDE}"
    checked.open_alert(key, facts={"position": checked.world.position.id}, last_ms=START_MS - 25 * 60 * MINUTE_MS)
    assert checked.ended() == []


@pytest.mark.parametrize(
    ("kind", "level"), [(BlockKind.DRAWDOWN, AlertLevel.HIGH), (BlockKind.EMERGENCY, AlertLevel.CRITICAL)]
)
def test_a_block_that_stands_is_reported_by_every_look(checked: Checked, kind: BlockKind, level: AlertLevel) -> None:
    """The monitor reports it once, when it sets it: whoever died in between told nobody, and no reminder came."""
    guard = checked.kept.guards.get(ACCOUNT.id)
    blocked = guard.with_block(Block(kind.value, START_MS, "fell too far", "a reset", {"lost": "9"}), kind)
    assert checked.kept.guards.set(replace(blocked, version=guard.version + 1))
    assert checked.found() == {f"blocked#main#{kind.value}": level}
    (alert,) = checked.notifier.alerts
    assert (alert.message, alert.facts) == ("fell too far", {"account": "main", "clears": "a reset", "lost": "9"})
    stands = checked.kept.guards.get(ACCOUNT.id)
    assert checked.kept.guards.set(replace(stands, blocks={}, version=stands.version + 1))
    assert checked.found() == {}
