"""The market connections: as many as the watched symbols need, kept up, renewed before the venue ends them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from random import Random
from typing import Final

from stream_worker.backoff import Backoff
from stream_worker.candles import Pair
from stream_worker.hearing import Hearing
from stream_worker.measure import Measurer
from stream_worker.session import OpenSocket, Patience, until_one_ends
from stream_worker.tally import Tally
from undertow.adapters.aster.intervals import INTERVALS
from undertow.adapters.aster.stream import (
    ALL_LIQUIDATIONS,
    ALL_MARK_PRICES,
    MOST_STREAMS,
    StreamLost,
    VenueSocket,
    best_prices_of,
    candles_of,
)
from undertow.domain.ids import Symbol

logger = logging.getLogger(__name__)

_FIRST: Final = (ALL_LIQUIDATIONS, ALL_MARK_PRICES)
"""What the first connection carries beside best prices and candles."""
RENEW_RETRY_S: Final = 60.0
LONGEST_SILENCE_S: Final = 3_600.0


class _Shard:
    """One connection's share of the streams."""

    def __init__(self, number: int, streams: Iterable[str]) -> None:
        self.number = number
        self.streams = set(streams)
        self.changed = asyncio.Event()

    @property
    def carries_liquidations(self) -> bool:
        return ALL_LIQUIDATIONS in self.streams


