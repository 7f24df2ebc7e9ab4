"""The stream worker's two outboxes: liquidations, which perish, and user events, which never may be lost."""

from collections.abc import Callable, Sequence
from typing import Final

from undertow.adapters.sqs import messages
from undertow.adapters.sqs.lanes import Lanes, Waiting
from undertow.adapters.sqs.messages import WHOLE_ACCOUNT, UserFrames
from undertow.adapters.sqs.sender import BATCH_BYTES, Entry, FifoQueue, Sender, Sent
from undertow.domain.conditions import PercentileRank
from undertow.domain.event import StreamGap
from undertow.domain.ids import AccountId, LiquidationId, Symbol, digest_of
from undertow.domain.market import BestPrices, Liquidation, MarkPrice, Venue, VolumeWindow
from undertow.ports import Clock

SPOOL_BYTES: Final = 6_000_000
"""Liquidations that wait for the queue, some 30,000 of them. Above that the oldest are given up."""
USER_SPOOL_BYTES: Final = 8_000_000
LONGEST_FRAME_BYTES: Final = BATCH_BYTES - 10_000

Market = Callable[[Symbol], tuple[BestPrices | None, MarkPrice | None]]
"""Best prices and mark price of a symbol as they stand now."""

ConditionsText = Callable[[Symbol], str]
"""What was measured beside the liquidations of a symbol, as the text that goes into a message."""

_Measured = tuple[LiquidationId, str, bool]
"""Id and text of a liquidation, and whether its windows were covered."""


class LiquidationsOutbox:
    def __init__(
        self,
        venue: Venue,
        epoch: int,
        queue: FifoQueue,
        market: Market,
        clock: Clock,
        conditions: ConditionsText = lambda _: "null",
    ) -> None:
        self._venue = venue
        self._epoch = epoch
        self._market = market
        self._clock = clock
        self._conditions = conditions
        self._lanes: Lanes[_Measured] = Lanes()
        self._sender = Sender(self._lanes, queue, self._pack, self._give_up)
        self.dropped = 0

    @property
    def sent(self) -> Sent:
        return self._sender.sent

    @property
    def is_full(self) -> bool:
        """Half full, to be exact: whoever can wait should do so now."""
        return self._lanes.size > SPOOL_BYTES // 4

    def put(
        self,
        liquidation: Liquidation,
        windows: dict[int, VolumeWindow],
        received_at_ms: int,
        *,
        covered: bool,
        percentile: PercentileRank | None = None,
    ) -> None:
        text = messages.liquidation_text(liquidation, windows, received_at_ms, percentile)
        self._lanes.put(liquidation.symbol, (liquidation.id, text, covered), len(text) + 1)
        while self._lanes.size > SPOOL_BYTES:
            self._lanes.drop_oldest()
            self.dropped += 1
        self._sender.wake()

    async def run(self, at_once: int = 2) -> None:
        await self._sender.run(at_once)

    async def drained(self) -> None:
        await self._sender.drained()

    def _pack(self, lane: str, items: Sequence[Waiting[_Measured]]) -> tuple[Entry, int]:
        """The market beside the liquidations is read now, so it is as fresh as it can be."""
        symbol = Symbol(lane)
        book, mark = self._market(symbol)
        measured = [one for _, _, one in items]
        body = messages.liquidations_text(
            self._venue,
            symbol,
            self._epoch,
            False not in [covered for _, _, covered in measured],
            self._clock.now_ms(),
            book,
            mark,
            [text for _, text, _ in measured],
            self._conditions(symbol),
        )
        digest = messages.liquidations_digest([identity for identity, _, _ in measured])
        return Entry(messages.liquidations_group(self._venue, symbol), digest, body), len(items)

    def _give_up(self, items: Sequence[_Measured]) -> None:
        self.dropped += len(items)


class UserEventsOutbox:
    """Frames in the order in which they came. What cannot be kept becomes a gap, which is fetched from the venue."""

    def __init__(self, venue: Venue, queue: FifoQueue, clock: Clock) -> None:
        self._venue = venue
        self._clock = clock
        self._lanes: Lanes[tuple[AccountId, int, str | StreamGap]] = Lanes()
        self._sender = Sender(self._lanes, queue, self._pack, self._give_up)
        self._unsent_since_ms = 0
        self.replaced_by_gaps = 0

    @property
    def unsent_since_ms(self) -> int | None:
        """What was received before is in the queue. None while everything is."""
        return None if self._lanes.is_empty else self._unsent_since_ms

    @property
    def sent(self) -> Sent:
        return self._sender.sent

    def put(self, account: AccountId, symbol: str, frame: str, received_at_ms: int) -> None:
        """``symbol`` is WHOLE_ACCOUNT for events that concern no single one."""
        size = messages.quoted_bytes(frame)
        if size > LONGEST_FRAME_BYTES:
            self.replaced_by_gaps += 1
            self.put_gap(StreamGap(account, received_at_ms, self._clock.now_ms(), "frame_too_long"))
            return
        self._note_unsent(received_at_ms)
        self._lanes.put(messages.user_events_group(account, symbol), (account, received_at_ms, frame), size)
        if self._lanes.size > USER_SPOOL_BYTES:
            self._replace_by_gap(account)
        self._sender.wake()

    def put_gap(self, gap: StreamGap) -> None:
        lane = messages.user_events_group(gap.account, WHOLE_ACCOUNT)
        self._note_unsent(gap.from_ms)
        self._lanes.put(lane, (gap.account, gap.from_ms, gap), 200)
        self._sender.wake()

    async def run(self, at_once: int = 2) -> None:
        await self._sender.run(at_once)

    async def drained(self) -> None:
        await self._sender.drained()

    def _note_unsent(self, since_ms: int) -> None:
        self._unsent_since_ms = since_ms if self._lanes.is_empty else min(since_ms, self._unsent_since_ms)

    def _replace_by_gap(self, account: AccountId) -> None:
        dropped = self._lanes.drop_where(lambda lane: lane.startswith(f"{account}#"))
        self.replaced_by_gaps += len(dropped)
        self.put_gap(self._gap_over(dropped, "spool_full"))

    def _gap_over(self, items: Sequence[tuple[AccountId, int, str | StreamGap]], reason: str) -> StreamGap:
        return StreamGap(items[0][0], min(from_ms for _, from_ms, _ in items), self._clock.now_ms(), reason)

    def _pack(self, lane: str, items: Sequence[Waiting[tuple[AccountId, int, str | StreamGap]]]) -> tuple[Entry, int]:
        """Frames up to the next gap, or one gap."""
        account, received_at_ms, first = items[0][2]
        if isinstance(first, StreamGap):
            digest = digest_of("gap", account, first.from_ms, first.to_ms, first.reason)
            return Entry(lane, digest, messages.gap_text(self._venue, first)), 1
        frames: list[str] = []
        for _, _, (_, _, item) in items:
            if isinstance(item, StreamGap):
                break
            frames.append(item)
        body = messages.user_frames_text(UserFrames(self._venue, account, received_at_ms, tuple(frames)))
        return Entry(lane, digest_of("user", account, *frames), body), len(frames)

    def _give_up(self, items: Sequence[tuple[AccountId, int, str | StreamGap]]) -> None:
        """The queue will never take these frames. What they said can still be asked for."""
        frames = [item for item in items if not isinstance(item[2], StreamGap)]
        if frames:
            self.replaced_by_gaps += len(frames)
            self.put_gap(self._gap_over(frames, "frame_refused"))
