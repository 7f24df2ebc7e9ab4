"""What became of a request to a venue. A rejection needs evidence; everything else is unconfirmed."""

from dataclasses import dataclass

from undertow.domain.order import OrderNews


@dataclass(frozen=True, slots=True)
class Accepted:
    """The venue took the order and says how it stands."""

    news: OrderNews


@dataclass(frozen=True, slots=True)
class Rejected:
    """The venue says, in so many words, that it did not take the order. ``code`` is the venue's own."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """The request may or may not have been executed: 503, -1006, -1007, time-out, reset, unreadable answer."""

    cause: str


SubmitOutcome = Accepted | Rejected | Unconfirmed


@dataclass(frozen=True, slots=True)
class Canceled:
    """The order is off the book; ``news`` says what had filled before."""

    news: OrderNews


@dataclass(frozen=True, slots=True)
class NotOpen:
    """The venue knows no such open order. It has ended one way or the other: ask, before believing which."""


CancelOutcome = Canceled | NotOpen | Unconfirmed


class VenueUnreachable(Exception):
    """The request was provably never sent: the one failure after which the same request may be sent again."""


class VenueBlocked(VenueUnreachable):
    """Not sent, because the venue told us to wait (429, 418) or the request budget is spent.

    ``entries_only``: the venue may be called, but nothing new may be opened there.
    """

    def __init__(self, until_ms: int, reason: str, *, entries_only: bool = False) -> None:
        super().__init__(f"the venue may not be called until {until_ms} ms: {reason}")
        self.until_ms = until_ms
        self.reason = reason
        self.entries_only = entries_only


class VenueReadFailed(Exception):
    """A read gave no answer to rely on. It is never an empty list and never 'not found'."""