class MarketStreams:
    def __init__(
        self,
        url: str,
        open_socket: OpenSocket,
        measurer: Measurer,
        hearing: Hearing,
        breathe: Callable[[], Awaitable[None]],
        tally: Tally,
        patience: Patience,
        random: Random,
    ) -> None:
        """``breathe`` lets the rest of the worker have its turn, and waits a little while it cannot keep up."""
        self._url = url
        self._open_socket = open_socket
        self._measurer = measurer
        self._hearing = hearing
        self._breathe = breathe
        self._tally = tally
        self._patience = patience
        self._random = random
        self._shards = [_Shard(0, _FIRST)]
        self._grown = asyncio.Event()

    def watch(self, symbols: Iterable[Symbol], candles: Iterable[Pair] = ()) -> None:
        """Best prices of these symbols and these candles, and no others. Streams stay on the connection they are on."""
        wanted = {best_prices_of(symbol) for symbol in symbols}
        wanted |= {candles_of(symbol, INTERVALS[interval_s]) for symbol, interval_s in candles}
        for shard in self._shards:
            gone = shard.streams - wanted - set(_FIRST)
            if gone:
                shard.streams -= gone
                shard.changed.set()
            wanted -= shard.streams
        for stream in sorted(wanted):
            shard = next((one for one in self._shards if len(one.streams) < MOST_STREAMS), None) or self._grow()
            shard.streams.add(stream)
            shard.changed.set()

    def _grow(self) -> _Shard:
        shard = _Shard(len(self._shards), ())
        self._shards.append(shard)
        self._grown.set()
        return shard

    async def run(self) -> None:
        """Keep every connection up, for ever."""
        async with asyncio.TaskGroup() as group:
            started = 0
            while True:
                for shard in self._shards[started:]:
                    group.create_task(self._keep(shard))
                started = len(self._shards)
                self._grown.clear()
                await self._grown.wait()

    # --- one connection ---------------------------------------------------------------------------------------------

    async def _keep(self, shard: _Shard) -> None:
        backoff = Backoff(self._random)
        loop = asyncio.get_running_loop()
        while True:
            while not shard.streams:
                shard.changed.clear()
                await shard.changed.wait()
            up = asyncio.Event()
            began_s = loop.time()
            try:
                await self._renewed(shard, up)
            except StreamLost as lost:
                self._tally.reconnects += 1
                delay_s = backoff.after(loop.time() - began_s if up.is_set() else 0)
                logger.warning(
                    "market stream lost",
                    extra={"connection": shard.number, "reason": str(lost), "retry_ms": int(delay_s * 1000)},
                )
                await asyncio.sleep(delay_s)

    async def _renewed(self, shard: _Shard, up: asyncio.Event) -> None:
        """Hold a connection; before the venue ends it, put a new one beside it and let the old one go."""
        holding = asyncio.ensure_future(self._session(shard, up))
        patience_s = self._patience.renew_after_s
        try:
            while True:
                await asyncio.wait([holding], timeout=patience_s)
                if holding.done():
                    holding.result()
                    return
                next_up = asyncio.Event()
                other = asyncio.ensure_future(self._session(shard, next_up))
                waiting = asyncio.ensure_future(next_up.wait())
                await asyncio.wait([other, waiting, holding], return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if next_up.is_set():
                    other, holding = holding, other
                    patience_s = self._patience.renew_after_s
                else:
                    patience_s = min(RENEW_RETRY_S, self._patience.renew_after_s)
                await _ended(other)
        finally:
            await _ended(holding)

    async def _session(self, shard: _Shard, up: asyncio.Event) -> None:
        silence = _Silence()
        async with self._open_socket(self._url) as socket:
            await until_one_ends(
                socket.listen(self._measurer.take, self._breathe),
                self._subscribe(socket, shard, up, silence),
                self._watch_silence(socket, shard, up, silence),
            )

    async def _subscribe(self, socket: VenueSocket, shard: _Shard, up: asyncio.Event, silence: "_Silence") -> None:
        """Follow the shard's streams, whatever they become."""
        held: set[str] = set()
        hears = False
        try:
            while True:
                shard.changed.clear()
                wanted = set(shard.streams)
                if added := wanted - held:
                    # What everything depends on goes first.
                    await socket.subscribe(sorted(added, key=lambda name: (name not in _FIRST, name)))
                if gone := held - wanted:
                    await socket.unsubscribe(sorted(gone))
                held = wanted
                if shard.carries_liquidations and not hears:
                    hears = True
                    self._hearing.began()
                up.set()
                await shard.changed.wait()
        finally:
            if hears:
                self._hearing.ended(max(silence.lasted_s, socket.silent_s))

    async def _watch_silence(self, socket: VenueSocket, shard: _Shard, up: asyncio.Event, silence: "_Silence") -> None:
        await up.wait()
        loop, patience = asyncio.get_running_loop(), self._patience
        canary, liquidations = _Progress(loop.time()), _Progress(loop.time())
        while True:
            await asyncio.sleep(patience.look_every_s)
            now_s = loop.time()
            if socket.silent_s > patience.market_s:
                raise StreamLost(f"nothing came for {patience.market_s:g} s")
            if not shard.carries_liquidations:
                continue
            if (canary_s := canary.silent_s(self._tally.mark_frames, now_s)) > patience.canary_s:
                silence.lasted_s = canary_s
                raise StreamLost(f"no mark prices for {patience.canary_s:g} s")
            silent_s = liquidations.silent_s(self._tally.liquidations_in, now_s)
            usual_s = min(patience.liquidations_factor * liquidations.mean_s, LONGEST_SILENCE_S)
            if silent_s > max(patience.liquidations_s, usual_s):
                await socket.unsubscribe([ALL_LIQUIDATIONS])
                await socket.subscribe([ALL_LIQUIDATIONS])
                self._hearing.doubted(silent_s)
                liquidations.forgive(now_s)


class _Silence:
    """For how long no mark prices had come when a connection was given up for that."""

    lasted_s = 0.0


class _Progress:
    """When a counter last moved, and how often it does."""

    def __init__(self, now_s: float) -> None:
        self._began_s = self._moved_s = now_s
        self._first: int | None = None
        self._last = 0

    def silent_s(self, count: int, now_s: float) -> float:
        if self._first is None:
            self._first = self._last = count
        if count != self._last:
            self._last, self._moved_s = count, now_s
        return now_s - self._moved_s

    @property
    def mean_s(self) -> float:
        """The mean interval from the beginning to the last move; zero before the first."""
        return (self._moved_s - self._began_s) / max(1, self._last - (self._first or 0))

    def forgive(self, now_s: float) -> None:
        """Wait from now on, as if it had just moved."""
        self._began_s += now_s - self._moved_s
        self._moved_s = now_s


async def _ended(task: asyncio.Future[None]) -> None:
    """Cancel a session and wait until it is gone. How it ended does not matter any more."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
