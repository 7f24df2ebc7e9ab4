"""What the monitor of an account finds: margin that runs short, the loss of a day, the fall from the peak. Pure.

Profit and loss are taken from equity, so a deposit or a withdrawal looks like one until the import of incomes tells of
it (``risk.transfers``): until then a withdrawal can stop entries, a deposit can hide a loss.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from undertow.domain.account import Balance
from undertow.domain.guard import AccountGuard, Block, BlockKind
from undertow.domain.instrument import Instrument
from undertow.domain.numbers import HUNDRED, ZERO, ceil_to, figure, floor_to, plain
from undertow.domain.position import Position
from undertow.risk.limits import RiskLimits
from undertow.risk.liquidation import maintenance_margin
from undertow.risk.margin import maintenance_usage_pct

DAY_MS: Final = 24 * 3_600_000
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


def check(guard: AccountGuard, balance: Balance, limits: RiskLimits, now_ms: int) -> AccountGuard:
    """``guard`` after one look at ``balance``. Its version is the caller's to raise when it stores the result.

    A margin usage that is not known changes nothing about margin: a block that stands goes on standing.
    """
    looked = replace(_on_day(guard, balance, now_ms), checked_at_ms=now_ms)
    looked = replace(looked, peak_equity=max(looked.peak_equity or ZERO, balance.equity))
    for look in (_margin, _daily_loss, _drawdown):
        looked = look(looked, balance, limits, now_ms)
    return looked


def utc_day(now_ms: int) -> str:
    return date.fromordinal(_EPOCH_DAY + now_ms // DAY_MS).isoformat()


def reset_drawdown(guard: AccountGuard, equity: Decimal) -> AccountGuard:
    """A person cleared the drawdown stop: the peak counts from ``equity`` on."""
    counted = None if guard.transfers is None else replace(guard.transfers, settled_peak=equity)
    return replace(guard.without(BlockKind.DRAWDOWN), peak_equity=equity, transfers=counted)


def loss_pct(start: Decimal | None, equity: Decimal) -> Decimal:
    """How much of ``start`` is gone; zero when nothing is, or when there was nothing to lose."""
    if start is None or start <= 0:
        return ZERO
    return max(ZERO, start - equity) / start * HUNDRED


@dataclass(frozen=True, slots=True)
class Held:
    """An open position with the market that it would be reduced in."""

    position: Position
    mark: Decimal
    instrument: Instrument

    def maintenance(self, quantity: Decimal) -> Decimal:
        return maintenance_margin(quantity * self.mark, self.instrument.brackets)


@dataclass(frozen=True, slots=True)
class Reduction:
    """Close ``quantity`` of ``position`` at market; all of it when the two are equal."""

    position: Position
    quantity: Decimal


def reduction(held: Sequence[Held], balance: Balance, limits: RiskLimits) -> tuple[Reduction, ...]:
    """What to close so that margin usage comes below ``margin_resume_pct``: the largest consumers of it first.

    Only our own positions: an external one is its owner's. Closing costs fee and slippage, which come off equity.
    Empty when usage is below already or not known. When even closing everything would not do, everything is closed.
    A position whose leverage tiers are unknown comes first and is closed whole: what it consumes cannot be told.
    """
    if balance.maintenance_margin is None:
        return ()
    cost_share = (limits.taker_fee_pct + limits.stop_slippage_pct) / HUNDRED
    left = _Left(balance.maintenance_margin, balance.equity, limits.margin_resume_pct)
    ours = [one for one in held if not one.position.is_external and one.position.quantity > 0]
    chosen: list[Reduction] = []
    for one in sorted(ours, key=_consumption, reverse=True):
        if left.is_enough:
            break
        quantity = _enough_of(one, left, cost_share)
        left = _after(one, quantity, left, cost_share)
        chosen.append(Reduction(one.position, quantity))
    return tuple(chosen)


@dataclass(frozen=True, slots=True)
class _Left:
    """Of the account, after what was chosen so far."""

    maintenance: Decimal
    equity: Decimal
    below_pct: Decimal

    @property
    def is_enough(self) -> bool:
        return self.maintenance == 0 or self.maintenance * HUNDRED < self.equity * self.below_pct


def _consumption(one: Held) -> tuple[bool, Decimal]:
    known = bool(one.instrument.brackets)
    return not known, one.maintenance(one.position.quantity) if known else one.position.quantity * one.mark


def _after(one: Held, quantity: Decimal, left: _Left, cost_share: Decimal) -> _Left:
    whole, cost = one.position.quantity, quantity * one.mark * cost_share
    freed = one.maintenance(whole) - one.maintenance(whole - quantity) if one.instrument.brackets else ZERO
    return _Left(max(ZERO, left.maintenance - freed), left.equity - cost, left.below_pct)


def _enough_of(one: Held, left: _Left, cost_share: Decimal) -> Decimal:
    """The smallest number of market lots that is enough; the whole position where no part of it is, or can be sent."""
    whole, step = one.position.quantity, one.instrument.market_lot_size
    if not one.instrument.brackets or step <= 0:
        return whole
    least = max(1, int(ceil_to(one.instrument.market_min_quantity, step) / step))
    most = int(floor_to(whole, step) / step)
    if least > most or not _after(one, most * step, left, cost_share).is_enough:
        return whole
    while least < most:
        middle = (least + most) // 2
        if _after(one, middle * step, left, cost_share).is_enough:
            most = middle
        else:
            least = middle + 1
    remainder = whole - most * step
    return whole if remainder < one.instrument.market_min_quantity else most * step


def _on_day(guard: AccountGuard, balance: Balance, now_ms: int) -> AccountGuard:
    """A new UTC day starts from the equity that it finds. A clock that steps back starts no day again."""
    today = utc_day(now_ms)
    if today < guard.day or (today == guard.day and guard.day_start_equity is not None):
        return guard
    started = guard.without(BlockKind.DAILY_LOSS)
    return replace(started, day=today, day_start_equity=balance.equity, day_started_at_ms=balance.time_ms)


def _margin(guard: AccountGuard, balance: Balance, limits: RiskLimits, now_ms: int) -> AccountGuard:
    """Set at its threshold, cleared only below the lower one: between them what was stays."""
    usage = maintenance_usage_pct(balance)
    if usage is None:
        return guard
    clears = f"margin usage below {plain(limits.margin_resume_pct)} %"
    for kind, sets_at, reason in (
        (BlockKind.MARGIN_USAGE, limits.margin_pause_pct, "the positions need too much of the equity as margin"),
        (BlockKind.EMERGENCY, limits.emergency_reduce_pct, "liquidation is near: positions are being reduced"),
    ):
        inputs = {"margin_usage_pct": figure(usage), "equity": figure(balance.equity), "limit_pct": plain(sets_at)}
        if usage >= sets_at:
            guard = guard.with_block(Block(kind, now_ms, reason, clears, inputs), kind)
        elif usage < limits.margin_resume_pct:
            guard = guard.without(kind)
    return guard


def _daily_loss(guard: AccountGuard, balance: Balance, limits: RiskLimits, now_ms: int) -> AccountGuard:
    highest, start = limits.max_daily_loss_pct, guard.day_start_equity
    if highest is None:
        return guard.without(BlockKind.DAILY_LOSS)
    lost = loss_pct(start, balance.equity)
    if start is None or lost == 0 or lost < highest:
        return guard
    reason = "the account lost too much since the UTC day began"
    inputs = {"day_start_equity": figure(start), **_lost(lost, balance, highest)}
    block = Block(BlockKind.DAILY_LOSS, now_ms, reason, "the next UTC day", inputs)
    return guard.with_block(block, BlockKind.DAILY_LOSS)


def _drawdown(guard: AccountGuard, balance: Balance, limits: RiskLimits, now_ms: int) -> AccountGuard:
    highest, peak = limits.max_drawdown_pct, guard.peak_equity
    if highest is None:
        return guard.without(BlockKind.DRAWDOWN)
    lost = loss_pct(peak, balance.equity)
    if peak is None or lost == 0 or lost < highest:
        return guard
    inputs = {"peak_equity": figure(peak), **_lost(lost, balance, highest)}
    block = Block(
        BlockKind.DRAWDOWN, now_ms, "the account fell too far from its peak", "a person, who resets it", inputs
    )
    return guard.with_block(block, BlockKind.DRAWDOWN)


def _lost(lost: Decimal, balance: Balance, highest: Decimal) -> dict[str, str]:
    return {"loss_pct": figure(lost), "equity": figure(balance.equity), "limit_pct": plain(highest)}
