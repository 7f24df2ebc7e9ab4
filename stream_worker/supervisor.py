"""The worker as a whole: what runs, what it is told every 30 s, how it starts and how it stops."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from stream_worker.accounts import AccountStreams
from stream_worker.background import Background
from stream_worker.heartbeat import HeartbeatWriter, LoopWatch
from stream_worker.market import MarketStreams
from stream_worker.measure import Measurer
from stream_worker.store import LiquidationStore
from stream_worker.tally import Tally
from stream_worker.venue_clock import VenueClock
from undertow.adapters.aws.worker_tables import StoreFailed
from undertow.adapters.sqs.outbox import LiquidationsOutbox, UserEventsOutbox
from undertow.domain.account import Heartbeat, Mode
from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import Liquidation, Venue
from undertow.ports import Clock, NoParameters, Parameters, ParamsSource
from undertow.signals.coverage import Coverage

logger = logging.getLogger(__name__)

REFRESH_S: Final = 30.0
FLUSH_S: Final = 10.0
"""What is still held after that is lost on an orderly stop as it would be on a crash: the venue or the next worker
makes up for it."""
CAUGHT_UP_WITHIN_S: Final = 2.0
"""How long a socket may be left unread while the queues are behind. Longer, and the venue would cut us off."""
ALIVE_MS: Final = 25_000
"""A heartbeat younger than this is of a worker that lives."""
SETTLED_MS: Final = 5_000
"""What another worker had heard by a certain time, it has stored so much later."""


def windows_of(parameters: Parameters, venue: Venue) -> dict[Symbol, frozenset[int]]:
    """Each symbol to forward, with the window lengths that its strategies ask for."""
    return {symbol: wanted.windows_s for symbol, wanted in parameters.measurements(venue).items()}


def live_accounts(parameters: Parameters, venue: Venue) -> list[AccountId]:
    """Accounts whose orders are at the venue, and so have something to tell."""
    accounts = parameters.globals.accounts.values()
    return [account.id for account in accounts if account.venue is venue and account.mode is Mode.LIVE]


@dataclass(frozen=True, slots=True)
class Recall:
    """Reads what was stored before us. Both raise StoreFailed."""

    liquidations: Callable[[int, int], Awaitable[Sequence[Liquidation]]]
    heartbeat: Callable[[str], Awaitable[Heartbeat | None]]


class Worker:
    """Everything it holds was made by ``compose``; here it is set going, kept going and stopped."""

    def __init__(
        self,
        name: str,
        epoch: int,
        venue: Venue,
        params: ParamsSource,
        market: MarketStreams,
        accounts: AccountStreams,
        measurer: Measurer,
        coverage: Coverage,
        liquidations: LiquidationsOutbox,
        user_events: UserEventsOutbox,
        store: LiquidationStore,
        recall: Recall,
        loop_watch: LoopWatch,
        tally: Tally,
        clock: Clock,
        venue_clock: VenueClock,
        background: Background | None = None,
    ) -> None:
        self._name = name
        self._epoch = epoch
        self._venue = venue
        self._params = params
        self._market = market
        self._accounts = accounts
        self._measurer = measurer
        self._coverage = coverage
        self._liquidations = liquidations
        self._user_events = user_events
        self._store = store
        self._recall = recall
        self._loop_watch = loop_watch
        self._tally = tally
        self._clock = clock
        self._venue_clock = venue_clock
        self._background = background
        self.rebuilt = False
        self._handed_over_since_ms: int | None = None

    async def run(self, stop: asyncio.Event, heartbeat: HeartbeatWriter, refresh_s: float = REFRESH_S) -> None:
        """Until ``stop``: then stop hearing, send what is held, and leave. What fails unforeseen ends the process."""
        async with asyncio.TaskGroup() as senders:
            sending = [
                senders.create_task(part)
                for part in (self._liquidations.run(), self._user_events.run(), self._store.run())
            ]
            async with asyncio.TaskGroup() as listeners:
                listening = [
                    listeners.create_task(part)
                    for part in (
                        self._market.run(),
                        self._accounts.run(),
                        self._refresh(refresh_s),
                        self._loop_watch.run(),
                        heartbeat.run(),
                        *(() if self._background is None else self._background.parts()),
                    )
                ]
                await stop.wait()
                logger.info("stopping")
                for task in listening:
                    task.cancel()
            await self._flush()
            await heartbeat.beat()
            for task in sending:
                task.cancel()

    async def breathe(self) -> None:
        """Let the senders have their turn; while they are behind, leave the sockets unread for a moment."""
        await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        until_s = loop.time() + CAUGHT_UP_WITHIN_S
        while (self._liquidations.is_full or self._store.is_full) and loop.time() < until_s:
            await asyncio.sleep(0.01)

    def describe(self) -> Heartbeat:
        return Heartbeat(
            worker=self._name,
            epoch=self._epoch,
            time_ms=self._clock.now_ms(),
            last_market_event_ms=self._measurer.last_event_ms,
            last_user_event_ms=self._user_events_safe_until_ms(),
            listen_key_renewed_at_ms=self._accounts.key_renewed_at_ms,
            loop_lag_ms=self._loop_watch.take_lag_ms(),
            frames_in=self._tally.frames_in,
            liquidations_in=self._tally.liquidations_in,
            quarantined=self._tally.quarantined,
            dropped=self.totals()["dropped"],
            reconnects=self._tally.reconnects,
            window_covered=self._measurer.is_covered,
        )

    def _user_events_safe_until_ms(self) -> int | None:
        """Until when user events were heard and are in the queue: what comes after is lost if we die now."""
        heard_ms, unsent_ms = self._accounts.heard_until_ms, self._user_events.unsent_since_ms
        return heard_ms if heard_ms is None or unsent_ms is None else min(heard_ms, unsent_ms)

    def totals(self) -> dict[str, int]:
        sent, user = self._liquidations.sent, self._user_events.sent
        return {
            "sqs_requests": sent.requests + user.requests,
            "sqs_messages": sent.messages + user.messages,
            "sqs_failures": sent.failures + user.failures,
            "dropped": self._liquidations.dropped + self._tally.store_dropped,
            "user_frames_as_gaps": self._user_events.replaced_by_gaps,
            **({} if self._background is None else self._background.totals()),
        }

    # --- what to listen to ------------------------------------------------------------------------------------------

    async def _refresh(self, every_s: float) -> None:
        while True:
            try:
                parameters = await asyncio.to_thread(self._params.current)
            except NoParameters as error:
                # Everything is still stored; nothing is forwarded that nobody may trade on.
                logger.warning("no parameters", extra={"reason": str(error)})
            else:
                self.follow(parameters)
                if not self.rebuilt:
                    self.rebuilt = await self._rebuild()
            await asyncio.sleep(every_s)

    def follow(self, parameters: Parameters) -> None:
        windows = windows_of(parameters, self._venue)
        self._measurer.watch(windows)
        accounts = live_accounts(parameters, self._venue)
        if self._background is not None:
            self._background.watch(parameters.measurements(self._venue), accounts)
        self._market.watch(windows, () if self._background is None else self._background.candle_streams)
        self._accounts.watch(accounts)

    # --- what was before us -----------------------------------------------------------------------------------------

    async def _rebuild(self) -> bool:
        """Fill the windows with what was stored before. That they are covered is another question."""
        now_ms = self._clock.now_ms()
        return await self._remember(now_ms - self._measurer.longest_window_s * 1000, now_ms)

    async def take_over(self) -> None:
        """Where another worker of our name is still alive, and heard everything while we began, its record covers us.

        Called before each heartbeat of ours, so the stored one is the other's if it lives.
        """
        since_ms = self._coverage.since_ms
        if since_ms is None or since_ms == self._handed_over_since_ms or self._measurer.is_covered:
            return
        try:
            other = await self._recall.heartbeat(self._name)
        except StoreFailed as error:
            logger.warning("heartbeat not read", extra={"reason": str(error)})
            return
        if other is None or other.epoch == self._epoch or not other.window_covered:
            return
        now_ms = self._clock.now_ms()
        if other.time_ms < since_ms + SETTLED_MS or now_ms - other.time_ms > ALIVE_MS:
            return
        from_ms = since_ms - self._measurer.longest_window_s * 1000
        if await self._remember(from_ms, now_ms):
            self._coverage.extend_back_to(from_ms)
            self._measurer.completed_from(from_ms)
            self._handed_over_since_ms = self._coverage.since_ms
            logger.info("windows taken over", extra={"from_epoch": other.epoch, "since_ms": from_ms})

    async def _remember(self, from_ms: int, to_ms: int) -> bool:
        try:
            stored = await self._recall.liquidations(from_ms, to_ms)
        except StoreFailed as error:
            logger.warning("stored liquidations not read", extra={"reason": str(error)})
            return False
        self._measurer.remember(stored)
        logger.info("windows rebuilt", extra={"liquidations": len(stored), "from_ms": from_ms})
        return True

    # --- the end ----------------------------------------------------------------------------------------------------

    async def _flush(self) -> None:
        try:
            async with asyncio.timeout(FLUSH_S):
                await asyncio.gather(self._liquidations.drained(), self._user_events.drained(), self._store.drained())
        except TimeoutError:
            logger.exception("not everything was sent before the end", extra=self.totals())
