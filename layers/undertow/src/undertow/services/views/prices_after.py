"""What the price did 5, 30 and 240 minutes after decisions: whether a refusal saved money, or cost a trade.

Prices are those at which minutes opened, so a figure is right to within a minute: an estimate, and called one. What
lies ahead of now is not yet known; what the venue did not tell is not known, and says why.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from typing_extensions import TypedDict

from undertow.domain.decision import Decision, Outcome
from undertow.domain.ids import Symbol
from undertow.domain.market import Candle, Venue
from undertow.domain.numbers import HUNDRED, plain
from undertow.services.views.decisions import DecisionFilter
from undertow.services.views.past_candles import PastPrices, Questions
from undertow.services.views.render import EpochMs, Figure
from undertow.services.views.sources import Sources

MINUTES: Final = (5, 30, 240)
MOST_QUESTIONS: Final = 8
MOST_DECISIONS: Final = 200
_MINUTE_MS: Final = 60_000
_PLACES: Final = Decimal("0.001")

Known = Literal["known", "not_yet", "not_known"]


class PriceThen(TypedDict):
    """``change_pct`` is of the price; ``in_favour_pct`` is that for the decision's side, null where it had none.

    ``best_pct`` and ``worst_pct`` are the extremes on the way, for the side; of the price where there is none.
    """

    minutes: int
    state: Known
    price: Figure | None
    change_pct: Figure | None
    in_favour_pct: Figure | None
    best_pct: Figure | None
    worst_pct: Figure | None


class AfterRow(TypedDict):
    id: str
    account: str
    symbol: str
    side: str | None
    gate: str
    outcome: Outcome
    decided_at_ms: EpochMs
    price: Figure | None
    after: list[PriceThen]
    missing: str | None


class GateAverage(TypedDict):
    """``average_pct`` is null where no decision of the gate is known so far ahead."""

    minutes: int
    known: int
    average_pct: Figure | None


class GateAfter(TypedDict):
    """The mean of ``in_favour_pct`` over the decisions that a gate refused; ``gate`` is empty for those taken."""

    gate: str
    decisions: int
    averages: list[GateAverage]


class PricesAfter(TypedDict):
    time_ms: EpochMs
    from_ms: EpochMs
    to_ms: EpochMs
    estimate: bool
    source: str
    rows: list[AfterRow]
    gates: list[GateAfter]
    truncated: bool


@dataclass(frozen=True, slots=True)
class _Look:
    """One decision with the minutes after it."""

    decision: Decision
    candles: Mapping[int, Candle]
    missing: str
    now_ms: EpochMs

    @property
    def minute_ms(self) -> int:
        return self.decision.decided_at_ms - self.decision.decided_at_ms % _MINUTE_MS

    @property
    def price(self) -> Decimal | None:
        candle = self.candles.get(self.minute_ms)
        return None if candle is None or candle.open <= 0 else candle.open


def prices_after(sources: Sources, wanted: DecisionFilter) -> PricesAfter:
    """Of the newest decisions that ``wanted`` admits; a few questions to the venue at most."""
    now_ms = sources.clock.now_ms()
    found: list[tuple[Venue, Decision]] = []
    truncated = False
    for account in sources.accounts(wanted.account):
        recent = sources.kept.decisions.recent(account.id, wanted.from_ms, wanted.to_ms, wanted.limit)
        truncated = truncated or len(recent) >= wanted.limit
        found += [(account.venue, decision) for decision in recent if wanted.admits(decision)]
    found.sort(key=lambda one: one[1].decided_at_ms, reverse=True)
    rows = _rows(sources, found[:MOST_DECISIONS], now_ms)
    return {
        "time_ms": now_ms,
        "from_ms": wanted.from_ms,
        "to_ms": wanted.to_ms,
        "estimate": True,
        "source": "venue REST, one-minute candles",
        "rows": rows,
        "gates": _gates(rows),
        "truncated": truncated or len(found) > MOST_DECISIONS,
    }


def prices_after_one(sources: Sources, venue: Venue, decision: Decision) -> AfterRow:
    (row,) = _rows(sources, [(venue, decision)], sources.clock.now_ms())
    return row


def _rows(sources: Sources, found: Sequence[tuple[Venue, Decision]], now_ms: int) -> list[AfterRow]:
    by_symbol: dict[tuple[Venue, Symbol], list[Decision]] = defaultdict(list)
    for venue, decision in found:
        by_symbol[venue, decision.symbol].append(decision)
    questions, rows = Questions(MOST_QUESTIONS), dict[tuple[str, str], AfterRow]()
    for (venue, symbol), decisions in by_symbol.items():
        for some in _near(decisions):
            prices = _prices(sources, venue, symbol, some, questions)
            candles = {candle.open_time_ms: candle for candle in prices.candles}
            for decision in some:
                rows[decision.account, decision.id] = _row(_Look(decision, candles, prices.missing, now_ms))
    return [rows[decision.account, decision.id] for _, decision in found]


def _near(decisions: Sequence[Decision]) -> Iterable[Sequence[Decision]]:
    """Newest first, cut where more than the longest look ahead lies between two: the time between is not asked for."""
    some: list[Decision] = []
    for decision in decisions:
        if some and some[-1].decided_at_ms - decision.decided_at_ms > MINUTES[-1] * _MINUTE_MS:
            yield some
            some = []
        some.append(decision)
    if some:
        yield some


def _prices(
    sources: Sources, venue: Venue, symbol: Symbol, some: Sequence[Decision], questions: Questions
) -> PastPrices:
    if sources.kept.instruments.get(venue, symbol) is None:
        return PastPrices((), "the venue does not list the symbol any more", None)
    from_ms = min(one.decided_at_ms for one in some)
    to_ms = max(one.decided_at_ms for one in some) + MINUTES[-1] * _MINUTE_MS
    return sources.past_candles.between(venue, symbol, 60, from_ms - from_ms % _MINUTE_MS, to_ms, questions)


def _row(look: _Look) -> AfterRow:
    decision, price = look.decision, look.price
    side = decision.position_side.value if decision.position_side is not None else decision.inputs.get("side")
    after = [_then(look, minutes, side) for minutes in MINUTES]
    unknown = any(then["state"] == "not_known" for then in after)
    return {
        "id": decision.id,
        "account": decision.account,
        "symbol": decision.symbol,
        "side": side,
        "gate": decision.gate,
        "outcome": decision.outcome,
        "decided_at_ms": decision.decided_at_ms,
        "price": None if price is None else plain(price),
        "after": after,
        "missing": (look.missing or "the venue has no candle of that minute") if unknown else None,
    }


def _then(look: _Look, minutes: int, side: str | None) -> PriceThen:
    then_ms = look.minute_ms + minutes * _MINUTE_MS
    if then_ms > look.now_ms:
        return _unknown(minutes, "not_yet")
    price, candle = look.price, look.candles.get(then_ms)
    way = [look.candles.get(time_ms) for time_ms in range(look.minute_ms, then_ms, _MINUTE_MS)]
    passed = [one for one in way if one is not None]
    if price is None or candle is None or not passed:
        return _unknown(minutes, "not_known")
    sign = -1 if side == "SHORT" else 1
    change = _change_pct(price, candle.open)
    high, low = (_change_pct(price, one) for one in (max(c.high for c in passed), min(c.low for c in passed)))
    best, worst = (high, low) if sign > 0 else (-low, -high)
    return {
        "minutes": minutes,
        "state": "known",
        "price": plain(candle.open),
        "change_pct": plain(change),
        "in_favour_pct": None if side is None else plain(sign * change),
        "best_pct": plain(best),
        "worst_pct": plain(worst),
    }


def _change_pct(before: Decimal, after: Decimal) -> Decimal:
    return ((after / before - 1) * HUNDRED).quantize(_PLACES)


def _unknown(minutes: int, state: Known) -> PriceThen:
    return {
        "minutes": minutes,
        "state": state,
        "price": None,
        "change_pct": None,
        "in_favour_pct": None,
        "best_pct": None,
        "worst_pct": None,
    }


def _gates(rows: Sequence[AfterRow]) -> list[GateAfter]:
    by_gate: dict[str, list[AfterRow]] = defaultdict(list)
    for row in rows:
        by_gate[row["gate"]].append(row)
    return [
        {"gate": gate, "decisions": len(some), "averages": [_average(some, minutes) for minutes in MINUTES]}
        for gate, some in sorted(by_gate.items(), key=lambda one: (-len(one[1]), one[0]))
    ]


def _average(rows: Sequence[AfterRow], minutes: int) -> GateAverage:
    known = [
        Decimal(then["in_favour_pct"])
        for row in rows
        for then in row["after"]
        if then["minutes"] == minutes and then["in_favour_pct"] is not None
    ]
    mean = plain((sum(known, Decimal(0)) / len(known)).quantize(_PLACES)) if known else None
    return {"minutes": minutes, "known": len(known), "average_pct": mean}
