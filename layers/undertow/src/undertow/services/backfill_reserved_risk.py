"""Give open positions the reserved risk that was never reserved: rows from before there was any, and adopted ones.

A position without it counts for nothing in the portfolio limit, however much it risks. Amounts are quote units.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from undertow.domain.account import Account
from undertow.domain.ids import AccountId, ClientOrderId, StrategyId, client_order_id
from undertow.domain.json_text import write_json
from undertow.domain.ladder import LadderPlan, StopAnchor
from undertow.domain.numbers import HUNDRED, ZERO
from undertow.domain.position import NOTHING_RESERVED, Position, Slot, ladder_key
from undertow.domain.session import SessionId
from undertow.ports import Audit, AuditRow, LedgerEntry, WriteOutcome
from undertow.risk.budget import loss_at_stop, portfolio_cap
from undertow.risk.protection import ProtectionParams, stop_price
from undertow.services.sessions import TradeSessions
from undertow.services.views.book import Book, read_book
from undertow.services.views.sources import Sources

_ATTEMPTS: Final = 5


class Source(StrEnum):
    """What the reserve was computed from. It stays with the position as its ``risk_flag``.

    PLAN: the stop of its ladder's plan. STRATEGY: its strategy's stop percentage, or the policy for positions of
    others. STANDING_STOP: the stop at the venue. LEGACY: none of these is known, so what filled counts to the
    liquidation price, or whole.
    """

    PLAN = "plan"
    STRATEGY = "strategy"
    STANDING_STOP = "standing_stop"
    LEGACY = "legacy"


@dataclass(frozen=True, slots=True)
class Gap:
    """A position without reserved risk and the reserve it is to have. ``outcome`` is empty until it was applied."""

    position: Position
    session: SessionId | None
    filled: Decimal
    reserve: Decimal
    source: Source
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class BookSummary:
    """One account before and after. ``filled`` counts all its positions, ``cap`` is None without a balance."""

    account: AccountId
    positions: int
    filled: Decimal
    reserved_before: Decimal
    reserved_after: Decimal
    cap: Decimal | None
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class BackfillReservedRisk:
    sources: Sources
    sessions: TradeSessions
    audit: Audit

    def __call__(
        self, by: str, *, apply: bool, strategy: StrategyId | None = None, session: SessionId | None = None
    ) -> tuple[BookSummary, ...]:
        """Every account, unless ``strategy`` or ``session`` narrows it. Writes nothing without ``apply``."""
        return tuple(
            self._account(account, by, apply, strategy, session) for account in tuple(self.sources.accounts(None))
        )

    def _account(
        self, account: Account, by: str, apply: bool, strategy: StrategyId | None, session: SessionId | None
    ) -> BookSummary:
        book = read_book(self.sources, account)
        gaps = tuple(
            gap
            for slot in book.slots
            for gap in self._gap(book, slot)
            if strategy in (None, gap.position.strategy) and session in (None, gap.session)
        )
        before = book.totals.risk
        after = before + sum((gap.reserve for gap in gaps), ZERO)
        if apply:
            gaps = tuple(self._applied(account, gap, by) for gap in gaps)
            after = self.sources.kept.ledger.totals(account.id).risk
        held = list(book.positions)
        return BookSummary(
            account=account.id,
            positions=len(held),
            filled=sum((book.filled_risk_of(position) for position in held), ZERO),
            reserved_before=before,
            reserved_after=after,
            cap=None if book.equity is None else portfolio_cap(book.limits.risk, book.equity),
            gaps=gaps,
        )

    def _gap(self, book: Book, slot: Slot) -> Iterator[Gap]:
        """A position at whose stop nothing would be lost needs no reserve, and is none."""
        position = slot.position
        if position is None or slot.reserved_risk > 0:
            return
        stop, source = self._stop(book, slot, position)
        filled = book.filled_risk_of(position)
        reserve = filled if stop is None else _loss(book, position, stop)
        if reserve > 0:
            yield Gap(position, self._session_of(position), filled, reserve, source)

    def _stop(self, book: Book, slot: Slot, position: Position) -> tuple[Decimal | None, Source]:
        """The farther of the stop that stands and the one that is configured: a reserve is an upper bound."""
        standing = book.stop_of(position)
        if slot.ladder is not None:
            return _farther(position, _planned_stop(position, slot.ladder.plan), standing), Source.PLAN
        params, instrument = self._protection(position), book.instruments.get(position.symbol)
        if params is not None and instrument is not None:
            return _farther(position, stop_price(position, params, instrument), standing), Source.STRATEGY
        return standing, Source.LEGACY if standing is None else Source.STANDING_STOP

    def _protection(self, position: Position) -> ProtectionParams | None:
        current = self.sources.params.current()
        if position.strategy is None:
            return current.globals.external.protection
        strategy = current.strategies.get(position.strategy)
        params = None if strategy is None else strategy.symbols.get(position.symbol)
        return None if params is None else params.protection

    def _session_of(self, position: Position) -> SessionId | None:
        if position.strategy is None:
            return None
        found = self.sessions.session_at(position.account, position.strategy, position.opened_at_ms)
        return None if found is None else found.id

    def _applied(self, account: Account, gap: Gap, by: str) -> Gap:
        """Written under the slot's version. What changed meanwhile is looked at again; what is gone is left alone."""
        ledger = self.sources.kept.ledger
        for _ in range(_ATTEMPTS):
            slot = ledger.slot(account.id, gap.position.symbol, gap.position.side)
            found = next(self._gap(read_book(self.sources, account), slot), None)
            if found is None or slot.position is None or slot.position.id != gap.position.id:
                return replace(gap, reserve=ZERO, outcome="no longer needed")
            after = _with_reserve(slot, found)
            self._record(slot, found, by)
            if ledger.write(LedgerEntry(slot, after)) is WriteOutcome.WRITTEN:
                return replace(found, outcome="reserved")
        return replace(gap, reserve=ZERO, outcome="changed all the time, nothing written: run it again")

    def _record(self, slot: Slot, gap: Gap, by: str) -> None:
        self.audit.append(
            AuditRow(
                time_ms=self.sources.clock.now_ms(),
                by=by,
                action="risk:backfill",
                subject=f"{slot.account}:{slot.symbol}:{slot.side.value}",
                before=write_json({"reserved": slot.reserved_risk, "position": gap.position.id}),
                after=write_json({"reserved": gap.reserve, "source": gap.source.value}),
            )
        )


