"""A fill gets its stop within seconds, whichever message, process, query or queue fails on the way."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from tests.services.world import ACCOUNT, FakeVenue, World
from tests.unit.builders import d

from undertow.domain.follow_up import FollowUp, FollowUpKind
from undertow.domain.outcome import Accepted, Rejected, SubmitOutcome, Unconfirmed, VenueReadFailed
from undertow.ports import NotScheduled
from undertow.risk.approval import ApprovedOrder
from undertow.services.place_order import ENTRY_LOOK_S
from undertow.services.track_account import TrackAccount

LOOK_MS = ENTRY_LOOK_S * 1_000


@dataclass(frozen=True, slots=True)
class FullQueue:
    """Takes nothing."""

    def schedule(self, follow_up: FollowUp, delay_s: int) -> None:
        raise NotScheduled(f"{follow_up.kind} in {delay_s} s")


def tracking_without_a_queue(world: World) -> TrackAccount:
    track = world.desk.track
    assert isinstance(track, TrackAccount)
    return replace(track, guard=replace(track.guard, follow_ups=FullQueue()))


def look(world: World) -> None:
    world.clock.advance(LOOK_MS)
    world.follow_up()


def filling_at_once(venue: FakeVenue) -> Callable[[ApprovedOrder], SubmitOutcome]:
    """The venue's answer says already that the entry filled; the message about its trade never comes."""

    def answer(order: ApprovedOrder) -> Accepted:
        venue.take(order)
        intent = order.intent
        assert intent.quantity is not None
        return Accepted(venue.fill(intent.client_order_id, intent.quantity, d("100001")).news)

    return answer


def refusing_the_stop(_order: ApprovedOrder) -> Rejected:
    return Rejected(-4045, "Reach max stop order limit.")


def test_an_entry_that_filled_at_once_is_looked_after_although_it_has_ended(world: World) -> None:
    world.venue.answers = [filling_at_once(world.venue)]
    world.entered()
    assert world.slot.position is None
    look(world)
    assert world.position.stop_order in world.venue.standing


def test_a_queue_that_takes_nothing_does_not_hold_up_the_stop(world: World) -> None:
    entry = world.entered()
    filled = world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001"))
    tracking_without_a_queue(world)(ACCOUNT, filled)
    assert world.position.stop_order in world.venue.standing


def test_a_fill_without_a_stop_that_nobody_would_look_at_comes_back(world: World) -> None:
    entry = world.entered()
    filled = world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001"))
    world.venue.answers = [refusing_the_stop]
    with pytest.raises(NotScheduled):
        tracking_without_a_queue(world)(ACCOUNT, filled)
    tracking_without_a_queue(world)(ACCOUNT, filled)
    assert world.position.stop_order in world.venue.standing


def test_an_entry_that_the_venues_queries_do_not_find_yet_is_known_by_its_trades(world: World) -> None:
    entry = world.entered()
    quantity = world.venue.standing[entry].quantity
    world.venue.fill(entry, quantity, d("100001"))
    del world.venue.ended[entry]
    look(world)
    assert world.position.quantity == quantity
    assert world.position.stop_order in world.venue.standing


def test_what_was_booked_by_a_process_that_died_then_gets_its_stop_at_the_next_look(world: World) -> None:
    entry = world.entered()
    world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001"))
    world.desk.reconcile.import_missing.import_fills(ACCOUNT, world.order(entry).intent.symbol, world.clock.now_ms())
    world.desk.take_up.check_entry.record.news(world.order(entry), world.venue.ended[entry])
    assert world.position.stop_order is None
    look(world)
    assert world.position.stop_order in world.venue.standing


def test_a_look_puts_off_the_next_one_before_it_asks_and_once_only(world: World) -> None:
    entry = world.entered()
    world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001"))
    world.venue.fills_failure = VenueReadFailed("503")
    world.clock.advance(LOOK_MS)
    (first,) = world.follow_ups.due()
    for is_repeated in (False, True):
        with pytest.raises(VenueReadFailed):
            world.desk.take_up(ACCOUNT, first, is_repeated=is_repeated)
    looks = [item for item in world.follow_ups.waiting() if item.kind is FollowUpKind.CHECK_ENTRY]
    assert [item.attempt for item in looks] == [1]


def test_who_looks_at_a_fill_that_was_heard_of_books_it_when_nobody_else_did(world: World) -> None:
    def takes_it_and_kills_the_sender(order: ApprovedOrder) -> SubmitOutcome:
        world.venue.take(order)
        raise RuntimeError("the process died")

    world.venue.answers = [takes_it_and_kills_the_sender]
    with pytest.raises(RuntimeError):
        world.entered()
    (entry,) = world.venue.standing
    filled = world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001"))
    assert filled.fill is not None
    track = world.desk.track
    assert isinstance(track, TrackAccount)
    track.guard.watch(ACCOUNT, filled.news.symbol, world.slot.side)
    world.clock.advance(LOOK_MS)
    world.follow_up()
    assert world.position.stop_order in world.venue.standing


def test_an_entry_whose_trades_are_not_listed_yet_is_looked_at_until_they_are(world: World) -> None:
    world.venue.answers = [filling_at_once(world.venue)]
    world.entered()
    trades = list(world.venue.trades)
    world.venue.trades.clear()
    look(world)
    assert world.slot.position is None
    world.venue.trades += trades
    look(world)
    assert world.position.stop_order in world.venue.standing


def test_an_entry_that_was_in_doubt_and_is_found_standing_is_looked_after(world: World) -> None:
    def loses_the_answer(order: ApprovedOrder) -> SubmitOutcome:
        world.venue.take(order)
        return Unconfirmed("503")

    world.venue.answers = [loses_the_answer]
    entry = world.entered()
    look(world)
    world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001"))
    look(world)
    assert world.position.stop_order in world.venue.standing


def test_a_pass_goes_on_when_the_venues_time_cannot_be_read(world: World) -> None:
    entry = world.entered()
    world.venue.fill(entry, world.venue.standing[entry].quantity, d("100001"))
    world.venue.clock_failure = VenueReadFailed("503")
    world.clock.advance(60_000)
    world.desk.reconcile(ACCOUNT)
    assert world.position.stop_order in world.venue.standing


def test_an_exit_that_a_look_at_an_entry_finds_takes_the_stop_off_the_book(world: World) -> None:
    entry = world.entered()
    world.desk.track(ACCOUNT, world.venue.fill(entry, d("0.004"), d("100000")))
    target = world.position.target_order
    assert target is not None
    world.venue.fill(target, d("0.004"), d("102001"))
    world.venue.fill(entry, d("0.001"), d("100000"))
    world.venue.trades.pop()
    look(world)
    assert world.slot.position is None
    assert list(world.venue.standing) == [entry]
