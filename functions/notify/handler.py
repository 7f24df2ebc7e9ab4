"""Reports of conditions in; alerts kept, and people told of them, out."""

from collections.abc import Callable

from undertow.adapters.sqs.notifications import read_notification
from undertow.bootstrap import notifications_redelivery_from_env, tell_alert_from_env
from undertow.entry import Delivery, sqs_handler
from undertow.services.tell_alert import TellAlert


def door(tell: TellAlert) -> Callable[[Delivery], None]:
    def handle(delivery: Delivery) -> None:
        tell(read_notification(delivery.body))

    return handle


lambda_handler = sqs_handler(
    lambda: door(tell_alert_from_env()), fifo=True, redelivery=notifications_redelivery_from_env
)