def _loss(book: Book, position: Position, stop: Decimal) -> Decimal:
    return loss_at_stop(position.side, position.quantity, position.entry_price, stop, book.limits.risk)


def _planned_stop(position: Position, plan: LadderPlan) -> Decimal:
    if plan.anchor is StopAnchor.SIGNAL:
        return plan.stop_price
    return position.entry_price * (1 - position.side.sign * plan.stop_loss_pct / HUNDRED)


def _farther(position: Position, configured: Decimal, standing: Decimal | None) -> Decimal:
    if standing is None:
        return configured
    return min(configured, standing, key=lambda stop: position.side.sign * stop)


def _with_reserve(slot: Slot, gap: Gap) -> Slot:
    """On the entry that opened the position where the slot knows it, else under a key of its own."""
    living = {entry.client_order_id for entry in slot.entries}
    if slot.ladder is not None:
        living.add(ladder_key(slot.ladder.plan.id))
    key = next((order for order in slot.reserved if order not in living), _own_key(gap.position))
    held = slot.reserved.get(key, NOTHING_RESERVED).plus(ZERO, ZERO, gap.reserve)
    flagged = replace(gap.position, risk_flag=gap.source.value)
    return replace(slot, position=flagged, reserved={**slot.reserved, key: held})


def _own_key(position: Position) -> ClientOrderId:
    return client_order_id("b", "backfill", position.account, position.id)
