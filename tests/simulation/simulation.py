"""One run: the whole system over one universe, put together from a seed and driven step by step."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any, Final

from local.venue.authentication import Doorman
from local.venue.faults import Fault, faults
from local.venue.happenings import Liquidated
from local.venue.house import open_house
from local.venue.rest import Rest
from local.venue.shocked import ShockedMarket
from tests.simulation.alarms import Alarms, people_are_told, told_of
from tests.simulation.blunders import Blunders
from tests.simulation.containers import held_repositories, outside_of
from tests.simulation.drawn import Drawn, drawn_setting
from tests.simulation.gate import Gate
from tests.simulation.lambdas import Function, Handler, Lambdas, Spec, door_of
from tests.simulation.loop import Loop
from tests.simulation.market import START_MS, drawn_market
from tests.simulation.measured import measuring
from tests.simulation.outages import Impossible, Outages
from tests.simulation.outlook import ObservedStore
from tests.simulation.person import Person, drawn_pace
from tests.simulation.queues import Queue
from tests.simulation.rations import CountedLimits
from tests.simulation.sources import QueueRedelivery
from tests.simulation.swarm import Swarm, drawn_swarm, themed_swarm
from tests.simulation.table_stream import rows_queue
from tests.simulation.themes import theme_of
from tests.simulation.troubles import all_is_open
from tests.simulation.universe import Universe
from tests.simulation.venue_swarm import drawn_venue_faults
from tests.simulation.worker import Outlets, Worker

from undertow.adapters.memory import (
    RecordingMeter,
    RecordingNotifier,
    SettableClock,
    StaticParams,
    memory_repositories,
)
from undertow.adapters.paper.events import Execution, OrderEvent
from undertow.desk import Desk, Outside, assemble
from undertow.domain.account import Control, Switch
from undertow.domain.ids import Symbol, is_ours
from undertow.domain.market import Venue
from undertow.domain.numbers import plain
from undertow.entry import for_each_account, schedule_handler, sqs_handler, stream_handler
from undertow.services.protect import protection_of

_S: Final = 1_000
_DAY_MS: Final = 86_400_000
BEAT_MS: Final = 500


@dataclass(slots=True)
class Queues:
    liquidations: Queue = field(default_factory=lambda: Queue("liquidations", True, 90 * _S, 2, 4 * _DAY_MS))
    user_events: Queue = field(default_factory=lambda: Queue("user-events", True, 180 * _S, 10, 4 * _DAY_MS))
    follow_ups: Queue = field(default_factory=lambda: Queue("follow-ups", False, 180 * _S, 10, 4 * _DAY_MS))
    ticks: Queue = field(default_factory=lambda: Queue("ticks", True, 15 * _S, 1, 120 * _S))
    requests: Queue = field(default_factory=rows_queue)

    def all(self) -> tuple[Queue, ...]:
        return self.liquidations, self.user_events, self.follow_ups, self.ticks


class Simulation:
    """``minutes`` is how long the market has a tape for; it goes quiet afterwards. ``swarm`` and ``drawn`` stand in
    for what the seed would draw of faults, and of accounts and strategies; with a ``swarm`` of its own a run has no
    person who asks for anything, unless ``asks_a_minute`` says how often.
    """

    def __init__(
        self,
        seed: int,
        *,
        minutes: float = 60.0,
        swarm: Swarm | None = None,
        drawn: Drawn | None = None,
        start_ms: int = START_MS,
        asks_a_minute: float | None = None,
    ) -> None:
        self.seed = seed
        self.theme = theme_of(seed) if swarm is None else None
        is_eager = self.theme is not None and self.theme.is_eager
        is_patient = self.theme is not None and self.theme.is_patient
        self.drawn: Drawn = (
            drawn if drawn is not None else drawn_setting(Random(f"setting {seed}"), is_eager, is_patient)
        )
        self.clock = SettableClock(start_ms)
        self.loop = Loop(self.clock, Random(f"order {seed}"))
        self.swarm = swarm if swarm is not None else self._swarm()
        self.random = Random(f"chance {seed}")
        self.queues = Queues()
        self.lambdas = Lambdas(self.loop, self.swarm, self.random)
        self.gate: Gate = self.lambdas.gate
        is_told = swarm is None and people_are_told(seed)
        self.alarms = Alarms(self, Random(f"alarms {seed}")) if is_told else None
        self.universe = self._open(minutes)
        house = self.universe.house
        self.rest = Rest(house, Doorman(house.accounts), self.clock.now_ms)
        pace = asks_a_minute if asks_a_minute is not None or swarm is not None else drawn_pace(seed)
        self.person = Person(self, pace, Random(f"person {seed}")) if pace else None
        self.repositories = held_repositories(self)
        self.notifier = self.gate.held(self.universe.notifier, "notifier")
        self._of_queue: dict[str, Function] = {}
        self._add_functions()
        self.conditions = measuring(self.random, lambda symbol: house.market.quote(symbol).mark)
        self.workers: list[Worker] = []
        self.impossible, self.deaf = Impossible(), Outages()
        self.blunders = Blunders()
        self.epoch = 0

    def _swarm(self) -> Swarm:
        random = Random(f"swarm {self.seed}")
        return drawn_swarm(random) if self.theme is None else themed_swarm(random, self.theme)

    # --- put together -----------------------------------------------------------------------------------------------

    def _open(self, minutes: float) -> Universe:
        seed, drawn = self.seed, self.drawn
        start_ms = self.clock.at_ms
        market = ShockedMarket(drawn_market(Random(f"market {seed}"), seed, drawn.symbols, minutes, start_ms))
        names = [account.id for account in drawn.accounts]
        nobody, limits = faults("none", seed), CountedLimits()
        house = open_house(market, nobody, seed=seed, now_ms=start_ms, account_names=names, limits=limits)
        store = ObservedStore(self.clock)
        return Universe(
            seed=seed,
            clock=self.clock,
            random=Random(f"world {seed}"),
            store=store,
            kept=memory_repositories(store, self.clock),
            house=house,
            accounts=drawn.accounts,
            params=StaticParams(drawn.parameters if self.alarms is None else told_of(drawn.parameters)),
            notifier=RecordingNotifier(),
            meter=RecordingMeter(),
        )

    def _add_functions(self) -> None:
        queues = self.queues
        self._fed("evaluate_liquidations", 15, 10, queues.liquidations, 1)
        self._fed("track_account", 30, 5, queues.user_events, 1)
        self._fed("follow_up_orders", 30, 5, queues.follow_ups, 1)
        self._fed("watch_account", 10, 3, queues.ticks, 1)
        self._scheduled("reconcile", 50, for_each(lambda desk: desk.reconcile))
        self._scheduled("manage_positions", 50, for_each(lambda desk: desk.manage))
        self._scheduled("import_history", 55, for_each(lambda desk: desk.import_history))
        self._scheduled("sync_instruments", 60, lambda make: lambda: make().sync_instruments)
        if self.person is not None:
            self._told_of_rows("carry_out_requests", 30, 2, queues.requests, 10)
            self.lambdas.add(self.person.function())
        if self.alarms is not None:
            notify, check = self.alarms.functions()
            self._of_queue[self.alarms.queue.name] = notify
            self.lambdas.add(notify)
            self.lambdas.add(check)

    def _told_of_rows(self, name: str, timeout_s: int, concurrency: int, rows: Queue, batch: int) -> None:
        door = door_of(name)

        def make(number: int) -> Handler:
            desk = self._desk_maker(number)
            return stream_handler(lambda: self.blunders.noticed(door(desk())))

        function = Function(Spec(name, timeout_s * _S, concurrency, rows, batch, reads_rows=True), make)
        self._of_queue[rows.name] = function
        self.lambdas.add(function)

    def _fed(self, name: str, timeout_s: int, concurrency: int, queue: Queue, batch: int) -> None:
        door = door_of(name)

        def make(number: int) -> Handler:
            redelivery = None
            if queue.max_receives == 10:
                hasten = QueueRedelivery(queue, self.clock, lambda: self.lambdas.poke(fed))
                redelivery = lambda: self.gate.held(hasten, "redelivery")  # noqa: E731
            desk = self._desk_maker(number)
            return sqs_handler(lambda: self.blunders.noticed(door(desk())), fifo=queue.fifo, redelivery=redelivery)

        fed = Function(Spec(name, timeout_s * _S, concurrency, queue, batch), make)
        self._of_queue[queue.name] = fed
        self.lambdas.add(fed)

    def _scheduled(
        self, name: str, timeout_s: int, made: Callable[[Callable[[], Desk]], Callable[[], Callable[[], None]]]
    ) -> None:
        def make(number: int) -> Handler:
            run = made(self._desk_maker(number))
            return schedule_handler(lambda: self.blunders.noticed(run()))

        self.lambdas.add(Function(Spec(name, timeout_s * _S, 1), make))

    def _desk_maker(self, number: int) -> Callable[[], Desk]:
        outside = outside_of(self, number)
        return lambda: assemble(outside())

    def outside(self, number: int) -> Outside:
        return outside_of(self, number)()

    def desk(self) -> Desk:
        """One in nobody's hands: what it calls is answered at once."""
        return self._desk_maker(999)()

    def poke(self, queue: Queue) -> None:
        self.lambdas.poke(self._of_queue[queue.name])

    # --- the course of things ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """A desk that knows its instruments, has looked at the venue, and was switched on by its owner."""
        desk = self.desk()
        desk.sync_instruments()
        for account in self.universe.accounts:
            desk.reconcile(account)
            control = Control(account.id, Switch.RUNNING, self.clock.at_ms, "owner", "", 1)
            assert self.universe.kept.controls.set(control)
        self.swarm.is_awake = True
        chance = Random(f"venue faults {self.seed}")
        if self.theme is not None:
            self.universe.house.faults.active = dict(self.theme.venue)
        elif self.swarm.rates:
            share = chance.uniform(0.05, 0.5)
            self.universe.house.faults.active = drawn_venue_faults(chance, share, self.swarm.intensity)
        self.universe.house.subscribe(self._hear)
        self.add_worker()
        if self.theme is not None and self.theme.has_two_workers:
            self.add_worker().pace_ms = 300
        self._beat()
        for name, every_s, first_s in (("reconcile", 60, 17), ("manage_positions", 60, 41), ("import_history", 60, 5)):
            self._every(name, every_s * _S, first_s * _S)
        self._every("sync_instruments", 3_600 * _S, self.random.randint(60, 1_200) * _S)
        if self.person is not None:
            self.person.sits_down()
        if self.alarms is not None:
            self.alarms.begin()
            self._every("check_heartbeats", 60 * _S, 29 * _S)

    def _hear(self, event: object) -> None:
        if isinstance(event, OrderEvent) and _is_by_hand(event) and self.swarm.strikes("trade_never_listed"):
            self.gate.never_listed.add(event.trade_id)
            return
        for worker in self.workers:
            worker.hear(event)

    def _beat(self) -> None:
        """Let the venue's time run on."""
        now_ms = self.clock.at_ms
        self.universe.house.advance(now_ms)
        if self._is_down(now_ms):
            self.impossible.down.note(now_ms - BEAT_MS, now_ms)
        for symbol, book in self.universe.house.exchange.floor.books.items():
            if book.contract.instrument.status != "TRADING":
                self.impossible.shut.setdefault(symbol, Outages()).note(now_ms - BEAT_MS, now_ms)
        self._note_unwanted(now_ms)
        if not any(worker.user_up for worker in self.workers):
            self.deaf.note(now_ms - BEAT_MS, now_ms)
        self.loop.after(BEAT_MS, "venue", self._beat)

    def _note_unwanted(self, now_ms: int) -> None:
        params, ledger = self.universe.params.current(), self.universe.kept.ledger
        for account in self.universe.accounts:
            for slot in ledger.slots_in_use(account.id):
                if slot.position is not None and protection_of(slot.position, params) is None:
                    leg = (account.id, slot.symbol, slot.side)
                    self.impossible.unwanted.setdefault(leg, Outages()).note(now_ms - BEAT_MS, now_ms)

    def _is_down(self, now_ms: int) -> bool:
        """Whether nobody could do anything for a position, however well it was made."""
        held = any(
            self.lambdas.functions[name].throttled_until_ms > now_ms for name in ("track_account", "follow_up_orders")
        )
        health = self.universe.store.health(Venue.ASTER)
        told_to_wait = health.blocks(now_ms) and not health.entries_only
        doors_shut = not self.universe.house.faults.active.keys().isdisjoint((Fault.MAINTENANCE_S, Fault.KEY_REFUSED_S))
        return self.gate.store_is_down or held or told_to_wait or doors_shut

    def _every(self, name: str, period_ms: int, first_ms: int) -> None:
        function = self.lambdas.functions[name]

        def fire() -> None:
            self.loop.after(period_ms, f"schedule {name}", fire)
            if self.swarm.strikes("schedule_missed"):
                return
            self._run(function)
            if self.swarm.strikes("schedule_twice"):
                self.loop.after(self.random.uniform(0, 5_000), f"again {name}", lambda: self._run(function))

        self.loop.after(first_ms, f"schedule {name}", fire)

    def _run(self, function: Function) -> None:
        now_ms = self.clock.at_ms
        twice = self.swarm.rates.get("schedule_twice") is not None
        if now_ms >= function.throttled_until_ms and function.running < function.spec.concurrency + twice:
            self.lambdas.start(function)

    def add_worker(self, heard_until_ms: int | None = None) -> Worker:
        self.epoch += 1
        accounts = [account.id for account in self.universe.accounts]
        outlets = Outlets(self.queues.liquidations, self.queues.user_events, self.queues.ticks, self.poke)
        worker = Worker(
            self.epoch,
            self.epoch,
            self.universe.house,
            self.loop,
            self.swarm,
            self.random,
            outlets,
            accounts,
            self.conditions,
        )
        worker.begin(self.windows(), self.clock.at_ms if heard_until_ms is None else heard_until_ms)
        self.workers.append(worker)
        return worker

    def calm(self) -> None:
        """Nothing goes wrong any more, and what went wrong is over: everything runs that should."""
        self.swarm.calm()
        if self.person is not None:
            self.person.is_there = False
        if self.alarms is not None:
            self.alarms.calm()
        all_is_open(self.universe.house)
        self.gate.store_is_down = self.gate.positions_are_unreadable = False
        for function in self.lambdas.functions.values():
            function.throttled_until_ms = 0
        if not self.workers:
            self.add_worker(self.clock.at_ms - 60 * _S)

    @property
    def hits(self) -> Counter[str]:
        """How often each fault struck, ours and the venue's."""
        return self.swarm.hits + Counter({f"venue_{kind}": n for kind, n in self.universe.house.faults.counts.items()})

    def revive(self, heard_until_ms: int) -> None:
        if not any(worker.is_alive for worker in self.workers):
            self.add_worker(heard_until_ms)

    def bury(self, worker: Worker) -> None:
        worker.is_alive = False
        self.workers.remove(worker)

    def bury_all_but_one(self, chosen: Worker) -> None:
        """One of two goes; if it is the last, it stays."""
        if len(self.workers) > 1 and chosen in self.workers:
            self.bury(chosen)

    def liquidate(self, symbol: Symbol, side: str) -> None:
        """A liquidation beside those of the tape, heard as they are."""
        quote, now_ms = self.universe.house.market.quote(symbol), self.clock.at_ms
        quantity = plain((Decimal(self.random.randint(500, 5_000)) / quote.last).quantize(Decimal("0.001")))
        price = plain(quote.last)
        order = {"s": symbol, "S": side, "o": "LIMIT", "f": "IOC", "q": quantity, "p": price, "ap": price}
        order |= {"X": "FILLED", "l": quantity, "z": quantity}
        self._hear(Liquidated(now_ms, symbol, {"e": "forceOrder", "E": now_ms, "o": {**order, "T": now_ms}}))

    def windows(self) -> dict[Symbol, frozenset[int]]:
        measured = self.universe.params.current().measurements(Venue.ASTER)
        return {symbol: measured[symbol].windows_s for symbol in sorted(measured)}


def _is_by_hand(event: OrderEvent) -> bool:
    return event.execution is Execution.TRADE and bool(event.trade_id) and not is_ours(event.client_order_id)


def for_each(
    use_case: Callable[[Desk], Callable[[Any], object]],
) -> Callable[[Callable[[], Desk]], Callable[[], Callable[[], None]]]:
    return lambda make: for_each_account(make, use_case)
