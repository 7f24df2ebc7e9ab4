"""How many decisions fell, by reason and over time."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.decision import Decision, Outcome
from undertow.services.views.decisions import DecisionFilter
from undertow.services.views.gates import TITLES
from undertow.services.views.render import EpochMs
from undertow.services.views.sources import Sources

MOST_READ: Final = 2_000
"""Of each account, newest first: what came before is not counted, and the answer says from when it counts."""
MOST_BUCKETS: Final = 48
_LENGTHS_MS: Final = tuple(minutes * 60_000 for minutes in (1, 5, 15, 30, 60, 180, 360, 1_440, 2_880))


class Bucket(TypedDict):
    from_ms: EpochMs
    taken: int
    simulated: int
    gates: dict[str, int]


class GateCount(TypedDict):
    gate: str
    title: str
    count: int
    last_ms: EpochMs


class DecisionCounts(TypedDict):
    """``counted_from_ms`` is later than ``from_ms`` where there were too many to read."""

    time_ms: EpochMs
    from_ms: EpochMs
    to_ms: EpochMs
    counted_from_ms: EpochMs
    truncated: bool
    bucket_ms: int
    decisions: int
    outcomes: dict[str, int]
    gates: list[GateCount]
    symbols: dict[str, int]
    strategies: dict[str, int]
    buckets: list[Bucket]


def decision_counts(sources: Sources, wanted: DecisionFilter) -> DecisionCounts:
    found: list[Decision] = []
    counted_from_ms = wanted.from_ms
    for account in sources.accounts(wanted.account):
        recent = sources.kept.decisions.recent(account.id, wanted.from_ms, wanted.to_ms, MOST_READ)
        if len(recent) >= MOST_READ:
            counted_from_ms = max(counted_from_ms, recent[-1].decided_at_ms)
        found += recent
    counted = [one for one in found if one.decided_at_ms >= counted_from_ms and wanted.admits(one)]
    length_ms = _length_ms(wanted.to_ms - wanted.from_ms)
    return {
        "time_ms": sources.clock.now_ms(),
        "from_ms": wanted.from_ms,
        "to_ms": wanted.to_ms,
        "counted_from_ms": counted_from_ms,
        "truncated": counted_from_ms > wanted.from_ms,
        "bucket_ms": length_ms,
        "decisions": len(counted),
        "outcomes": dict(Counter(one.outcome.value for one in counted)),
        "gates": _gates(counted),
        "symbols": dict(Counter(str(one.symbol) for one in counted).most_common()),
        "strategies": dict(Counter(str(one.strategy) for one in counted).most_common()),
        "buckets": _buckets(counted, length_ms),
    }


def _length_ms(range_ms: int) -> int:
    return next((one for one in _LENGTHS_MS if range_ms <= one * MOST_BUCKETS), _LENGTHS_MS[-1])


def _gates(counted: Sequence[Decision]) -> list[GateCount]:
    refused = [one for one in counted if one.outcome is Outcome.REFUSED]
    last: dict[str, int] = {}
    for one in refused:
        last[one.gate] = max(last.get(one.gate, 0), one.decided_at_ms)
    return [
        {"gate": gate, "title": TITLES.get(gate, gate), "count": count, "last_ms": last[gate]}
        for gate, count in Counter(one.gate for one in refused).most_common()
    ]


def _buckets(counted: Sequence[Decision], length_ms: int) -> list[Bucket]:
    """Those in which anything was decided, oldest first."""
    by_start: dict[int, list[Decision]] = defaultdict(list)
    for one in counted:
        by_start[one.decided_at_ms - one.decided_at_ms % length_ms].append(one)
    return [
        {
            "from_ms": start_ms,
            "taken": sum(1 for one in some if one.outcome is Outcome.TAKEN),
            "simulated": sum(1 for one in some if one.outcome is Outcome.SIMULATED),
            "gates": dict(Counter(one.gate for one in some if one.outcome is Outcome.REFUSED).most_common()),
        }
        for start_ms, some in sorted(by_start.items())
    ]
