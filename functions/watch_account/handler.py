"""Every few seconds an account with fresh mark prices: stops trail, losses are limited, layers are looked at."""

from collections.abc import Callable

from undertow.adapters.sqs.messages import read_ticks
from undertow.bootstrap import desk_from_env
from undertow.desk import Desk
from undertow.entry import Delivery, sqs_handler, ticks_door
from undertow.premises import Premises, leaving


def door(desk: Desk) -> Callable[[Delivery], None]:
    watch = ticks_door(desk)

    def handle(delivery: Delivery) -> None:
        watch(read_ticks(delivery.body))

    return handle


desk = Premises(desk_from_env)
lambda_handler = leaving(sqs_handler(lambda: door(desk()), fifo=True), desk.leave)
