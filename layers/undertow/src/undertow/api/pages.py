"""What a caller says of the page of a list that is wanted."""

from dataclasses import dataclass

from undertow.api.given import Given
from undertow.services.views.paging import Mark


@dataclass(frozen=True, slots=True)
class Wanted:
    """``after`` is None for the first page."""

    limit: int
    after: Mark | None


def wanted_page(given: Given, name: str, usual: int, most: int) -> Wanted:
    """``limit`` and ``cursor``. ``name`` is the list's, as ``Page.cursor`` is given it for the page after."""
    limit = given.whole("limit", usual, 1, most)
    marks = given.cursor(name)
    return Wanted(limit, None if marks is None else marks[0])
