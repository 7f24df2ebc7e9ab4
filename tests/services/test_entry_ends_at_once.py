"""Entries whose end comes with the venue's own answer. The slot is known from the claim, unless it moved meanwhile."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d

from undertow.adapters.memory import SettableClock
from undertow.domain.market import PositionSide
from undertow.domain.order import OrderState
from undertow.domain.outcome import Accepted, Rejected, SubmitOutcome
from undertow.ports import ClaimOutcome, EntryClaim, Ledger, LedgerEntry, WriteOutcome
from undertow.risk.approval import ApprovedOrder


def expired(world: World, approved: ApprovedOrder) -> Accepted:
    return Accepted(replace(world.venue.take(approved).news, state=OrderState.EXPIRED))


def test_an_entry_that_expires_at_once_gives_back_what_it_reserved(world: World) -> None:
    world.venue.answers.append(lambda approved: expired(world, approved))
    order = world.entered()
    assert world.order(order).state is OrderState.EXPIRED
    assert world.slot.entries == ()
    assert world.slot.reserved_notional == 0
    assert world.desk.repositories.ledger.totals(ACCOUNT.id).notional == 0


def test_an_entry_that_is_rejected_gives_back_what_it_reserved(world: World) -> None:
    world.venue.answers.append(lambda _: Rejected(-2019, "Margin is insufficient."))
    order = world.entered()
    assert world.order(order).state is OrderState.REJECTED
    assert world.slot.entries == ()
    assert world.slot.reserved_notional == 0


def test_a_fill_that_the_stream_brings_before_the_answer_is_kept(world: World) -> None:
    def fill_then_answer(approved: ApprovedOrder) -> SubmitOutcome:
        order = approved.intent.client_order_id
        world.venue.take(approved)
        assert approved.intent.quantity is not None
        world.desk.track(ACCOUNT, world.venue.fill(order, approved.intent.quantity, d("100001")))
        return Accepted(world.venue.ended[order])

    world.venue.answers.append(fill_then_answer)
    order = world.entered()
    assert world.order(order).state is OrderState.FILLED
    assert world.slot.entries == ()
    assert world.position.quantity == d("0.009")
    assert world.slot.reserved_notional > 0


def test_a_slot_that_moved_while_the_venue_answered_is_read_again(world: World) -> None:
    def move_then_answer(approved: ApprovedOrder) -> SubmitOutcome:
        ledger = world.desk.repositories.ledger
        slot = ledger.slot(ACCOUNT.id, BTC, PositionSide.LONG)
        later = {strategy: until_ms + 1 for strategy, until_ms in slot.cooldown_until_ms.items()}
        assert ledger.write(LedgerEntry(slot, replace(slot, cooldown_until_ms=later))) is WriteOutcome.WRITTEN
        return expired(world, approved)

    world.venue.answers.append(move_then_answer)
    order = world.entered()
    assert world.order(order).state is OrderState.EXPIRED
    assert world.slot.entries == ()


@dataclass(frozen=True, slots=True)
class SlowToClaim:
    """Tables that take their time over a claim."""

    ledger: Ledger
    clock: SettableClock
    takes_ms: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)

    def claim(self, claim: EntryClaim) -> ClaimOutcome:
        outcome = self.ledger.claim(claim)
        self.clock.advance(self.takes_ms)
        return outcome


@pytest.mark.parametrize(("takes_ms", "sent"), [(4_950, 1), (4_951, 0)])
def test_an_entry_whose_signal_perished_while_it_was_claimed_is_not_sent_and_gives_back_what_it_reserved(
    world: World, takes_ms: int, sent: int
) -> None:
    enter = world.desk.evaluate.enter
    place = replace(enter.place, ledger=SlowToClaim(enter.place.ledger, world.clock, takes_ms))
    (decision,) = replace(world.desk.evaluate, enter=replace(enter, place=place))(world.liquidation_batch())
    assert decision.client_order_id is not None
    assert len(world.venue.submitted) == sent
    assert len(world.slot.entries) == sent
    assert bool(world.slot.reserved_notional) is bool(sent)
    if not sent:
        assert world.order(decision.client_order_id).reason == "never sent: perished"
