"""Sends what waits in lanes to one FIFO queue: at once when idle, gathered while a request is under way."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Generic, NamedTuple, Protocol

from undertow.adapters.aws.client import SQS, AwsFailed, AwsJson
from undertow.adapters.sqs.lanes import Item, Lanes, Waiting

logger = logging.getLogger(__name__)

ENTRIES: Final = 10
"""What SendMessageBatch takes at most."""
BODY_BYTES: Final = 60_000
"""SQS counts a request for every 64 KB begun."""
BATCH_BYTES: Final = 220_000
"""All bodies of a batch together may have 256 KB, what they have around their items included."""
ROOM_FOR_FRAME: Final = 4_000
"""What a body has around its items, and more: the market, and what was measured of it."""
FIRST_RETRY_S: Final = 0.1
LONGEST_RETRY_S: Final = 5.0


class Entry(NamedTuple):
    """One message. The same content has the same ``digest``, by which the queue knows a repetition for 5 minutes."""

    group: str
    digest: str
    body: str


class SendFailed(Exception):
    """Whether the messages arrived is not known. Sending them again is harmless."""


class FifoQueue(Protocol):
    async def send(self, entries: Sequence[Entry]) -> dict[int, bool]:
        """Which entries were not taken, by index: True where the entry itself is at fault. Raises SendFailed."""
        ...


class SqsFifoQueue:
    def __init__(self, aws: AwsJson, url: str) -> None:
        self._aws = aws
        self._url = url

    async def send(self, entries: Sequence[Entry]) -> dict[int, bool]:
        try:
            answer = await self._aws.call(
                SQS,
                "SendMessageBatch",
                {
                    "QueueUrl": self._url,
                    "Entries": [
                        {
                            "Id": str(index),
                            "MessageBody": entry.body,
                            "MessageGroupId": entry.group,
                            "MessageDeduplicationId": entry.digest,
                        }
                        for index, entry in enumerate(entries)
                    ],
                },
            )
            return {int(failed["Id"]): failed.get("SenderFault") is True for failed in answer.get("Failed") or ()}
        except AwsFailed as error:
            raise SendFailed(str(error)) from error
        except (KeyError, TypeError, ValueError) as error:
            raise SendFailed("the answer of the queue cannot be read") from error


@dataclass(slots=True)
class Sent:
    """What a sender did so far."""

    requests: int = 0
    messages: int = 0
    items: int = 0
    failures: int = 0
    refused: int = 0


Pack = Callable[[str, Sequence[Waiting[Item]]], tuple[Entry, int]]
"""Makes a message of the first items of a lane, and says how many it used."""


class Sender(Generic[Item]):
    """Sends the lanes' items. ``at_once`` requests may be under way together, never two of one lane."""

    def __init__(
        self, lanes: Lanes[Item], queue: FifoQueue, pack: Pack[Item], refused: Callable[[Sequence[Item]], None]
    ) -> None:
        """``refused`` is told of items that the queue will never take."""
        self._lanes = lanes
        self._queue = queue
        self._pack = pack
        self._refused = refused
        self._wake = asyncio.Event()
        self._done = asyncio.Event()
        self._jitter = Random()
        self.sent = Sent()

    def wake(self) -> None:
        """Something was put into the lanes."""
        if not self._wake.is_set():
            self._wake.set()

    async def run(self, at_once: int) -> None:
        """Send for ever."""
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(self._work())

    async def drained(self) -> None:
        """Return once everything that waited has been sent or given up."""
        while not self._lanes.is_empty:
            self._done.clear()
            await self._done.wait()

    async def _work(self) -> None:
        while True:
            while not self._lanes.has_free:
                self._wake.clear()
                await self._wake.wait()
            await self._send(self._lanes.take(ENTRIES, BODY_BYTES - ROOM_FOR_FRAME, BATCH_BYTES))
            self._done.set()

    async def _send(self, taken: Sequence[tuple[str, Sequence[Waiting[Item]]]]) -> None:
        under_way = [self._packed(lane, items) for lane, items in taken]
        delay_s = FIRST_RETRY_S
        while under_way:
            self.sent.requests += 1
            try:
                failed = await self._queue.send([entry for _, entry, _ in under_way])
            except SendFailed as error:
                self.sent.failures += 1
                logger.warning("messages not sent", extra={"reason": str(error), "messages": len(under_way)})
                failed = dict.fromkeys(range(len(under_way)), False)
            for index, message in enumerate(under_way):
                if failed.get(index) is not False:
                    self._finish(*message, taken_by_queue=index not in failed)
            under_way = [message for index, message in enumerate(under_way) if failed.get(index) is False]
            if under_way:
                await asyncio.sleep(delay_s * self._jitter.uniform(0.5, 1))
                delay_s = min(delay_s * 2, LONGEST_RETRY_S)

    def _packed(self, lane: str, items: Sequence[Waiting[Item]]) -> tuple[str, Entry, Sequence[Item]]:
        entry, used = self._pack(lane, items)
        if used < len(items):
            self._lanes.put_back(lane, items[used:])
        return lane, entry, [item for _, _, item in items[:used]]

    def _finish(self, lane: str, entry: Entry, items: Sequence[Item], *, taken_by_queue: bool) -> None:
        self._lanes.release(lane)
        if self._lanes.has_free:
            self.wake()
        if taken_by_queue:
            self.sent.messages += 1
            self.sent.items += len(items)
            return
        self.sent.refused += len(items)
        logger.error("queue refused a message", extra={"group": entry.group, "bytes": len(entry.body)})
        self._refused(items)
