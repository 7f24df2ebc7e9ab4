"""kill -9 of a function at the steps of the order path that matter most, and what alone brings things back in order.

In the matrix everything that would happen on its own does the mending. Here one thing does it: the message that comes
again, the user stream, or one reconciliation. Each case has an account of its own; what recovers is a fresh process.
"""

import pytest
from tests.kill.calls import Place
from tests.kill.case import Case
from tests.kill.child import Settings

from undertow.domain.order import OrderState

CLAIM = "TransactWriteItems *decisions+orders*"
BOOKING = "TransactWriteItems fills+*"
ENTRY, STOP, OLD_STOP = "POST order e", "POST order s", "DELETE order s"
BEFORE_CLAIM, AFTER_CLAIM, ENTRY_TAKEN = Place(CLAIM), Place(CLAIM, after=True), Place(ENTRY, after=True)
WITH_A_POSITION = [Place(BOOKING, after=True), Place(STOP, after=True)]
AFTER_THE_VISIBILITY_TIMEOUT_S = 90
AFTER_A_SCHEDULE_S = 60


def recover(case: Case, how: str, liquidations: str = "", user_events: str = "") -> None:
    """By what Lambda does on its own, and by nothing else."""
    match how:
        case "the message again":
            doors = [("liquidations again", liquidations)] if liquidations else [("user events", user_events)]
            case.run(*doors, late_s=AFTER_THE_VISIBILITY_TIMEOUT_S)
        case "the user stream":
            case.run(("user events", user_events or case.user_events()))
        case "one reconciliation":
            case.run("reconcile", late_s=AFTER_A_SCHEDULE_S)


def everything_once_more(case: Case, liquidations: str, user_events: str) -> None:
    doors = [("liquidations again", liquidations)] if liquidations else []
    case.run(*doors, ("user events", user_events), "reconcile", "manage", late_s=2 * AFTER_THE_VISIBILITY_TIMEOUT_S)


@pytest.mark.parametrize("how", ["the message again", "the user stream", "one reconciliation"])
def test_an_entry_that_was_sent_is_found_booked_and_protected(case: Case, how: str) -> None:
    message = case.signal()
    case.run(("liquidations", message), place=ENTRY_TAKEN)
    recover(case, how, liquidations=message)
    case.assert_sound(entries=1)
    assert case.slot().position is not None
    everything_once_more(case, message, case.user_events())
    case.assert_sound(entries=1)
    assert len(case.at_venue()["orders"]) == 3


@pytest.mark.parametrize("how", ["the message again", "one reconciliation"])
def test_an_entry_that_rests_is_found_and_ends_with_its_time(case: Case, how: str) -> None:
    message = case.signal(resting=True)
    case.run(("liquidations", message), place=ENTRY_TAKEN)
    recover(case, how, liquidations=message)
    if how == "the message again":
        case.run("manage", late_s=AFTER_THE_VISIBILITY_TIMEOUT_S)
    case.assert_sound(entries=1)
    (sent,) = case.orders_at_venue("e")
    assert sent["status"] == "CANCELED"
    assert case.slot().reserved_notional == 0


def test_before_the_claim_nothing_has_happened_and_the_message_again_enters_once(case: Case) -> None:
    message = case.signal()
    case.run(("liquidations", message), place=BEFORE_CLAIM)
    case.assert_sound(entries=0)
    case.run(("liquidations again", message))
    case.run(("user events", case.user_events()))
    case.assert_sound(entries=1)
    assert case.slot().position is not None


@pytest.mark.parametrize("how", ["the message again", "one reconciliation"])
def test_before_the_claim_a_late_recovery_enters_nothing(case: Case, how: str) -> None:
    message = case.signal()
    case.run(("liquidations", message), place=BEFORE_CLAIM)
    recover(case, how, liquidations=message)
    case.assert_sound(entries=0)
    assert case.slot().reserved_notional == 0


@pytest.mark.parametrize("how", ["the message again", "one reconciliation"])
def test_a_claimed_entry_that_was_never_sent_is_never_sent_and_gives_back_its_reservation(case: Case, how: str) -> None:
    message = case.signal()
    case.run(("liquidations", message), place=AFTER_CLAIM)
    recover(case, how, liquidations=message)
    case.assert_sound(entries=0)
    (entry,) = case.slot().entries
    told = [case.run("reconcile", late_s=AFTER_A_SCHEDULE_S * passes).alerts for passes in (2, 3, 4)]
    order = case.here.desk.repositories.orders.get(case.here.account.id, entry.client_order_id)
    assert order is not None
    assert order.state is OrderState.LOST
    assert {alert for alerts in told for alert in alerts} == {f"order_lost#{order.client_order_id}"}
    assert case.slot().reserved_notional > 0
    case.run("reconcile", late_s=36 * 60)
    case.assert_sound(entries=0)
    assert case.slot().reserved_notional == 0


@pytest.mark.parametrize("how", ["the message again", "one reconciliation"])
@pytest.mark.parametrize("place", WITH_A_POSITION, ids=str)
def test_a_position_gets_its_stop_and_its_target(case: Case, place: Place, how: str) -> None:
    user_events = case.holds_a_position()
    case.run(("user events", user_events), place=place)
    recover(case, how, user_events=user_events)
    case.assert_sound(entries=1)
    everything_once_more(case, "", user_events)
    case.assert_sound(entries=1)
    assert len(case.at_venue()["orders"]) == 3


def test_between_a_new_stop_and_the_end_of_the_old_one_both_stand_until_a_reconciliation(case: Case) -> None:
    case.run(("user events", case.holds_a_position()))
    first = case.slot().position
    assert first is not None
    case.run("manage", settings=Settings(stop_pct="6"), place=Place(OLD_STOP))
    assert [one["status"] for one in case.orders_at_venue("s")] == ["NEW", "NEW"]
    case.run("reconcile", settings=Settings(stop_pct="6"), late_s=AFTER_A_SCHEDULE_S)
    case.assert_sound(entries=1)
    position = case.slot().position
    assert position is not None
    assert position.stop_order != first.stop_order
    assert sorted(one["status"] for one in case.orders_at_venue("s")) == ["CANCELED", "NEW"]
