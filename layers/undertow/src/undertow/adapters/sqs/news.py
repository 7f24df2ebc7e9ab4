"""Word that there is news, on a queue of its own: whoever records them never waits for a page that is slow."""

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from undertow.adapters.sqs.messages import BadMessage
from undertow.domain.json_text import NotJson, read_object, write_json
from undertow.ports import NotScheduled

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_GROUP: Final = "news"
"""One group: pages are told by one at a time, and what gathered meanwhile is told together."""


class SqsHeralds:
    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def call(self, first: int, last: int) -> None:
        text = write_json({"first": first, "last": last})
        try:
            self._client.send_message(
                QueueUrl=self._queue_url,
                MessageBody=text,
                MessageGroupId=_GROUP,
                MessageDeduplicationId=f"{first}-{last}",
            )
        except (ClientError, BotoCoreError) as failure:
            raise NotScheduled(f"news {first} to {last}: {failure}") from failure


def read_call(text: str) -> tuple[int, int]:
    """The first and the last number. Raises BadMessage."""
    try:
        body = read_object(text)
        first, last = body["first"], body["last"]
    except (NotJson, KeyError) as error:
        raise BadMessage(str(error)) from error
    if type(first) is not int or type(last) is not int or not 0 < first <= last:
        raise BadMessage("first and last are no numbers of events")
    return first, last
