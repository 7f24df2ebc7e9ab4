"""What people entered into the books, revoked entries too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.adjustment import Adjustment
from undertow.domain.ids import AccountId
from undertow.domain.income import IncomeKind
from undertow.domain.numbers import plain
from undertow.domain.times import utc_text
from undertow.services.views.money import utc
from undertow.services.views.paging import Mark, page_of
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.sources import Sources

ADJUSTMENTS: Final = "adjustments"


class AdjustmentRow(TypedDict):
    """``at`` is when it counts; null for what was before the account's first record."""

    id: str
    account: str
    kind: IncomeKind
    amount: Figure
    at: str | None
    at_ms: EpochMs | None
    note: str
    by: str
    created_at: str
    created_at_ms: EpochMs
    revoked_at: str | None
    revoked_at_ms: EpochMs | None
    revoked_by: str | None


class Adjustments(TypedDict):
    time: str
    time_ms: EpochMs
    adjustments: list[AdjustmentRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class AdjustmentQuery:
    account: AccountId | None
    limit: int
    after: Mark | None = None


def adjustments(sources: Sources, query: AdjustmentQuery) -> Adjustments:
    """By when they were entered, oldest first: nothing is ever entered before what is there."""
    now_ms = sources.clock.now_ms()
    page = page_of(_oldest_first(sources, query), query.limit)
    return {
        "time": utc_text(now_ms),
        "time_ms": now_ms,
        "adjustments": [adjustment_row(one) for one in page.rows],
        "next_cursor": page.cursor(ADJUSTMENTS),
    }


def _oldest_first(sources: Sources, query: AdjustmentQuery) -> Iterator[tuple[Mark, Adjustment]]:
    found = [
        (Mark(one.created_at_ms, account.id, one.id), one)
        for account in sources.accounts(query.account)
        for one in sources.kept.adjustments.of_account(account.id)
    ]
    found.sort(key=lambda marked: marked[0])
    return ((mark, one) for mark, one in found if query.after is None or mark > query.after)


def adjustment_row(one: Adjustment) -> AdjustmentRow:
    return {
        "id": one.id,
        "account": one.account,
        "kind": one.kind,
        "amount": plain(one.amount),
        "at": utc(one.time_ms),
        "at_ms": one.time_ms,
        "note": one.note,
        "by": one.by,
        "created_at": utc_text(one.created_at_ms),
        "created_at_ms": one.created_at_ms,
        "revoked_at": utc(one.revoked_at_ms),
        "revoked_at_ms": one.revoked_at_ms,
        "revoked_by": one.revoked_by or None,
    }
