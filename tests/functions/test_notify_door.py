"""Reports in, batchItemFailures out: a route that is behind brings its message back, one that is unreadable too."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.services.test_tell_alert import Telling

from undertow.adapters.sqs.notifications import notification_text, trial_text
from undertow.domain.alert import RouteTrial
from undertow.entry import sqs_handler
from undertow.ports import RouteFailed

PROJECT = Path(__file__).resolve().parents[2]


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 30_000


def opened() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notify_door", PROJECT / "functions" / "notify" / "handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def records(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": str(number),
                "receiptHandle": f"r{number}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1", "MessageGroupId": f"g{number}"},
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:1:n.fifo",
                "awsRegion": "eu-west-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def test_a_report_is_told_and_what_fails_comes_back() -> None:
    telling = Telling()
    telling.routes.troubles["phone"] = [RouteFailed("no answer")]
    handler = sqs_handler(lambda: opened().door(telling.switchboard), fifo=True)
    first, other = telling.raised(), telling.raised(key="worker_silent")
    answer = handler(records(notification_text(first), notification_text(other), "nonsense"), Context())
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["0", "2"]
    assert telling.told == [("desk", "CRITICAL"), ("phone", "CRITICAL"), ("desk", "CRITICAL")]


def test_a_trial_of_a_route_comes_through_the_same_door() -> None:
    telling = Telling()
    handler = sqs_handler(lambda: opened().door(telling.switchboard), fifo=True)
    answer = handler(records(trial_text(RouteTrial("phone", "token abcdefgh", telling.clock.now_ms()))), Context())
    assert answer["batchItemFailures"] == []
    assert telling.told == [("phone", "INFO")]
