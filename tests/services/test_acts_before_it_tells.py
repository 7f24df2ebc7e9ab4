"""A position's stop waits for no telling, and for no answer about an order that is known not to have arrived."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import pytest
from tests.services.test_died_on_the_way import Died
from tests.services.test_stop_lost import no_stops, stop_gone
from tests.services.world import ACCOUNT, START_MS, OneVenue, World
from tests.unit.builders import BTC, LONG, SHORT, d

from undertow.adapters.memory import RecordingNotifier
from undertow.desk import Desk, Outside, assemble
from undertow.domain.event import Ticks
from undertow.domain.ids import PositionId
from undertow.domain.market import Venue
from undertow.domain.order import OrderState, Purpose
from undertow.domain.outcome import SubmitOutcome, Unconfirmed
from undertow.domain.position import Position
from undertow.ports import AlertLevel
from undertow.risk.approval import ApprovedOrder
from undertow.services.in_turns import in_turns
from undertow.services.resolve_unconfirmed import MISSING_AFTER_MS
from undertow.services.tell_later import TellLater
from undertow.services.watch_account import TICK_MS


class DiesTelling(RecordingNotifier):
    """The process ends with each alert."""

    def alert(self, level: AlertLevel, key: str, message: str, facts: Mapping[str, str]) -> None:
        raise Died(key)


@pytest.fixture(name="dying")
def _dying(world: World) -> Desk:
    """Another process over the same world: one that dies whenever it tells anything."""
    return assemble(
        Outside(
            world.desk.repositories,
            world.params,
            OneVenue(world.venue),  # type: ignore[arg-type]
            world.follow_ups,
            DiesTelling(),
            world.meter,
            world.clock,
        )
    )


def never_arrives(purpose: Purpose, world: World) -> Callable[[ApprovedOrder], SubmitOutcome]:
    def answer(order: ApprovedOrder) -> SubmitOutcome:
        return Unconfirmed("no answer") if order.intent.purpose is purpose else world.venue.take(order)

    return answer


def naked(world: World, for_ms: int) -> Position:
    """The stop is gone for so long, and no other one can be had."""
    world.holding()
    gone = stop_gone(world)
    world.venue.answers = [no_stops(world)] * 100
    world.desk.track(ACCOUNT, gone)
    counted = replace(world.position, unprotected_since_ms=world.clock.now_ms() - for_ms)
    world.store.slots[ACCOUNT.id, BTC, LONG] = world.slot.with_position(counted)
    return counted


def short_beside(world: World, position: Position) -> Position:
    """The same on the other side."""
    other = replace(position, id=PositionId("beside"), side=SHORT, stop_order=None, target_order=None)
    slot = world.desk.repositories.ledger.slot(ACCOUNT.id, BTC, SHORT)
    world.store.slots[ACCOUNT.id, BTC, SHORT] = slot.with_position(other)
    return other


def exits(world: World) -> list[object]:
    return [order.intent.position_side for order in world.venue.submitted if order.intent.purpose is Purpose.EXIT]


def test_a_stop_that_did_not_arrive_is_asked_about_once_and_not_before_each_that_follows_it(world: World) -> None:
    """Seed 515: each look asked anew about up to five stops that had never arrived, until the requests ran out."""
    world.holding()
    gone = stop_gone(world)
    world.venue.answers = [never_arrives(Purpose.STOP_LOSS, world)] * 100
    world.desk.track(ACCOUNT, gone)
    world.venue.questions.clear()
    for _ in range(4):
        world.clock.advance(MISSING_AFTER_MS)
        world.desk.protect(ACCOUNT, BTC, LONG)
    assert len(world.venue.questions) == len(set(world.venue.questions)) == 4


def test_an_exit_that_did_not_arrive_is_asked_about_once_and_not_before_each_that_follows_it(world: World) -> None:
    world.holding()
    world.venue.answers = [never_arrives(Purpose.EXIT, world)] * 100
    for _ in range(4):
        world.desk.guard.close(ACCOUNT, world.position, "test")
        world.clock.advance(MISSING_AFTER_MS)
    assert len(world.venue.questions) == len(set(world.venue.questions)) == 3


def test_a_stop_that_was_asked_about_too_early_is_asked_about_again(world: World) -> None:
    entry = world.entered()
    world.venue.answers = [never_arrives(Purpose.STOP_LOSS, world)]
    world.desk.track(ACCOUNT, world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001")))
    stop = world.venue.submitted[-1]
    world.clock.advance(MISSING_AFTER_MS - 1)
    world.desk.protect(ACCOUNT, BTC, LONG)
    assert world.venue.submitted[-1] is stop
    world.venue.take(stop)  # it was on its way
    world.clock.advance(1)
    world.desk.protect(ACCOUNT, BTC, LONG)
    assert world.position.stop_order == stop.intent.client_order_id


def test_a_pass_that_dies_telling_of_an_order_lost_long_ago_has_given_a_position_its_stop(
    world: World, dying: Desk
) -> None:
    """Seed 1969: each pass died telling of a lost order, and another position stood naked for three minutes."""
    position = naked(world, for_ms=0)
    world.venue.answers = [never_arrives(Purpose.ENTRY, world)]
    order = replace(world.order(position.stop_order), state=OrderState.LOST, not_found=3)  # type: ignore[arg-type]
    intent = replace(order.intent, client_order_id="ut-e-lost", purpose=Purpose.ENTRY)  # type: ignore[arg-type]
    world.store.put_order(replace(order, intent=intent))
    world.clock.advance(10_000)
    with pytest.raises(Died, match="order_lost#ut-e-lost"):
        dying.reconcile(ACCOUNT)
    assert world.position.stop_order in world.venue.standing


def test_a_look_that_dies_telling_of_a_missing_stop_has_begun_to_count_the_time(world: World, dying: Desk) -> None:
    world.holding()
    gone = stop_gone(world)
    world.venue.answers = [no_stops(world)] * 100
    with pytest.raises(Died):
        dying.track(ACCOUNT, gone)
    assert world.position.unprotected_since_ms == world.clock.now_ms()


def test_a_look_that_dies_telling_how_long_it_has_been_has_sent_the_exit(world: World, dying: Desk) -> None:
    naked(world, for_ms=15_000)
    with pytest.raises(Died):
        dying.guard(ACCOUNT, BTC, LONG)
    assert exits(world) == [LONG]


@pytest.mark.parametrize("name", ["watch", "manage"])
def test_a_run_that_dies_telling_of_one_position_has_seen_to_the_other(world: World, dying: Desk, name: str) -> None:
    short_beside(world, naked(world, for_ms=15_000))
    ticks = Ticks(Venue.ASTER, ACCOUNT.id, world.clock.now_ms(), {})
    run = {"watch": partial(dying.watch, ACCOUNT, ticks), "manage": partial(dying.manage, ACCOUNT)}[name]
    with pytest.raises(Died):
        run()
    assert sorted(map(str, exits(world))) == [LONG, SHORT]


def test_a_process_that_dies_over_one_position_does_not_begin_with_it_the_next_time(world: World) -> None:
    """Seed 764: each tick died over the first of two positions, and the other was not seen to for a minute."""
    short_beside(world, naked(world, for_ms=15_000))
    asked = []

    def dies(order: ApprovedOrder) -> SubmitOutcome:
        asked.append(order.intent.position_side)
        raise Died

    for number in range(2):
        world.venue.answers = [dies]
        with pytest.raises(Died):
            world.desk.watch(ACCOUNT, Ticks(Venue.ASTER, ACCOUNT.id, START_MS + number * TICK_MS, {}))
    assert sorted(map(str, asked)) == [LONG, SHORT]


def test_turns_go_round() -> None:
    assert [in_turns("abc", number) for number in range(4)] == [list("abc"), list("bca"), list("cab"), list("abc")]
    assert in_turns("", 5) == []


def test_what_comes_up_meanwhile_is_told_afterwards_in_its_order_and_even_after_a_failure() -> None:
    inner = RecordingNotifier()
    later = TellLater(inner)

    def fails() -> None:
        later.alert(AlertLevel.HIGH, "first", "", {})
        with later.after_this():
            later.resolved("second", "over")
        assert (inner.keys(), inner.ended) == ([], [])
        raise LookupError

    with pytest.raises(LookupError), later.after_this():
        fails()
    assert (inner.keys(), inner.ended) == (["first"], [("second", "over")])
    later.alert(AlertLevel.HIGH, "third", "", {})
    assert inner.keys() == ["first", "third"]
