"""What functions asked of venues, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from undertow.adapters.memory.store import MemoryStore
from undertow.domain.contact import KEPT_MINUTES, Contact
from undertow.domain.market import Venue


@dataclass(frozen=True, slots=True)
class MemoryContacts:
    store: MemoryStore

    def add(self, contact: Contact) -> None:
        place = (contact.venue, contact.function, contact.minute % KEPT_MINUTES)
        with self.store.lock:
            known = self.store.contacts.get(place)
            if known is None or known.minute < contact.minute:
                self.store.contacts[place] = contact
            elif known.minute == contact.minute:
                self.store.contacts[place] = known.plus(contact)

    def since(self, venue: Venue, minute: int) -> Sequence[Contact]:
        with self.store.lock:
            found = [one for one in self.store.contacts.values() if one.venue is venue and one.minute >= minute]
        return sorted(found, key=lambda contact: (contact.minute, contact.function))
