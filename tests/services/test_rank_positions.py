"""Ranks for auto-deleveraging: asked now and then, kept with their age, and never in the way of a pass."""

import pytest
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC, d

from undertow.domain.account import MarginType, VenuePosition
from undertow.domain.adl import ASKED_EVERY_MS, KNOWN_FOR_MS, AdlRanks
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide
from undertow.domain.outcome import VenueBlocked, VenueReadFailed, VenueUnreachable

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT


def known(world: World) -> AdlRanks:
    return world.desk.repositories.adl_rankings.get(ACCOUNT.id)


def rank(world: World) -> int | None:
    return known(world).rank_of(BTC, LONG, world.clock.now_ms())


def at_venue(world: World) -> VenuePosition:
    """The position as the venue has it."""
    held = world.position
    return VenuePosition(
        symbol=held.symbol,
        side=held.side,
        quantity=held.quantity,
        entry_price=held.entry_price,
        mark_price=held.entry_price,
        unrealized=d("0"),
        leverage=held.leverage,
        margin_type=MarginType.ISOLATED,
        liquidation_price=None,
        updated_at_ms=world.clock.now_ms(),
    )


@pytest.fixture
def holding(world: World) -> World:
    world.holding()
    world.venue.positions = [at_venue(world)]
    world.venue.adl_ranks = {(BTC, LONG): 3, (BTC, SHORT): 0, (Symbol("ETHUSDT"), LONG): 4}
    return world


def test_the_rank_of_what_is_held_is_kept_and_of_nothing_else(holding: World) -> None:
    holding.desk.reconcile(ACCOUNT)
    assert known(holding).ranks == {(BTC, LONG): 3}
    assert rank(holding) == 3


def test_an_account_that_holds_nothing_is_not_asked_about(world: World) -> None:
    world.desk.reconcile(ACCOUNT)
    assert (world.venue.adl_questions, known(world).asked_at_ms) == (0, 0)


def test_the_venue_is_asked_at_most_each_five_minutes(holding: World) -> None:
    for _ in range(5):
        holding.desk.reconcile(ACCOUNT)
        holding.clock.advance(ASKED_EVERY_MS // 5)
    assert holding.venue.adl_questions == 1
    holding.venue.adl_ranks[BTC, LONG] = 1
    holding.desk.reconcile(ACCOUNT)
    assert (holding.venue.adl_questions, rank(holding)) == (2, 1)


@pytest.mark.parametrize(
    "failure",
    [
        VenueReadFailed("no answer"),
        VenueUnreachable("no route"),
        VenueBlocked(9_999_999_999_999, "busy", entries_only=True),
    ],
)
def test_a_failed_question_is_not_known_and_the_pass_goes_on(holding: World, failure: Exception) -> None:
    holding.desk.reconcile(ACCOUNT)
    holding.clock.advance(ASKED_EVERY_MS)
    holding.venue.adl_failure = failure

    assert holding.desk.reconcile(ACCOUNT).is_proven

    assert rank(holding) is None
    assert str(failure) in known(holding).failure
    holding.clock.advance(ASKED_EVERY_MS - 1)
    questions = holding.venue.adl_questions
    holding.desk.reconcile(ACCOUNT)
    assert holding.venue.adl_questions == questions


def test_an_old_answer_says_nothing_of_now(holding: World) -> None:
    holding.desk.reconcile(ACCOUNT)
    holding.clock.advance(KNOWN_FOR_MS)
    assert rank(holding) == 3
    holding.clock.advance(1)
    assert rank(holding) is None


def test_a_position_that_the_venue_does_not_rank_is_not_known(holding: World) -> None:
    holding.venue.adl_ranks = {}
    holding.desk.reconcile(ACCOUNT)
    assert (rank(holding), known(holding).failure) == (None, "")


def test_a_clock_that_was_set_back_does_not_end_the_questions(holding: World) -> None:
    holding.desk.reconcile(ACCOUNT)
    assert known(holding).is_due(known(holding).asked_at_ms - 1)
