"""Reports go to a queue, in order, seldom enough; that they cannot go never reaches who reports."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from undertow.adapters.memory import RecordingMeter, RecordingNotifier, SettableClock
from undertow.adapters.notify.queued import REPORTED_AGAIN_AFTER_MS, QueuedNotifier
from undertow.adapters.sqs.dead_letters import SqsDeadLetters, dead_letters_url
from undertow.adapters.sqs.messages import BadMessage
from undertow.adapters.sqs.notifications import notification_text, notifications_group, read_notification, trial_text
from undertow.adapters.sqs.trials import SqsRouteTrials
from undertow.domain.alert import AlertLevel, Over, Raised, RouteTrial
from undertow.ports import DepthsUnknown, TrialNotTaken

NOW_MS = 1_795_251_061_000
KEY = "clock#aster"


@dataclass
class Sqs:
    sent: list[dict[str, str]] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    def send_message(self, **request: str) -> dict[str, str]:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(request)
        return {}


@dataclass
class Rig:
    sqs: Sqs = field(default_factory=Sqs)
    log: RecordingNotifier = field(default_factory=RecordingNotifier)
    meter: RecordingMeter = field(default_factory=RecordingMeter)
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW_MS))

    def __post_init__(self) -> None:
        client: Any = self.sqs
        self.notifier = QueuedNotifier(self.log, lambda: client, "https://sqs/n.fifo", self.clock, self.meter)

    def alert(self, level: AlertLevel = AlertLevel.HIGH) -> None:
        self.notifier.alert(level, KEY, "apart", {"offset_ms": "900"})

    @property
    def reports(self) -> list[Raised | Over | RouteTrial]:
        return [read_notification(request["MessageBody"]) for request in self.sqs.sent]


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_report_and_its_end_are_of_one_group(rig: Rig) -> None:
    rig.alert()
    rig.clock.advance(1)
    rig.notifier.resolved(KEY, "they agree")
    assert rig.reports == [
        Raised(KEY, AlertLevel.HIGH, "apart", {"offset_ms": "900"}, NOW_MS),
        Over(KEY, "they agree", NOW_MS + 1),
    ]
    assert {request["MessageGroupId"] for request in rig.sqs.sent} == {notifications_group(KEY)}
    assert len({request["MessageDeduplicationId"] for request in rig.sqs.sent}) == 2


def test_the_log_hears_everything_and_the_queue_one_report_in_half_a_minute(rig: Rig) -> None:
    for _ in range(3):
        rig.alert()
        rig.clock.advance(REPORTED_AGAIN_AFTER_MS // 2)
    assert len(rig.log.alerts) == 3
    assert len(rig.reports) == 2


def test_a_worse_level_is_reported_at_once(rig: Rig) -> None:
    rig.alert()
    rig.alert(AlertLevel.CRITICAL)
    rig.alert(AlertLevel.HIGH)
    assert [report.level for report in rig.reports if isinstance(report, Raised)] == ["high", "critical"]


def test_after_the_end_the_next_report_goes_at_once(rig: Rig) -> None:
    rig.alert()
    rig.notifier.resolved(KEY, "they agree")
    rig.clock.advance(1)
    rig.alert()
    assert len(rig.reports) == 3


@pytest.mark.parametrize(
    "failure",
    [
        ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "SendMessage"),
        ConnectTimeoutError(endpoint_url="https://sqs"),
    ],
)
def test_a_queue_that_is_away_stops_nobody_and_is_tried_again_with_the_next_report(
    rig: Rig, failure: Exception
) -> None:
    rig.sqs.failures = [failure, failure]
    rig.alert()
    rig.notifier.resolved(KEY, "they agree")
    assert rig.meter.counts["alerts_not_queued"] == 2
    assert (len(rig.log.alerts), len(rig.log.ended)) == (1, 1)
    rig.alert()
    assert len(rig.reports) == 1


TEXTS = st.text(max_size=60).filter(lambda text: text.isprintable())


@given(key=TEXTS, message=TEXTS, facts=st.dictionaries(TEXTS, TEXTS, max_size=3), level=st.sampled_from(AlertLevel))
def test_what_is_read_is_what_was_written(key: str, message: str, facts: dict[str, str], level: AlertLevel) -> None:
    for report in (Raised(key, level, message, facts, NOW_MS), Over(key, message, NOW_MS)):
        assert read_notification(notification_text(report)) == report


@given(route=TEXTS, by=TEXTS)
def test_a_trial_of_a_route_is_read_as_it_was_written(route: str, by: str) -> None:
    trial = RouteTrial(route, by, NOW_MS)
    assert read_notification(trial_text(trial)) == trial


def test_a_trial_is_asked_for_in_the_group_of_its_alert_and_once(rig: Rig) -> None:
    client: Any = rig.sqs
    trial = RouteTrial("phone", "token abcdefgh", NOW_MS)
    trials = SqsRouteTrials(lambda: client, "https://sqs/n.fifo")
    trials.ask(trial)
    trials.ask(trial)
    first, again = rig.sqs.sent
    assert first["MessageGroupId"] == notifications_group("test#phone")
    assert first["MessageDeduplicationId"] == again["MessageDeduplicationId"]
    rig.sqs.failures = [ConnectTimeoutError(endpoint_url="https://sqs")]
    with pytest.raises(TrialNotTaken):
        trials.ask(trial)


def test_long_texts_are_cut_so_that_the_queue_takes_the_message() -> None:
    read = read_notification(notification_text(Raised(KEY, AlertLevel.INFO, "x" * 9_999, {"frame": "y" * 999_999}, 1)))
    assert isinstance(read, Raised)
    assert (len(read.message), len(read.facts["frame"])) == (2_000, 2_000)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        '{"kind":"raised"}',
        '{"kind":"told","key":"k","message":"m","at_ms":1}',
        '{"kind":"over","key":"k","message":"m","at_ms":1.5}',
        '{"kind":"over","key":7,"message":"m","at_ms":1}',
        '{"kind":"raised","key":"k","message":"m","at_ms":1,"level":"loud","facts":{}}',
        '{"kind":"raised","key":"k","message":"m","at_ms":1,"level":"high","facts":[]}',
        '{"kind":"raised","key":"k","message":"m","at_ms":1,"level":"high","facts":{"a":1}}',
        '{"kind":"trial","route":"phone","at_ms":1}',
        '{"kind":"trial","route":7,"by":"b","at_ms":1}',
    ],
)
def test_what_is_no_report_is_never_taken_for_one(body: str) -> None:
    with pytest.raises(BadMessage):
        read_notification(body)


# --- the queues of given-up messages --------------------------------------------------------------------------------


@dataclass
class Queues:
    depths: dict[str, str]

    def get_queue_attributes(self, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:
        if QueueUrl not in self.depths:
            raise ClientError({"Error": {"Code": "QueueDoesNotExist", "Message": ""}}, "GetQueueAttributes")
        return {"Attributes": {"ApproximateNumberOfMessages": self.depths[QueueUrl]}}


def test_given_up_messages_are_counted_under_the_name_of_their_queue() -> None:
    client: Any = Queues({"https://sqs/1/ticks-dead.fifo": "0", "https://sqs/1/follow-ups-dead": "12"})
    letters = SqsDeadLetters(lambda: client, ["https://sqs/1/ticks.fifo", "https://sqs/1/follow-ups"])
    assert letters.depths() == {"ticks.fifo": 0, "follow-ups": 12}


def test_a_queue_that_does_not_answer_has_no_depth() -> None:
    client: Any = Queues({})
    with pytest.raises(DepthsUnknown, match="ticks-dead"):
        SqsDeadLetters(lambda: client, ["https://sqs/1/ticks.fifo"]).depths()


def test_the_template_names_dead_queues_as_they_are_looked_for() -> None:
    assert dead_letters_url("https://sqs/1/undertow-live-ticks.fifo") == "https://sqs/1/undertow-live-ticks-dead.fifo"
    assert dead_letters_url("https://sqs/1/undertow-live-follow-ups") == "https://sqs/1/undertow-live-follow-ups-dead"
