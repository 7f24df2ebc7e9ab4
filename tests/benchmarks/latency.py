"""From a message to the order's arrival at the venue, with the handler called in this process over memory adapters.

Everything on the way is what runs in Lambda: the batch handler, the decoding of the body, the decision, the claim, the
record, the real client over loopback HTTP, logs and metrics. Only the tables are in memory.
"""

import json
import logging
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

import httpx
from local.deployment import PROJECT
from tests.benchmarks.rows import Row, percentile, row
from tests.contract.venues.desk_at_venue import SimulatedVenues
from tests.services.world import ACCOUNT, parameters
from tests.unit.builders import HUNTER, hunter_params

from undertow.adapters.aster.budget import LimitKind, RateLimit
from undertow.adapters.aster.connection import AgentCredentials, connect
from undertow.adapters.aster.venue import AsterVenue
from undertow.adapters.clock import SystemClock
from undertow.adapters.memory import (
    ListFollowUps,
    MemoryStore,
    RecordingNotifier,
    StaticParams,
    memory_repositories,
)
from undertow.adapters.sqs.messages import batch_text, read_liquidations
from undertow.desk import Desk, Outside, assemble
from undertow.domain.account import Control, Switch
from undertow.domain.contact import MINUTE_MS
from undertow.domain.ids import LiquidationId, Symbol
from undertow.domain.market import (
    BestPrices,
    Liquidation,
    LiquidationBatch,
    MarkPrice,
    MeasuredLiquidation,
    Side,
    Venue,
    VolumeWindow,
)
from undertow.domain.order import TimeInForce
from undertow.entry import Delivery, sqs_handler
from undertow.observability import EmfMeter, configure_logging
from undertow.ports import HunterStrategy, Parameters

ROUNDS: Final = 5
MESSAGES: Final = 300
WARM_UP: Final = 50
REFUSED: Final = 5_000
SYMBOLS: Final = 40
PAUSE_S: Final = 0.005
"""Between two messages: a quiet market, in which each is handled alone."""
YARDSTICK_MS: Final = 14.0
GOAL_MS: Final = YARDSTICK_MS / 3
NO_LIMIT: Final = 10**9
BELOW_THE_MARKET: Final = Decimal("0.98")


def measure() -> list[Row]:
    """The median of several rounds: a percentile of one says as much of the machine's other work as of ours."""
    with _desk() as bench:
        bench.arrived_ms(range(WARM_UP))
        refused_us = bench.refused_us()
        rounds = [
            bench.arrived_ms(range(WARM_UP + number * MESSAGES, WARM_UP + (number + 1) * MESSAGES))
            for number in range(ROUNDS)
        ]
    p50, p99 = (statistics.median(percentile(ms, share) for ms in rounds) for share in (0.5, 0.99))
    yardstick = f"{YARDSTICK_MS:g} ms (medians of {ROUNDS} rounds, n = {MESSAGES} each)"
    refused = f"n = {REFUSED}"
    return [
        row("message to POST arriving at the venue: p50", p50, "ms", yardstick, YARDSTICK_MS / p50),
        row(
            "message to POST arriving at the venue: p99",
            p99,
            "ms",
            yardstick,
            YARDSTICK_MS / p99,
            f"at most {GOAL_MS:.2f} ms",
            met=p99 <= GOAL_MS,
        ),
        row("handler of a refused liquidation: p50", percentile(refused_us, 0.5), "us", refused),
        row("handler of a refused liquidation: p99", percentile(refused_us, 0.99), "us", refused),
    ]


class _PlentyOfTime:
    def get_remaining_time_in_millis(self) -> int:
        return 15_000


