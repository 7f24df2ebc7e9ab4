"""Pieces of work that do not wait for one another, and what becomes of those that fail."""

import logging

import pytest

from undertow.domain.outcome import VenueReadFailed
from undertow.ports import StoreBusy
from undertow.services.one_by_one import PASSING_TROUBLE, OneByOne

LOGGER = logging.getLogger(__name__)


class Work:
    """Numbered pieces, with the trouble that each meets with."""

    def __init__(self, *troubles: Exception | None, expected: tuple[type[Exception], ...] = PASSING_TROUBLE) -> None:
        self.troubles = troubles
        self.expected = expected
        self.done: list[int] = []

    def run(self) -> None:
        with OneByOne(LOGGER, self.expected) as each:
            for number, trouble in enumerate(self.troubles, start=1):
                with each.attempt("not_done", piece=str(number)):
                    if trouble is not None:
                        raise trouble
                    self.done.append(number)


def test_every_piece_is_tried_and_the_first_failure_raised_at_the_end() -> None:
    work = Work(None, StoreBusy("the second"), VenueReadFailed("the third"), None)
    with pytest.raises(StoreBusy, match="the second"):
        work.run()
    assert work.done == [1, 4]


def test_a_failure_is_logged_with_its_facts_and_its_cause(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(StoreBusy):
        Work(StoreBusy("throttled")).run()
    (told,) = caplog.records
    assert (told.name, told.message, told.levelname) == (__name__, "not_done", "WARNING")
    assert (told.__dict__["piece"], told.__dict__["cause"]) == ("1", "throttled")


@pytest.mark.parametrize("trouble", PASSING_TROUBLE)
def test_what_passes_by_itself_ends_its_own_piece_only(trouble: type[Exception]) -> None:
    work = Work(trouble("once"), None)
    with pytest.raises(trouble):
        work.run()
    assert work.done == [2]


def test_anything_else_goes_through_at_once_whatever_failed_before() -> None:
    work = Work(StoreBusy("first"), VenueReadFailed("not expected here"), None, expected=(StoreBusy,))
    with pytest.raises(VenueReadFailed):
        work.run()
    assert work.done == []


def test_without_a_failure_nothing_is_raised() -> None:
    work = Work(None, None)
    work.run()
    assert work.done == [1, 2]
