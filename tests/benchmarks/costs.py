"""What trading and listening cost in requests: to the venue, to the tables, to the queues."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from local.strategies import busiest
from local.tapes.generator import lines
from local.venue.tape import Tape, TapeFrame, read_tape, tape_of
from stream_worker.heartbeat import EVERY_S as HEARTBEAT_EVERY_S
from stream_worker.measure import Measurer
from stream_worker.quarantine import Quarantine
from stream_worker.quotes import Quotes
from stream_worker.store import LiquidationStore
from stream_worker.tally import Tally
from stream_worker.venue_clock import VenueClock
from tests.benchmarks.rows import Row, row
from tests.benchmarks.virtual_time import LoopClock, run
from tests.contract.counted_desk import Counted, counted_desk

from undertow.adapters.sqs.messages import read_liquidations
from undertow.adapters.sqs.outbox import LiquidationsOutbox
from undertow.adapters.sqs.sender import Entry
from undertow.domain.ids import Symbol
from undertow.domain.market import Liquidation, Venue
from undertow.signals.coverage import Coverage

ENTRIES: Final = 10
REST_GOAL: Final = 1
DYNAMO_GOAL: Final = 3
SEED: Final = 1
TAPE_MINUTES: Final = 50.0
SEND_S: Final = (0.010, 0.020)
"""How long a request to a queue or a table takes, drawn evenly from this range."""
QUIET_EVENTS: Final = 240
"""Liquidations in a quiet hour, all symbols together: one in 15 s."""
HOUR_MS: Final = 3_600_000


def measure(tape: Path | None = None) -> list[Row]:
    """``tape``: a recorded one, instead of the synthetic cascade."""
    played = read_tape(tape) if tape is not None else tape_of(lines(SEED, TAPE_MINUTES), f"synthetic-{SEED}")
    symbols = [Symbol(symbol) for symbol in busiest(played, _by_symbol(played))]
    frames = [(frame.event_ms, frame) for frame in played.frames]
    cascade = run(_listen(frames, symbols))
    minute = run(_listen(_busiest_minute(played), symbols))
    quiet = run(_listen(_quiet_hour(played), symbols))
    return [
        *per_entry(),
        *_per_thousand(f"a cascade, {played.name}", cascade),
        *_per_thousand("its busiest minute", minute),
        *_per_thousand("a quiet hour", quiet),
        row("worker: heartbeats written in an hour", 3600 / HEARTBEAT_EVERY_S, "writes"),
    ]


# --- one entry ------------------------------------------------------------------------------------------------------


def per_entry() -> list[Row]:
    with counted_desk() as counted:
        costs = [_cost(counted, number) for number in range(1, ENTRIES + 1)]
    rest, tables = max(cost[0] for cost in costs), max(cost[1] for cost in costs)
    n = f"the most of {ENTRIES} entries in a warm function"
    return [
        row(
            "per placed entry: REST calls",
            rest,
            "calls",
            f"{REST_GOAL} ({n})",
            REST_GOAL / rest,
            f"at most {REST_GOAL}",
            met=rest <= REST_GOAL,
        ),
        row(
            "per placed entry: DynamoDB requests",
            tables,
            "requests",
            f"{DYNAMO_GOAL} ({n})",
            DYNAMO_GOAL / tables,
            f"at most {DYNAMO_GOAL}",
            met=tables <= DYNAMO_GOAL,
        ),
    ]


def _cost(counted: Counted, number: int) -> tuple[int, int]:
    """REST calls and requests to the tables of one more entry, once the last one's time is over."""
    counted.reset()
    decision = counted.decide(counted.signal(number))
    if decision.client_order_id is None:
        raise RuntimeError(f"nothing was placed: {decision.reason}")
    spent = sum(counted.rest_requests.values()), counted.tables.total
    counted.at_venue.pass_time(40, step_ms=1_000)
    counted.at_venue.desk.reconcile(next(iter(counted.at_venue.desk.trading_accounts())))
    return spent


