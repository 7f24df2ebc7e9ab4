"""A person moves a stop: the new one stands before the old one goes, and it is never looser than what is reserved."""

from dataclasses import replace

import pytest
from tests.services.asked import asked, carry_out, exits, wish
from tests.services.world import ACCOUNT, World, parameters
from tests.unit.builders import BTC, HUNTER, d, hunter_params, protection

from undertow.domain.order import Purpose
from undertow.domain.outcome import Rejected, Unconfirmed, VenueReadFailed, VenueUnreachable
from undertow.domain.request import OperatorRequest, RequestKind, RequestState, request_id
from undertow.ports import ExternalPolicy, HunterStrategy
from undertow.risk.protection import Trailing


@pytest.fixture(name="held")
def _held(world: World) -> World:
    """A protected long of 0.009 BTC at 100,001 whose stop stands 1 % below, while the mark price is 101,000."""
    world.holding()
    world.venue.mark = "101000"
    return world


def move(world: World, price: str, key: str = "click-1", **changes: object) -> OperatorRequest:
    request = asked(world, RequestKind.STOP, stop_price=d(price), id=request_id(ACCOUNT.id, "token", key), **changes)
    return carry_out(world, request)


def stops(world: World) -> list[str]:
    return [str(news.stop_price) for news in world.venue.of_purpose("s")]


def test_a_tighter_stop_stands_before_the_old_one_is_cancelled(held: World) -> None:
    (old,) = held.venue.of_purpose("s")
    done = move(held, "99500")
    assert done.state is RequestState.DONE
    assert done.reason.startswith("the stop stands at 99500, confirmed by the venue as ut-s-")
    assert stops(held) == ["99500.0"]
    assert held.venue.canceled == [old.client_order_id]
    sent = [order.intent for order in held.venue.submitted if order.intent.purpose is Purpose.STOP_LOSS]
    assert [intent.close_position for intent in sent] == [True, True]
    assert (held.position.stop_price, held.position.trailed_stop) == (d("99500"), d("99500"))


def test_a_price_between_two_ticks_is_rounded_towards_the_market(held: World) -> None:
    move(held, "99500.04")
    assert stops(held) == ["99500.1"]


def test_the_old_stop_stays_when_the_new_one_cannot_be_placed(held: World) -> None:
    (old,) = held.venue.of_purpose("s")
    held.venue.answers.append(lambda _: Rejected(-1111, "Precision is over the maximum."))
    undone = move(held, "99500")
    assert undone.state is RequestState.ASKED
    assert held.venue.of_purpose("s") == [old]
    assert held.venue.canceled == []
    held.desk.manage(ACCOUNT)
    done = held.desk.repositories.requests.get(ACCOUNT.id, undone.id)
    assert done is not None
    assert (done.state, stops(held)) == (RequestState.DONE, ["99500.0"])


def test_the_same_click_once_more_is_the_same_wish_though_its_price_was_put_on_the_grid(held: World) -> None:
    done = move(held, "99500.04")
    repeated = wish(held, RequestKind.STOP, stop_price=d("99500.04"))
    assert (done.stop_price, done.asked_price) == (d("99500.1"), d("99500.04"))
    assert done.asks_the_same_as(repeated)
    assert not done.asks_the_same_as(replace(repeated, stop_price=d("99500.1")))


@pytest.mark.parametrize("price", ["101000", "101000.1", "150000"])
def test_a_stop_that_would_close_at_once_is_refused(held: World, price: str) -> None:
    done = move(held, price)
    assert (done.state, exits(held)) == (RequestState.REFUSED, [])
    assert "would close the position at once: the mark price is 101000" in done.reason


def test_a_stop_between_the_mark_price_and_a_lower_book_is_refused_since_some_trigger_by_the_last_price(
    held: World,
) -> None:
    held.venue.bid = "100700"
    done = move(held, "100800")
    assert (done.state, exits(held)) == (RequestState.REFUSED, [])
    assert move(held, "100600", "click-2").state is RequestState.DONE


def test_a_stop_looser_than_what_is_reserved_is_refused_even_if_confirmed(held: World) -> None:
    done = move(held, "97000", confirmed=True)
    assert done.state is RequestState.REFUSED
    assert "at the loosest" in done.reason
    assert held.position.trailed_stop is None


def test_a_person_may_take_back_a_tightening_when_the_loss_is_confirmed(held: World) -> None:
    move(held, "99800")
    refused = move(held, "99200", "click-2")
    assert (refused.state, stops(held)) == (RequestState.REFUSED, ["99800.0"])
    done = move(held, "99200", "click-3", confirmed=True)
    assert (done.state, done.stop_before, stops(held)) == (RequestState.DONE, d("99800"), ["99200.0"])


def test_a_stop_that_the_strategy_trails_cannot_be_loosened(held: World) -> None:
    trailing = protection(trailing=Trailing(d("10"), d("0.5")))
    strategy = HunterStrategy(HUNTER, ACCOUNT.id, True, {BTC: hunter_params(protection=trailing)}, "h2")
    held.params.parameters = replace(parameters(), strategies={HUNTER: strategy})
    slot = held.slot
    moved = replace(held.position, trailed_stop=d("100400"), best_price=d("101000"))
    held.store.slots[ACCOUNT.id, BTC, slot.side] = slot.with_position(moved)
    done = move(held, "99500", confirmed=True)
    assert done.state is RequestState.REFUSED
    assert "the strategy trails the stop" in done.reason


