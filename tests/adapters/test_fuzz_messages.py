"""Mutated message bodies: each is refused as a whole, or every figure in it is one that a worker could have written."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.adapters.test_fuzz_frames import mutations
from tests.adapters.test_sqs_messages import BATCH

from undertow.adapters.sqs import messages
from undertow.adapters.sqs.messages import BadMessage
from undertow.domain.conditions import Conditions, PercentileRank
from undertow.domain.event import Ticks
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import LiquidationBatch, MarkPrice, Venue

BODIES = 20_000
LARGEST = Decimal(10) ** 15
TICKS = messages.ticks_text(
    Venue.ASTER,
    AccountId("main"),
    1_700_000_000_100,
    messages.tick_mark_text(Symbol("BTCUSDT"), MarkPrice(Decimal("1.55"), 1_700_000_000_000)),
)


def read_all(text: str, seed: str, read: Callable[[str], Any]) -> list[Any]:
    good = []
    for body in mutations(text, seed, BODIES):
        try:
            good.append(read(body))
        except BadMessage:
            continue
    assert 10 < len(good) < BODIES
    return good


def plain(value: Decimal | None) -> bool:
    return value is None or (type(value) is Decimal and value.is_finite() and abs(value) < LARGEST)


def check_rank(rank: PercentileRank) -> None:
    assert 0 <= rank.rank <= 100
    assert rank.events >= 0
    assert rank.days >= 0
    assert type(rank.complete) is bool


def check_conditions(found: Conditions) -> None:
    for interval_s, atr in found.atrs.items():
        assert interval_s == atr.interval_s > 0
        assert min(atr.fast_pct, atr.slow_pct) >= 0
        assert plain(atr.pct)
    for minutes, vwap in found.vwaps.items():
        assert minutes == vwap.minutes > 0
        assert 0 < vwap.price < LARGEST
    for formula, reading in found.cascades.items():
        assert formula is reading.formula
        assert 0 <= reading.points < LARGEST
        assert all(plain(one) for one in (reading.liquidations, reading.returns, reading.open_interest))
    for aggregate in found.aggregates.values():
        assert min(aggregate.blocked_symbols, aggregate.fresh_symbols, aggregate.monitored_symbols) >= 0
    if found.bias is not None:
        assert all(one is None or -1 <= one <= 1 for one in (found.bias.book, found.bias.funding, found.bias.combined))


def test_mutated_liquidations_are_refused_or_hold_nothing_but_plain_figures() -> None:
    batches: list[LiquidationBatch] = read_all(messages.batch_text(BATCH), "liquidations", messages.read_liquidations)
    for batch in batches:
        for one in batch.liquidations:
            if one.percentile is not None:
                check_rank(one.percentile)
        if batch.conditions is not None:
            check_conditions(batch.conditions)


def test_mutated_ticks_are_refused_or_hold_nothing_but_plain_prices() -> None:
    found: list[Ticks] = read_all(TICKS, "ticks", messages.read_ticks)
    for ticks in found:
        assert 0 < ticks.sent_at_ms < 10**13
        assert all(0 < mark.price < LARGEST and 0 < mark.time_ms < 10**13 for mark in ticks.marks.values())
