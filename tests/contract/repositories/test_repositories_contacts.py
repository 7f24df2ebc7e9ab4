"""What functions asked of venues: added up by minute, and forgotten after five."""

from dataclasses import replace
from threading import Thread

import pytest
from tests.contract.repositories.make import NOW_MS

from undertow.adapters.dynamo.contacts import DynamoContacts
from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.tables import CONTROL
from undertow.domain.contact import KEPT_MINUTES, Asked, ClockOffset, Contact, VenueCount
from undertow.domain.market import Venue
from undertow.ports import Repositories

MINUTE = NOW_MS // 60_000
ORDER, BALANCE = "POST /fapi/v3/order", "GET /fapi/v3/balance"
RECONCILE = Contact(
    Venue.ASTER,
    "reconcile",
    MINUTE,
    {BALANCE: Asked(1, 5)},
    VenueCount(120, 2400, NOW_MS),
    ClockOffset(-12, NOW_MS),
)


def test_what_one_function_asks_in_a_minute_is_added_up(kept: Repositories) -> None:
    kept.contacts.add(RECONCILE)
    kept.contacts.add(replace(RECONCILE, by_endpoint={BALANCE: Asked(2, 10), ORDER: Asked(1, 1)}, clock=None))
    kept.contacts.add(replace(RECONCILE, by_endpoint={ORDER: Asked(1, 1)}, count=None, clock=None))

    assert kept.contacts.since(Venue.ASTER, MINUTE) == [
        replace(RECONCILE, by_endpoint={BALANCE: Asked(3, 15), ORDER: Asked(2, 2)})
    ]


def test_what_the_venue_and_the_clock_said_last_is_kept(kept: Repositories) -> None:
    later = replace(
        RECONCILE, by_endpoint={}, count=VenueCount(300, 2400, NOW_MS + 1), clock=ClockOffset(7, NOW_MS + 1)
    )
    kept.contacts.add(RECONCILE)
    kept.contacts.add(later)

    assert kept.contacts.since(Venue.ASTER, 0) == [replace(later, by_endpoint=RECONCILE.by_endpoint)]


@pytest.mark.parametrize("without", [{"count": None}, {"clock": None}, {"count": None, "clock": None}])
def test_what_was_not_told_is_not_known(kept: Repositories, without: dict[str, None]) -> None:
    silent = replace(RECONCILE, **without)  # type: ignore[arg-type]  # of a literal above
    kept.contacts.add(silent)
    assert kept.contacts.since(Venue.ASTER, 0) == [silent]


def test_functions_minutes_and_venues_are_kept_apart(kept: Repositories) -> None:
    evaluate, next_minute = replace(RECONCILE, function="evaluate"), replace(RECONCILE, minute=MINUTE + 1)
    elsewhere = replace(RECONCILE, venue=Venue.HYPERLIQUID)
    for contact in (next_minute, RECONCILE, elsewhere, evaluate):
        kept.contacts.add(contact)

    assert kept.contacts.since(Venue.ASTER, MINUTE) == [evaluate, RECONCILE, next_minute]
    assert kept.contacts.since(Venue.ASTER, MINUTE + 1) == [next_minute]
    assert kept.contacts.since(Venue.HYPERLIQUID, MINUTE) == [elsewhere]


def test_a_minute_takes_the_place_of_the_fifth_before_it_and_never_of_a_newer_one(kept: Repositories) -> None:
    newer = replace(RECONCILE, minute=MINUTE + KEPT_MINUTES)
    for contact in (RECONCILE, newer, RECONCILE):
        kept.contacts.add(contact)

    assert kept.contacts.since(Venue.ASTER, 0) == [newer]


def test_processes_of_one_function_add_to_one_row(shared_store: DynamoStore) -> None:
    """Each remembers what it wrote: none may write over what another one counted."""
    processes = [DynamoContacts(shared_store) for _ in range(3)]

    def work(process: DynamoContacts) -> None:
        for minute in (MINUTE, MINUTE, MINUTE + 1):
            process.add(replace(RECONCILE, minute=minute))

    threads = [Thread(target=work, args=(process,)) for process in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counted = {one.minute: one.by_endpoint[BALANCE] for one in processes[0].since(Venue.ASTER, 0)}
    assert counted == {MINUTE: Asked(6, 30), MINUTE + 1: Asked(3, 15)}


def test_a_minute_is_one_row_and_nearly_every_write_is_the_only_one(store: DynamoStore) -> None:
    contacts = DynamoContacts(store)
    for minute in range(MINUTE, MINUTE + 3 * KEPT_MINUTES):
        contacts.add(replace(RECONCILE, minute=minute))
        contacts.add(replace(RECONCILE, minute=minute))

    assert len(list(store.query(CONTROL, "contacts#aster"))) == KEPT_MINUTES
