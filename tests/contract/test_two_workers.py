"""Two workers hear the same streams for a whole tape and pack what they hear differently: everything happens once."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

import pytest
from local.venue.feed import MarketFeed
from local.venue.house import House
from local.venue.hub import Listener, StreamHub
from local.venue.market import TapeMarket
from stream_worker.measure import Measurer
from stream_worker.quarantine import Quarantine
from stream_worker.quotes import Quotes
from stream_worker.tally import Tally
from stream_worker.venue_clock import VenueClock
from tests.contract.venues.desk_at_venue import DeskAtVenue, open_desk
from tests.services.world import ACCOUNT
from tests.unit.builders import hunter_params

from undertow.adapters.aster.stream import ALL_LIQUIDATIONS, ALL_MARK_PRICES, best_prices_of
from undertow.adapters.sqs.messages import read_liquidations
from undertow.adapters.sqs.outbox import LiquidationsOutbox
from undertow.adapters.sqs.sender import Entry
from undertow.domain.decision import Decision, Outcome
from undertow.domain.ids import LiquidationId, Symbol
from undertow.domain.market import Liquidation, Venue
from undertow.ports import Clock
from undertow.signals.coverage import Coverage
from undertow.strategies.hunter import Threshold

MINUTES = 4.0
STEP_MS = 250
STEPS_PER_MINUTE = 60_000 // STEP_MS
WINDOW_S = 10
COOLDOWN_S = 5
WATCHED = 24
LONGEST_WAIT_STEPS = 16


@dataclass
class Queue:
    """Takes messages only while its gate is open: what comes meanwhile gathers into the next one."""

    arrived: list[Entry] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, entries: Sequence[Entry]) -> dict[int, bool]:
        await self.gate.wait()
        self.arrived += entries
        self.digests += [entry.digest for entry in entries]
        return {}

    def take(self) -> list[Entry]:
        taken, self.arrived = self.arrived, []
        return taken


@dataclass
class Socket:
    """The worker's end of a market connection."""

    measurer: Measurer

    def push(self, text: str) -> None:
        self.measurer.take(text)

    def unsent_bytes(self) -> int:
        return 0

    def cut(self) -> None:
        raise AssertionError("nobody was to be cut")

    def end(self, code: int, reason: str) -> None:
        raise AssertionError("nobody was to be sent away")


class Worker:
    """The measuring core of a stream worker, listening to the venue's hub."""

    def __init__(
        self, epoch: int, heard_since_ms: int, clock: Clock, hub: StreamHub, symbols: Sequence[Symbol]
    ) -> None:
        self.queue = Queue()
        self.tally = Tally()
        self.stored: list[Liquidation] = []
        coverage, quarantine = Coverage(), Quarantine(self.tally)
        coverage.begin(heard_since_ms)
        quotes = Quotes(quarantine, clock)
        self.outbox = LiquidationsOutbox(Venue.ASTER, epoch, self.queue, quotes.of, clock)
        measurer = Measurer(
            self.outbox, self.stored.append, quotes, coverage, quarantine, self.tally, clock, VenueClock(clock)
        )
        measurer.watch(dict.fromkeys(symbols, frozenset({WINDOW_S})))
        listener = Listener(Socket(measurer), combined=True)
        hub.join(listener)
        hub.subscribe(listener, [ALL_LIQUIDATIONS, ALL_MARK_PRICES, *map(best_prices_of, symbols)], clock.now_ms())

    async def send(self, opens: bool) -> list[Entry]:
        """Let what waits go out if the queue is open now; returns what has arrived."""
        if opens:
            self.queue.gate.set()
            await self.outbox.drained()
            self.queue.gate.clear()
        for _ in range(5):
            await asyncio.sleep(0)
        return self.queue.take()


@dataclass
class Stage:
    """The desk at the venue, with two workers before it and a record of what it made of each message."""

    at_venue: DeskAtVenue
    feed: MarketFeed
    hub: StreamHub
    workers: tuple[Worker, Worker]
    made: list[Decision] = field(default_factory=list)
    entries_by: Counter[int] = field(default_factory=Counter)

    @property
    def house(self) -> House:
        return self.at_venue.house

    def step(self) -> None:
        self.at_venue.pass_time(STEP_MS / 1000, step_ms=STEP_MS)
        now_ms = self.at_venue.clock.now_ms()
        self.feed.tick(now_ms)
        self.hub.tick(now_ms)

    def deliver(self, worker: int, entry: Entry) -> None:
        before = len(self.entries_at_venue())
        self.made += self.at_venue.desk.evaluate(read_liquidations(entry.body))
        self.entries_by[worker] += len(self.entries_at_venue()) - before

    def entries_at_venue(self) -> list[str]:
        orders = self.house.exchange.floor.orders.all.values()
        return [one.client_order_id for one in orders if one.client_order_id.startswith("ut-e-")]


def open_stage() -> Stage:
    at_venue = open_desk(symbols=0, minutes=MINUTES)
    market = at_venue.house.market
    assert isinstance(market, TapeMarket)
    heard = Counter(frame.symbol for frame in market.tape.frames if frame.symbol in market.symbols())
    symbols = [symbol for symbol, _ in heard.most_common(WATCHED)]
    _tune(at_venue, symbols)
    at_venue.desk.sync_instruments()
    hub = StreamHub(at_venue.house.listen_keys)
    feed = MarketFeed(market, hub)
    at_venue.house.subscribe(feed.hear)
    # The second one starts with the tape, so that its first windows are not covered.
    now_ms = at_venue.clock.now_ms()
    old = Worker(1, now_ms - 3_600_000, at_venue.clock, hub, symbols)
    new = Worker(2, now_ms, at_venue.clock, hub, symbols)
    return Stage(at_venue, feed, hub, (old, new))


