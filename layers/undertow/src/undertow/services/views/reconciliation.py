"""What reconciliation found: the last pass leg by leg, earlier passes, and every quantity that was set by a word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from typing_extensions import TypedDict

from undertow.domain.account import Account, Mode
from undertow.domain.correction import Correction, CorrectionReason
from undertow.domain.guard import AccountGuard
from undertow.domain.ids import AccountId
from undertow.domain.market import PositionSide
from undertow.domain.numbers import plain
from undertow.domain.reconciliation import LegProof, Proof, ReconciliationReport
from undertow.ports.places import Place, place_of_correction, place_of_report
from undertow.risk.limits import MAX_PROOF_AGE_MS
from undertow.risk.proof import unproven_account
from undertow.services.views.paging import Mark, Marks, Page, page_of, write_cursor
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.sources import Sources

RECONCILIATION: Final = "reconciliation"


class ProofRow(TypedDict):
    """``admits_entries`` is whether the account as a whole is proven; ``unproven`` says which symbols wait, and why."""

    admits_entries: bool
    reason: str
    read_at_ms: EpochMs | None
    age_ms: int | None
    unproven: dict[str, str]


class ReconciliationPass(TypedDict):
    epoch: int
    read_at_ms: EpochMs
    took_ms: int
    proven: bool
    differences: int
    unproven: dict[str, str]
    orders_asked: int
    fills_imported: int
    adopted: int
    adjusted: int
    orphans_canceled: int


class ProvenLeg(TypedDict):
    """One side of a symbol as the ledger and as the venue has it."""

    symbol: str
    side: PositionSide
    ledger_quantity: Figure
    venue_quantity: Figure
    equal: bool
    protected: bool | None
    ledger_orders: int
    venue_orders: int
    foreign_orders: int
    leftovers: int
    doubt: str


class LatestPass(ReconciliationPass):
    legs: list[ProvenLeg]


class CorrectionRow(TypedDict):
    kind: Literal["RECON"]
    time_ms: EpochMs
    symbol: str
    side: PositionSide
    reason: CorrectionReason
    before: Figure
    after: Figure
    entry_price_before: Figure | None
    entry_price_after: Figure | None
    position: str | None
    trade_id: str | None
    epoch: int


class AccountReconciliation(TypedDict):
    """``history`` and ``corrections`` are newest first; ``next_cursor`` is of both, for this account."""

    id: str
    mode: Mode
    proof: ProofRow
    latest: LatestPass | None
    history: list[ReconciliationPass]
    corrections: list[CorrectionRow]
    next_cursor: str | None


class Reconciliation(TypedDict):
    time_ms: EpochMs
    from_ms: EpochMs
    to_ms: EpochMs
    accounts: list[AccountReconciliation]


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class ReconciliationFilter:
    """``limit`` bounds the earlier passes and the corrections, each by itself, and so does ``after``."""

    account: AccountId | None
    from_ms: int
    to_ms: int
    limit: int
    after: Marks | None = None


def reconciliation(sources: Sources, wanted: ReconciliationFilter) -> Reconciliation:
    """A cursor is of one account, whose name goes with it."""
    now_ms = sources.clock.now_ms()
    rows = [_account(sources, account, wanted, now_ms) for account in sources.accounts(wanted.account)]
    return {"time_ms": now_ms, "from_ms": wanted.from_ms, "to_ms": wanted.to_ms, "accounts": rows}


def _account(sources: Sources, account: Account, wanted: ReconciliationFilter, now_ms: int) -> AccountReconciliation:
    kept, span = sources.kept, (account.id, wanted.from_ms, wanted.to_ms, wanted.limit + 1)
    latest = kept.reconciliations.latest(account.id)
    of_passes, of_corrections = (None, None) if wanted.after is None else wanted.after
    begun = wanted.after is not None
    passes = _page(
        lambda after: kept.reconciliations.history(*span, after), place_of_report, wanted.limit, of_passes, begun
    )
    corrections = _page(
        lambda after: kept.ledger.corrections(*span, after), place_of_correction, wanted.limit, of_corrections, begun
    )
    more = passes.next is not None or corrections.next is not None
    return {
        "id": account.id,
        "mode": account.mode,
        "proof": _proof(account, kept.guards.get(account.id), now_ms),
        "latest": None if latest is None else {**_summary(latest), "legs": [_leg(leg) for leg in latest.legs]},
        "history": [_summary(report) for report in passes.rows],
        "corrections": [_correction(one) for one in corrections.rows],
        "next_cursor": write_cursor(RECONCILIATION, passes.next, corrections.next) if more else None,
    }


def _page(
    read: Callable[[Place | None], Sequence[Row]],
    place_of: Callable[[Row], Place],
    limit: int,
    mark: Mark | None,
    begun: bool,
) -> Page[Row]:
    """One of two lists that share a cursor: the one that has ended stays at its end while the other goes on."""
    if begun and mark is None:
        return Page([], None)
    found = read(None if mark is None else Place(mark.time_ms, mark.key))
    return page_of(((Mark(place_of(row).time_ms, "", place_of(row).key), row) for row in found), limit)


def _proof(account: Account, guard: AccountGuard, now_ms: int) -> ProofRow:
    if account.mode is Mode.SIMULATE:
        reason = "the account is at no venue: there is nothing that the ledger could differ from"
        return {"admits_entries": True, "reason": reason, "read_at_ms": None, "age_ms": None, "unproven": {}}
    refused = unproven_account(guard, now_ms, MAX_PROOF_AGE_MS)
    proof = guard.proof
    return {
        "admits_entries": refused is None,
        "reason": "" if refused is None else refused.reason,
        "read_at_ms": None if proof is None else proof.read_at_ms,
        "age_ms": None if proof is None else max(0, now_ms - proof.read_at_ms),
        "unproven": {} if proof is None else _waiting(proof),
    }


def _waiting(proof: Proof) -> dict[str, str]:
    """Why entries wait, by symbol."""
    return {str(symbol): doubt for symbol, doubt in proof.unproven.items()}


def _summary(report: ReconciliationReport) -> ReconciliationPass:
    return {
        "epoch": report.epoch,
        "read_at_ms": report.read_at_ms,
        "took_ms": max(0, report.finished_at_ms - report.read_at_ms),
        "proven": report.is_proven,
        "differences": report.differences,
        "unproven": _waiting(report.proof),
        "orders_asked": report.orders_asked,
        "fills_imported": report.fills_imported,
        "adopted": report.adopted,
        "adjusted": report.adjusted,
        "orphans_canceled": report.orphans_canceled,
    }


def _leg(leg: LegProof) -> ProvenLeg:
    return {
        "symbol": leg.symbol,
        "side": leg.side,
        "ledger_quantity": plain(leg.ledger_quantity),
        "venue_quantity": plain(leg.venue_quantity),
        "equal": leg.equal,
        "protected": leg.protected,
        "ledger_orders": leg.ledger_orders,
        "venue_orders": leg.venue_orders,
        "foreign_orders": leg.foreign_orders,
        "leftovers": leg.leftovers,
        "doubt": leg.doubt,
    }


def _correction(row: Correction) -> CorrectionRow:
    before, after = row.entry_price_before, row.entry_price_after
    return {
        "kind": "RECON",
        "time_ms": row.time_ms,
        "symbol": row.symbol,
        "side": row.side,
        "reason": row.reason,
        "before": plain(row.before),
        "after": plain(row.after),
        "entry_price_before": None if before is None else plain(before),
        "entry_price_after": None if after is None else plain(after),
        "position": row.position,
        "trade_id": None if row.trade_id is None else str(row.trade_id),
        "epoch": row.epoch,
    }
