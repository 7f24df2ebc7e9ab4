"""Whether everything runs: streams, parameters, venue, orders without an answer, reconciliation, imports, failures."""

from collections.abc import Sequence
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.account import Account, Heartbeat
from undertow.domain.imports import Checkpoint
from undertow.domain.market import Venue
from undertow.domain.order import Order, OrderState
from undertow.domain.reconciliation import ReconciliationReport
from undertow.services.read_books import complete_to_ms
from undertow.services.views import render
from undertow.services.views.contacts import Contacted, contacted
from undertow.services.views.failures import Failures, failures
from undertow.services.views.latency import Latencies, latencies
from undertow.services.views.recorded_gaps import GapRow, gap_rows
from undertow.services.views.sources import Sources

DAY_MS: Final = 24 * 3_600_000
MOST_PASSES: Final = 50
MOST_GAPS: Final = 50
BEING_SENT_MS: Final = 5_000
"""An order on its way for less than this is no trouble: the venue is given so long for its first word."""
LATE_MS: Final = 30_000
"""Three beats of a worker."""


class WorkerRow(TypedDict):
    """Ages are null for what never came. ``late``: it gave no sign of life for three beats."""

    worker: str
    late: bool
    beat_ms: int
    running_ms: int
    market_age_ms: int | None
    user_age_ms: int | None
    listen_key_age_ms: int | None
    loop_lag_ms: int
    frames_in: int
    liquidations_in: int
    quarantined: int
    dropped: int
    reconnects: int
    window_covered: bool


class Gaps(TypedDict):
    """Of the last 24 hours. ``total_ms`` counts an open one until now; overlapping ones count each."""

    from_ms: int
    count: int
    total_ms: int
    latest: list[GapRow]


class VenueRow(TypedDict):
    """``blocked_until_ms`` is null while the venue may be called."""

    venue: str
    blocked_until_ms: int | None
    entries_only: bool
    reason: str
    gaps: Gaps
    asked: Contacted


class UnknownOrder(TypedDict):
    account: str
    client_order_id: str
    symbol: str
    side: str
    purpose: str
    state: str
    created_at_ms: int
    age_ms: int
    not_found: int
    reason: str


class PassRow(TypedDict):
    """``doubts`` are why entries wait, by symbol."""

    epoch: int
    read_at_ms: int
    took_ms: int
    proven: bool
    differences: int
    adopted: int
    adjusted: int
    fills_imported: int
    doubts: dict[str, str]


class ReconciledAccount(TypedDict):
    """``history`` are the passes of 24 hours that found something else than the one before, newest first."""

    account: str
    mode: str
    latest: PassRow | None
    history: list[PassRow]


class JobRow(TypedDict):
    """``remaining_ms`` is null while there is no pace yet, ``error`` is empty when the last try went well."""

    stream: str
    done_pct: int
    rows: int
    caught_up_ms: int | None
    updated_ms: int | None
    remaining_ms: int | None
    error: str


class ImportedAccount(TypedDict):
    """``complete_to_ms`` is until when every stream has come; null before the first import."""

    account: str
    complete_to_ms: int | None
    jobs: list[JobRow]


class ParametersRead(TypedDict):
    """``age_ms`` is of the copy that this API decides nothing by; the functions that trade each have their own."""

    globals: str
    age_ms: int


class Operations(TypedDict):
    time_ms: int
    version: str
    workers: list[WorkerRow]
    venues: list[VenueRow]
    parameters: ParametersRead
    latency: Latencies
    unknown_orders: list[UnknownOrder]
    reconciliation: list[ReconciledAccount]
    imports: list[ImportedAccount]
    failures: Failures


def operations(sources: Sources, version: str) -> Operations:
    """``version`` is that of the code that answers."""
    now_ms, params = sources.clock.now_ms(), sources.params.current()
    accounts = list(sources.accounts(None))
    return {
        "time_ms": now_ms,
        "version": version,
        "workers": [_worker(one, now_ms) for one in sources.kept.heartbeats.all()],
        "venues": [_venue(sources, venue, now_ms) for venue in sorted({account.venue for account in accounts})],
        "parameters": {"globals": params.globals.version, "age_ms": params.age_ms(now_ms)},
        "latency": latencies(sources, accounts, now_ms),
        "unknown_orders": _unknown_orders(sources, accounts, now_ms),
        "reconciliation": [_reconciled(sources, account, now_ms) for account in accounts],
        "imports": [_imported(sources, account, now_ms) for account in accounts],
        "failures": failures(sources, now_ms),
    }


