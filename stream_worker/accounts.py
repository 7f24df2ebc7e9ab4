"""The user data streams, one per live account. What is not heard is reported as a gap, to be fetched from the venue."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from random import Random
from typing import Final, Protocol

from stream_worker.backoff import Backoff
from stream_worker.quarantine import Quarantine
from stream_worker.session import OpenSocket, Patience, until_one_ends
from stream_worker.tally import Tally
from undertow.adapters.aster.messages import Reply
from undertow.adapters.aster.stream import StreamLost, VenueSocket
from undertow.adapters.aster.strict import BadFrame
from undertow.adapters.aster.user_messages import (
    Announcement,
    ListenKeyExpired,
    UserMessage,
    read_user,
)
from undertow.adapters.sqs.messages import WHOLE_ACCOUNT
from undertow.adapters.sqs.outbox import UserEventsOutbox
from undertow.domain.event import ConfigChanged, OrderChanged, StreamGap
from undertow.domain.ids import AccountId
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import AlertLevel, Clock, Notifier

logger = logging.getLogger(__name__)

OVERLAP_MS: Final = 60_000
"""A gap is asked for from a minute before we went deaf: what was under way then counts as not heard."""
UNKNOWN_PAST_MS: Final = 3_600_000
"""How far back the first gap reaches when nobody knows when somebody last listened."""
LONGEST_PAST_MS: Final = 6 * 24 * 3_600_000
"""The venue answers for at most 7 days at once."""
REPORTS_APART_MS: Final = 5_000
"""Every gap costs requests to the venue. A stream that breaks again and again has its gaps joined."""


class NoKeys(Exception):
    """The account's stream cannot be opened: its credentials are missing or unreadable."""


class KeyLost(StreamLost):
    """The connection is of no use any more, nor is the listen key, as far as we know.

    ``unnoticed`` when nobody told us: the key may have died any time since it was last known to be good.
    """

    def __init__(self, reason: str, *, unnoticed: bool = False) -> None:
        super().__init__(reason)
        self.unnoticed = unnoticed


class ListenKeys(Protocol):
    """Blocking, and called in a thread. Both raise NoKeys, VenueUnreachable or VenueReadFailed."""

    def obtain(self) -> str: ...

    def renew(self) -> bool:
        """False: the venue knows the key no more."""
        ...


