"""Turning a switch while others turn it too."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from tests.services.world import ACCOUNT, World

from undertow.domain.account import Control, Switch
from undertow.domain.ids import AccountId
from undertow.ports import AuditRow, Controls, StoreBusy
from undertow.services.set_switch import SetSwitch, SwitchContended, SwitchMoved


@dataclass
class Contended:
    """Controls that somebody else changes just before each of our writes."""

    inner: Controls
    meanwhile: Callable[[Control], Control]
    times: int
    writes: list[Control] = field(default_factory=list)

    def get(self, account: AccountId) -> Control:
        return self.inner.get(account)

    def set(self, control: Control) -> bool:
        if self.times > 0:
            self.times -= 1
            assert self.inner.set(self.meanwhile(self.inner.get(control.account)))
        self.writes.append(control)
        return self.inner.set(control)


@dataclass
class Unwilling:
    """Controls of which the store takes those of one account no longer."""

    inner: Controls
    account: AccountId

    def get(self, account: AccountId) -> Control:
        return self.inner.get(account)

    def set(self, control: Control) -> bool:
        if control.account == self.account:
            raise StoreBusy("throttled")
        return self.inner.set(control)


def somebody_turns_to(switch: Switch) -> Callable[[Control], Control]:
    return lambda before: Control(before.account, switch, 1, "somebody", "meanwhile", before.version + 1)


def set_switch(world: World, controls: Controls | None = None) -> SetSwitch:
    kept = world.desk.repositories
    return SetSwitch(controls or kept.controls, kept.audit, world.clock)


def rows(world: World) -> list[AuditRow]:
    return list(world.desk.repositories.audit.recent(0, 10**13, 100))


def test_a_pause_gets_through_while_others_turn_the_switch(world: World) -> None:
    controls = Contended(world.desk.repositories.controls, somebody_turns_to(Switch.RUNNING), times=3)
    after = set_switch(world, controls).tighten(ACCOUNT.id, Switch.PAUSED, "anna", "news")
    assert (after.switch, after.by) == (Switch.PAUSED, "anna")
    assert len(controls.writes) == 4
    assert len(rows(world)) == 1


def test_a_pause_is_content_with_something_stricter_that_came_meanwhile(world: World) -> None:
    controls = Contended(world.desk.repositories.controls, somebody_turns_to(Switch.FLATTEN), times=1)
    after = set_switch(world, controls).tighten(ACCOUNT.id, Switch.PAUSED, "anna", "news")
    assert (after.switch, after.by) == (Switch.FLATTEN, "somebody")


def test_a_pause_that_never_gets_through_says_so(world: World) -> None:
    controls = Contended(world.desk.repositories.controls, somebody_turns_to(Switch.RUNNING), times=1_000)
    with pytest.raises(SwitchContended):
        set_switch(world, controls).tighten(ACCOUNT.id, Switch.PAUSED, "anna", "news")


def test_one_account_that_cannot_be_paused_leaves_no_other_running(world: World) -> None:
    """Who pauses everything in a hurry must not have to notice that the first account alone was tried."""
    other = AccountId("other")
    controls = Unwilling(world.desk.repositories.controls, ACCOUNT.id)
    assert controls.set(Control(other, Switch.RUNNING, 1, "anna", "on", 1))
    with pytest.raises(StoreBusy):
        set_switch(world, controls).tighten_all([ACCOUNT.id, other], Switch.PAUSED, "anna", "news")
    assert controls.get(ACCOUNT.id).switch is Switch.RUNNING
    assert controls.get(other).switch is Switch.PAUSED


def test_a_resume_gives_way_to_whoever_turned_the_switch_meanwhile(world: World) -> None:
    world.switch(Switch.PAUSED)
    seen = world.desk.repositories.controls.get(ACCOUNT.id)
    controls = Contended(world.desk.repositories.controls, somebody_turns_to(Switch.FLATTEN), times=1)
    with pytest.raises(SwitchMoved) as moved:
        set_switch(world, controls).resume(ACCOUNT.id, seen.version, "anna", "fine again")
    assert moved.value.control.switch is Switch.FLATTEN
    assert "set to flatten by somebody meanwhile" in str(moved.value)


def test_resuming_what_runs_changes_nothing(world: World) -> None:
    seen = world.desk.repositories.controls.get(ACCOUNT.id)
    assert set_switch(world).resume(ACCOUNT.id, seen.version, "anna", "again") == seen
    assert rows(world) == []


def test_a_resume_is_on_record_before_it_acts(world: World) -> None:
    world.switch(Switch.CLOSE_ONLY)
    seen = world.desk.repositories.controls.get(ACCOUNT.id)
    after = set_switch(world).resume(ACCOUNT.id, seen.version, "anna", "fine again")
    assert (after.switch, after.reason) == (Switch.RUNNING, "fine again")
    (row,) = rows(world)
    assert (row.action, row.subject, row.by) == ("switch:running", "main", "anna")
