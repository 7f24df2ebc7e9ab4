"""Look at an account's equity and margin: set and clear its blocks, tell of them, reduce before the venue does."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from undertow.domain.account import Account, Balance
from undertow.domain.guard import AccountGuard, BlockKind
from undertow.domain.ids import Symbol
from undertow.domain.market import MarkPrice
from undertow.domain.numbers import ZERO
from undertow.domain.position import Position
from undertow.ports import (
    AlertLevel,
    Balances,
    Clock,
    Guards,
    Instruments,
    Ledger,
    Meter,
    Notifier,
    ParamsSource,
)
from undertow.risk.limits import HARD_MAX_BALANCE_AGE_MS, MAX_CLOCK_LEAD_MS, RiskLimits
from undertow.risk.monitor import Held, Reduction, check, reduction
from undertow.services.close_position import ClosePosition
from undertow.services.one_by_one import OneByOne
from undertow.services.record_order import ATTEMPTS, LostTooManyRaces

logger = logging.getLogger(__name__)

MAX_MARK_AGE_MS: Final = 10_000
"""Ten of the venue's mark prices. What comes later than this is left to the next tick."""
REDUCTION_SETTLES_MS: Final = 5_000
"""A balance read sooner after a reduction may have been read before its orders filled."""
STORED_AGAIN_AFTER_MS: Final = 30_000
"""When nothing but the time of the look has changed, it is stored this often."""

BLOCK_LEVELS: Final = {BlockKind.EMERGENCY: AlertLevel.CRITICAL}
"""Every other block is of the level high."""


@dataclass(frozen=True, slots=True)
class MonitorAccount:
    ledger: Ledger
    balances: Balances
    guards: Guards
    instruments: Instruments
    params: ParamsSource
    close: ClosePosition
    notifier: Notifier
    clock: Clock
    meter: Meter

    def __call__(self, account: Account, marks: Mapping[Symbol, MarkPrice] | None = None) -> None:
        """One look. Raises LostTooManyRaces, and what a reduction met at the venue once all of them were tried.

        A balance that is missing or too old concludes nothing: what stands goes on standing.
        """
        stored, now_ms = self.balances.latest(account.id), self.clock.now_ms()
        if stored is None or now_ms - stored.time_ms > HARD_MAX_BALANCE_AGE_MS:
            self.meter.count("monitor_without_balance")
            return
        held = [slot.position for slot in self.ledger.slots_in_use(account.id) if slot.position is not None]
        fresh = {symbol: mark for symbol, mark in (marks or {}).items() if is_fresh(mark, now_ms)}
        balance = self._revalued(account, stored, held, fresh)
        limits = self.params.current().globals.limits[account.id].risk
        for _ in range(ATTEMPTS):
            before = self.guards.get(account.id)
            after = check(before, balance, limits, now_ms)
            due = self._due(account, after, held, fresh, balance, limits)
            if due:
                # Stored before anything is sent: of two looks at the same moment only one reduces.
                after = replace(after, reduced_at_ms=now_ms)
            if _only_looked(before, after):
                return
            if self.guards.set(replace(after, version=before.version + 1)):
                self._tell(before, after)
                self._reduce(account, due, now_ms)
                return
        raise LostTooManyRaces(f"the guard of account {account.id} kept changing while it was checked")

    def _revalued(
        self, account: Account, stored: Balance, held: Sequence[Position], fresh: Mapping[Symbol, MarkPrice]
    ) -> Balance:
        """``stored`` with the unrealized profit of now, where it can be told for everything that is held.

        What was realized since is not in the stored wallet yet, and a part taken out of the sum would look like a
        loss or a profit: then the balance stands as it was read. It is read every minute.
        """
        if not held or any(position.symbol not in fresh for position in held):
            return stored
        if any(position.updated_at_ms >= stored.time_ms for position in held):
            return stored
        if self.ledger.closed_positions(account.id, stored.time_ms, self.clock.now_ms() + MAX_CLOCK_LEAD_MS, limit=1):
            return stored
        unrealized = sum((position.unrealized_pnl(fresh[position.symbol].price) for position in held), ZERO)
        return replace(stored, unrealized=unrealized)

    def _due(
        self,
        account: Account,
        guard: AccountGuard,
        held: Sequence[Position],
        fresh: Mapping[Symbol, MarkPrice],
        balance: Balance,
        limits: RiskLimits,
    ) -> tuple[Reduction, ...]:
        """What to close now. Nothing again before a balance was read that knows of the reduction before."""
        if BlockKind.EMERGENCY not in guard.blocks:
            return ()
        if guard.reduced_at_ms is not None and balance.time_ms < guard.reduced_at_ms + REDUCTION_SETTLES_MS:
            return ()
        reducible = []
        for position in held:
            instrument = self.instruments.get(account.venue, position.symbol)
            if instrument is not None:
                # Without a mark price the entry's must do: near liquidation a rough size is better than none.
                mark = fresh[position.symbol].price if position.symbol in fresh else position.entry_price
                reducible.append(Held(position, mark, instrument))
        return reduction(reducible, balance, limits)

    def _tell(self, before: AccountGuard, after: AccountGuard) -> None:
        for kind, block in after.blocks.items():
            if kind not in before.blocks:
                self.meter.count(f"blocked_{kind.value}")
                self.notifier.alert(
                    BLOCK_LEVELS.get(kind, AlertLevel.HIGH),
                    f"blocked#{after.account}#{kind.value}",
                    block.reason,
                    {"account": after.account, "clears": block.clears, **block.inputs},
                )
        for kind, block in before.blocks.items():
            if kind not in after.blocks:
                self.meter.count(f"cleared_{kind.value}")
                self.notifier.resolved(f"blocked#{after.account}#{kind.value}", f"no longer: {block.reason}")

    def _reduce(self, account: Account, due: Sequence[Reduction], now_ms: int) -> None:
        """One position's trouble does not keep the others waiting."""
        if due:
            self.meter.count("emergency_reductions")
        cause, reason = f"emergency#{now_ms // 60_000}", "margin usage is near liquidation"
        with OneByOne(logger) as each:
            for one in due:
                with each.attempt("not_reduced", account=account.id, symbol=one.position.symbol):
                    self.close.reduce(account, one.position, one.quantity, cause, reason)


def is_fresh(mark: MarkPrice, now_ms: int) -> bool:
    """Neither too old to conclude from nor from a clock ahead of ours, of which no age can be told."""
    return -MAX_CLOCK_LEAD_MS <= now_ms - mark.time_ms <= MAX_MARK_AGE_MS


def _only_looked(before: AccountGuard, after: AccountGuard) -> bool:
    same = replace(after, checked_at_ms=before.checked_at_ms) == before
    return same and before.version > 0 and after.checked_at_ms - before.checked_at_ms < STORED_AGAIN_AFTER_MS
