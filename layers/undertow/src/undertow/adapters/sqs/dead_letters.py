"""How many given-up messages lie in the queues beside the queues."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from undertow.ports import DepthsUnknown

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

FIFO: Final = ".fifo"


def dead_letters_url(queue_url: str) -> str:
    """The template calls them so."""
    plain = queue_url.removesuffix(FIFO)
    return f"{plain}-dead{queue_url[len(plain) :]}"


@dataclass(frozen=True, slots=True)
class SqsDeadLetters:
    client: "Callable[[], SQSClient]"
    queue_urls: Sequence[str]

    def depths(self) -> Mapping[str, int]:
        return {url.rsplit("/", 1)[-1]: self._depth(dead_letters_url(url)) for url in self.queue_urls}

    def _depth(self, url: str) -> int:
        try:
            answer = self.client().get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
            return int(answer["Attributes"]["ApproximateNumberOfMessages"])
        except (ClientError, BotoCoreError, KeyError, ValueError) as error:
            raise DepthsUnknown(f"{url.rsplit('/', 1)[-1]}: {error}") from error
