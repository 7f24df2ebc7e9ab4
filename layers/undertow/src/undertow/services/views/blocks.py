"""What stands against new entries now, since when, and what clears it; and why single signals were refused lately."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.account import Account, Heartbeat
from undertow.domain.decision import Outcome
from undertow.domain.ids import AccountId
from undertow.ports import Parameters
from undertow.risk.limits import HARD_MAX_PARAMS_AGE_MS
from undertow.services.views.blocks_of_account import of_account
from undertow.services.views.blocks_of_strategies import of_cascades, of_strategies, of_symbols
from undertow.services.views.book import Book, read_book
from undertow.services.views.render import EpochMs
from undertow.services.views.sources import Sources
from undertow.services.views.standing import HEARTBEAT_LATE_MS, Standing

RECENT_MS: Final = 3_600_000
_MOST_DECISIONS: Final = 500


class BlockRow(TypedDict):
    """``scope`` says what it holds up; times are null where nobody kept them. ``inputs`` are the figures behind it."""

    kind: str
    scope: str
    since_ms: EpochMs | None
    for_ms: int | None
    reason: str
    clears: str
    inputs: dict[str, str]


class Refusals(TypedDict):
    """Signals of the last hour that were refused, by the gate that said no."""

    from_ms: EpochMs
    decisions: int
    truncated: bool
    by_gate: dict[str, int]


class Blocks(TypedDict):
    """``counts`` are of ``blocks``, by kind."""

    time_ms: EpochMs
    blocks: list[BlockRow]
    counts: dict[str, int]
    refusals: Refusals


def blocks(sources: Sources, only: AccountId | None) -> Blocks:
    params, now_ms = sources.params.current(), sources.clock.now_ms()
    accounts = list(sources.accounts(only))
    found = standing_blocks(sources, params, [read_book(sources, account) for account in accounts], now_ms)
    return {
        "time_ms": now_ms,
        "blocks": [_row(standing, now_ms) for standing in found],
        "counts": dict(Counter(standing.kind for standing in found)),
        "refusals": _refusals(sources, accounts, now_ms),
    }


def standing_blocks(sources: Sources, params: Parameters, books: Sequence[Book], now_ms: int) -> list[Standing]:
    found = [*_of_parameters(params, now_ms), *_of_workers(sources.kept.heartbeats.all(), now_ms)]
    for book in books:
        strategies = [one for _, one in sorted(params.strategies.items()) if one.account == book.account.id]
        found += [
            *of_account(book),
            *of_strategies(strategies),
            *of_symbols(book, strategies),
            *of_cascades(sources.kept.cascades.latest(book.account.venue), book.account, strategies, now_ms),
        ]
    return found


def _row(standing: Standing, now_ms: int) -> BlockRow:
    return {
        "kind": standing.kind,
        "scope": standing.scope,
        "since_ms": standing.since_ms,
        "for_ms": None if standing.since_ms is None else max(0, now_ms - standing.since_ms),
        "reason": standing.reason,
        "clears": standing.clears,
        "inputs": dict(standing.inputs),
    }


def _refusals(sources: Sources, accounts: Sequence[Account], now_ms: int) -> Refusals:
    """Of the last hour, by the gate that said no."""
    recent = [
        decision
        for account in accounts
        for decision in sources.kept.decisions.recent(account.id, now_ms - RECENT_MS, now_ms, _MOST_DECISIONS)
    ]
    refused = Counter(decision.gate for decision in recent if decision.outcome is Outcome.REFUSED)
    return {
        "from_ms": now_ms - RECENT_MS,
        "decisions": len(recent),
        "truncated": len(recent) >= _MOST_DECISIONS,
        "by_gate": dict(refused.most_common()),
    }


def _of_parameters(params: Parameters, now_ms: int) -> Iterator[Standing]:
    age_ms = params.age_ms(now_ms)
    if age_ms > HARD_MAX_PARAMS_AGE_MS:
        yield Standing(
            "stale_parameters",
            "all",
            now_ms - age_ms + HARD_MAX_PARAMS_AGE_MS,
            "the parameters could not be read for too long: old limits are no limits",
            "the parameter store answers again",
            {"age_ms": str(age_ms), "max_age_ms": str(HARD_MAX_PARAMS_AGE_MS)},
        )


def _of_workers(heartbeats: Sequence[Heartbeat], now_ms: int) -> Iterator[Standing]:
    """One worker that is heard is enough: it sees the whole feed."""
    latest = max(heartbeats, key=lambda heartbeat: heartbeat.time_ms, default=None)
    clears = "the stream worker reports again"
    if latest is None:
        yield Standing("worker_silent", "all", None, "no stream worker has ever reported: nothing is seen", clears)
        return
    age_ms = now_ms - latest.time_ms
    if age_ms > HEARTBEAT_LATE_MS:
        inputs = {"worker": latest.worker, "age_ms": str(age_ms), "late_ms": str(HEARTBEAT_LATE_MS)}
        yield Standing("worker_silent", "all", latest.time_ms, "the stream worker is not heard", clears, inputs)
    elif not latest.window_covered:
        yield Standing(
            "window_not_covered",
            "all",
            None,
            "the worker has not yet seen a whole window since its start or since a gap in the stream",
            "a whole window has passed without a gap",
            {"worker": latest.worker},
        )
