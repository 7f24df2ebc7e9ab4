"""Hands reports of conditions to the queue from which people are told. No order ever waits for it longer than a second.

The log line and the metric come first: they need nobody, and the alarms on the metric tell people should all else fail.
"""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from undertow.adapters.sqs.notifications import notification_text, notifications_group
from undertow.domain.alert import AlertLevel, Over, Raised
from undertow.domain.ids import digest_of
from undertow.ports import Clock, Meter, Notifier

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

logger = logging.getLogger(__name__)

REPORTED_AGAIN_AFTER_MS: Final = 30_000
"""A condition that lasts is reported by one process this often: rarely enough for a tick every 5 s, and often enough
that one which is looked at every minute is reported every minute."""


class QueuedNotifier:
    """``client`` is asked for at the first report; it should try once and not for long."""

    def __init__(
        self, log: Notifier, client: "Callable[[], SQSClient]", queue_url: str, clock: Clock, meter: Meter
    ) -> None:
        self._log = log
        self._client = client
        self._queue_url = queue_url
        self._clock = clock
        self._meter = meter
        self._reported: dict[str, tuple[AlertLevel, int]] = {}

    def alert(self, level: AlertLevel, key: str, message: str, facts: Mapping[str, str]) -> None:
        self._log.alert(level, key, message, facts)
        now_ms = self._clock.now_ms()
        known = self._reported.get(key)
        if known is not None and level.rank <= known[0].rank and now_ms - known[1] < REPORTED_AGAIN_AFTER_MS:
            return
        if self._send(Raised(key, level, message, facts, now_ms)):
            fresh = {name: told for name, told in self._reported.items() if now_ms - told[1] < REPORTED_AGAIN_AFTER_MS}
            self._reported = {**fresh, key: (level, now_ms)}

    def resolved(self, key: str, message: str) -> None:
        self._log.resolved(key, message)
        self._reported.pop(key, None)
        self._send(Over(key, message, self._clock.now_ms()))

    def _send(self, report: Raised | Over) -> bool:
        body = notification_text(report)
        try:
            self._client().send_message(
                QueueUrl=self._queue_url,
                MessageBody=body,
                MessageGroupId=notifications_group(report.key),
                MessageDeduplicationId=digest_of(body),
            )
        except (ClientError, BotoCoreError) as failure:
            logger.warning("alert_not_queued", extra={"alert": report.key, "cause": str(failure)})
            self._meter.count("alerts_not_queued")
            return False
        return True
