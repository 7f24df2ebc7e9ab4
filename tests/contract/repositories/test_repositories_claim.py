from dataclasses import replace

import pytest
from tests.contract.repositories.make import (
    ACCOUNT,
    BIANCE,
    BTC,
    LONG,
    NOW_MS,
    OTHER,
    SHORT,
    balance,
    claim,
    control,
    d,
    decision,
    order,
    readiness,
)
from tests.contract.repositories.steps import claimed, slot_of

from undertow.adapters.memory import SettableClock
from undertow.domain.account import BookTotals, Switch, VenueHealth
from undertow.domain.booking import ReservationState
from undertow.domain.decision import Outcome
from undertow.domain.market import Venue
from undertow.domain.position import Slot
from undertow.ports import ClaimOutcome, Repositories

# --- snapshot


def test_an_account_that_was_never_touched_is_paused_flat_and_unknown(kept: Repositories) -> None:
    snapshot = kept.ledger.snapshot(ACCOUNT, Venue.ASTER, BTC)
    assert snapshot.control.switch is Switch.PAUSED
    assert snapshot.health == VenueHealth(Venue.ASTER)
    assert (snapshot.long, snapshot.short) == (Slot(ACCOUNT, BTC, LONG), Slot(ACCOUNT, BTC, SHORT))
    assert snapshot.totals == BookTotals(ACCOUNT, d("0"), d("0"), 0)
    assert snapshot.balance is None
    assert snapshot.readiness is None


def test_a_snapshot_holds_everything_a_review_looks_at(running: Repositories) -> None:
    health = VenueHealth(Venue.ASTER, NOW_MS + 5, "429")
    running.healths.set(health)
    running.balances.save(balance())
    running.readinesses.save(readiness(BIANCE))
    long, short = claimed(running, "1", BIANCE, LONG), claimed(running, "2", BIANCE, SHORT)
    snapshot = running.ledger.snapshot(ACCOUNT, Venue.ASTER, BIANCE)
    assert snapshot.control == control()
    assert snapshot.health == health
    assert (snapshot.long, snapshot.short) == (long, short)
    assert snapshot.totals == running.ledger.totals(ACCOUNT)
    assert snapshot.balance == balance()
    assert snapshot.readiness == readiness(BIANCE)


# --- claim


def test_a_claim_stores_slot_order_decision_totals_and_reservation_together(
    running: Repositories, clock: SettableClock
) -> None:
    wanted = claim(slot_of(running))
    assert running.ledger.claim(wanted) is ClaimOutcome.CLAIMED
    order_id = wanted.order.client_order_id
    assert slot_of(running) == replace(wanted.slot_after, version=1)
    assert running.orders.get(ACCOUNT, order_id) == wanted.order
    assert running.decisions.recent(ACCOUNT, 0, NOW_MS, 10) == [wanted.decision]
    assert running.ledger.totals(ACCOUNT) == BookTotals(ACCOUNT, d("900.09"), d("90.009"), 1, version=1)
    reservation = running.ledger.reservation(ACCOUNT, order_id)
    assert reservation is not None
    assert (reservation.state, reservation.notional, reservation.margin, reservation.reserved_at_ms) == (
        ReservationState.RESERVED,
        d("900.09"),
        d("90.009"),
        clock.now_ms(),
    )


@pytest.mark.parametrize("switch", [None, Switch.PAUSED, Switch.CLOSE_ONLY, Switch.FLATTEN])
def test_a_claim_of_an_account_that_is_not_running_writes_nothing(kept: Repositories, switch: Switch | None) -> None:
    if switch is not None:
        assert kept.controls.set(control(switch))
    wanted = claim(slot_of(kept))
    assert kept.ledger.claim(wanted) is ClaimOutcome.PAUSED
    assert nothing_written(kept)


def nothing_written(kept: Repositories) -> bool:
    return (
        slot_of(kept) == Slot(ACCOUNT, BTC, LONG)
        and kept.ledger.totals(ACCOUNT).version == 0
        and not kept.orders.recent(ACCOUNT, 0, NOW_MS * 2, 10)
        and not kept.decisions.recent(ACCOUNT, 0, NOW_MS * 2, 10)
        and kept.ledger.reservation(ACCOUNT, order().client_order_id) is None
    )


