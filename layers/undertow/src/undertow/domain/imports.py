"""How far an import of the venue's history has come. A checkpoint is stored after every page."""

from dataclasses import dataclass, replace
from typing import Final

from undertow.domain.ids import AccountId, TradeId

INCOME_STREAM = "income"
PAGE: Final = 1_000
"""Rows of a full page: the most that the venue gives at once (aster.md section 11)."""
LONGEST_SPAN_MS: Final = 7 * 24 * 3_600_000
"""Of one question for trades by time."""


@dataclass(frozen=True, slots=True)
class Span:
    """Of time, both ends included."""

    from_ms: int
    to_ms: int


def trades_stream(symbol: str) -> str:
    return f"trades#{symbol}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``stream`` is ``income`` or ``trades#SYMBOL``.

    Everything from ``from_ms`` up to ``cursor_ms`` is imported (the millisecond of the cursor itself is asked for
    again); with ``next_trade_id`` the trades below that id are. ``target_ms`` is where this run wants to arrive, for
    the progress that people see. ``run_started_at_ms`` is when the stream was first imported. ``error`` is why the last
    run ended early, empty when it did not. ``version`` grows by one with every stored change.
    """

    account: AccountId
    stream: str
    from_ms: int
    cursor_ms: int
    target_ms: int
    updated_at_ms: int
    next_trade_id: TradeId | None = None
    pages: int = 0
    rows: int = 0
    chunk: int = 0
    chunks: int = 0
    caught_up_at_ms: int | None = None
    run_started_at_ms: int = 0
    error: str = ""
    version: int = 0

    @property
    def done_pct(self) -> int:
        """Of the span of time, 0 to 100."""
        if self.caught_up_at_ms is not None or self.target_ms <= self.from_ms:
            return 100
        return max(0, min(100, (self.cursor_ms - self.from_ms) * 100 // (self.target_ms - self.from_ms)))

    def remaining_ms(self, now_ms: int) -> int | None:
        """Estimate from the pace of this run; None while there is none."""
        passed_ms, done_ms = now_ms - self.run_started_at_ms, self.cursor_ms - self.from_ms
        if self.caught_up_at_ms is not None:
            return 0
        if self.run_started_at_ms == 0 or done_ms <= 0 or passed_ms <= 0:
            return None
        return (self.target_ms - self.cursor_ms) * passed_ms // done_ms

    def stored(self, now_ms: int) -> "Checkpoint":
        return replace(self, updated_at_ms=now_ms, version=self.version + 1)
