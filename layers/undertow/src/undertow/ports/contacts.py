"""What is asked of venues: counted in each process, and kept for people to look at."""

from collections.abc import Sequence
from typing import Protocol

from undertow.domain.contact import Contact
from undertow.domain.market import Venue


class ContactTally(Protocol):
    """What this process asked of venues and has not kept yet. Nothing here goes over the network."""

    def take(self) -> Sequence[Contact]:
        """Oldest minute first. What is taken is forgotten."""
        ...

    def give_back(self, contacts: Sequence[Contact]) -> None:
        """They could not be kept: they are taken again next time."""
        ...


class Contacts(Protocol):
    """One row for each venue, function and minute; after ``KEPT_MINUTES`` a newer minute takes its place."""

    def add(self, contact: Contact) -> None:
        """Several processes of one function add to one row. What is older than the row is dropped.

        A statistic: where an answer of the store is lost and the write repeated, it counts twice.
        """
        ...

    def since(self, venue: Venue, minute: int) -> Sequence[Contact]:
        """Of that minute and later ones, by minute and function."""
        ...