def test_a_loosening_that_was_begun_does_not_undo_a_tightening_that_came_after_it(held: World) -> None:
    move(held, "99800")
    request = asked(
        held, RequestKind.STOP, stop_price=d("99200"), confirmed=True, id=request_id(ACCOUNT.id, "token", "click-2")
    )
    stored = held.store.requests[ACCOUNT.id]
    stored[request] = stored[request].begun(held.clock.now_ms(), stop_price=d("99200"), stop_before=d("99800"))
    move(held, "99950", "click-3")
    done = carry_out(held, request)
    assert (done.state, stops(held)) == (RequestState.DONE, ["99950.0"])
    assert done.reason == "the stop was moved by somebody else meanwhile"


def test_a_request_ends_though_the_settings_have_come_to_give_the_position_no_stop(held: World) -> None:
    """It waited for a stop that nobody would ever place."""
    slot = held.slot
    others = replace(held.position, strategy=None, stop_price=None, stop_order=None)
    held.store.slots[ACCOUNT.id, BTC, slot.side] = slot.with_position(others)
    request = asked(held, RequestKind.STOP, stop_price=d("99500"))
    stored = held.store.requests[ACCOUNT.id]
    stored[request] = stored[request].begun(held.clock.now_ms(), stop_price=d("99500"))
    watching = replace(parameters().globals, external=ExternalPolicy(None))
    held.params.parameters = replace(parameters(), globals=watching)
    done = carry_out(held, request)
    assert (done.state, held.position.trailed_stop) == (RequestState.REFUSED, None)
    assert "only watched by now" in done.reason


def test_delivered_again_it_places_nothing_more(held: World) -> None:
    first = move(held, "99500")
    placed = len(held.venue.submitted)
    stored = held.store.requests[ACCOUNT.id]
    stored[first.id] = replace(stored[first.id], state=RequestState.ASKED, finished_at_ms=None)
    again = carry_out(held, first.id)
    assert (again.state, len(held.venue.submitted)) == (RequestState.DONE, placed)


def test_a_process_that_dies_after_the_wish_was_written_leaves_the_old_stop_and_a_schedule_that_moves_it(
    held: World,
) -> None:
    def dies(_: object) -> Rejected:
        raise KeyboardInterrupt

    held.venue.answers.append(dies)
    with pytest.raises(KeyboardInterrupt):
        move(held, "99500")
    assert len(held.venue.of_purpose("s")) == 1
    assert held.position.trailed_stop == d("99500")
    held.clock.advance(4_000)
    held.desk.manage(ACCOUNT)
    held.desk.manage(ACCOUNT)
    assert stops(held) == ["99500.0"]
    done = held.desk.repositories.requests.get(ACCOUNT.id, request_id(ACCOUNT.id, "token", "click-1"))
    assert done is not None
    assert done.state is RequestState.DONE


def test_a_stop_without_an_answer_is_waited_for_while_the_old_one_stands(held: World) -> None:
    held.venue.answers.append(lambda _: Unconfirmed("timeout"))
    undone = move(held, "99500")
    assert undone.state is RequestState.ASKED
    assert len(held.venue.of_purpose("s")) == 1
    held.venue.take(next(one for one in held.venue.submitted if one.intent.stop_price == d("99500")))
    done = carry_out(held, undone.id)
    assert (done.state, stops(held)) == (RequestState.DONE, ["99500.0"])


def test_when_the_price_has_passed_it_by_then_the_position_is_closed_at_market(held: World) -> None:
    held.venue.answers.append(lambda _: Rejected(-2021, "Order would immediately trigger."))
    done = move(held, "100900")
    (sent,) = exits(held)
    assert sent.quantity == d("0.009")
    assert done.state is RequestState.DONE
    assert "being closed at market" in done.reason


def test_without_a_mark_price_nothing_is_begun(held: World) -> None:
    held.venue.read_failure = VenueReadFailed("no answer")
    with pytest.raises(VenueReadFailed):
        move(held, "99500")
    held.venue.read_failure = None
    done = carry_out(held, request_id(ACCOUNT.id, "token", "click-1"))
    assert done.state is RequestState.DONE


def test_the_old_stop_that_could_not_be_cancelled_leaves_two_that_close_the_same_position(held: World) -> None:
    held.venue.cancel_failure = VenueUnreachable("no route")
    done = move(held, "99500")
    assert done.state is RequestState.DONE
    assert sorted(stops(held)) == ["99000.9", "99500.0"]


def test_break_even_is_the_entry_with_the_fees_of_both_ends(held: World) -> None:
    done = carry_out(held, asked(held, RequestKind.BREAK_EVEN))
    assert done.state is RequestState.DONE
    assert held.position.stop_price is not None
    assert held.position.entry_price < held.position.stop_price < held.position.entry_price * d("1.002")
    assert stops(held) == [str(held.position.stop_price)]


def test_break_even_is_refused_while_the_price_is_below_it_and_where_the_stop_is_better_already(held: World) -> None:
    held.venue.mark = "100000"
    losing = carry_out(held, asked(held, RequestKind.BREAK_EVEN))
    assert losing.state is RequestState.REFUSED
    held.venue.mark = "101000"
    move(held, "100800", "click-2")
    better = carry_out(held, asked(held, RequestKind.BREAK_EVEN, id=request_id(ACCOUNT.id, "token", "click-3")))
    assert (better.state, stops(held)) == (RequestState.REFUSED, ["100800.0"])
    assert "already" in better.reason


def test_a_position_that_is_only_watched_gets_no_stop(held: World) -> None:
    settings = parameters()
    external = replace(settings.globals.external, protection=None)
    held.params.parameters = replace(settings, globals=replace(settings.globals, external=external))
    slot = held.slot
    held.store.slots[ACCOUNT.id, BTC, slot.side] = slot.with_position(replace(held.position, strategy=None))
    done = move(held, "99500")
    assert done.state is RequestState.REFUSED
    assert "only watched" in done.reason
