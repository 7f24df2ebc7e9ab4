"""Requests that a machine makes up from the API's document: the short run of ``make fuzz-api``."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from tests.fuzz_api.cases import Fuzz
from tests.fuzz_api.desk import new_desk

from undertow.domain.adjustment import Adjustment
from undertow.domain.ids import AccountId
from undertow.ports import Adjustments
from undertow.services.console import Console

CASES = 240


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_no_made_up_request_breaks_the_promises_of_the_document_or_changes_anything_by_being_refused() -> None:
    tally = Fuzz(seed=1).run(CASES)
    assert tally.cases == CASES
    assert (tally.failed, tally.changed) == ({}, {})
    assert len(tally.succeeded) > 40
    assert {200, 400, 404} <= tally.statuses.keys()


class Forgetful:
    """Adjustments that are written although it says that they were not."""

    def __init__(self, kept: Adjustments) -> None:
        self.of_account = kept.of_account
        self.update = kept.update
        self._kept = kept

    def add(self, adjustment: Adjustment) -> bool:
        self._kept.add(adjustment)
        return False


class Lost(Forgetful):
    def __init__(self, kept: Adjustments) -> None:
        super().__init__(kept)
        self.of_account = self._lost

    def _lost(self, account: AccountId) -> Sequence[Adjustment]:
        raise LookupError(account)


def spoilt(console: Console) -> Console:
    kept, adjust = console.sources.kept, console.adjust
    lost = replace(console.sources, kept=replace(kept, adjustments=Lost(kept.adjustments)))
    return replace(console, sources=lost, adjust=replace(adjust, adjustments=Forgetful(kept.adjustments)))


def test_an_error_of_ours_and_a_change_by_a_refusal_are_both_found() -> None:
    tally = Fuzz(seed=1, make=lambda: new_desk(spoilt), only="/api/adjustments").run(90)
    assert any(where.startswith("GET /api/adjustments 500") for where in tally.failed)
    assert any(where.startswith("POST /api/adjustments 409") for where in tally.changed)
