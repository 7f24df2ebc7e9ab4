"""A person freezes the layers of a ladder: nothing is added, what waits is taken back, and it can be let go on."""

from dataclasses import replace

import pytest
from tests.services.asked import asked, carry_out
from tests.services.test_ladder_life import decide, layer, use
from tests.services.world import ACCOUNT, World
from tests.unit.builders import d

from undertow.domain.decision import Outcome
from undertow.domain.order import OrderState
from undertow.domain.outcome import VenueUnreachable
from undertow.domain.request import OperatorRequest, RequestKind, RequestState, request_id
from undertow.ports import ClaimOutcome, EntryClaim, LedgerEntry


@pytest.fixture(name="laddered")
def _laddered(world: World) -> World:
    """A ladder whose first layer is open."""
    use(world)
    layer(world, 1, "100000")
    world.clock.advance(6_000)
    return world


def freeze(world: World, key: str = "click-1") -> OperatorRequest:
    return carry_out(world, asked(world, RequestKind.FREEZE_LAYERS, id=request_id(ACCOUNT.id, "token", key)))


def let_go(world: World, key: str, confirmed: bool = True) -> OperatorRequest:
    request = asked(world, RequestKind.UNFREEZE_LAYERS, id=request_id(ACCOUNT.id, "token", key), confirmed=confirmed)
    return carry_out(world, request)


def test_a_frozen_ladder_adds_nothing_and_says_why(laddered: World) -> None:
    assert freeze(laddered).state is RequestState.DONE
    decision = decide(laddered, 2, "99000")
    assert (decision.outcome, decision.gate) == (Outcome.REFUSED, "layers_frozen")


def test_the_reserve_is_kept_so_that_it_can_be_let_go_on(laddered: World) -> None:
    before = laddered.desk.repositories.ledger.totals(ACCOUNT.id)
    freeze(laddered)
    assert laddered.desk.repositories.ledger.totals(ACCOUNT.id) == before
    done = let_go(laddered, "click-2")
    assert (done.state, done.reason) == (RequestState.DONE, "layers may be added again")
    assert decide(laddered, 2, "99000").outcome is Outcome.TAKEN


def test_to_let_it_go_on_needs_a_confirmation(laddered: World) -> None:
    freeze(laddered)
    assert let_go(laddered, "click-2", confirmed=False).state is RequestState.REFUSED
    assert laddered.slot.ladder is not None
    assert laddered.slot.ladder.held_at_ms is not None


def test_a_layer_that_is_only_being_taken_back_counts_among_those_that_may_be_added_again(laddered: World) -> None:
    """While its cancel was under way it was no free layer, and was free the moment after."""
    decide(laddered, 2, "99000")
    slot = laddered.slot
    assert slot.ladder is not None
    last = replace(slot.ladder.plan, layers=slot.ladder.plan.layers[:2])
    laddered.store.slots[ACCOUNT.id, slot.symbol, slot.side] = replace(slot, ladder=replace(slot.ladder, plan=last))
    laddered.venue.cancel_failure = VenueUnreachable("no route")
    assert freeze(laddered).state is RequestState.DONE
    assert let_go(laddered, "click-2", confirmed=False).state is RequestState.REFUSED
    assert let_go(laddered, "click-3").state is RequestState.DONE


def test_a_layer_that_waits_at_the_venue_is_taken_back(laddered: World) -> None:
    decision = decide(laddered, 2, "99000")
    assert decision.client_order_id is not None
    done = freeze(laddered)
    assert (done.state, done.reason) == (RequestState.DONE, "no layer is added; 1 waiting taken back")
    assert laddered.order(decision.client_order_id).state is OrderState.CANCELED
    assert laddered.slot.entries == ()
    assert laddered.slot.ladder is not None
    assert laddered.slot.ladder.orders.keys() == {1}


