"""Follow-ups as delayed messages of a standard queue. They may come twice, and early never."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from undertow.adapters.sqs.messages import follow_up_text
from undertow.domain.follow_up import FollowUp
from undertow.ports import LONGEST_DELAY_S, NotScheduled

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsFollowUps:
    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def schedule(self, follow_up: FollowUp, delay_s: int) -> None:
        if not 0 <= delay_s <= LONGEST_DELAY_S:
            raise ValueError(f"a follow-up can be delayed by 0 to {LONGEST_DELAY_S} s, not {delay_s} s")
        text = follow_up_text(follow_up)
        try:
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=text, DelaySeconds=delay_s)
        except (ClientError, BotoCoreError) as failure:
            raise NotScheduled(f"{follow_up.kind}: {failure}") from failure
