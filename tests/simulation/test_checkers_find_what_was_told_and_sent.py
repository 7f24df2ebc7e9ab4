"""Checkers of what was sent twice, told and not booked, counted on and never confirmed: each is shown such a case."""

import json
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from local.venue.faults import Fault
from local.venue.user_frames import user_frame
from tests.services.world import ACCOUNT
from tests.simulation.checked import Checked, open_checked
from tests.simulation.drawn import drawn_setting
from tests.simulation.history import Operation, check_history
from tests.simulation.last_blow import last_blow
from tests.simulation.simulation import Simulation
from tests.simulation.swarm import FAULTS
from tests.simulation.themes import EVERY, THEMES, Theme, theme_of
from tests.simulation.told import Told

from undertow.adapters.paper.events import Execution, OrderEvent
from undertow.adapters.sqs.messages import UserFrames, user_frames_text
from undertow.domain.correction import Correction, CorrectionReason
from undertow.domain.ids import ClientOrderId, TradeId
from undertow.domain.market import Venue
from undertow.domain.order import OrderState
from undertow.domain.position import opened_by


@pytest.fixture
def checked() -> Checked:
    """With an open, protected position."""
    opened = open_checked()
    opened.enter()
    opened.desk.pass_time(6)
    assert opened.broken() == []
    return opened


@pytest.mark.parametrize("first", ["ok", "fail", "info", None])
def test_an_id_that_is_sent_twice_is_found_whatever_was_said_the_first_time(
    checked: Checked, first: str | None
) -> None:
    name = ClientOrderId("ut-e-twice")
    earlier, later = (Operation("submit", ACCOUNT.id, name, time_ms) for time_ms in (1, 2))
    earlier.outcome = first  # type: ignore[assignment]
    later.ended("fail", 3)
    found = check_history([earlier, later], checked.universe.house)
    assert any(name in one.what and "again" in one.what for one in found)


def test_an_id_of_which_nothing_left_may_be_used_once_more(checked: Checked) -> None:
    earlier, later = (Operation("submit", ACCOUNT.id, ClientOrderId("ut-s-again"), time_ms) for time_ms in (1, 2))
    earlier.ended("fail", 1)
    earlier.was_never_sent = True
    later.ended("fail", 3)
    assert not any("again at" in one.what for one in check_history([earlier, later], checked.universe.house))


def message(event: OrderEvent) -> str:
    return user_frames_text(UserFrames(Venue.ASTER, ACCOUNT.id, event.time_ms, (json.dumps(user_frame(event)),)))


def test_a_trade_that_was_told_and_dealt_with_and_is_not_booked_is_found(checked: Checked) -> None:
    told = next(event for event in checked.invariants.truth.trades.values() if event.execution is Execution.TRADE)
    assert not list(Told(checked.universe).check(message(told)))
    checked.store.fills[ACCOUNT.id].clear()
    assert [one.invariant for one in Told(checked.universe).check(message(told))] == ["I6"]


@pytest.mark.parametrize(
    ("state", "is_found"), [(OrderState.UNCONFIRMED, True), (OrderState.LOST, True), (OrderState.OPEN, False)]
)
def test_a_stop_that_is_counted_on_before_it_was_confirmed_is_found(
    checked: Checked, state: OrderState, is_found: bool
) -> None:
    slot = checked.slot()
    assert slot.position is not None
    assert slot.position.stop_order is not None
    known = checked.store.orders[ACCOUNT.id][slot.position.stop_order]
    other = replace(known, intent=replace(known.intent, client_order_id=ClientOrderId("ut-s-other")), state=state)
    checked.store.put_order(replace(other, version=1))
    named = replace(slot.position, stop_order=other.client_order_id)
    checked.store.slots[slot.account, slot.symbol, slot.side] = replace(slot, position=named, version=slot.version + 1)
    assert ("I4" in checked.step()) is is_found


@pytest.mark.parametrize(("minutes", "is_found"), [(1, True), (36, False)])
def test_an_entry_that_is_given_up_before_half_an_hour_has_passed_is_found(
    checked: Checked, minutes: int, is_found: bool
) -> None:
    first = checked.entry()
    intent = replace(first.intent, client_order_id=ClientOrderId("ut-e-lost"), layer=9)
    created_ms = checked.universe.now_ms - minutes * 60_000
    lost = replace(first, intent=intent, state=OrderState.LOST, created_at_ms=created_ms, version=1)
    checked.store.put_order(lost)
    checked.step()
    checked.store.put_order(replace(lost, state=OrderState.ABANDONED, version=2))
    assert any("given up" in one.what for one in checked.broken()) is is_found


