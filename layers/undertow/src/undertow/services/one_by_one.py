"""Several pieces of work, of which none keeps a later one from being tried by failing."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import NotScheduled, StoreBusy
from undertow.services.record_order import LostTooManyRaces

PASSING_TROUBLE: Final = (VenueReadFailed, VenueUnreachable, LostTooManyRaces, StoreBusy, NotScheduled)
"""What may go better the next time, and says nothing about the other pieces."""


class OneByOne:
    """``with OneByOne(logger) as each:``, and around each piece ``with each.attempt(event, ...):``.

    A trouble that is expected ends its own piece only, and is logged as ``event`` with its cause. At the end of the
    whole the first one is raised, so that the message or the schedule comes again. Anything else goes through at once.
    """

    def __init__(self, logger: logging.Logger, expected: tuple[type[Exception], ...] = PASSING_TROUBLE) -> None:
        self._logger = logger
        self._expected = expected
        self._failures: list[Exception] = []

    @contextmanager
    def attempt(self, event: str, **facts: str) -> Iterator[None]:
        try:
            yield
        except self._expected as failure:
            self._logger.warning(event, extra={**facts, "cause": str(failure)})
            self._failures.append(failure)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self._failures:
            raise self._failures[0]