def test_a_layer_decided_before_the_freeze_loses_its_claim(laddered: World) -> None:
    """The claim is made under the version that the decision saw."""
    ledger = laddered.desk.repositories.ledger
    seen = laddered.slot
    held = seen.with_held_ladder(laddered.clock.now_ms())
    outcomes: list[ClaimOutcome] = []

    class FreezesFirst:
        def __getattr__(self, name: str) -> object:
            return getattr(ledger, name)

        def claim(self, claim: EntryClaim) -> ClaimOutcome:
            ledger.write(LedgerEntry(seen, held))
            outcomes.append(ledger.claim(claim))
            return outcomes[-1]

    place = replace(laddered.desk.place, ledger=FreezesFirst())  # type: ignore[arg-type]
    enter = replace(laddered.desk.evaluate.enter, place=place)
    evaluate = replace(laddered.desk.evaluate, enter=enter)
    decision_desk = replace(laddered.desk, evaluate=evaluate)
    world = replace(laddered, desk=decision_desk)
    decide(world, 2, "99000")
    assert outcomes[0] is ClaimOutcome.SLOT_MOVED
    assert laddered.venue.of_purpose("e") == []


def test_a_cancel_that_fails_is_repeated_by_the_schedule(laddered: World) -> None:
    decision = decide(laddered, 2, "99000")
    assert decision.client_order_id is not None
    laddered.venue.cancel_failure = VenueUnreachable("no route")
    assert freeze(laddered).state is RequestState.DONE
    laddered.venue.cancel_failure = None
    laddered.desk.manage(ACCOUNT)
    assert laddered.order(decision.client_order_id).state is OrderState.CANCELED


def test_a_fill_that_comes_while_it_is_frozen_still_counts(laddered: World) -> None:
    decision = decide(laddered, 2, "99000")
    assert decision.client_order_id is not None
    quantity = laddered.venue.standing[decision.client_order_id].quantity
    filled = laddered.venue.fill(decision.client_order_id, quantity, d("99000"))
    freeze(laddered)
    laddered.desk.track(ACCOUNT, filled)
    assert laddered.slot.ladder is not None
    assert laddered.slot.ladder.filled[2] == quantity


def test_frozen_twice_and_let_go_twice_change_nothing(laddered: World) -> None:
    freeze(laddered)
    again = freeze(laddered, "click-2")
    assert (again.state, again.reason) == (RequestState.REFUSED, "the layers are frozen already")
    let_go(laddered, "click-3")
    assert let_go(laddered, "click-4").reason == "the layers are not frozen"


def test_a_late_repetition_does_not_undo_a_freeze_that_was_asked_for_after_it(laddered: World) -> None:
    freeze(laddered)
    laddered.clock.advance(1_000)
    let_go(laddered, "click-2")
    laddered.clock.advance(1_000)
    freeze(laddered, "click-3")
    # As if the process had died before it could write down that the layers were let go on.
    stored = laddered.store.requests[ACCOUNT.id]
    older = request_id(ACCOUNT.id, "token", "click-2")
    stored[older] = replace(stored[older], state=RequestState.ASKED, finished_at_ms=None, reason="")
    laddered.desk.manage(ACCOUNT)
    assert stored[older].reason == "the layers were frozen anew meanwhile, and stay so"
    assert laddered.slot.ladder is not None
    assert laddered.slot.ladder.held_at_ms is not None


def test_a_stop_that_overtakes_the_next_layer_gives_the_rest_up_for_good(laddered: World) -> None:
    laddered.venue.mark = "101000"
    request = asked(laddered, RequestKind.STOP, stop_price=d("100500"), id=request_id(ACCOUNT.id, "token", "click-2"))
    assert carry_out(laddered, request).state is RequestState.DONE
    assert laddered.slot.ladder is not None
    assert laddered.slot.ladder.frozen_at_ms is not None
    assert let_go(laddered, "click-3").reason.startswith("the ladder gets no more layers")
