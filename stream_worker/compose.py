"""Puts the worker together from the environment."""

import asyncio
import logging
import ssl
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

import httpx

from stream_worker.accounts import AccountStream, AccountStreams
from stream_worker.background import Background
from stream_worker.candles import Candles
from stream_worker.cascades import CascadeWatch
from stream_worker.contacts import ContactKeeper
from stream_worker.gap_log import GapLog
from stream_worker.health import heartbeat_file
from stream_worker.hearing import Hearing
from stream_worker.heartbeat import HeartbeatWriter, LoopWatch, die_blocked, last_heartbeat
from stream_worker.history import History
from stream_worker.keys import StoredListenKeys
from stream_worker.market import MarketStreams
from stream_worker.measure import Measurer
from stream_worker.open_interest import OpenInterestPoll
from stream_worker.quarantine import Quarantine
from stream_worker.quotes import Quotes
from stream_worker.session import Patience
from stream_worker.store import LiquidationStore
from stream_worker.supervisor import Recall, Worker
from stream_worker.survey import Survey
from stream_worker.tally import Tally
from stream_worker.ticks import LatestMarks, Ticker
from stream_worker.venue_clock import VenueClock
from undertow.adapters.aster.connection import connect
from undertow.adapters.aster.market_data import AsterMarketData
from undertow.adapters.aster.stream import VenueSocket, market_url, open_socket, user_url
from undertow.adapters.aster.tally import WeightTally
from undertow.adapters.aws.client import AwsJson, endpoints
from undertow.adapters.aws.credentials import credential_source
from undertow.adapters.aws.parameters import AwsParameters
from undertow.adapters.aws.worker_tables import StoreFailed, WorkerTables
from undertow.adapters.clock import SystemClock
from undertow.adapters.notify.log import LogNotifier
from undertow.adapters.sqs.outbox import LiquidationsOutbox, UserEventsOutbox
from undertow.adapters.sqs.sender import SqsFifoQueue
from undertow.adapters.sqs.ticks import TicksOutbox
from undertow.adapters.ssm.layout import Paths
from undertow.adapters.ssm.source import SsmParamsSource
from undertow.domain.ids import AccountId
from undertow.domain.market import Venue
from undertow.observability import EmfMeter, Redactor
from undertow.settings import MissingSetting, Settings
from undertow.signals.coverage import Coverage

logger = logging.getLogger(__name__)

SERVICE: Final = "stream-worker"
NAME_VARIABLE: Final = "UNDERTOW_WORKER"
TOLERATED_VARIABLE: Final = "UNDERTOW_TOLERATED_GAP_PCT"
"""Share of a window that may be gaps: for trials against a venue that is made to hang up all the time."""
OUR_PING_EVERY_S: Final = 15.0
"""On user streams, which may be silent for hours: a dead network is found in half a minute, not in six,
since until then nobody is told of fills."""

_TIMEOUTS: Final = httpx.Timeout(5.0, connect=2.0)
_CONNECTIONS: Final = httpx.Limits(max_connections=16, max_keepalive_connections=8, keepalive_expiry=50.0)


@asynccontextmanager
async def worker_from_env(
    env: Mapping[str, str], redactor: Redactor, patience: Patience | None = None
) -> AsyncIterator[tuple[Worker, HeartbeatWriter]]:
    """A worker ready to run, on the running loop. Raises MissingSetting and NoCredentials."""
    settings = Settings.from_env(env)
    if not (settings.liquidations_queue_url and settings.user_events_queue_url and settings.ticks_queue_url):
        raise MissingSetting("the environment variables of all three queues must be set")
    tls = httpx.create_ssl_context()
    async with httpx.AsyncClient(verify=tls, timeout=_TIMEOUTS, limits=_CONNECTIONS) as http:
        clock = SystemClock()
        source = credential_source(env, http, clock)
        aws = AwsJson(http, source, settings.aws_region, clock, endpoints(env))
        name = env.get(NAME_VARIABLE) or SERVICE
        made = _Parts(settings, name, env, aws, tls, clock, redactor, patience or Patience())
        yield await made.put_together()


