"""Failed messages come back soon, and later each time, instead of after the queue's whole visibility timeout.

That timeout has to outlast the function that reads the queue; for a fill that waits for its stop it is far too long.
"""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from undertow.ports import FailedMessage, Meter

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

logger = logging.getLogger(__name__)

DELAYS_S: Final = (1, 3, 10, 30, 60)
LONGEST_DELAY_S: Final = 180


def delay_s(receives: int) -> int:
    """1 s after the first failure, which most often is over by then, and later each time: ten tries outlast an outage
    of nearly a quarter of an hour.
    """
    failures = max(1, receives)
    return DELAYS_S[failures - 1] if failures <= len(DELAYS_S) else LONGEST_DELAY_S


class SqsRedelivery:
    """Implements ``ports.Redelivery`` for one queue."""

    def __init__(self, client: "SQSClient", queue_url: str, meter: Meter) -> None:
        self._client = client
        self._queue_url = queue_url
        self._meter = meter

    def hasten(self, failed: Sequence[FailedMessage]) -> None:
        for message in failed:
            try:
                self._client.change_message_visibility(
                    QueueUrl=self._queue_url,
                    ReceiptHandle=message.receipt,
                    VisibilityTimeout=delay_s(message.receives),
                )
            except (ClientError, BotoCoreError) as failure:
                # The rest is not tried: the time is the function's, and the order of a group is kept either way, since
                # a queue hands out nothing of a group of which one message is still held back.
                logger.warning("redelivery_not_hastened", extra={"cause": str(failure)})
                self._meter.count("redelivery_not_hastened")
                return
