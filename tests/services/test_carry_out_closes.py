"""A person closes a part of a position, or all of it: once, whatever is delivered twice and whoever dies on the way."""

from dataclasses import replace

import pytest
from tests.services.asked import asked, carry_out, close, exits, fill_exit
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d

from undertow.domain.account import PositionMode, Switch
from undertow.domain.ids import PositionId
from undertow.domain.market import PositionSide
from undertow.domain.order import OrderState, OrderType
from undertow.domain.outcome import Rejected, SubmitOutcome, Unconfirmed, VenueUnreachable
from undertow.domain.request import RequestKind, RequestState, request_id
from undertow.ports import StoreBusy
from undertow.risk.approval import ApprovedOrder
from undertow.services.carry_out import NOT_SENT


@pytest.fixture(name="held")
def _held(world: World) -> World:
    """A protected long of 0.009 BTC at 100,001."""
    world.holding()
    return world


def test_half_is_rounded_down_to_the_lot_and_sent_once_at_market(held: World) -> None:
    done = carry_out(held, close(held, "50"))
    (sent,) = exits(held)
    assert (sent.type, sent.quantity, sent.reduces, sent.position_side) == (
        OrderType.MARKET,
        d("0.004"),
        True,
        PositionSide.LONG,
    )
    assert (done.state, done.quantity, done.orders) == (RequestState.DONE, d("0.004"), (sent.client_order_id,))


def test_delivered_again_it_sends_nothing_more_even_after_the_half_has_filled(held: World) -> None:
    request = close(held, "50")
    carry_out(held, request)
    fill_exit(held)
    assert held.position.quantity == d("0.005")
    # As if the process had died before it could write down that it was done.
    stored = held.store.requests[ACCOUNT.id]
    stored[request] = replace(stored[request], state=RequestState.ASKED, finished_at_ms=None, orders=())
    again = carry_out(held, request)
    assert again.state is RequestState.DONE
    assert len(exits(held)) == 1
    assert held.position.quantity == d("0.005")


def test_the_whole_is_closed_dust_included(held: World) -> None:
    done = carry_out(held, close(held, "100"))
    (sent,) = exits(held)
    assert sent.quantity == held.position.quantity == d("0.009")
    fill_exit(held)
    assert held.slot.position is None
    assert done.state is RequestState.DONE


def test_a_part_smaller_than_the_smallest_order_is_refused(held: World) -> None:
    done = carry_out(held, close(held, "10"))
    assert (done.state, exits(held)) == (RequestState.REFUSED, [])
    assert "smallest order of 0.001" in done.reason


def test_more_than_the_venue_takes_at_once_goes_in_pieces(held: World) -> None:
    known = held.desk.repositories.instruments.get(ACCOUNT.venue, BTC)
    assert known is not None
    held.desk.repositories.instruments.save([replace(known, market_max_quantity=d("0.002"))])
    done = carry_out(held, close(held, "60"))
    assert [intent.quantity for intent in exits(held)] == [d("0.002"), d("0.002"), d("0.001")]
    assert len({intent.client_order_id for intent in exits(held)}) == len(done.orders) == 3


def test_a_paused_or_flattening_account_still_closes_by_hand(held: World) -> None:
    held.switch(Switch.PAUSED)
    assert carry_out(held, close(held, "100")).state is RequestState.DONE


def test_in_one_way_mode_the_exit_is_approved_for_that_mode(held: World) -> None:
    one_way = replace(ACCOUNT, position_mode=PositionMode.ONE_WAY)
    held.desk.carry_out(one_way, close(held, "100"))
    assert held.venue.submitted[-1].position_mode is PositionMode.ONE_WAY


def test_another_position_that_came_after_the_one_that_was_seen_is_not_touched(held: World) -> None:
    done = carry_out(held, close(held, "100", position=PositionId("older")))
    assert (done.state, exits(held)) == (RequestState.REFUSED, [])
    assert done.reason == "the position that was meant is closed"


def test_a_request_that_nobody_began_within_a_minute_is_refused(held: World) -> None:
    request = close(held, "100")
    held.clock.advance(60_001)
    done = carry_out(held, request)
    assert (done.state, exits(held)) == (RequestState.REFUSED, [])
    assert "not begun within a minute" in done.reason


def test_once_begun_it_goes_on_however_old_it_is_by_then(held: World) -> None:
    request = close(held, "100")
    held.venue.answers.append(lambda _: Unconfirmed("timeout"))
    assert carry_out(held, request).state is RequestState.ASKED
    held.clock.advance(120_000)
    (order,) = exits(held)
    held.venue.take(held.venue.submitted[-1])
    done = carry_out(held, request)
    assert (done.state, done.orders) == (RequestState.DONE, (order.client_order_id,))
    assert len(exits(held)) == 1


def test_an_exit_without_an_answer_is_waited_for_and_never_followed_by_another(held: World) -> None:
    request = close(held, "50")
    held.venue.answers.append(lambda _: Unconfirmed("timeout"))
    for _ in range(3):
        if carry_out(held, request).state.is_final:
            break
        held.clock.advance(10_000)
    done = carry_out(held, request)
    assert (done.state, len(exits(held))) == (RequestState.REFUSED, 1)
    assert "does not know the order" in done.reason
    assert held.order(done.orders[0]).state is OrderState.LOST


def test_what_the_venue_rejects_is_refused_in_its_words(held: World) -> None:
    held.venue.answers.append(lambda _: Rejected(-2022, "ReduceOnly Order is rejected."))
    done = carry_out(held, close(held, "50"))
    assert (done.state, done.reason) == (
        RequestState.REFUSED,
        "nothing was closed: -2022: ReduceOnly Order is rejected.",
    )


