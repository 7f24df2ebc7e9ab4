"""Follow-ups, alerts, clocks and parameters: what is kept in memory, and what goes to the queue."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws
from tests.contract.request_counter import RequestCounter

from undertow.adapters.clock import SystemClock
from undertow.adapters.memory import (
    ListFollowUps,
    RecordingMeter,
    RecordingNotifier,
    SettableClock,
    StaticParams,
)
from undertow.adapters.notify.log import AGAIN_AFTER_MS, LogNotifier
from undertow.adapters.sdk import Aws
from undertow.adapters.sqs.follow_ups import SqsFollowUps
from undertow.adapters.sqs.messages import read_follow_up
from undertow.domain.follow_up import FollowUp, FollowUpKind
from undertow.domain.ids import AccountId, ClientOrderId, Symbol
from undertow.domain.market import PositionSide
from undertow.ports import AlertLevel, NoParameters


def follow_up(attempt: int = 0, symbol: str = "币安人生USDT") -> FollowUp:
    return FollowUp(
        FollowUpKind.EXPIRE_ORDER,
        AccountId("main"),
        Symbol(symbol),
        PositionSide.SHORT,
        ClientOrderId("ut-e-1"),
        attempt,
        created_at_ms=1_795_224_600_000,
    )


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield Aws("eu-west-1")


def test_follow_ups_are_delivered_when_they_are_due_and_once() -> None:
    clock = SettableClock(1_000)
    outbox = ListFollowUps(clock)
    outbox.schedule(follow_up(2), 15)
    outbox.schedule(follow_up(0), 2)
    outbox.schedule(follow_up(1), 2)
    assert outbox.due() == []
    assert outbox.next_due_ms() == 3_000
    assert [one.attempt for one in outbox.waiting()] == [0, 1, 2]
    clock.advance(2_000)
    assert [one.attempt for one in outbox.due()] == [0, 1]
    assert outbox.due() == []
    clock.set(16_000)
    assert [one.attempt for one in outbox.due()] == [2]
    assert outbox.next_due_ms() is None


def test_a_follow_up_without_delay_is_due_at_once() -> None:
    outbox = ListFollowUps(SettableClock(5))
    outbox.schedule(follow_up(), 0)
    assert outbox.due() == [follow_up()]


@pytest.mark.parametrize("delay_s", [-1, 901])
def test_a_delay_that_a_queue_cannot_keep_is_refused(aws: Aws, delay_s: int) -> None:
    for follow_ups in (ListFollowUps(SettableClock()), SqsFollowUps(aws.sqs, "http://queue")):
        with pytest.raises(ValueError, match=str(delay_s)):
            follow_ups.schedule(follow_up(), delay_s)


def test_a_follow_up_goes_to_its_queue_with_its_delay_in_one_request(aws: Aws) -> None:
    url = aws.sqs.create_queue(QueueName="follow-ups")["QueueUrl"]
    sent: list[dict[str, Any]] = []
    events: Any = aws.sqs.meta.events
    events.register("provide-client-params.sqs.SendMessage", lambda params, **_: sent.append(params))
    requests = RequestCounter(aws.sqs)
    SqsFollowUps(aws.sqs, url).schedule(follow_up(), 900)
    assert requests.by_operation == {"SendMessage": 1}
    assert sent[0]["DelaySeconds"] == 900
    assert read_follow_up(sent[0]["MessageBody"]) == follow_up()


def test_a_lasting_condition_is_told_once_and_again_after_a_while(caplog: pytest.LogCaptureFixture) -> None:
    clock, meter = SettableClock(0), RecordingMeter()
    notifier = LogNotifier(meter, clock)
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            notifier.alert(AlertLevel.CRITICAL, "unprotected#BTCUSDT", "no stop stands", {"symbol": "BTCUSDT"})
        notifier.alert(AlertLevel.HIGH, "mismatch#BTCUSDT", "the venue holds another quantity", {})
        clock.advance(AGAIN_AFTER_MS)
        notifier.alert(AlertLevel.CRITICAL, "unprotected#BTCUSDT", "no stop stands", {"symbol": "BTCUSDT"})
    assert [record.levelname for record in caplog.records] == ["CRITICAL", "ERROR", "CRITICAL"]
    assert caplog.records[0].__dict__["facts"] == {"symbol": "BTCUSDT"}
    assert meter.counts == {"alerts_critical": 2, "alerts_high": 1}


def test_the_recording_notifier_keeps_every_alert() -> None:
    notifier = RecordingNotifier()
    for _ in range(2):
        notifier.alert(AlertLevel.INFO, "started", "it started", {})
    assert notifier.keys() == ["started", "started"]


def test_the_recording_meter_adds_counts_and_lists_durations() -> None:
    meter = RecordingMeter()
    meter.count("fills")
    meter.count("fills", 2)
    meter.observe("age", 5)
    assert meter.counts["fills"] == 3
    assert meter.observations["age"] == [5]


def test_without_parameters_nothing_may_trade() -> None:
    with pytest.raises(NoParameters):
        StaticParams().current()


def test_the_system_clock_counts_milliseconds_since_the_epoch() -> None:
    assert 1_700_000_000_000 < SystemClock().now_ms() < 4_000_000_000_000