def _tune(at_venue: DeskAtVenue, symbols: Sequence[Symbol]) -> None:
    """Low thresholds and wide limits: many signals, and nothing but identity to keep them from being acted on twice."""
    given = at_venue.params.current()
    (hunter,) = given.strategies.values()
    low = Threshold(Decimal(500), None)
    tuned = replace(
        hunter_params(),
        volume_window_s=WINDOW_S,
        long=low,
        short=low,
        cooldown_s=COOLDOWN_S,
        trade_value=Decimal(4),
        limits=replace(hunter_params().limits, max_open_orders=50),
    )
    limits = replace(given.globals.limits[ACCOUNT.id], max_positions=2 * WATCHED)
    at_venue.params.replace(
        replace(
            given,
            globals=replace(given.globals, limits={ACCOUNT.id: limits}),
            strategies={hunter.id: replace(hunter, symbols=dict.fromkeys(symbols, tuned))},
        )
    )


async def play(stage: Stage, seed: int) -> None:
    """The whole tape. Each queue takes its time, drawn anew after every batch; so who is first changes all the time."""
    chance = Random(seed)
    sending = [asyncio.ensure_future(worker.outbox.run(2)) for worker in stage.workers]
    opens_at = [0, 0]
    step = 0
    while not stage.house.market.progress().finished:
        stage.step()
        step += 1
        if step % STEPS_PER_MINUTE == 0:
            stage.at_venue.desk.reconcile(ACCOUNT)
        arrived = []
        for number, worker in enumerate(stage.workers):
            arrived += [(number, entry) for entry in await worker.send(opens=step >= opens_at[number])]
            if step >= opens_at[number]:
                opens_at[number] = step + chance.randint(1, LONGEST_WAIT_STEPS)
        for number, entry in sorted(arrived, key=lambda _: chance.random()):
            stage.deliver(number, entry)
    for number, worker in enumerate(stage.workers):
        for entry in await worker.send(opens=True):
            stage.deliver(number, entry)
    for task in sending:
        task.cancel()
    await asyncio.gather(*sending, return_exceptions=True)


@pytest.fixture(scope="module")
def played() -> Stage:
    stage = open_stage()
    asyncio.run(play(stage, seed=1))
    stage.at_venue.pass_time(60, step_ms=1_000)
    stage.at_venue.desk.reconcile(ACCOUNT)
    stage.at_venue.pass_time(10, step_ms=1_000)
    return stage


def test_both_hear_the_same_and_pack_it_differently(played: Stage) -> None:
    old, new = played.workers
    assert [one.id for one in old.stored] == [one.id for one in new.stored]
    assert len(old.stored) > 100
    assert old.outbox.sent.items == new.outbox.sent.items == old.tally.forwarded
    assert sorted(old.queue.digests) != sorted(new.queue.digests)
    assert old.tally.quarantined == new.tally.quarantined == 0


def test_each_of_them_is_the_first_to_bring_some_signals(played: Stage) -> None:
    assert played.entries_by[0] > 0
    assert played.entries_by[1] > 0


def test_a_liquidation_is_decided_once(played: Stage) -> None:
    stored = played.at_venue.desk.repositories.decisions.recent(ACCOUNT.id, 0, played.at_venue.clock.now_ms(), 10_000)
    first: dict[LiquidationId, Decision] = {}
    for decision in played.made:
        first.setdefault(decision.liquidation, decision)
    assert {one.liquidation: one.outcome for one in stored} == {key: one.outcome for key, one in first.items()}
    assert len(stored) == len(first) == played.workers[0].tally.forwarded
    assert len(played.made) == 2 * len(first)


def test_a_signal_becomes_one_order(played: Stage) -> None:
    stored = played.at_venue.desk.repositories.decisions.recent(ACCOUNT.id, 0, played.at_venue.clock.now_ms(), 10_000)
    taken = [one.client_order_id for one in stored if one.outcome is Outcome.TAKEN]
    entries = played.entries_at_venue()
    assert len(entries) == len(set(entries)) == played.entries_by.total() > 10
    assert sorted(entries) == sorted(order for order in taken if order is not None)


def test_no_side_of_a_symbol_is_entered_twice_within_its_cooldown(played: Stage) -> None:
    orders = played.at_venue.desk.repositories.orders.recent(ACCOUNT.id, 0, played.at_venue.clock.now_ms(), 10_000)
    last: dict[tuple[Symbol, str], int] = {}
    for order in sorted(orders, key=lambda order: order.created_at_ms):
        if order.client_order_id.startswith("ut-e-"):
            leg = (order.intent.symbol, order.intent.position_side.value)
            assert order.created_at_ms - last.get(leg, 0) >= COOLDOWN_S * 1_000
            last[leg] = order.created_at_ms


def test_the_ledger_equals_the_venue_afterwards(played: Stage) -> None:
    played.at_venue.assert_ledger_equals_venue()
    assert played.at_venue.ledger_quantities()