class _Parts:
    """What several parts of the worker need, while they are put together."""

    def __init__(
        self,
        settings: Settings,
        name: str,
        env: Mapping[str, str],
        aws: AwsJson,
        tls: ssl.SSLContext,
        clock: SystemClock,
        redactor: Redactor,
        patience: Patience,
    ) -> None:
        self._settings = settings
        self._name = name
        self._env = env
        self._aws = aws
        self._tls = tls
        self._clock = clock
        self._redactor = redactor
        self._patience = patience
        self._epoch = clock.now_ms()
        self._heard_until_ms: int | None = None
        self._last_sign_ms: int | None = None
        self._random = Random()
        self._tally = Tally()
        self._asked = WeightTally(name)
        self._quarantine = Quarantine(self._tally)
        self._meter = EmfMeter(SERVICE, settings.stage, clock)
        self._notifier = LogNotifier(self._meter, clock)
        self._tables = WorkerTables(aws, settings.table_prefix, Venue.ASTER, self._epoch)
        self._parameters = AwsParameters(aws, asyncio.get_running_loop())
        self._user_events = UserEventsOutbox(Venue.ASTER, SqsFifoQueue(aws, settings.user_events_queue_url), clock)

    async def put_together(self) -> tuple[Worker, HeartbeatWriter]:
        await self._read_last_heartbeat()
        clock, tally = self._clock, self._tally
        venue_clock, coverage = VenueClock(clock), Coverage(int(self._env.get(TOLERATED_VARIABLE) or 0))
        quotes, marks = Quotes(self._quarantine, clock), LatestMarks(self._quarantine, clock)
        gaps = GapLog(self._tables.record_gap)
        background = self._background(quotes, marks, gaps)
        queue = SqsFifoQueue(self._aws, self._settings.liquidations_queue_url)
        liquidations = LiquidationsOutbox(Venue.ASTER, self._epoch, queue, quotes.of, clock, background.survey.text_of)
        store = LiquidationStore(self._tables.append, tally)
        measurer = Measurer(
            liquidations,
            store.put,
            quotes,
            coverage,
            self._quarantine,
            tally,
            clock,
            venue_clock,
            marks,
            background.survey,
            background.candles,
        )
        hearing = Hearing(coverage, venue_clock, self._notifier, tally, gaps.note, self._last_sign_ms)

        async def breathe() -> None:
            await worker.breathe()

        worker = Worker(
            name=self._name,
            epoch=self._epoch,
            venue=Venue.ASTER,
            params=SsmParamsSource(self._parameters, Paths(self._settings.ssm_prefix), clock, self._notifier),
            market=MarketStreams(
                market_url(self._settings.aster_ws_url),
                partial(self._open, ping_every_s=None),
                measurer,
                hearing,
                breathe,
                tally,
                self._patience,
                self._random,
            ),
            accounts=AccountStreams(self._account_stream),
            measurer=measurer,
            coverage=coverage,
            liquidations=liquidations,
            user_events=self._user_events,
            store=store,
            recall=Recall(self._tables.between, self._tables.heartbeat),
            loop_watch=LoopWatch(die_blocked),
            tally=tally,
            clock=clock,
            venue_clock=venue_clock,
            background=background,
        )
        return worker, self._heartbeat(worker)

    def _background(self, quotes: Quotes, marks: LatestMarks, gaps: GapLog) -> Background:
        settings, clock = self._settings, self._clock
        # Public data needs no credentials: this connection signs nothing.
        venue = AsterMarketData(connect(settings.aster_rest_url, None, clock.now_ms, tally=self._asked))
        survey = Survey(Venue.ASTER, quotes.of, clock)
        open_interest = OpenInterestPoll(venue, survey.hear_open_interest)
        ticks = TicksOutbox(Venue.ASTER, SqsFifoQueue(self._aws, settings.ticks_queue_url))
        return Background(
            survey=survey,
            candles=Candles(venue, survey.hear_candle, clock),
            open_interest=open_interest,
            history=History(self._tables.backwards, survey, clock),
            cascades=CascadeWatch(survey, lambda: open_interest.served is True, self._tables.put_cascades, clock),
            ticker=Ticker(marks, ticks, clock),
            gaps=gaps,
        )

    async def _read_last_heartbeat(self) -> None:
        """Until when the last worker of this name lived and heard. Read now, before our own heartbeat replaces it."""
        try:
            last = await last_heartbeat(self._tables.heartbeat, self._name)
        except StoreFailed as error:
            logger.warning("heartbeat not read", extra={"reason": str(error)})
            return
        self._last_sign_ms = 0 if last is None else last.time_ms
        self._heard_until_ms = None if last is None else last.last_user_event_ms

    def _heartbeat(self, worker: Worker) -> HeartbeatWriter:
        def totals() -> dict[str, int]:
            return {**worker.totals(), "dynamodb_writes": self._tables.writes}

        contacts = ContactKeeper(self._asked, self._tables.add_contact, self._clock)

        async def before() -> None:
            await worker.take_over()
            await contacts.keep()

        file = heartbeat_file(self._env, Path(tempfile.gettempdir()))
        return HeartbeatWriter(
            worker.describe, self._tables.put_heartbeat, before, file, self._tally, totals, self._meter
        )

    def _open(self, url: str, *, ping_every_s: float | None) -> AbstractAsyncContextManager[VenueSocket]:
        return open_socket(url, tls=self._tls, ping_every_s=ping_every_s)

    def _account_stream(self, account: AccountId) -> AccountStream:
        settings = self._settings
        keys = StoredListenKeys(
            account,
            f"{settings.ssm_prefix}/stream-secrets/{account}",
            self._parameters,
            settings.aster_rest_url,
            self._clock,
            self._redactor,
            tally=self._asked,
        )
        return AccountStream(
            account,
            keys,
            partial(user_url, settings.aster_ws_url),
            partial(self._open, ping_every_s=OUR_PING_EVERY_S),
            self._user_events,
            self._quarantine,
            self._notifier,
            self._tally,
            self._clock,
            self._patience,
            self._random,
            self._heard_until_ms,
        )
