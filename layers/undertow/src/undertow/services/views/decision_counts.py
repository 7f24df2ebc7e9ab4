"""How many decisions fell, by reason and over time."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from typing_extensions import TypedDict

from undertow.domain.decision import Outcome
from undertow.services.views.decision_tally import SLOT_MS, Kind, Slot
from undertow.services.views.decisions import DecisionFilter
from undertow.services.views.gates import TITLES
from undertow.services.views.render import EpochMs
from undertow.services.views.sources import Sources

MOST_BUCKETS: Final = 48
_LENGTHS_MS: Final = tuple(minutes * 60_000 for minutes in (5, 15, 30, 60, 180, 360, 1_440, 2_880))


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
    """Counted in stretches of five minutes, so the range begins and ends on one.

    ``counted_from_ms`` is later than ``from_ms`` while there was more than one answer reads: ask again, and it counts
    further back.
    """

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
    slots: list[Slot] = []
    now_ms = sources.clock.now_ms()
    from_ms = counted_from_ms = wanted.from_ms // SLOT_MS * SLOT_MS
    for account in sources.accounts(wanted.account):
        found, since_ms = sources.tally.slots(sources.kept.decisions, account.id, from_ms, wanted.to_ms, now_ms)
        slots += found
        counted_from_ms = max(counted_from_ms, since_ms)
    slots = [slot for slot in slots if slot.start_ms >= counted_from_ms]
    counts = _together(slots, wanted)
    length_ms = _length_ms(wanted.to_ms - wanted.from_ms)
    return {
        "time_ms": now_ms,
        "from_ms": from_ms,
        "to_ms": wanted.to_ms,
        "counted_from_ms": counted_from_ms,
        "truncated": counted_from_ms > from_ms,
        "bucket_ms": length_ms,
        "decisions": counts.total(),
        "outcomes": _by(counts, lambda kind: kind.outcome.value),
        "gates": _gates(counts, slots),
        "symbols": _by(counts, lambda kind: kind.symbol),
        "strategies": _by(counts, lambda kind: kind.strategy),
        "buckets": _buckets(slots, wanted, length_ms),
    }


def _together(slots: Iterable[Slot], wanted: DecisionFilter) -> Counter[Kind]:
    counts: Counter[Kind] = Counter()
    for slot in slots:
        for kind, count in slot.counts.items():
            if _admits(wanted, kind):
                counts[kind] += count
    return counts


def _admits(wanted: DecisionFilter, kind: Kind) -> bool:
    return (
        wanted.strategy in (None, kind.strategy)
        and wanted.symbol in (None, kind.symbol)
        and wanted.outcome in (None, kind.outcome)
        and wanted.gate in (None, kind.gate)
    )


def _by(counts: Mapping[Kind, int], name_of: Callable[[Kind], str]) -> dict[str, int]:
    """Most first."""
    named: Counter[str] = Counter()
    for kind, count in counts.items():
        named[name_of(kind)] += count
    return dict(named.most_common())


def _length_ms(range_ms: int) -> int:
    return next((one for one in _LENGTHS_MS if range_ms <= one * MOST_BUCKETS), _LENGTHS_MS[-1])


def _gates(counts: Mapping[Kind, int], slots: Iterable[Slot]) -> list[GateCount]:
    """``last_ms`` is of the gate, whatever else was filtered."""
    last: dict[str, int] = {}
    for slot in slots:
        for gate, at_ms in slot.last_ms.items():
            last[gate] = max(last.get(gate, 0), at_ms)
    refused = {kind: count for kind, count in counts.items() if kind.outcome is Outcome.REFUSED}
    return [
        {"gate": gate, "title": TITLES.get(gate, gate), "count": count, "last_ms": last[gate]}
        for gate, count in _by(refused, lambda kind: kind.gate).items()
    ]


def _buckets(slots: Sequence[Slot], wanted: DecisionFilter, length_ms: int) -> list[Bucket]:
    """Those in which anything was decided, oldest first."""
    by_start: dict[int, list[Slot]] = defaultdict(list)
    for slot in slots:
        by_start[slot.start_ms - slot.start_ms % length_ms].append(slot)
    rows: list[Bucket] = []
    for start_ms, some in sorted(by_start.items()):
        counts = _together(some, wanted)
        if counts:
            rows.append(_bucket(start_ms, counts))
    return rows


def _bucket(start_ms: int, counts: Mapping[Kind, int]) -> Bucket:
    outcomes = _by(counts, lambda kind: kind.outcome.value)
    refused = {kind: count for kind, count in counts.items() if kind.outcome is Outcome.REFUSED}
    return {
        "from_ms": start_ms,
        "taken": outcomes.get(Outcome.TAKEN.value, 0),
        "simulated": outcomes.get(Outcome.SIMULATED.value, 0),
        "gates": _by(refused, lambda kind: kind.gate),
    }
