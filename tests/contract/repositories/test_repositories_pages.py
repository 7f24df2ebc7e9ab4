"""Lists are read page by page: nothing is left out and nothing comes twice, whatever is added at the head meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.contract.repositories.make import ACCOUNT, BTC, LONG, NOW_MS, closing, decision, fill, order
from tests.contract.repositories.steps import opened
from tests.contract.repositories.test_repositories_alerts import alert
from tests.contract.repositories.test_repositories_reconciliation import correction, report

from undertow.domain.ids import DecisionId, TradeId
from undertow.ports import AuditRow, LedgerEntry, Place, Repositories, WriteOutcome
from undertow.ports.places import (
    place_of_alert,
    place_of_audit,
    place_of_closed,
    place_of_correction,
    place_of_decision,
    place_of_fill,
    place_of_order,
    place_of_report,
)

TIMES = (1, 2, 2, 2, 3, 5, 5)
"""Rows of one millisecond are told apart by their keys."""

Add = Callable[[Repositories, int, int], None]
Read = Callable[[Repositories, int, Place | None], Sequence[Any]]
BOUNDS = (NOW_MS, NOW_MS + 2_000)


def add_order(kept: Repositories, number: int, at_ms: int) -> None:
    assert kept.orders.add(order(str(number), created_at_ms=at_ms))


def add_decision(kept: Repositories, number: int, at_ms: int) -> None:
    kept.decisions.record([decision(id=DecisionId(f"d{number}"), decided_at_ms=at_ms)])


def add_fill(kept: Repositories, number: int, at_ms: int) -> None:
    slot = kept.ledger.slot(ACCOUNT, BTC, LONG)
    filled = fill(trade_id=TradeId(number), time_ms=at_ms)
    entry = LedgerEntry(slot, replace(slot, counted_until_ms=number), fill=filled)
    assert kept.ledger.write(entry) is WriteOutcome.WRITTEN


def add_correction(kept: Repositories, number: int, at_ms: int) -> None:
    slot = kept.ledger.slot(ACCOUNT, BTC, LONG)
    entry = LedgerEntry(slot, replace(slot, counted_until_ms=number), correction=correction(number, at_ms))
    assert kept.ledger.write(entry) is WriteOutcome.WRITTEN


def add_closed(kept: Repositories, number: int, at_ms: int) -> None:
    entry = closing(opened(kept, str(number), trade=number * 10), trade=number * 10 + 1)
    assert entry.closed is not None
    entry = replace(entry, closed=replace(entry.closed, closed_at_ms=at_ms))
    assert kept.ledger.write(entry) is WriteOutcome.WRITTEN


def add_report(kept: Repositories, number: int, at_ms: int) -> None:
    kept.reconciliations.save(report(number, at_ms), historic=True)


def add_alert(kept: Repositories, number: int, at_ms: int) -> None:
    assert kept.alerts.save(alert(key=f"key{number % 3}", episode=number, last_ms=at_ms))


def add_audit(kept: Repositories, number: int, at_ms: int) -> None:
    kept.audit.append(AuditRow(at_ms, "anna", "switch:paused", str(number), "", "币"))


LISTS: dict[str, tuple[Add, Read, Callable[[Any], Place]]] = {
    "orders": (add_order, lambda k, n, a: k.orders.recent(ACCOUNT, *BOUNDS, n, a), place_of_order),
    "decisions": (add_decision, lambda k, n, a: k.decisions.recent(ACCOUNT, *BOUNDS, n, a), place_of_decision),
    "fills": (add_fill, lambda k, n, a: k.fills.recent(ACCOUNT, *BOUNDS, n, a), place_of_fill),
    "corrections": (add_correction, lambda k, n, a: k.ledger.corrections(ACCOUNT, *BOUNDS, n, a), place_of_correction),
    "closed": (add_closed, lambda k, n, a: k.ledger.closed_positions(ACCOUNT, *BOUNDS, n, a), place_of_closed),
    "reports": (add_report, lambda k, n, a: k.reconciliations.history(ACCOUNT, *BOUNDS, n, a), place_of_report),
    "alerts": (add_alert, lambda k, n, a: k.alerts.recent(*BOUNDS, n, a), place_of_alert),
    "audit": (add_audit, lambda k, n, a: k.audit.recent(*BOUNDS, n, a), place_of_audit),
}


@pytest.mark.parametrize("name", LISTS)
def test_pages_hold_every_row_once_while_newer_rows_come(running: Repositories, name: str) -> None:
    add, read, place_of = LISTS[name]
    for number, later_ms in enumerate(TIMES, start=1):
        add(running, number, NOW_MS + later_ms)
    whole = [place_of(row) for row in read(running, 100, None)]
    assert len(whole) == len(TIMES)
    assert whole == sorted(whole, reverse=True)
    found: list[Place] = []
    page = [place_of(row) for row in read(running, 2, None)]
    newer = len(TIMES)
    while page:
        assert len(page) <= 2
        found += page
        newer += 1
        add(running, newer, NOW_MS + 1_000 + newer)
        page = [place_of(row) for row in read(running, 2, page[-1])]
    assert found == whole


@pytest.mark.parametrize("name", LISTS)
def test_a_place_that_no_row_has_is_a_place_all_the_same(running: Repositories, name: str) -> None:
    add, read, place_of = LISTS[name]
    for number, later_ms in enumerate(TIMES, start=1):
        add(running, number, NOW_MS + later_ms)
    rows = [place_of(row).time_ms - NOW_MS for row in read(running, 100, Place(NOW_MS + 5, ""))]
    assert rows == [3, 2, 2, 2, 1]
    assert len(read(running, 100, Place(NOW_MS + 5, "\U0010ffff"))) == len(TIMES)
    assert list(read(running, 100, Place(NOW_MS, ""))) == []
