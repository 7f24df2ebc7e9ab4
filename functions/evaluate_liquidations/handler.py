"""Liquidations in; decisions, and where one is due an order, out."""

from collections.abc import Callable

from undertow.adapters.sqs.messages import read_liquidations
from undertow.bootstrap import desk_from_env
from undertow.desk import Desk
from undertow.entry import Delivery, sqs_handler
from undertow.premises import Premises, leaving


def door(desk: Desk) -> Callable[[Delivery], None]:
    def handle(delivery: Delivery) -> None:
        desk.evaluate(read_liquidations(delivery.body), delivery.redelivered)

    return handle


desk = Premises(desk_from_env)
lambda_handler = leaving(sqs_handler(lambda: door(desk()), fifo=True), desk.leave)