class AccountStream:
    """One account's user data stream, kept up for ever."""

    def __init__(
        self,
        account: AccountId,
        keys: ListenKeys,
        address: Callable[[str], str],
        open_socket: OpenSocket,
        outbox: UserEventsOutbox,
        quarantine: Quarantine,
        notifier: Notifier,
        tally: Tally,
        clock: Clock,
        patience: Patience,
        random: Random,
        heard_until_ms: int | None,
    ) -> None:
        """``address`` makes a URL of a listen key. ``heard_until_ms`` is when the last worker was alive, if known."""
        self.account = account
        self._keys = keys
        self._address = address
        self._open_socket = open_socket
        self._outbox = outbox
        self._quarantine = quarantine
        self._notifier = notifier
        self._tally = tally
        self._clock = clock
        self._patience = patience
        self._random = random
        now_ms = clock.now_ms()
        past_ms = now_ms - UNKNOWN_PAST_MS if heard_until_ms is None else heard_until_ms
        self._missing_from_ms: int | None = max(past_ms, now_ms - LONGEST_PAST_MS)
        self._missing_reason = "start"
        self._heard_before_ms = heard_until_ms
        self._next_report_ms = 0
        self._key: str | None = None
        self._key_renewed_s = 0.0
        self.last_heard_ms: int | None = None
        self.key_renewed_at_ms: int | None = None

    @property
    def heard_until_ms(self) -> int | None:
        """What came until then was heard, or is reported as missing: the next worker has to ask from there on."""
        if self.last_heard_ms is None:
            return self._heard_before_ms
        return self.last_heard_ms if self._missing_from_ms is None else min(self.last_heard_ms, self._missing_from_ms)

    async def run(self) -> None:
        """Keep the stream up, for ever. An unreported gap is reported by the next worker, whose first one overlaps."""
        backoff = Backoff(self._random)
        loop = asyncio.get_running_loop()
        while True:
            began_s = loop.time()
            heard_before_ms = self.last_heard_ms
            try:
                await self._session()
            except (StreamLost, NoKeys, VenueUnreachable, VenueReadFailed) as lost:
                self._tally.reconnects += 1
                if isinstance(lost, KeyLost):
                    self._key = None
                    if lost.unnoticed and self.key_renewed_at_ms is not None:
                        self._miss_from(self.key_renewed_at_ms)
                self._missing_reason = _short(lost)
                was_up = self.last_heard_ms != heard_before_ms
                delay_s = backoff.after(loop.time() - began_s if was_up else 0)
                logger.warning(
                    "user stream lost",
                    extra={"account": self.account, "reason": str(lost), "retry_ms": int(delay_s * 1000)},
                )
                if isinstance(lost, NoKeys):
                    self._notifier.alert(
                        AlertLevel.CRITICAL, f"no_user_stream:{self.account}", "no user stream", {"error": str(lost)}
                    )
                await asyncio.sleep(delay_s)

    async def _session(self) -> None:
        """A key that is good still opens the next connection: while the venue answers no requests, we go on hearing."""
        reused = self._key
        key = reused or await self._new_key()
        async with self._open_socket(self._address(key)) as socket:
            self.last_heard_ms = self._clock.now_ms()
            self._report_missing()
            try:
                await until_one_ends(
                    socket.listen(self._take, _turn),
                    self._keep_key(verify=reused is not None),
                    self._watch_silence(socket),
                )
            finally:
                self._miss_from(self.last_heard_ms)

    async def _new_key(self) -> str:
        self._key = await asyncio.to_thread(self._keys.obtain)
        self._key_is_good()
        return self._key

    def _key_is_good(self) -> None:
        self._key_renewed_s = asyncio.get_running_loop().time()
        self.key_renewed_at_ms = self._clock.now_ms()

    def _miss_from(self, from_ms: int) -> None:
        """What came since ``from_ms`` may not have been heard; it is reported once we hear again."""
        self._missing_from_ms = min(from_ms, self._missing_from_ms or from_ms)

    def _report_missing(self) -> None:
        now_ms = self._clock.now_ms()
        if self._missing_from_ms is None or now_ms < self._next_report_ms:
            return
        gap = StreamGap(self.account, self._missing_from_ms - OVERLAP_MS, now_ms, self._missing_reason)
        self._missing_from_ms = None
        self._next_report_ms = now_ms + REPORTS_APART_MS
        self._tally.gaps += 1
        logger.info("gap in user events", extra={"account": self.account, "from_ms": gap.from_ms, "to_ms": gap.to_ms})
        self._outbox.put_gap(gap)

    def _take(self, frame: str) -> None:
        """Raises KeyLost when the venue says that the key has expired."""
        self._tally.frames_in += 1
        self._tally.user_frames += 1
        now_ms = self._clock.now_ms()
        try:
            message = read_user(frame, self.account)
        except BadFrame as bad:
            self._quarantine.add(frame, str(bad), now_ms)
            # It may have been a fill: whatever it was, the venue can be asked.
            self._missing_reason = "unreadable_frame"
            self._miss_from(now_ms)
            return
        self.last_heard_ms = now_ms
        if isinstance(message, ListenKeyExpired):
            raise KeyLost("listen key expired")
        if not isinstance(message, Announcement | Reply):
            self._outbox.put(self.account, _symbol_of(message), frame, now_ms)

    async def _keep_key(self, *, verify: bool) -> None:
        """Renew the key now and then, and at once with ``verify``: it may have died while nobody listened.

        A failing renewal is tried again every minute, until the key must be taken for dead.
        """
        wait_s = 0.0 if verify else self._patience.keep_key_every_s
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(wait_s)
            try:
                if not await asyncio.to_thread(self._keys.renew):
                    raise KeyLost("the venue knows the listen key no more", unnoticed=True)
            except (VenueUnreachable, VenueReadFailed, NoKeys) as error:
                logger.warning("listen key not renewed", extra={"account": self.account, "reason": str(error)})
                if loop.time() - self._key_renewed_s > self._patience.key_lifetime_s:
                    raise KeyLost("the listen key could not be renewed in time", unnoticed=True) from error
                wait_s = self._patience.key_retry_s
                continue
            self._key_is_good()
            wait_s = self._patience.keep_key_every_s

    async def _watch_silence(self, socket: VenueSocket) -> None:
        while True:
            await asyncio.sleep(self._patience.look_every_s)
            silent_s = socket.silent_s
            if silent_s > self._patience.user_s:
                raise KeyLost(f"not even a ping for {self._patience.user_s:g} s")
            self.last_heard_ms = max(self.last_heard_ms or 0, self._clock.now_ms() - int(silent_s * 1000))
            self._report_missing()


class AccountStreams:
    """The streams of all live accounts, started and stopped as the parameters say."""

    def __init__(self, make: Callable[[AccountId], AccountStream]) -> None:
        self._make = make
        self._running: dict[AccountId, tuple[AccountStream, asyncio.Task[None]]] = {}
        self._failed: asyncio.Future[None] | None = None

    def watch(self, accounts: Iterable[AccountId]) -> None:
        wanted = set(accounts)
        for account in self._running.keys() - wanted:
            self._running.pop(account)[1].cancel()
        for account in sorted(wanted - self._running.keys()):
            stream = self._make(account)
            task = asyncio.ensure_future(stream.run())
            task.add_done_callback(self._ended)
            self._running[account] = stream, task

    async def run(self) -> None:
        """Wait for ever, or until a stream fails in a way that nobody foresaw."""
        self._failed = asyncio.get_running_loop().create_future()
        try:
            await self._failed
        finally:
            tasks = [task for _, task in self._running.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and self._failed is not None and not self._failed.done():
            self._failed.set_exception(error)

    @property
    def heard_until_ms(self) -> int | None:
        """Of the account that has been silent longest; None while there is one that nobody ever heard."""
        return _earliest(stream.heard_until_ms for stream, _ in self._running.values())

    @property
    def key_renewed_at_ms(self) -> int | None:
        return _earliest(stream.key_renewed_at_ms for stream, _ in self._running.values())


def _earliest(times_ms: Iterable[int | None]) -> int | None:
    known: list[int] = []
    for time_ms in times_ms:
        if time_ms is None:
            return None
        known.append(time_ms)
    return min(known, default=None)


def _symbol_of(message: UserMessage) -> str:
    """By which the event is grouped: what concerns one symbol waits for no other."""
    if isinstance(message, OrderChanged):
        return message.news.symbol
    if isinstance(message, ConfigChanged) and message.symbol is not None:
        return message.symbol
    return WHOLE_ACCOUNT


def _short(lost: Exception) -> str:
    """A reason that fits a message: at most 64 letters."""
    return (str(lost) or type(lost).__name__)[:64]


async def _turn() -> None:
    await asyncio.sleep(0)