@dataclass(frozen=True, slots=True)
class _Bench:
    venue_url: str
    handler: Callable[[Mapping[str, Any], _PlentyOfTime], Mapping[str, Any]]
    quotes: Sequence[tuple[Symbol, BestPrices, MarkPrice]]
    clock: SystemClock

    def handle(self, body: str) -> int:
        """Call the handler with one record. Returns the monotonic nanoseconds at which it was called."""
        attributes = {"ApproximateReceiveCount": "1", "MessageGroupId": "g"}
        record = {"messageId": "m", "body": body, "attributes": attributes, "eventSource": "aws:sqs"}
        event = {"Records": [record]}
        began_ns = time.monotonic_ns()
        answer = self.handler(event, _PlentyOfTime())
        if answer["batchItemFailures"]:
            raise RuntimeError("a message failed")
        return began_ns

    def message(self, number: int, volume: int = 12_000) -> str:
        """One liquidation. At the default volume it crosses the threshold, priced so that the order fills nowhere."""
        symbol, book, mark = self.quotes[number % len(self.quotes)]
        now_ms = self.clock.now_ms()
        event = Liquidation(
            LiquidationId(f"bench{number}"), Venue.ASTER, symbol, Side.SELL, Decimal(1), mark.price, now_ms, now_ms
        )
        window = VolumeWindow(60, Decimal(volume), Decimal(12), Decimal(volume - 3_000), Decimal(9), 3, 3)
        batch = LiquidationBatch(
            venue=Venue.ASTER,
            symbol=symbol,
            epoch=1,
            window_covered=True,
            sent_at_ms=now_ms,
            book=replace(book, time_ms=now_ms),
            mark=replace(mark, time_ms=now_ms),
            liquidations=(MeasuredLiquidation(event, {60: window}, now_ms),),
        )
        return batch_text(batch)

    def arrived_ms(self, numbers: Sequence[int]) -> list[float]:
        """Milliseconds from each call of the handler to the order's arrival at the venue."""
        before = self._arrivals()
        called_ns = []
        for number in numbers:
            body = self.message(number)
            time.sleep(PAUSE_S)
            called_ns.append(self.handle(body))
        arrived = [arrived_ns for order, arrived_ns in self._arrivals().items() if order not in before]
        if len(arrived) != len(called_ns):
            raise RuntimeError(f"{len(called_ns)} messages made {len(arrived)} orders")
        return [(there - here) / 1e6 for here, there in zip(called_ns, sorted(arrived), strict=True)]

    def refused_us(self) -> list[float]:
        bodies = [self.message(-number, volume=4_000) for number in range(1, REFUSED + 1)]
        spent = []
        for body in bodies:
            began_ns = self.handle(body)
            spent.append((time.monotonic_ns() - began_ns) / 1_000)
        return spent

    def _arrivals(self) -> dict[str, int]:
        answer: dict[str, int] = httpx.get(f"{self.venue_url}/bench/arrivals").json()
        return answer


@contextmanager
def _desk() -> Iterator[_Bench]:
    """A warm desk at a venue in a process of its own: trading rules known, every symbol verified, account running."""
    with ExitStack() as stack:
        facts = stack.enter_context(_venue())
        output = stack.enter_context(open(os.devnull, "w"))
        stack.callback(_restore_logging, logging.getLogger().handlers[:], logging.getLogger().level)
        configure_logging("bench", "bench", stream=output)
        clock = SystemClock()
        connection = connect(facts["rest"], AgentCredentials(facts["user"], facts["agent_key"]), clock.now_ms)
        stack.callback(connection.close)
        connection.budget.learn(RateLimit(kind, MINUTE_MS, 1, NO_LIMIT) for kind in LimitKind)
        kept = memory_repositories(MemoryStore(), clock)
        symbols = [Symbol(symbol) for symbol in facts["symbols"] if symbol.endswith("USDT")][:SYMBOLS]
        desk = assemble(
            Outside(
                repositories=kept,
                params=StaticParams(_parameters(symbols)),
                venues=SimulatedVenues(connection, AsterVenue(ACCOUNT.id, connection)),
                follow_ups=ListFollowUps(clock),
                notifier=RecordingNotifier(),
                meter=EmfMeter("bench", "bench", clock, output),
                clock=clock,
            )
        )
        desk.sync_instruments()
        desk.reconcile(ACCOUNT)
        kept.controls.set(Control(ACCOUNT.id, Switch.RUNNING, clock.now_ms(), "bench", "", 1))
        yield _Bench(facts["rest"], sqs_handler(lambda: _evaluate(desk), fifo=True), _quotes(desk, symbols), clock)


def _evaluate(desk: Desk) -> Callable[[Delivery], None]:
    """As in functions/evaluate_liquidations, for a desk that is there already."""

    def handle(delivery: Delivery) -> None:
        desk.evaluate(read_liquidations(delivery.body), delivery.redelivered)

    return handle


def _quotes(desk: Desk, symbols: Sequence[Symbol]) -> list[tuple[Symbol, BestPrices, MarkPrice]]:
    """The market as it stands, with a book just below it."""
    market = desk.place.venues.market_data(Venue.ASTER)
    found = []
    for symbol in symbols:
        book = market.fetch_best_prices(symbol)
        bid = round(book.bid * BELOW_THE_MARKET, 12)
        below = replace(book, bid=bid, ask=round(bid * Decimal("1.0001"), 12))
        found.append((symbol, below, market.fetch_mark_price(symbol)))
    return found


def _parameters(symbols: Sequence[Symbol]) -> Parameters:
    """No cooldown, and orders that fill at once or not at all: each one ends with its answer and nothing piles up."""
    given = parameters()
    hunter = replace(hunter_params(), cooldown_s=0, time_in_force=TimeInForce.IOC)
    known = given.strategies[HUNTER]
    assert isinstance(known, HunterStrategy)
    return replace(given, strategies={HUNTER: replace(known, symbols=dict.fromkeys(symbols, hunter))})


@contextmanager
def _venue() -> Iterator[dict[str, Any]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.stamped_venue"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _restore_logging(handlers: list[logging.Handler], level: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = handlers
    root.setLevel(level)
