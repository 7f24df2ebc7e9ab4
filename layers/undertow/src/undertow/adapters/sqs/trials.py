"""Trials of alert routes, asked for beside the reports of conditions: who tells of those may use the routes."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from undertow.adapters.sqs.notifications import notifications_group, trial_text
from undertow.domain.alert import RouteTrial
from undertow.domain.ids import digest_of
from undertow.ports import TrialNotTaken

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsRouteTrials:
    """``client`` is asked for at the first trial: most consoles never ask for one."""

    def __init__(self, client: "Callable[[], SQSClient]", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def ask(self, trial: RouteTrial) -> None:
        body = trial_text(trial)
        try:
            self._client().send_message(
                QueueUrl=self._queue_url,
                MessageBody=body,
                MessageGroupId=notifications_group(trial.key),
                MessageDeduplicationId=digest_of(body),
            )
        except (ClientError, BotoCoreError) as failure:
            raise TrialNotTaken(f"{trial.route}: {failure}") from failure
