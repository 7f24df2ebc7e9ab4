"""The stream worker as the queues see it: the real measuring over frames of the house, and a model of its sockets.

What it sends are the real message bodies. It can lose its sockets, die with what it holds, and exist twice.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from local.venue.happenings import Liquidated
from local.venue.house import House
from local.venue.user_frames import user_frame
from stream_worker.measure import Measurer
from stream_worker.quarantine import Quarantine
from stream_worker.quotes import Quotes
from stream_worker.tally import Tally
from stream_worker.venue_clock import VenueClock
from tests.simulation.loop import Loop
from tests.simulation.measured import rank
from tests.simulation.queues import Queue
from tests.simulation.swarm import Swarm

from undertow.adapters.aster.user_messages import read_user
from undertow.adapters.paper.events import AccountEvent, LeverageEvent, MarginCallEvent, ModeEvent, OrderEvent
from undertow.adapters.sqs import messages
from undertow.adapters.sqs.messages import WHOLE_ACCOUNT, UserFrames
from undertow.domain.event import ConfigChanged, OrderChanged, StreamGap
from undertow.domain.ids import AccountId, LiquidationId, Symbol, digest_of
from undertow.domain.market import BestPrices, Liquidation, MarkPrice, Venue, VolumeWindow
from undertow.signals.coverage import Coverage

TICK_MS: Final = 5_000
OVERLAP_MS: Final = 60_000
REPORTS_APART_MS: Final = 5_000
UserEvent = OrderEvent | AccountEvent | MarginCallEvent | LeverageEvent | ModeEvent

ConditionsOf = Callable[[Symbol, int], str]
"""What was measured of a symbol beside its liquidations, at a time, as text."""


@dataclass(slots=True)
class Outlets:
    """The queues, and who is told that something lies in them."""

    liquidations: Queue
    user_events: Queue
    ticks: Queue
    poke: Callable[[Queue], None]


@dataclass(slots=True, eq=False)
class Worker:
    """One process. ``heard_until_ms`` is when its predecessor was alive."""

    number: int
    epoch: int
    house: House
    loop: Loop
    swarm: Swarm
    random: Random
    outlets: Outlets
    accounts: Sequence[AccountId]
    conditions: ConditionsOf
    pace_ms: float = 40
    """How long what is to be sent may gather."""
    is_alive: bool = True
    market_up: bool = True
    user_up: bool = True
    missing_from_ms: int | None = None
    missing_reason: str = "start"
    next_report_ms: int = 0
    lanes: dict[str, list[tuple[LiquidationId, str, bool]]] = field(default_factory=dict)
    user_lanes: dict[str, list[tuple[AccountId, int, str | StreamGap]]] = field(default_factory=dict)
    sending: set[str] = field(default_factory=set)
    coverage: Coverage = field(default_factory=Coverage)
    _measurer: Any = None

    def begin(self, windows: dict[Symbol, frozenset[int]], heard_until_ms: int) -> None:
        clock, tally = self.loop.clock, Tally()
        quarantine = Quarantine(tally)
        quotes, venue_clock = Quotes(quarantine, clock), VenueClock(clock)
        self._measurer = Measurer(self, _forget, quotes, self.coverage, quarantine, tally, clock, venue_clock)  # type: ignore[arg-type]
        self._measurer.watch(windows)
        self.coverage.begin(clock.at_ms)
        self.missing_from_ms = heard_until_ms
        self._report_missing()
        self._tick_later()

    def watch(self, windows: dict[Symbol, frozenset[int]]) -> None:
        self._measurer.watch(windows)

    # --- what it hears ----------------------------------------------------------------------------------------------

    def hear(self, event: object) -> None:
        if not self.is_alive:
            return
        if isinstance(event, Liquidated):
            if self.market_up:
                self._hear_liquidation(event)
        elif isinstance(event, UserEvent) and self.user_up and event.account in self.accounts:
            self._hear_user(event)

    def _hear_liquidation(self, event: Liquidated) -> None:
        payload = event.payload
        if self.swarm.strikes("liquidation_clock_wrong"):
            wrong_ms = self.random.choice((-1, 1)) * self.random.randint(1_000, 3_600_000)
            times = {"E": payload["E"] + wrong_ms, "o": {**payload["o"], "T": _moved(payload["o"]["T"], wrong_ms)}}
            payload = {**payload, **times}
        frame = json.dumps(payload)
        if self.swarm.strikes("liquidation_late"):
            self._later(self.random.uniform(200, 9_000), "late frame", lambda: self._measurer.take(frame))
        else:
            self._measurer.take(frame)
        if self.swarm.strikes("liquidation_duplicated"):
            self._later(self.random.uniform(0, 3_000), "same frame", lambda: self._measurer.take(frame))

    def _hear_user(self, event: UserEvent) -> None:
        frame, account = json.dumps(user_frame(event)), event.account
        if self.swarm.strikes("user_frame_unreadable"):
            self._miss("unreadable_frame", self.loop.clock.at_ms)
            self._later(self.random.uniform(1_000, 5_000), "unreadable", self._report_missing)
            return
        if self.swarm.strikes("user_frame_late"):
            self._later(self.random.uniform(20, 6_000), "late user frame", lambda: self._keep_user(account, frame))
        else:
            self._keep_user(account, frame)
        if self.swarm.strikes("user_frame_duplicated"):
            self._later(self.random.uniform(0, 5_000), "same user frame", lambda: self._keep_user(account, frame))

    def _keep_user(self, account: AccountId, frame: str) -> None:
        if not self.user_up:
            self._miss("frame_lost", self.loop.clock.at_ms)
            return
        lane = messages.user_events_group(account, _symbol_of(frame, account))
        self.user_lanes.setdefault(lane, []).append((account, self.loop.clock.at_ms, frame))
        self._send_soon(f"user {lane}", lambda: self._send_user(lane))

    # --- the measurer's outbox --------------------------------------------------------------------------------------

    def put(
        self,
        liquidation: Liquidation,
        windows: dict[int, VolumeWindow],
        received_at_ms: int,
        *,
        covered: bool,
        percentile: object = None,
    ) -> None:
        standing = rank(self.random)
        text = messages.liquidation_text(liquidation, windows, received_at_ms, standing)
        symbol = liquidation.symbol
        self.lanes.setdefault(symbol, []).append((liquidation.id, text, covered))
        self._send_soon(f"liquidations {symbol}", lambda: self._send_liquidations(symbol))

    # --- sending ----------------------------------------------------------------------------------------------------

    def _later(self, delay_ms: float, what: str, act: Callable[[], None]) -> None:
        def unless_dead() -> None:
            if self.is_alive:
                act()

        self.loop.after(delay_ms, f"worker{self.number} {what}", unless_dead)

    def _send_soon(self, lane: str, send: Callable[[], None], delay_ms: float = 0) -> None:
        """At once when idle; what comes while a message of the lane is under way gathers for the next one."""
        if lane not in self.sending:
            self.sending.add(lane)
            self._later(delay_ms or self.random.uniform(2, self.pace_ms), f"sends {lane}", send)

    def _sent(self, queue: Queue, group: str, digest: str, body: str, lane: str, retry: Callable[[], None]) -> bool:
        """False when whoever sends has to try again: the queue may have it or not."""
        if self.swarm.strikes("worker_send_failed"):
            self._later(self.random.uniform(100, 5_000), f"retries {lane}", retry)
            return False
        queue.send(body, group, digest, self.loop.clock.at_ms)
        self.outlets.poke(queue)
        if self.swarm.strikes("worker_send_unheard"):
            self._later(self.random.uniform(100, 5_000), f"repeats {lane}", retry)
            return False
        self.sending.discard(lane)
        return True

    def _send_liquidations(self, symbol: Symbol) -> None:
        waiting = self.lanes.pop(symbol, [])
        if not waiting:
            self.sending.discard(f"liquidations {symbol}")
            return
        now_ms = self.loop.clock.at_ms
        quote = self.house.market.quote(symbol)
        body = messages.liquidations_text(
            Venue.ASTER,
            symbol,
            self.epoch,
            all(covered for _, _, covered in waiting),
            now_ms,
            BestPrices(quote.bid, quote.bid_quantity, quote.ask, quote.ask_quantity, now_ms - 40),
            MarkPrice(quote.mark, now_ms - self.random.randint(0, 1_000)),
            [text for _, text, _ in waiting],
            self.conditions(symbol, now_ms),
        )
        digest = messages.liquidations_digest([one for one, _, _ in waiting])
        group, lane = messages.liquidations_group(Venue.ASTER, symbol), f"liquidations {symbol}"

        def send() -> None:
            if self._sent(self.outlets.liquidations, group, digest, body, lane, send) and self.lanes.get(symbol):
                self._send_soon(lane, lambda: self._send_liquidations(symbol))

        send()

    def _send_user(self, lane: str) -> None:
        """Frames up to the next gap, or one gap."""
        waiting = self.user_lanes.pop(lane, [])
        name = f"user {lane}"
        if not waiting:
            self.sending.discard(name)
            return
        account, received_at_ms, first = waiting[0]
        if isinstance(first, StreamGap):
            digest = digest_of("gap", account, first.from_ms, first.to_ms, first.reason)
            body, used = messages.gap_text(Venue.ASTER, first), 1
        else:
            frames: list[str] = []
            for _, _, item in waiting:
                if isinstance(item, StreamGap):
                    break
                frames.append(item)
            digest, used = digest_of("user", account, *frames), len(frames)
            body = messages.user_frames_text(UserFrames(Venue.ASTER, account, received_at_ms, tuple(frames)))
        if waiting[used:]:
            self.user_lanes[lane] = waiting[used:]

        def send() -> None:
            if self._sent(self.outlets.user_events, lane, digest, body, name, send) and self.user_lanes.get(lane):
                self._send_soon(name, lambda: self._send_user(lane))

        send()

    # --- gaps -------------------------------------------------------------------------------------------------------

    def cut_market(self, for_ms: float) -> None:
        if self.market_up:
            self.market_up = False
            self.coverage.lose(self.loop.clock.at_ms)
            self._later(for_ms, "market back", self._market_back)

    def _market_back(self) -> None:
        self.market_up = True
        self.coverage.begin(self.loop.clock.at_ms)

    def cut_user(self, for_ms: float, reason: str) -> None:
        if self.user_up:
            self.user_up = False
            self._miss(reason, self.loop.clock.at_ms)
            self._later(for_ms, "user stream back", self._user_back)

    def _user_back(self) -> None:
        self.user_up = True
        self._report_missing()

    def _miss(self, reason: str, from_ms: int) -> None:
        self.missing_from_ms = min(from_ms, self.missing_from_ms or from_ms)
        self.missing_reason = reason

    def _report_missing(self) -> None:
        now_ms = self.loop.clock.at_ms
        if self.missing_from_ms is None or not self.user_up:
            return
        if now_ms < self.next_report_ms:
            self._later(self.next_report_ms - now_ms, "gap due", self._report_missing)
            return
        for account in self.accounts:
            gap = StreamGap(account, self.missing_from_ms - OVERLAP_MS, now_ms, self.missing_reason)
            lane = messages.user_events_group(account, WHOLE_ACCOUNT)
            self.user_lanes.setdefault(lane, []).append((account, gap.from_ms, gap))
            self._send_soon(f"user {lane}", lambda lane=lane: self._send_user(lane))  # type: ignore[misc]
        self.missing_from_ms = None
        self.next_report_ms = now_ms + REPORTS_APART_MS

    # --- ticks ------------------------------------------------------------------------------------------------------

    def _tick_later(self) -> None:
        self._later(TICK_MS - self.loop.clock.at_ms % TICK_MS, "tick", self._tick)

    def _tick(self) -> None:
        self._tick_later()
        if not self.market_up:
            return
        now_ms, market = self.loop.clock.at_ms, self.house.market
        marks = ",".join(
            messages.tick_mark_text(symbol, MarkPrice(market.quote(symbol).mark, now_ms - 500))
            for symbol in market.symbols()
        )
        for account in self.accounts:
            if self.swarm.strikes("tick_lost"):
                continue
            body = messages.ticks_text(Venue.ASTER, account, now_ms, marks)
            digest = digest_of("tick", Venue.ASTER.value, account, now_ms // TICK_MS)
            group = messages.ticks_group(account, now_ms // TICK_MS)
            self.outlets.ticks.send(body, group, digest, now_ms)
            self.outlets.poke(self.outlets.ticks)


def _symbol_of(frame: str, account: AccountId) -> str:
    message = read_user(frame, account)
    if isinstance(message, OrderChanged):
        return message.news.symbol
    if isinstance(message, ConfigChanged) and message.symbol is not None:
        return message.symbol
    return WHOLE_ACCOUNT


def _moved(time: object, by_ms: int) -> object:
    """A time that is nonsense already stays what it is."""
    return time + by_ms if type(time) is int else time


def _forget(_liquidation: Liquidation) -> None:
    """Stored liquidations are for another day."""
