"""Lambda doors: an event in, a service called, the failed messages out. Importing this does nothing."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from aws_lambda_powertools.utilities.batch import (
    BasePartialBatchProcessor,
    BatchProcessor,
    EventType,
    SqsFifoPartialProcessor,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from undertow.desk import Desk, UnknownAccount
from undertow.domain.account import Account
from undertow.domain.event import Ticks
from undertow.domain.feed import Change
from undertow.domain.ids import AccountId
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ground import NoCredentials, NoSuchVenue
from undertow.ports import Clock, FailedMessage, Meter, NotScheduled, Redelivery, StoreBusy
from undertow.services.record_order import LostTooManyRaces

logger = logging.getLogger(__name__)

TIME_TO_STOP_MS: Final = 5_000
"""With less than this left no further message is begun: it goes back to the queue instead of being cut off."""
TIME_TO_HASTEN_MS: Final = 1_500
"""With less than this left nothing is hastened: to be cut off would fail the messages that were handled."""

Event = Mapping[str, Any]


class LambdaContext(Protocol):
    def get_remaining_time_in_millis(self) -> int: ...


class OutOfTime(Exception):
    """The function's time is nearly up; the message was not begun and will be delivered again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message. ``redelivered`` is true when it was handed out before, to whatever end."""

    body: str
    redelivered: bool


def sqs_handler(
    make: Callable[[], Callable[[Delivery], None]],
    *,
    fifo: bool,
    redelivery: Callable[[], Redelivery] | None = None,
) -> Callable[[Event, LambdaContext], Mapping[str, Any]]:
    """A handler that builds its use case once, at the first event, and reports failed messages one by one.

    On a FIFO queue what follows a failed message in its group fails too, so that the order is kept. With a
    ``redelivery``, which is built at the first failure, failed messages come back soon.
    """
    built: list[Callable[[Delivery], None]] = []
    hastening: list[Redelivery] = []

    def hasten(failed: Sequence[SQSRecord], context: LambdaContext) -> None:
        if not failed or redelivery is None or context.get_remaining_time_in_millis() < TIME_TO_HASTEN_MS:
            return
        if not hastening:
            hastening.append(redelivery())
        hastening[0].hasten([FailedMessage(record.receipt_handle, _receives(record)) for record in failed])

    def lambda_handler(event: Event, context: LambdaContext) -> Mapping[str, Any]:
        if not built:
            built.append(make())
        processor = _processor(fifo)
        with processor(records=event["Records"], handler=_guarded(built[0], context)):
            processor.process()
            hasten([record for record in processor.fail_messages if isinstance(record, SQSRecord)], context)
        return processor.response()

    return lambda_handler


@dataclass(frozen=True, slots=True)
class RowKey:
    """The key of a row that a table's stream tells of."""

    pk: str
    sk: str


def stream_handler(make: Callable[[], Callable[[RowKey], None]]) -> Callable[[Event, LambdaContext], Mapping[str, Any]]:
    """A handler for rows of a table's stream; the use case reads the row itself, as it stands by then.

    The stream is read on from the first row that failed, so what comes after that one is handed out again too.
    """
    built: list[Callable[[RowKey], None]] = []

    def lambda_handler(event: Event, context: LambdaContext) -> Mapping[str, Any]:
        if not built:
            built.append(make())
        failed: list[Mapping[str, str]] = []
        for record in event["Records"]:
            change = record["dynamodb"]
            try:
                _check_time(context, change["SequenceNumber"])
                built[0](RowKey(change["Keys"]["pk"]["S"], change["Keys"]["sk"]["S"]))
            except (*ONE_ACCOUNTS_TROUBLE, UnknownAccount, OutOfTime) as failure:
                logger.warning("row_not_handled", extra={"row": change["Keys"]["pk"]["S"], "cause": str(failure)})
                failed.append({"itemIdentifier": change["SequenceNumber"]})
        return {"batchItemFailures": failed}

    return lambda_handler


def _check_time(context: LambdaContext, what: str) -> None:
    if context.get_remaining_time_in_millis() < TIME_TO_STOP_MS:
        raise OutOfTime(what)


