"""What reconciliation found: the last pass leg by leg, earlier passes, and every quantity that was set by a word."""

from dataclasses import dataclass

from undertow.domain.account import Account, Mode
from undertow.domain.correction import Correction
from undertow.domain.guard import AccountGuard
from undertow.domain.ids import AccountId
from undertow.domain.json_text import Json
from undertow.domain.numbers import plain
from undertow.domain.reconciliation import LegProof, Proof, ReconciliationReport
from undertow.risk.limits import MAX_PROOF_AGE_MS
from undertow.risk.proof import unproven_account
from undertow.services.views.sources import Sources


@dataclass(frozen=True, slots=True)
class ReconciliationFilter:
    """``limit`` bounds the earlier passes and the corrections, each by itself."""

    account: AccountId | None
    from_ms: int
    to_ms: int
    limit: int


def reconciliation(sources: Sources, wanted: ReconciliationFilter) -> dict[str, Json]:
    now_ms = sources.clock.now_ms()
    rows: list[Json] = [_account(sources, account, wanted, now_ms) for account in sources.accounts(wanted.account)]
    return {"time_ms": now_ms, "from_ms": wanted.from_ms, "to_ms": wanted.to_ms, "accounts": rows}


def _account(sources: Sources, account: Account, wanted: ReconciliationFilter, now_ms: int) -> dict[str, Json]:
    kept, span = sources.kept, (wanted.from_ms, wanted.to_ms, wanted.limit)
    latest = kept.reconciliations.latest(account.id)
    return {
        "id": account.id,
        "mode": account.mode.value,
        "proof": _proof(account, kept.guards.get(account.id), now_ms),
        "latest": None if latest is None else {**_summary(latest), "legs": [_leg(leg) for leg in latest.legs]},
        "history": [_summary(report) for report in kept.reconciliations.history(account.id, *span)],
        "corrections": [_correction(one) for one in kept.ledger.corrections(account.id, *span)],
    }


def _proof(account: Account, guard: AccountGuard, now_ms: int) -> dict[str, Json]:
    """``admits_entries`` is whether the account as a whole is proven; single symbols may wait all the same."""
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


def _waiting(proof: Proof) -> dict[str, Json]:
    """Why entries wait, by symbol."""
    return {str(symbol): doubt for symbol, doubt in proof.unproven.items()}


def _summary(report: ReconciliationReport) -> dict[str, Json]:
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


def _leg(leg: LegProof) -> dict[str, Json]:
    return {
        "symbol": leg.symbol,
        "side": leg.side.value,
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


def _correction(row: Correction) -> dict[str, Json]:
    before, after = row.entry_price_before, row.entry_price_after
    return {
        "kind": "RECON",
        "time_ms": row.time_ms,
        "symbol": row.symbol,
        "side": row.side.value,
        "reason": row.reason.value,
        "before": plain(row.before),
        "after": plain(row.after),
        "entry_price_before": None if before is None else plain(before),
        "entry_price_after": None if after is None else plain(after),
        "position": row.position,
        "trade_id": None if row.trade_id is None else str(row.trade_id),
        "epoch": row.epoch,
    }
