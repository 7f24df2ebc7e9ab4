"""Rows as the streams of the tables tell of them, back to what they stand for."""

from typing import Any

import pytest
from tests.contract.repositories.make import ACCOUNT, NOW_MS, balance, control, decision, order

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.changes import NoStream, changes_of
from undertow.adapters.dynamo.guard_records import GuardRecord
from undertow.adapters.dynamo.ledger_records import SlotRecord
from undertow.adapters.dynamo.records import DecisionRecord, OrderRecord
from undertow.adapters.dynamo.register_records import BalanceRecord, ControlRecord
from undertow.domain.feed import Change
from undertow.domain.guard import AccountGuard, Block, BlockKind
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide
from undertow.domain.position import Slot

PREFIX = "undertow-test-"
GUARD = AccountGuard(ACCOUNT, checked_at_ms=NOW_MS)


def record(table: str, after: Any, before: Any = None, kind: str = "INSERT") -> dict[str, Any]:
    """As Lambda hands it over. ``written_by`` is in every row that was written on a condition."""
    images = {"NewImage": {**after.serialize(), "written_by": {"S": "x"}}}
    if before is not None:
        images["OldImage"] = before.serialize()
    arn = f"arn:aws:dynamodb:eu-west-1:123456789012:table/{PREFIX}{table}/stream/2026-01-01T00:00:00.000"
    return {"eventName": kind, "eventSourceARN": arn, "dynamodb": {"SequenceNumber": "1", **images}}


def read(*records: dict[str, Any]) -> list[Change]:
    return changes_of(records, PREFIX)


def test_rows_come_back_as_what_was_written_in_their_order() -> None:
    written = [order("1"), decision(), control()]
    rows = [OrderRecord.from_domain(written[0]), DecisionRecord.from_domain(written[1])]
    records = [record("orders", rows[0]), record("decisions", rows[1])]
    records.append(record("control", ControlRecord.from_domain(written[2]), kind="MODIFY"))
    assert read(*records) == written


def test_only_the_latest_balance_is_news_and_not_its_history() -> None:
    told = balance()
    latest = BalanceRecord.from_domain(told, keys.LATEST)
    assert read(record("balances", latest), record("balances", BalanceRecord.from_domain(told, "at#1"))) == [told]


def test_a_slot_that_did_not_change_and_totals_are_no_news() -> None:
    slot = Slot(ACCOUNT, Symbol("BTCUSDT"), PositionSide.LONG, version=1)
    row = SlotRecord.from_domain(slot)
    assert read(record("positions", row)) == [slot]
    assert read(record("positions", row, before=row, kind="MODIFY")) == []


def test_the_monitors_memory_is_news_when_what_stands_against_entries_changed() -> None:
    blocked = GUARD.with_block(Block("Daily loss", NOW_MS, "5 %", "tomorrow"), BlockKind.DAILY_LOSS)
    before, after = GuardRecord.from_domain(GUARD), GuardRecord.from_domain(blocked)
    assert read(record("control", before, before=before, kind="MODIFY")) == []
    assert read(record("control", after, before=before, kind="MODIFY")) == [blocked]


def test_rows_that_were_removed_are_no_news() -> None:
    removed = record("orders", OrderRecord.from_domain(order("1")), kind="REMOVE")
    assert read(removed) == []


def test_a_table_that_nobody_is_shown_is_an_error_and_no_silence() -> None:
    with pytest.raises(NoStream, match="reservations"):
        read(record("reservations", OrderRecord.from_domain(order("1"))))
