"""Money that came in or went out is neither profit nor loss: what equity is compared with moves along. Pure.

A transfer is known a little after it happened: until then it looks like a profit or a loss, and may have set a block.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from undertow.domain.account import Balance
from undertow.domain.guard import AccountGuard, BlockKind, TransfersCounted
from undertow.domain.numbers import ZERO
from undertow.risk.limits import RiskLimits
from undertow.risk.monitor import DAY_MS, loss_pct

LATE_MS: Final = 60_000
"""A transfer that was listed after its moment was passed is taken to be this much older than the last count."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """``amount`` is positive for what came in, quote units."""

    time_ms: int
    amount: Decimal


def counted_since(guard: AccountGuard, now_ms: int) -> int:
    """From when on transfers count: from the first look on. What came before is in the equity that was found."""
    return now_ms if guard.transfers is None else guard.transfers.since_ms


def with_transfers(
    guard: AccountGuard, known: Sequence[Transfer], balance: Balance | None, limits: RiskLimits, until_ms: int
) -> AccountGuard:
    """``guard`` when ``known`` are all transfers since ``counted_since``, up to ``until_ms``. Twice is like once.

    The peak moves from what it was before the transfer: one that was seen between transfer and this moment may hold it
    already. A block that was set since the transfer goes if what is left of the loss would not set it.
    """
    before = guard.transfers or TransfersCounted(until_ms, ZERO, until_ms, guard.peak_equity)
    total = sum((one.amount for one in known), ZERO)
    new = _new(known, total - before.amount, before.settled_at_ms)
    moved = guard
    if new:
        moved = replace(guard, day_start_equity=_day_start(guard, new), peak_equity=_peak(guard, new, before, balance))
        moved = _lifted(moved, BlockKind.DAILY_LOSS, moved.day_start_equity, limits.max_daily_loss_pct, new, balance)
        moved = _lifted(moved, BlockKind.DRAWDOWN, moved.peak_equity, limits.max_drawdown_pct, new, balance)
    settled = TransfersCounted(before.since_ms, total, until_ms, moved.peak_equity)
    return replace(moved, transfers=settled)


def _new(known: Sequence[Transfer], amount: Decimal, settled_at_ms: int) -> tuple[Transfer, ...]:
    """What was not counted yet. Where it is not just the latest ones, one was listed late."""
    latest = tuple(one for one in known if one.time_ms > settled_at_ms)
    if sum((one.amount for one in latest), ZERO) == amount:
        return latest
    return (Transfer(settled_at_ms - LATE_MS, amount),) if amount else ()


def _day_start(guard: AccountGuard, new: Sequence[Transfer]) -> Decimal | None:
    if guard.day_start_equity is None:
        return None
    since_ms = guard.day_started_at_ms or guard.checked_at_ms // DAY_MS * DAY_MS
    return guard.day_start_equity + sum((one.amount for one in new if one.time_ms > since_ms), ZERO)


def _peak(
    guard: AccountGuard, new: Sequence[Transfer], before: TransfersCounted, balance: Balance | None
) -> Decimal | None:
    if guard.peak_equity is None:
        return None
    settled = guard.peak_equity if before.settled_peak is None else before.settled_peak
    # A deposit that was listed late is in the settled peak already; counted again it would look like a fall.
    moved = settled + sum((one.amount for one in new if one.time_ms > before.settled_at_ms or one.amount < 0), ZERO)
    if balance is None or balance.time_ms <= new[-1].time_ms:
        return moved
    return max(moved, balance.equity)


def _lifted(
    guard: AccountGuard,
    kind: BlockKind,
    start: Decimal | None,
    highest: Decimal | None,
    new: Sequence[Transfer],
    balance: Balance | None,
) -> AccountGuard:
    block = guard.blocks.get(kind)
    if block is None or highest is None or balance is None:
        return guard
    first_ms = min(one.time_ms for one in new)
    if block.since_ms < first_ms or balance.time_ms <= first_ms:
        return guard
    return guard.without(kind) if loss_pct(start, balance.equity) < highest else guard
