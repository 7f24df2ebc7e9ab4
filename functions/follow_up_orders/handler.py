"""What was put off is taken up: unconfirmed orders, orders past their time, positions that need a stop."""

from collections.abc import Callable

from undertow.adapters.sqs.messages import read_follow_up
from undertow.bootstrap import desk_from_env, follow_ups_redelivery_from_env
from undertow.desk import Desk
from undertow.entry import Delivery, sqs_handler
from undertow.premises import Premises, leaving


def door(desk: Desk) -> Callable[[Delivery], None]:
    def handle(delivery: Delivery) -> None:
        follow_up = read_follow_up(delivery.body)
        desk.take_up(desk.account(follow_up.account), follow_up, is_repeated=delivery.redelivered)

    return handle


desk = Premises(desk_from_env)
lambda_handler = leaving(
    sqs_handler(lambda: door(desk()), fifo=False, redelivery=follow_ups_redelivery_from_env), desk.leave
)
