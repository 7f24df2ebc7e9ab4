"""Reports of conditions and trials of routes in; alerts kept, and people told of them, out."""

from collections.abc import Callable

from undertow.adapters.sqs.notifications import read_notification
from undertow.bootstrap import notifications_redelivery_from_env, switchboard_from_env
from undertow.entry import Delivery, sqs_handler
from undertow.services.switchboard import Switchboard


def door(take: Switchboard) -> Callable[[Delivery], None]:
    def handle(delivery: Delivery) -> None:
        take(read_notification(delivery.body))

    return handle


lambda_handler = sqs_handler(
    lambda: door(switchboard_from_env()), fifo=True, redelivery=notifications_redelivery_from_env
)
