"""What functions asked of venues, over the table of control: one row for each venue, function and minute of five."""

from collections.abc import Sequence

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.contact_item import (
    adding,
    contact_item,
    contact_key,
    instead_of_older,
    of_same_minute,
    read_contact,
)
from undertow.adapters.dynamo.store import DynamoStore
from undertow.adapters.dynamo.tables import CONTROL
from undertow.domain.contact import Contact
from undertow.domain.market import Venue


class DynamoContacts:
    def __init__(self, store: DynamoStore) -> None:
        self._store = store
        self._begun: dict[tuple[Venue, str], int] = {}
        """The latest minute that this process wrote: its next write is of that minute, or most likely begins another.
        So nearly every write is the only one, whichever way it goes."""

    def add(self, contact: Contact) -> None:
        known = (contact.venue, contact.function)
        ways = [self._begin, self._go_on]
        if self._begun.get(known) == contact.minute:
            ways.reverse()
        # Another process may have begun the minute, or forgotten it, between the first try and the second.
        if ways[0](contact) or ways[1](contact):
            self._begun[known] = contact.minute

    def since(self, venue: Venue, minute: int) -> Sequence[Contact]:
        found = (read_contact(item) for item in self._store.query(CONTROL, keys.contacts(venue)))
        return sorted(
            (one for one in found if one.minute >= minute), key=lambda contact: (contact.minute, contact.function)
        )

    def _begin(self, contact: Contact) -> bool:
        return self._store.put_if(CONTROL, contact_item(contact), instead_of_older(contact))

    def _go_on(self, contact: Contact) -> bool:
        pk, sk = contact_key(contact)
        return self._store.update_if(CONTROL, pk, sk, adding(contact), of_same_minute(contact))
