"""Lists page by page. A cursor holds the last row that was handed out, so that nothing is lost or told twice when new
rows come at the head meanwhile.

A page may hold fewer rows than were asked for, because a filter left some out: only a cursor of None ends a list.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from typing import Final, Generic, NamedTuple, TypeVar

from undertow.domain.account import Account
from undertow.ports import Place

Row = TypeVar("Row")

MOST_LOOKED_THROUGH: Final = 2_000
"""Rows that are read for one page at most, when a filter leaves out nearly all."""
LONGEST_CURSOR: Final = 800
_VERSION: Final = 1
_LATEST_MS: Final = 10**13 - 1
_LONGEST_KEY: Final = 200
_CHECKED: Final = 6
_BASE64: Final = re.compile(r"[A-Za-z0-9_-]{16,800}", re.ASCII)
_ANY_KEY: Final = "\U0010ffff"


class Mark(NamedTuple):
    """Where a list over accounts was left: by time, account and key, newest first."""

    time_ms: int
    account: str
    key: str

    def place_in(self, account: str) -> Place:
        """Where the rows of ``account`` go on: of one millisecond they have been or will be by the account's name."""
        if account == self.account:
            return Place(self.time_ms, self.key)
        return Place(self.time_ms, _ANY_KEY if account < self.account else "")


Marks = tuple[Mark | None, ...]


class BadCursor(ValueError):
    """A text is no cursor of the list."""


def write_cursor(name: str, *marks: Mark | None) -> str:
    """``name`` is the list's: a cursor of another list is refused."""
    body = json.dumps([_VERSION, name, *marks], ensure_ascii=True, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_check(body) + body).rstrip(b"=").decode()


def read_cursor(name: str, text: str) -> Marks:
    """Raises BadCursor for what ``write_cursor`` did not make for the same list."""
    if _BASE64.fullmatch(text) is None:
        raise BadCursor(name)
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        check, body = raw[:_CHECKED], raw[_CHECKED:]
        if check != _check(body):
            raise BadCursor(name)
        version, of, *marks = json.loads(body)
        found = tuple(None if mark is None else _mark(mark) for mark in marks)
    except (binascii.Error, UnicodeDecodeError, json.JSONDecodeError, ValueError, TypeError, RecursionError) as error:
        raise BadCursor(name) from error
    if (version, of) != (_VERSION, name) or not found or write_cursor(name, *found) != text:
        raise BadCursor(name)
    return found


def _check(body: bytes) -> bytes:
    """Against typing errors and guessing. A cursor opens nothing that its list would not show anyway."""
    return hashlib.sha256(b"cursor" + body).digest()[:_CHECKED]


def _mark(fields: list[object]) -> Mark:
    time_ms, account, key = fields
    if type(time_ms) is not int or type(account) is not str or type(key) is not str:
        raise BadCursor("mark")
    if not 0 <= time_ms <= _LATEST_MS or max(len(account), len(key)) > _LONGEST_KEY:
        raise BadCursor("mark")
    (account + key).encode()
    return Mark(time_ms, account, key)


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """``next`` is None on the last page."""

    rows: Sequence[Row]
    next: Mark | None

    def cursor(self, name: str) -> str | None:
        return None if self.next is None else write_cursor(name, self.next)


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    """A list that each account has, newest first: ``fetch`` reads up to a number of rows that come after a place."""

    fetch: Callable[[Account, int, Place | None], Sequence[Row]]
    place_of: Callable[[Row], Place]

    def page(
        self,
        accounts: Iterable[Account],
        limit: int,
        after: Mark | None,
        admits: Callable[[Row], bool] = lambda _: True,
    ) -> Page[tuple[Account, Row]]:
        """The rows of all ``accounts`` together."""
        walks = [self._walk(account, limit + 1, after) for account in accounts]
        together = merge(*walks, key=lambda found: found[0], reverse=True)
        return page_of(together, limit, lambda found: admits(found[1]))

    def _walk(self, account: Account, at_once: int, after: Mark | None) -> Iterator[tuple[Mark, tuple[Account, Row]]]:
        place = None if after is None else after.place_in(account.id)
        while rows := self.fetch(account, at_once, place):
            for row in rows:
                place = self.place_of(row)
                yield Mark(place.time_ms, account.id, place.key), (account, row)
            if len(rows) < at_once:
                return


def page_of(
    marked: Iterable[tuple[Mark, Row]], limit: int, admits: Callable[[Row], bool] = lambda _: True
) -> Page[Row]:
    """The first ``limit`` admitted rows, and where they end if there is more. No more is read than it takes."""
    rows: list[Row] = []
    last: Mark | None = None
    for looked_through, (mark, row) in enumerate(marked):
        if looked_through >= MOST_LOOKED_THROUGH + limit:
            return Page(rows, last)
        if admits(row):
            if len(rows) == limit:
                return Page(rows, last)
            rows.append(row)
        last = mark
    return Page(rows, None)
