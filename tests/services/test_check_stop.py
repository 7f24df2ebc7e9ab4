"""Whether a stop still stands is asked, not only heard: by the ticks, and by the schedule where there are none."""

from dataclasses import replace

import pytest
from tests.services.test_stop_lost import no_stops, stop_gone
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d

from undertow.domain.event import Ticks
from undertow.domain.follow_up import FollowUpKind
from undertow.domain.ids import ClientOrderId
from undertow.domain.order import OrderState, Purpose
from undertow.domain.outcome import VenueReadFailed
from undertow.services.catch_up_orders import LISTED_WITHIN_MS
from undertow.services.watch_account import QUESTIONS_PER_TICK, TICK_MS, asks_the_venue


def tick(world: World, at_ms: int | None = None) -> None:
    world.clock.at_ms = world.clock.now_ms() if at_ms is None else at_ms
    world.desk.watch(ACCOUNT, Ticks(ACCOUNT.venue, ACCOUNT.id, world.clock.now_ms(), {}))


def next_question_ms(world: World) -> int:
    return (world.clock.now_ms() // TICK_MS + 1) * TICK_MS


def stop_of(world: World) -> ClientOrderId:
    stop = world.position.stop_order
    assert stop is not None
    return stop


def triggered(world: World) -> None:
    """The stop closes the whole position at the venue, and nobody hears of it."""
    stop = stop_of(world)
    world.venue.standing[stop] = replace(world.venue.standing[stop], quantity=world.position.quantity)
    world.venue.fill(stop, world.position.quantity, d("98000"))


def test_a_stop_that_ended_unheard_is_replaced_by_the_tick_that_asks(world: World) -> None:
    world.holding()
    gone = stop_of(world)
    stop_gone(world)
    tick(world, next_question_ms(world))
    assert world.order(gone).state is OrderState.EXPIRED
    assert stop_of(world) != gone
    assert stop_of(world) in world.venue.standing
    assert world.position.unprotected_since_ms is None


def test_a_stop_is_asked_about_once_at_every_tick(world: World) -> None:
    """Seed 278: it was cancelled while nobody listened, and was missed by every second tick."""
    world.holding()
    first_ms = next_question_ms(world)
    for number in range(8):
        tick(world, first_ms + number * TICK_MS)
    assert world.venue.questions == [stop_of(world)] * 8


def test_a_tick_that_dies_asking_for_another_look_has_placed_the_stop_before(world: World) -> None:
    """Seed 1969: six ticks in turn died over the queue, and the stop had not been tried for half a minute."""
    world.holding()
    world.clock.advance(31_000)
    world.entered(2)  # while an entry may fill, too
    stop_gone(world)
    before = world.follow_ups.waiting()
    tick(world, next_question_ms(world))
    assert stop_of(world) in world.venue.standing
    assert world.follow_ups.waiting() == before, "nothing is left to look at again"


def test_a_stop_found_gone_that_cannot_be_replaced_is_looked_at_a_second_later(world: World) -> None:
    world.holding()
    stop_gone(world)
    world.venue.answers = [no_stops(world)] * 100
    tick(world, next_question_ms(world))
    asked_for = [item for item in world.follow_ups.waiting() if item.created_at_ms == world.clock.now_ms()]
    assert [(item.kind, item.symbol, item.attempt) for item in asked_for] == [(FollowUpKind.CHECK_PROTECTION, BTC, 0)]


@pytest.mark.parametrize("sides", [0, 1, 20, 21, 40, 41, 200])
def test_of_many_sides_each_is_asked_about_less_often_so_that_the_weight_stays(sides: int) -> None:
    ticks = 60_000 // TICK_MS
    asked = sum(asks_the_venue(number * TICK_MS, sides) for number in range(10 * ticks))
    assert asked * sides <= 10 * ticks * QUESTIONS_PER_TICK
    assert (asked == 10 * ticks) is (sides <= QUESTIONS_PER_TICK)


@pytest.mark.parametrize("off_ms", [-40, 0, 40])
def test_a_tick_that_is_sent_a_little_early_or_late_is_the_one_it_was_meant_for(off_ms: int) -> None:
    asks = [asks_the_venue(number * TICK_MS + off_ms, 2 * QUESTIONS_PER_TICK) for number in range(1, 9)]
    assert asks == [False, True] * 4


def test_a_fill_whose_every_look_was_lost_gets_its_stop_from_the_next_tick(world: World) -> None:
    entry = world.entered()
    world.venue.answers = [no_stops(world)]
    world.desk.track(ACCOUNT, world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001")))
    assert world.position.stop_order is None
    world.clock.advance(1_999)
    tick(world)
    assert world.position.stop_order is None, "whoever booked the fill may still be at it"
    world.clock.advance(1)
    tick(world)
    assert stop_of(world) in world.venue.standing


def test_a_tick_closes_what_has_been_without_a_stop_for_too_long(world: World) -> None:
    entry = world.entered()
    world.venue.answers = [no_stops(world)] * 100
    world.desk.track(ACCOUNT, world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001")))
    world.clock.advance(15_000)
    tick(world)
    exits = [order.intent.quantity for order in world.venue.submitted if order.intent.purpose is Purpose.EXIT]
    assert exits == [d("0.009")]


def test_a_stop_that_triggered_unheard_is_booked_and_its_target_goes(world: World) -> None:
    world.holding()
    stop, target = stop_of(world), world.position.target_order
    triggered(world)
    tick(world, next_question_ms(world))
    assert world.slot.position is None
    assert world.order(stop).state is OrderState.FILLED
    assert target in world.venue.canceled


def test_a_stop_that_triggered_is_not_replaced_before_its_trades_are_listed(world: World) -> None:
    world.holding()
    stop = stop_of(world)
    triggered(world)
    world.venue.trades.clear()
    sent = len(world.venue.submitted)
    tick(world, next_question_ms(world))
    assert stop_of(world) == stop
    assert len(world.venue.submitted) == sent


def test_a_stop_whose_rest_expired_after_a_part_of_it_was_booked_is_replaced_by_the_tick_that_asks(
    world: World,
) -> None:
    """In a thin market a triggered stop fills in part, and the venue ends the rest: the event of that may be lost."""
    world.holding()
    stop = stop_of(world)
    world.venue.standing[stop] = replace(world.venue.standing[stop], quantity=world.position.quantity)
    world.desk.track(ACCOUNT, world.venue.fill(stop, d("0.004"), d("98000")))
    world.venue.ended[stop] = replace(world.venue.standing.pop(stop), state=OrderState.EXPIRED)
    tick(world, next_question_ms(world))
    assert world.position.quantity == d("0.005")
    assert world.order(stop).state is OrderState.EXPIRED
    assert stop_of(world) in world.venue.standing


def test_a_young_stop_that_the_venues_queries_do_not_find_yet_is_left_alone(world: World) -> None:
    world.holding()
    stop = stop_of(world)
    del world.venue.standing[stop]
    tick(world, next_question_ms(world))
    assert stop_of(world) == stop


def test_an_older_stop_that_neither_a_query_nor_the_list_finds_is_replaced_by_the_tick_that_asks(world: World) -> None:
    """It was left to the next pass of reconciliation: without a stop for up to two minutes."""
    world.holding()
    gone = stop_of(world)
    world.clock.advance(LISTED_WITHIN_MS)
    del world.venue.standing[gone]
    tick(world, next_question_ms(world))
    assert stop_of(world) != gone
    assert stop_of(world) in world.venue.standing
    assert world.order(gone).not_found == 1


def test_a_stop_that_only_the_list_finds_stands(world: World) -> None:
    world.holding()
    stop = stop_of(world)
    world.clock.advance(LISTED_WITHIN_MS)
    world.venue.unknown_to_queries = {stop}
    tick(world, next_question_ms(world))
    assert [order.client_order_id for order in world.venue.of_purpose("s")] == [stop_of(world)] == [stop]


def test_a_stop_that_is_on_record_as_ended_is_replaced_without_a_question(world: World) -> None:
    """Whoever recorded its end died before it was replaced."""
    world.holding()
    stop = stop_of(world)
    event = stop_gone(world)
    world.desk.resolve.record.news(world.order(stop), event.news)
    tick(world, next_question_ms(world))
    assert stop not in world.venue.questions
    assert stop_of(world) in world.venue.standing


def test_the_schedule_asks_the_venue_too_for_without_a_worker_there_are_no_ticks(world: World) -> None:
    world.holding()
    gone = stop_of(world)
    stop_gone(world)
    world.desk.manage(ACCOUNT)
    assert stop_of(world) != gone
    assert stop_of(world) in world.venue.standing


def test_a_question_without_an_answer_keeps_nothing_else_from_being_looked_at(world: World) -> None:
    world.holding()
    stop, guards = stop_of(world), world.desk.repositories.guards
    before = guards.get(ACCOUNT.id)
    world.venue.read_failure = VenueReadFailed("503")
    with pytest.raises(VenueReadFailed):
        tick(world, next_question_ms(world))
    assert stop_of(world) == stop
    assert guards.get(ACCOUNT.id) != before, "the monitor has looked"


def test_a_fill_of_which_no_message_and_no_look_came_is_booked_and_protected_by_a_tick(world: World) -> None:
    entry = world.entered()
    quantity = world.venue.standing[entry].quantity
    world.venue.fill(entry, quantity, d("100001"))
    tick(world, next_question_ms(world))
    assert world.position.quantity == quantity
    assert stop_of(world) in world.venue.standing
