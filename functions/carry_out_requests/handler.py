"""What a person asked of a position is done as soon as its row is written."""

from collections.abc import Callable

from undertow.adapters.dynamo.keys import read_request_key
from undertow.bootstrap import desk_from_env
from undertow.desk import Desk
from undertow.entry import RowKey, stream_handler
from undertow.premises import Premises, leaving


def door(desk: Desk) -> Callable[[RowKey], None]:
    def handle(row: RowKey) -> None:
        account, request = read_request_key(row.pk, row.sk)
        desk.carry_out(desk.account(account), request)

    return handle


desk = Premises(desk_from_env)
lambda_handler = leaving(stream_handler(lambda: door(desk())), desk.leave)