@pytest.mark.parametrize(("notional_cap", "margin_cap"), [("900.08", "1000"), ("1000", "90.008"), ("0", "0")])
def test_a_claim_that_alone_exceeds_a_cap_writes_nothing(
    running: Repositories, notional_cap: str, margin_cap: str
) -> None:
    wanted = replace(claim(slot_of(running)), max_total_notional=d(notional_cap), max_total_margin=d(margin_cap))
    assert running.ledger.claim(wanted) is ClaimOutcome.CAP_REACHED
    assert nothing_written(running)


def test_a_claim_may_use_a_cap_up_to_the_last_digit(running: Repositories) -> None:
    wanted = replace(claim(slot_of(running)), max_total_notional=d("900.09"), max_total_margin=d("90.009"))
    assert running.ledger.claim(wanted) is ClaimOutcome.CLAIMED


def test_caps_count_the_claims_of_all_symbols(running: Repositories) -> None:
    claimed(running)
    second = claim(slot_of(running, BIANCE), "2", cap="1800")
    assert running.ledger.claim(second) is ClaimOutcome.CAP_REACHED
    assert running.ledger.claim(replace(second, max_total_notional=d("1800.18"))) is ClaimOutcome.CLAIMED
    assert running.ledger.totals(ACCOUNT) == BookTotals(ACCOUNT, d("1800.18"), d("180.018"), 2, version=2)


def test_accounts_do_not_share_their_caps(running: Repositories) -> None:
    claimed(running)
    other = claim(slot_of(running, account=OTHER), "2", cap="901")
    assert running.ledger.claim(other) is ClaimOutcome.CLAIMED


def test_a_claim_over_a_slot_that_moved_writes_nothing(running: Repositories) -> None:
    before = slot_of(running)
    claimed(running)
    assert running.ledger.claim(claim(before, "2")) is ClaimOutcome.SLOT_MOVED
    assert running.orders.get(ACCOUNT, order("2").client_order_id) is None
    assert running.ledger.totals(ACCOUNT).version == 1


def test_a_claim_over_a_version_that_was_never_reached_writes_nothing(running: Repositories) -> None:
    assert running.ledger.claim(claim(replace(slot_of(running), version=4))) is ClaimOutcome.SLOT_MOVED


def test_claiming_again_is_told_so_whatever_else_has_changed(running: Repositories) -> None:
    """A redelivered message must learn that it has been served, even when the account is full or paused by now."""
    wanted = claim(slot_of(running), cap="901")
    assert running.ledger.claim(wanted) is ClaimOutcome.CLAIMED
    assert running.ledger.claim(wanted) is ClaimOutcome.ALREADY_CLAIMED
    assert running.controls.set(control(Switch.PAUSED, version=2))
    assert running.ledger.claim(wanted) is ClaimOutcome.ALREADY_CLAIMED


def test_a_signal_that_was_refused_before_is_not_claimed_later(running: Repositories) -> None:
    running.decisions.record([decision("1", outcome=Outcome.REFUSED, gate="paused")])
    assert running.ledger.claim(claim(slot_of(running))) is ClaimOutcome.ALREADY_CLAIMED
    assert running.orders.get(ACCOUNT, order("1").client_order_id) is None


def test_an_order_id_that_is_taken_is_not_claimed_for_another_signal(running: Repositories) -> None:
    assert running.orders.add(order("1", reason="first"))
    wanted = replace(claim(slot_of(running)), decision=decision("another signal"))
    assert running.ledger.claim(wanted) is ClaimOutcome.ALREADY_CLAIMED
    assert running.orders.get(ACCOUNT, wanted.order.client_order_id) == order("1", reason="first")
    assert slot_of(running).version == 0


def test_a_paused_account_says_paused_before_it_says_full(kept: Repositories) -> None:
    assert kept.ledger.claim(claim(slot_of(kept), cap="1")) is ClaimOutcome.PAUSED