def _worker(beat: Heartbeat, now_ms: int) -> WorkerRow:
    def age(time_ms: int | None) -> int | None:
        return None if time_ms is None else max(0, now_ms - time_ms)

    return {
        "worker": beat.worker,
        "late": now_ms - beat.time_ms > LATE_MS,
        "beat_ms": beat.time_ms,
        "running_ms": max(0, beat.time_ms - beat.epoch),
        "market_age_ms": age(beat.last_market_event_ms),
        "user_age_ms": age(beat.last_user_event_ms),
        "listen_key_age_ms": age(beat.listen_key_renewed_at_ms),
        "loop_lag_ms": beat.loop_lag_ms,
        "frames_in": beat.frames_in,
        "liquidations_in": beat.liquidations_in,
        "quarantined": beat.quarantined,
        "dropped": beat.dropped,
        "reconnects": beat.reconnects,
        "window_covered": beat.window_covered,
    }


def _venue(sources: Sources, venue: Venue, now_ms: int) -> VenueRow:
    health = sources.kept.healths.get(venue)
    blocked = health.blocks(now_ms)
    return {
        "venue": venue.value,
        "blocked_until_ms": health.blocked_until_ms if blocked else None,
        "entries_only": blocked and health.entries_only,
        "reason": health.reason if blocked else "",
        "gaps": _gaps(sources, venue, now_ms),
        "asked": contacted(sources, venue, now_ms),
    }


def _gaps(sources: Sources, venue: Venue, now_ms: int) -> Gaps:
    from_ms = now_ms - DAY_MS
    rows = gap_rows(sources, venue, from_ms, now_ms)

    def length_ms(row: GapRow) -> int:
        to_ms = row["to_ms"]
        return max(0, (now_ms if to_ms is None else to_ms) - max(from_ms, row["from_ms"]))

    return {
        "from_ms": from_ms,
        "count": len(rows),
        "total_ms": sum(length_ms(row) for row in rows),
        "latest": rows[::-1][:MOST_GAPS],
    }


def _unknown_orders(sources: Sources, accounts: Sequence[Account], now_ms: int) -> list[UnknownOrder]:
    """Oldest first: those that the venue has not answered for, or says it does not know."""
    found = [
        order
        for account in accounts
        for order in sources.kept.orders.unfinished(account.id)
        if order.state in render.UNCERTAIN and not _is_being_sent(order, now_ms)
    ]
    return [_unknown(order, now_ms) for order in sorted(found, key=lambda order: order.created_at_ms)]


def _is_being_sent(order: Order, now_ms: int) -> bool:
    return order.state is OrderState.IN_FLIGHT and now_ms - order.created_at_ms < BEING_SENT_MS


def _unknown(order: Order, now_ms: int) -> UnknownOrder:
    intent = order.intent
    return {
        "account": intent.account,
        "client_order_id": order.client_order_id,
        "symbol": intent.symbol,
        "side": intent.side.value,
        "purpose": intent.purpose.value,
        "state": order.state.value,
        "created_at_ms": order.created_at_ms,
        "age_ms": max(0, now_ms - order.created_at_ms),
        "not_found": order.not_found,
        "reason": order.reason,
    }


def _reconciled(sources: Sources, account: Account, now_ms: int) -> ReconciledAccount:
    kept = sources.kept.reconciliations
    latest = kept.latest(account.id)
    return {
        "account": account.id,
        "mode": account.mode.value,
        "latest": None if latest is None else _pass(latest),
        "history": [_pass(one) for one in kept.history(account.id, now_ms - DAY_MS, now_ms, MOST_PASSES)],
    }


def _pass(report: ReconciliationReport) -> PassRow:
    return {
        "epoch": report.epoch,
        "read_at_ms": report.read_at_ms,
        "took_ms": max(0, report.finished_at_ms - report.read_at_ms),
        "proven": report.is_proven,
        "differences": report.differences,
        "adopted": report.adopted,
        "adjusted": report.adjusted,
        "fills_imported": report.fills_imported,
        "doubts": {str(symbol): doubt for symbol, doubt in report.proof.unproven.items()},
    }


def _imported(sources: Sources, account: Account, now_ms: int) -> ImportedAccount:
    streams = sources.kept.checkpoints.of_account(account.id)
    return {
        "account": account.id,
        "complete_to_ms": complete_to_ms(streams),
        "jobs": [_job(one, now_ms) for one in streams],
    }


def _job(one: Checkpoint, now_ms: int) -> JobRow:
    return {
        "stream": one.stream,
        "done_pct": one.done_pct,
        "rows": one.rows,
        "caught_up_ms": one.caught_up_at_ms,
        "updated_ms": one.updated_at_ms,
        "remaining_ms": one.remaining_ms(now_ms),
        "error": one.error,
    }
