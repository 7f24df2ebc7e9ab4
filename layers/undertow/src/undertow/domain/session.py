"""Trade sessions: spans of time by which the results of one strategy are told apart. Nothing in them is ever deleted.

A position belongs to the session of its strategy in which it was opened, so starting fresh moves no record.
"""

from dataclasses import dataclass, replace
from typing import NewType

from undertow.domain.ids import AccountId, StrategyId

SessionId = NewType("SessionId", str)


@dataclass(frozen=True, slots=True)
class TradeSession:
    """``archived_at_ms`` is None while the session is open. ``version`` grows by one with every stored change."""

    id: SessionId
    account: AccountId
    strategy: StrategyId
    opened_at_ms: int
    opened_by: str
    note: str = ""
    archived_at_ms: int | None = None
    archived_by: str = ""
    version: int = 0

    @property
    def is_open(self) -> bool:
        return self.archived_at_ms is None

    def holds(self, moment_ms: int) -> bool:
        return self.opened_at_ms <= moment_ms and (self.archived_at_ms is None or moment_ms < self.archived_at_ms)

    def archived(self, by: str, now_ms: int) -> "TradeSession":
        return replace(self, archived_at_ms=now_ms, archived_by=by, version=self.version + 1)
