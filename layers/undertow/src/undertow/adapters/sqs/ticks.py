"""Sends ticks: one message for each account, tried once. A tick that did not arrive is made up for by the next one."""

import logging
from collections.abc import Iterable, Sequence
from typing import Final

from undertow.adapters.sqs.messages import ticks_group, ticks_text
from undertow.adapters.sqs.sender import BATCH_BYTES, ENTRIES, Entry, FifoQueue, SendFailed, Sent
from undertow.domain.ids import AccountId, digest_of
from undertow.domain.market import Venue

logger = logging.getLogger(__name__)

MARKS_BYTES: Final = 60_000
"""SQS counts a request for every 64 KB begun; some 1,000 symbols fit."""


class TicksOutbox:
    def __init__(self, venue: Venue, queue: FifoQueue) -> None:
        self._venue = venue
        self._queue = queue
        self.sent = Sent()

    async def send(self, accounts: Iterable[AccountId], bucket: int, sent_at_ms: int, marks: str) -> None:
        """``bucket`` numbers the tick alike in every worker, so that the queue takes the tick of one of them.

        ``marks`` are texts joined by commas, at most MARKS_BYTES of them.
        """
        entries = [
            Entry(
                ticks_group(account, bucket),
                digest_of("tick", self._venue.value, account, bucket),
                ticks_text(self._venue, account, sent_at_ms, marks),
            )
            for account in accounts
        ]
        at_once = min(ENTRIES, BATCH_BYTES // (MARKS_BYTES + 1_000))
        for first in range(0, len(entries), at_once):
            await self._send(entries[first : first + at_once])

    async def _send(self, entries: Sequence[Entry]) -> None:
        self.sent.requests += 1
        try:
            failed = await self._queue.send(entries)
        except SendFailed as error:
            self.sent.failures += 1
            logger.warning("ticks not sent", extra={"reason": str(error), "accounts": len(entries)})
            return
        self.sent.messages += len(entries) - len(failed)
        self.sent.refused += len(failed)
        if failed:
            logger.error("queue refused ticks", extra={"accounts": [entries[index].group for index in failed]})
