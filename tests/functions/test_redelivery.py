"""A message that failed comes back within seconds, in its order, and never at the cost of those that did not fail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.stub import ANY, Stubber

from undertow.adapters.memory import RecordingMeter
from undertow.adapters.sqs.redelivery import SqsRedelivery, delay_s
from undertow.entry import TIME_TO_HASTEN_MS, TIME_TO_STOP_MS, Delivery, sqs_handler
from undertow.ports import FailedMessage

QUEUE = "http://127.0.0.1:1/000000000000/undertow-test-user-events.fifo"


@dataclass
class TimeLeft:
    milliseconds: int = 30_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@dataclass
class Listed:
    hastened: list[FailedMessage] = field(default_factory=list)

    def hasten(self, failed: Sequence[FailedMessage]) -> None:
        self.hastened.extend(failed)


def record(number: int, group: str = "main#BTCUSDT", receives: int = 1) -> dict[str, Any]:
    return {
        "messageId": f"m{number}",
        "receiptHandle": f"r{number}",
        "body": f"body {number}",
        "attributes": {"ApproximateReceiveCount": str(receives), "MessageGroupId": group},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:ap-northeast-1:000000000000:undertow-test-user-events.fifo",
    }


def failing(*numbers: int) -> Callable[[], Callable[[Delivery], None]]:
    def handle(delivery: Delivery) -> None:
        if delivery.body in {f"body {number}" for number in numbers}:
            raise LookupError(delivery.body)

    return lambda: handle


def failures(answer: Mapping[str, Any]) -> list[str]:
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def receipts(listed: Listed) -> list[str]:
    return [message.receipt for message in listed.hastened]


def test_what_failed_and_what_waits_behind_it_in_its_group_is_hastened_in_order() -> None:
    listed = Listed()
    handler = sqs_handler(failing(2), fifo=True, redelivery=lambda: listed)
    other = record(4, group="main#ETHUSDT")
    answer = handler({"Records": [record(1), record(2, receives=3), record(3), other]}, TimeLeft())
    assert failures(answer) == ["m2", "m3"]
    assert listed.hastened == [FailedMessage("r2", 3), FailedMessage("r3", 1)]


def test_a_batch_that_failed_as_a_whole_is_hastened_too_and_is_no_error_of_the_function() -> None:
    """Lambda answers errors with fewer copies of the function, for every group of the queue."""
    listed = Listed()
    handler = sqs_handler(failing(1), fifo=True, redelivery=lambda: listed)
    assert failures(handler({"Records": [record(1)]}, TimeLeft())) == ["m1"]
    assert receipts(listed) == ["r1"]


def test_a_queue_without_groups_hastens_each_by_itself() -> None:
    listed = Listed()
    handler = sqs_handler(failing(1), fifo=False, redelivery=lambda: listed)
    assert failures(handler({"Records": [record(1), record(2)]}, TimeLeft())) == ["m1"]
    assert receipts(listed) == ["r1"]


def test_nothing_is_built_and_nothing_hastened_while_all_goes_well() -> None:
    def never() -> Listed:
        raise AssertionError("a client that nobody needs")

    handler = sqs_handler(failing(), fifo=True, redelivery=never)
    assert failures(handler({"Records": [record(1)]}, TimeLeft())) == []


def test_messages_that_there_was_no_time_for_are_hastened_unless_even_that_takes_too_long() -> None:
    listed = Listed()
    handler = sqs_handler(failing(), fifo=False, redelivery=lambda: listed)
    late = {"Records": [record(1)]}
    assert failures(handler(late, TimeLeft(TIME_TO_STOP_MS - 1))) == ["m1"]
    assert receipts(listed) == ["r1"]
    assert failures(handler(late, TimeLeft(TIME_TO_HASTEN_MS - 1))) == ["m1"]
    assert receipts(listed) == ["r1"]


def client() -> Any:
    return boto3.client("sqs", region_name="ap-northeast-1", aws_access_key_id="test", aws_secret_access_key="test")


def expect(stub: Stubber, receipt: str, seconds: int) -> None:
    wanted = {"QueueUrl": QUEUE, "ReceiptHandle": receipt, "VisibilityTimeout": seconds}
    stub.add_response("change_message_visibility", {}, wanted)


def test_a_message_comes_back_after_a_second_and_later_each_time() -> None:
    sqs = client()
    with Stubber(sqs) as stub:
        for receives, seconds in ((1, 1), (2, 3), (5, 60), (6, 180), (7, 180)):
            expect(stub, f"r{receives}", seconds)
            SqsRedelivery(sqs, QUEUE, RecordingMeter()).hasten([FailedMessage(f"r{receives}", receives)])
        stub.assert_no_pending_responses()


def test_ten_tries_outlast_an_outage_of_a_quarter_of_an_hour() -> None:
    assert sum(delay_s(receives) for receives in range(1, 10)) > 13 * 60


def test_a_queue_that_does_not_answer_masks_nothing_and_the_rest_of_the_group_waits_for_its_turn() -> None:
    sqs, meter = client(), RecordingMeter()
    with Stubber(sqs) as stub:
        expect(stub, "r1", 1)
        refused = {"QueueUrl": ANY, "ReceiptHandle": "r2", "VisibilityTimeout": ANY}
        stub.add_client_error("change_message_visibility", "AccessDenied", expected_params=refused)
        handler = sqs_handler(failing(1), fifo=True, redelivery=lambda: SqsRedelivery(sqs, QUEUE, meter))
        answer = handler({"Records": [record(1), record(2), record(3), record(4, group="main#ETHUSDT")]}, TimeLeft())
        stub.assert_no_pending_responses()
    assert failures(answer) == ["m1", "m2", "m3"]
    assert meter.counts == {"redelivery_not_hastened": 1}
