"""Liquidations in; decisions, and where one is due an order, out."""

from collections.abc import Callable

from undertow.adapters.sqs.messages import read_liquidations
from undertow.bootstrap import desk_from_env
from undertow.entry import Delivery, sqs_handler


def make() -> Callable[[Delivery], None]:
    evaluate = desk_from_env().evaluate

    def handle(delivery: Delivery) -> None:
        evaluate(read_liquidations(delivery.body), delivery.redelivered)

    return handle


lambda_handler = sqs_handler(make, fifo=True)