def test_a_position_set_to_what_was_before_a_booked_trade_is_found(checked: Checked) -> None:
    slot = checked.slot()
    held = slot.position
    assert held is not None
    checked.trade_by_hand(slot.symbol, slot.side.exit_side, held.quantity, slot.side, "by-hand")
    checked.desk.pass_time(3)
    assert checked.store.slot(slot.account, slot.symbol, slot.side).position is None
    now = checked.store.slot(slot.account, slot.symbol, slot.side)
    back = replace(now, position=replace(held, stop_order=None, target_order=None), version=now.version + 1)
    checked.store.slots[slot.account, slot.symbol, slot.side] = back
    checked.store.corrections[ACCOUNT.id].append(_set_to(checked, held.quantity))
    assert any("was set to" in one.what for one in checked.broken())


def _set_to(checked: Checked, quantity: Decimal) -> Correction:
    slot = checked.slot()
    return Correction(
        account=slot.account,
        symbol=slot.symbol,
        side=slot.side,
        number=99,
        time_ms=checked.universe.now_ms,
        reason=CorrectionReason.ADOPTED,
        before=Decimal(0),
        after=quantity,
    )


def test_each_theme_comes_within_twenty_seeds_and_names_faults_that_there_are() -> None:
    assert [theme_of(seed) for seed in (1, 2, 4)] == [None] * 3
    themed = (theme_of(seed) for seed in range(1, EVERY * len(THEMES) + 1))
    assert {theme.name for theme in themed if theme is not None} == {theme.name for theme in THEMES}
    for theme in THEMES:
        assert theme.rates.keys() <= FAULTS.keys()
        assert theme.venue.keys() <= set(Fault)


def test_eager_strategies_enter_at_every_chance_in_accounts_whose_caps_bind() -> None:
    drawn = drawn_setting(Random(1), is_eager=True)
    assert all(limits.max_total_margin <= 1_000 for limits in drawn.parameters.globals.limits.values())
    assert drawn.symbols == 4


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_a_themed_seed_has_the_faults_of_its_theme_and_no_others(theme: Theme) -> None:
    seed = next(seed for seed in range(1, 100) if theme_of(seed) is theme)
    simulation = Simulation(seed)
    assert simulation.swarm.rates == theme.rates
    simulation.start()
    assert simulation.universe.house.faults.active == theme.venue
    simulation.lambdas.kill_all()


def test_the_last_blow_strikes_what_there_is(checked: Checked) -> None:
    checked.universe.house.subscribe(lambda event: events.append(event))
    events: list[object] = []
    last_blow(checked.universe)
    assert events


def test_a_stranger_who_opens_a_side_beside_the_other_one_of_a_one_way_account_is_found(checked: Checked) -> None:
    slot, truth = checked.slot(), checked.invariants.truth
    told = next(iter(checked.store.fills[ACCOUNT.id].values()))
    other = checked.store.slot(slot.account, slot.symbol, slot.side.opposite)
    position = opened_by(told, other.side, None, 1)
    before = truth.has_two_sides(slot.account, slot.symbol)
    checked.store.slots[other.account, other.symbol, other.side] = replace(other, position=position, version=1)
    found = [one.what for one in checked.broken() if "stranger" in one.what]
    assert bool(found) is not before


@pytest.mark.parametrize(("after_s", "is_found"), [(2, False), (4, True)])
def test_a_position_that_our_entry_opened_and_that_is_booked_as_a_stranger_s_is_found(
    checked: Checked, after_s: int, is_found: bool
) -> None:
    """Unless who booked the trade may have read the orders before the venue's number of the entry was known."""
    slot, entry = checked.slot(), checked.entry()
    told = next(one for one in checked.store.fills[ACCOUNT.id].values() if one.venue_order_id == entry.venue_order_id)
    checked.universe.clock.at_ms += after_s * 1_000
    position = opened_by(told, slot.side, None, 1)
    checked.store.slots[slot.account, slot.symbol, slot.side] = replace(slot, position=position)
    checked.store.fills[ACCOUNT.id][told.symbol, TradeId(99)] = replace(told, trade_id=TradeId(99))
    assert bool([one for one in checked.broken() if "booked as a stranger's" in one.what]) is is_found