# --- listening ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Slow:
    """A queue and a table that take their time, and count."""

    chance: Random
    messages: list[Entry] = field(default_factory=list)
    sends: int = 0
    rows: int = 0
    stored: int = 0

    async def send(self, entries: Sequence[Entry]) -> dict[int, bool]:
        self.sends += 1
        await asyncio.sleep(self.chance.uniform(*SEND_S))
        self.messages += entries
        return {}

    async def append(self, liquidations: Sequence[Liquidation]) -> None:
        self.rows += 1
        await asyncio.sleep(self.chance.uniform(*SEND_S))
        self.stored += len(liquidations)


@dataclass(frozen=True, slots=True)
class Heard:
    """What one run of the worker came to."""

    liquidations: int
    forwarded: int
    slow: Slow

    def per_thousand(self, count: int) -> float:
        return count * 1_000 / self.liquidations


async def _listen(frames: Sequence[tuple[int, TapeFrame]], symbols: Sequence[Symbol]) -> Heard:
    """Play ``frames`` at their times to the worker's measuring, storing and sending."""
    clock = LoopClock(frames[0][0] - 1_000)
    tally, coverage, slow = Tally(), Coverage(), Slow(Random(SEED))
    coverage.begin(clock.now_ms() - HOUR_MS)
    quarantine = Quarantine(tally)
    quotes = Quotes(quarantine, clock)
    outbox = LiquidationsOutbox(Venue.ASTER, 1, slow, quotes.of, clock)
    store = LiquidationStore(slow.append, tally)
    measurer = Measurer(outbox, store.put, quotes, coverage, quarantine, tally, clock, VenueClock(clock))
    measurer.watch(dict.fromkeys(symbols, frozenset[int]()))
    working = [asyncio.ensure_future(part) for part in (outbox.run(), store.run())]
    for at_ms, frame in frames:
        await asyncio.sleep(max(0, at_ms - clock.now_ms()) / 1000)
        measurer.take(json.dumps(frame.payload(at_ms, at_ms), ensure_ascii=False))
    await asyncio.gather(outbox.drained(), store.drained())
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)
    if slow.stored != tally.liquidations_in or tally.quarantined:
        raise RuntimeError(f"not everything was stored: {tally}")
    return Heard(tally.liquidations_in, tally.forwarded, slow)


def _busiest_minute(tape: Tape) -> list[tuple[int, TapeFrame]]:
    by_minute: dict[int, list[tuple[int, TapeFrame]]] = {}
    for frame in tape.frames:
        by_minute.setdefault(frame.event_ms // 60_000, []).append((frame.event_ms, frame))
    return max(by_minute.values(), key=len)


def _quiet_hour(tape: Tape) -> list[tuple[int, TapeFrame]]:
    """Liquidations of the tape, far fewer and at times of their own."""
    chance = Random(SEED)
    chosen = chance.sample(tape.frames, QUIET_EVENTS)
    times = sorted(tape.start_ms + chance.randrange(HOUR_MS) for _ in chosen)
    return list(zip(times, chosen, strict=True))


def _by_symbol(tape: Tape) -> dict[str, list[TapeFrame]]:
    found: dict[str, list[TapeFrame]] = {}
    for frame in tape.frames:
        found.setdefault(frame.symbol, []).append(frame)
    return found


def _per_thousand(when: str, heard: Heard) -> list[Row]:
    """Against a worker that sends and stores each liquidation by itself.

    The function that reads a message records its decisions with one request, refused or taken.
    """
    slow = heard.slow
    decided = sum(bool(read_liquidations(entry.body).liquidations) for entry in slow.messages)
    figures = [
        ("DynamoDB writes of the worker", slow.rows, 1_000.0),
        ("SQS requests of the worker", slow.sends, heard.per_thousand(heard.forwarded)),
        ("DynamoDB writes of decisions", decided, heard.per_thousand(heard.forwarded)),
    ]
    forwarded = f"{heard.forwarded} of {heard.liquidations} were of 25 watched symbols and forwarded"
    return [
        row(
            f"{what} per 1,000 liquidations in {when}",
            heard.per_thousand(count),
            "requests",
            f"{naive:.0f}: one for each ({forwarded})",
            naive / heard.per_thousand(count),
        )
        for what, count, naive in figures
    ]