def test_while_the_venue_cannot_be_reached_it_is_tried_again_under_the_same_id_for_a_minute(held: World) -> None:
    def unreachable(_: object) -> Rejected:
        raise VenueUnreachable("no route")

    request = close(held, "100")
    held.venue.answers.append(unreachable)
    with pytest.raises(VenueUnreachable):
        carry_out(held, request)
    assert carry_out(held, request).state is RequestState.DONE
    first, second = exits(held)
    assert first.client_order_id == second.client_order_id


def test_what_could_not_be_sent_for_a_minute_is_not_sent_any_more(held: World) -> None:
    def unreachable(_: object) -> Rejected:
        raise VenueUnreachable("no route")

    request = close(held, "100")
    held.venue.answers += [unreachable, unreachable]
    with pytest.raises(VenueUnreachable):
        carry_out(held, request)
    held.clock.advance(61_000)
    done = carry_out(held, request)
    assert done.state is RequestState.REFUSED
    assert "never sent" in done.reason


def test_a_process_that_dies_after_it_began_is_followed_by_one_with_the_same_figures(held: World) -> None:
    request = close(held, "50")
    orders = held.desk.repositories.orders
    failing = replace(held.desk.carry_out.close, orders=_DiesOnRead(orders))  # type: ignore[arg-type]
    with pytest.raises(StoreBusy):
        replace(held.desk.carry_out, close=failing)(ACCOUNT, request)
    begun = held.desk.repositories.requests.get(ACCOUNT.id, request)
    assert begun is not None
    assert (begun.begun_at_ms, begun.quantity, exits(held)) == (held.clock.now_ms(), d("0.004"), [])
    assert carry_out(held, request).state is RequestState.DONE
    assert [intent.quantity for intent in exits(held)] == [d("0.004")]


def test_one_that_was_begun_and_never_sent_is_not_sent_hours_later(held: World) -> None:
    """The person saw another market: a close that goes out now may close at any price."""
    request = close(held, "100")
    failing = replace(held.desk.carry_out.close, orders=_DiesOnRead(held.desk.repositories.orders))  # type: ignore[arg-type]
    with pytest.raises(StoreBusy):
        replace(held.desk.carry_out, close=failing)(ACCOUNT, request)
    held.clock.advance(60_001)
    done = carry_out(held, request)
    assert (done.state, done.reason, exits(held)) == (RequestState.REFUSED, NOT_SENT, [])


def test_pieces_that_were_never_sent_are_not_sent_hours_later_and_what_was_is_said(held: World) -> None:
    known = held.desk.repositories.instruments.get(ACCOUNT.venue, BTC)
    assert known is not None
    held.desk.repositories.instruments.save([replace(known, market_max_quantity=d("0.004"))])
    request = close(held, "100")

    def taken_and_dead(order: ApprovedOrder) -> SubmitOutcome:
        held.venue.take(order)
        raise Died

    held.venue.answers.append(taken_and_dead)
    with pytest.raises(Died):
        carry_out(held, request)
    held.clock.advance(60_001)
    done = carry_out(held, request)
    assert (done.state, len(exits(held))) == (RequestState.DONE, 1)
    assert done.reason == "the venue took market exits for 0.004"


class Died(Exception):
    """The process, in the middle of a call."""


class _DiesOnRead:
    def __init__(self, orders: object) -> None:
        self.orders = orders

    def get(self, *_: object) -> None:
        raise StoreBusy("gone")


def test_two_deliveries_at_once_begin_it_once(held: World) -> None:
    request = close(held, "50")
    requests = held.desk.repositories.requests
    seen = requests.get(ACCOUNT.id, request)
    assert seen is not None
    carry_out(held, request)
    assert not requests.update(seen.begun(held.clock.now_ms(), d("0.009")))
    assert len(exits(held)) == 1


def test_the_schedule_takes_up_what_the_stream_lost(held: World) -> None:
    request = close(held, "100")
    held.clock.advance(20_000)
    held.desk.manage(ACCOUNT)
    held.desk.manage(ACCOUNT)
    done = held.desk.repositories.requests.get(ACCOUNT.id, request)
    assert done is not None
    assert (done.state, len(exits(held))) == (RequestState.DONE, 1)


def test_one_that_ended_is_left_as_it_is(held: World) -> None:
    done = carry_out(held, close(held, "100"))
    held.clock.advance(5_000)
    assert carry_out(held, done.id) == done
    assert held.desk.carry_out(ACCOUNT, request_id(ACCOUNT.id, "token", "nobody")) is None


def test_a_close_that_another_exit_has_overtaken_is_done(held: World) -> None:
    request = close(held, "50")
    held.venue.answers.append(lambda _: Unconfirmed("timeout"))
    carry_out(held, request)
    (stop,) = held.venue.of_purpose("s")
    held.desk.track(ACCOUNT, held.venue.fill(stop.client_order_id, held.position.quantity, d("98000")))
    assert held.slot.position is None
    done = carry_out(held, request)
    assert (done.state, done.reason) == (RequestState.DONE, "the position is closed")


def test_a_request_of_a_kind_that_needs_a_ladder_is_refused_where_there_is_none(held: World) -> None:
    done = carry_out(held, asked(held, RequestKind.FREEZE_LAYERS))
    assert (done.state, done.reason) == (
        RequestState.REFUSED,
        "the position has no ladder: nothing adds layers to it",
    )