def changes_handler(
    make: Callable[[], tuple[Callable[[Sequence[Change]], None], str]],
) -> Callable[[Event, LambdaContext], Mapping[str, Any]]:
    """A handler for rows as they were written; ``make`` gives the use case and what the tables' names begin with.

    A batch is handed over whole: what goes wrong with it, Lambda divides until the row is found, and gives that up.
    """
    built: list[tuple[Callable[[Sequence[Change]], None], str]] = []

    def lambda_handler(event: Event, _context: LambdaContext) -> Mapping[str, Any]:
        from undertow.adapters.dynamo.changes import changes_of

        if not built:
            built.append(make())
        use_case, prefix = built[0]
        use_case(changes_of(event["Records"], prefix))
        return {"batchItemFailures": []}

    return lambda_handler


def schedule_handler(make: Callable[[], Callable[[], None]]) -> Callable[[Event, LambdaContext], None]:
    """A handler for a timer, which brings nothing but the moment."""
    built: list[Callable[[], None]] = []

    def lambda_handler(_event: Event, _context: LambdaContext) -> None:
        if not built:
            built.append(make())
        built[0]()

    return lambda_handler


ONE_ACCOUNTS_TROUBLE: Final = (
    VenueReadFailed,
    VenueUnreachable,
    LostTooManyRaces,
    StoreBusy,
    NotScheduled,
    NoCredentials,
    NoSuchVenue,
)
"""What can keep one account from its pass and says nothing about the others."""


class AccountsFailed(Exception):
    """A pass failed for some accounts; it was made for the others."""


def for_each_account(
    make_desk: Callable[[], Desk], use_case: Callable[[Desk], Callable[[Account], object]]
) -> Callable[[], Callable[[], None]]:
    """Run a use case for every account that trades. One account's trouble does not keep the others waiting."""

    def make() -> Callable[[], None]:
        desk = make_desk()
        run = use_case(desk)

        def run_all() -> None:
            failed = []
            for account in desk.trading_accounts():
                try:
                    run(account)
                except ONE_ACCOUNTS_TROUBLE as failure:
                    logger.warning("pass_failed", extra={"account": account.id, "cause": str(failure)})
                    failed.append(f"{account.id}: {failure}")
            if failed:
                raise AccountsFailed("; ".join(failed))

        return run_all

    return make


OLDEST_TICK_MS: Final = 10_000
"""Two ticks later. What is decided on prices that old, the next tick decides better."""


class Watching(Protocol):
    """What of the desk the ticks need."""

    @property
    def clock(self) -> Clock: ...

    @property
    def meter(self) -> Meter: ...

    @property
    def watch(self) -> Callable[[Account, Ticks], None]: ...

    def account(self, account: AccountId, /) -> Account: ...


def ticks_door(desk: Watching) -> Callable[[Ticks], None]:
    """Look at an account with fresh prices. A tick that came late, or failed at the venue, is never repeated.

    The next one is at most seconds away and knows more; a message that came back would hold it up.
    """

    def handle(ticks: Ticks) -> None:
        age_ms = desk.clock.now_ms() - ticks.sent_at_ms
        if age_ms > OLDEST_TICK_MS:
            logger.warning("tick_too_old", extra={"account": ticks.account, "age_ms": age_ms})
            desk.meter.count("ticks_too_old")
            return
        try:
            desk.watch(desk.account(ticks.account), ticks)
        except ONE_ACCOUNTS_TROUBLE as failure:
            logger.warning("tick_failed", extra={"account": ticks.account, "cause": str(failure)})
            desk.meter.count("ticks_failed")

    return handle


def _processor(fifo: bool) -> BasePartialBatchProcessor:
    """Failed messages are reported, and never by an error of the function: for that Lambda would start fewer copies of
    it, and one symbol's trouble would hold up all the others.
    """
    if not fifo:
        return BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False, logger=logger)
    processor = SqsFifoPartialProcessor(skip_group_on_error=True, logger=logger)
    processor.raise_on_entire_batch_failure = False
    return processor


def _guarded(handle: Callable[[Delivery], None], context: LambdaContext) -> Callable[[SQSRecord], None]:
    def handle_record(record: SQSRecord) -> None:
        if context.get_remaining_time_in_millis() < TIME_TO_STOP_MS:
            raise OutOfTime(record.message_id)
        handle(Delivery(record.body, redelivered=_receives(record) > 1))

    return handle_record


def _receives(record: SQSRecord) -> int:
    return int(record.attributes.approximate_receive_count or "1")
