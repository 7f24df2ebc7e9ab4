"""A symbol held long and short counts once, whichever side comes and goes first."""

import pytest
from tests.contract.repositories.make import ACCOUNT, BIANCE, BTC, LONG, SHORT, claim, closing, order
from tests.contract.repositories.steps import claimed, opened, slot_of

from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide
from undertow.domain.order import OrderState
from undertow.ports import ClaimOutcome, LedgerEntry, Repositories, WriteOutcome


def symbols(kept: Repositories) -> int:
    return kept.ledger.totals(ACCOUNT).slots


def given_up(kept: Repositories, name: str, side: PositionSide, symbol: Symbol = BTC) -> WriteOutcome:
    """The entry of that name ends without a fill."""
    slot = slot_of(kept, symbol, side)
    gone = order(name, symbol=symbol, position_side=side, state=OrderState.EXPIRED, version=2)
    return kept.ledger.write(LedgerEntry(slot, slot.settled(gone), (gone,)))


@pytest.mark.parametrize("first", [LONG, SHORT])
@pytest.mark.parametrize("leaves_first", [LONG, SHORT])
def test_a_pair_counts_one_from_its_first_side_to_its_last(
    running: Repositories, first: PositionSide, leaves_first: PositionSide
) -> None:
    claimed(running, first.value, BTC, first)
    assert symbols(running) == 1
    claimed(running, first.opposite.value, BTC, first.opposite)
    assert symbols(running) == 1
    assert given_up(running, leaves_first.value, leaves_first) is WriteOutcome.WRITTEN
    assert symbols(running) == 1
    assert given_up(running, leaves_first.opposite.value, leaves_first.opposite) is WriteOutcome.WRITTEN
    assert symbols(running) == 0


def test_a_position_that_closes_beside_the_other_side_leaves_its_symbol_counted(running: Repositories) -> None:
    opened(running, "long")
    claimed(running, "short", BTC, SHORT)
    assert running.ledger.write(closing(slot_of(running))) is WriteOutcome.WRITTEN
    assert symbols(running) == 1
    assert given_up(running, "short", SHORT) is WriteOutcome.WRITTEN
    assert symbols(running) == 0


def test_the_other_side_of_a_held_symbol_needs_no_free_place(running: Repositories) -> None:
    claimed(running, "long")
    second = claim(slot_of(running, BTC, SHORT), "short", positions=1, opposite_in_use=True)
    assert running.ledger.claim(second) is ClaimOutcome.CLAIMED
    third = claim(slot_of(running, BIANCE), "another symbol", positions=1)
    assert running.ledger.claim(third) is ClaimOutcome.CAP_REACHED


@pytest.mark.parametrize("seen", [False, True])
def test_a_claim_is_lost_when_the_other_side_came_or_went_since_the_snapshot(running: Repositories, seen: bool) -> None:
    before = slot_of(running, BTC, SHORT)
    if not seen:
        claimed(running, "long")
    wanted = claim(before, "short", opposite_in_use=seen)
    assert running.ledger.claim(wanted) is ClaimOutcome.SLOT_MOVED
    assert running.orders.get(ACCOUNT, wanted.order.client_order_id) is None
    assert symbols(running) == int(not seen)


def test_a_side_that_was_used_and_left_is_as_good_as_one_that_never_was(running: Repositories) -> None:
    claimed(running, "long")
    assert given_up(running, "long", LONG) is WriteOutcome.WRITTEN
    wanted = claim(slot_of(running, BTC, SHORT), "short", opposite_in_use=False)
    assert running.ledger.claim(wanted) is ClaimOutcome.CLAIMED
    assert symbols(running) == 1


@pytest.mark.parametrize("seen", [False, True])
def test_a_second_entry_of_a_side_in_use_does_not_care_for_the_other_side(running: Repositories, seen: bool) -> None:
    """It changes no count, so what the snapshot showed of the other side cannot be wrong about one."""
    claimed(running, "long")
    second = claim(slot_of(running), "second", opposite_in_use=seen)
    assert running.ledger.claim(second) is ClaimOutcome.CLAIMED
    assert symbols(running) == 1


def test_a_full_account_says_so_even_when_the_other_side_moved(running: Repositories) -> None:
    before = slot_of(running, BTC, SHORT)
    claimed(running, "long")
    assert running.ledger.claim(claim(before, "short", cap="901")) is ClaimOutcome.CAP_REACHED


def test_sides_of_different_symbols_have_nothing_to_do_with_each_other(running: Repositories) -> None:
    claimed(running, "one", BTC, LONG)
    claimed(running, "two", BIANCE, SHORT)
    assert symbols(running) == 2
    assert given_up(running, "one", LONG) is WriteOutcome.WRITTEN
    assert symbols(running) == 1
