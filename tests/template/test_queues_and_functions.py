from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stream_worker.ticks import EVERY_MS

from undertow.adapters.dynamo import keys
from undertow.adapters.dynamo.tables import TABLES
from undertow.adapters.sqs.messages import TICK_GROUPS
from undertow.domain.request import LONGEST_WAIT_MS
from undertow.settings import Settings

Resources = dict[str, dict[str, Any]]
PROJECT = Path(__file__).resolve().parents[2]
GIVEN_BY_LAMBDA = "given by Lambda"
FOURTEEN_DAYS_S = 14 * 24 * 3600
VISIBILITY_FACTOR = 6


def events_of(functions: Resources, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, function in functions.items():
        for event in function["Properties"].get("Events", {}).values():
            if event["Type"] == kind:
                yield name, event["Properties"]


def source_queues(queues: Resources) -> Resources:
    return {name: queue for name, queue in queues.items() if not name.endswith("DeadQueue")}


def test_each_queue_has_a_dead_letter_queue_of_its_own_kind_that_keeps_for_fourteen_days(queues: Resources) -> None:
    sources = source_queues(queues)
    assert set(sources) == {
        "LiquidationsQueue", "UserEventsQueue", "FollowUpsQueue", "TicksQueue", "NotificationsQueue",
        "NewsQueue",
    }  # fmt: skip
    for queue in sources.values():
        dead, attribute = queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"]
        target = queues[dead]["Properties"]
        assert attribute == "Arn"
        assert target["MessageRetentionPeriod"] == FOURTEEN_DAYS_S
        assert target.get("FifoQueue", False) == queue["Properties"].get("FifoQueue", False)


def test_ticks_and_news_are_tried_once_perishable_signals_twice_and_fills_ten_times(queues: Resources) -> None:
    tries = {
        name: queue["Properties"]["RedrivePolicy"]["maxReceiveCount"] for name, queue in source_queues(queues).items()
    }
    assert tries == {
        "LiquidationsQueue": 2,
        "UserEventsQueue": 10,
        "FollowUpsQueue": 10,
        "TicksQueue": 1,
        "NotificationsQueue": 10,
        "NewsQueue": 1,
    }


def test_a_tick_outlives_its_one_try_and_not_much_more(queues: Resources) -> None:
    """Dropped before its visibility ends it would never reach the dead; kept for long it would hold up fresher ones."""
    properties = queues["TicksQueue"]["Properties"]
    assert properties["VisibilityTimeout"] < properties["MessageRetentionPeriod"] <= 120


def test_every_queue_is_encrypted(queues: Resources) -> None:
    assert all(queue["Properties"]["SqsManagedSseEnabled"] is True for queue in queues.values())


def test_a_message_stays_invisible_for_six_times_the_timeout_of_its_reader(
    queues: Resources, functions: Resources
) -> None:
    readers = dict(events_of(functions, "SQS"))
    assert len(readers) == len(source_queues(queues))
    for name, event in readers.items():
        queue = queues[event["Queue"]["Fn::GetAtt"][0]]["Properties"]
        # A tick is never tried again: hidden for longer than its reader may run, it would only hold up fresher ones.
        factor = 1 if name == "WatchAccount" else VISIBILITY_FACTOR
        assert queue["VisibilityTimeout"] >= factor * functions[name]["Properties"]["Timeout"], name


def test_a_tick_that_a_function_died_with_holds_up_no_other(queues: Resources) -> None:
    """When the next one of its group comes it has long been given up."""
    assert queues["TicksQueue"]["Properties"]["VisibilityTimeout"] * 1_000 <= TICK_GROUPS * EVERY_MS


def test_every_queue_reader_reports_each_failed_message_by_itself(functions: Resources) -> None:
    for name, event in events_of(functions, "SQS"):
        assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name


def test_symbols_do_not_wait_for_each_other_in_one_call_of_a_function(functions: Resources) -> None:
    """A fill behind the stop and target of three others would stand without a stop for as long as they take."""
    for name, event in events_of(functions, "SQS"):
        if name in ("EvaluateLiquidations", "TrackAccount"):
            assert event["BatchSize"] == 1, name


def test_an_account_does_not_wait_for_the_tick_of_another_nor_die_with_it(functions: Resources) -> None:
    ((_, event),) = [found for found in events_of(functions, "SQS") if found[0] == "WatchAccount"]
    assert event["BatchSize"] == 1


def test_a_queue_never_asks_for_more_copies_than_its_function_may_run(functions: Resources) -> None:
    """Otherwise throttling counts as a receive and sends good messages to the dead."""
    for name, event in events_of(functions, "SQS"):
        condition, reserved, _ = functions[name]["Properties"]["ReservedConcurrentExecutions"]["Fn::If"]
        assert condition == "Reserve"
        assert 2 <= event["ScalingConfig"]["MaximumConcurrency"] <= reserved, name


def test_what_a_stream_could_not_hand_over_is_laid_down_and_soon_given_up(
    functions: Resources, queues: Resources
) -> None:
    for name, event in events_of(functions, "DynamoDB"):
        destination = event["DestinationConfig"]["OnFailure"]
        assert destination["Type"] == "SQS", name
        dead, attribute = destination["Destination"]["Fn::GetAtt"]
        assert attribute == "Arn"
        assert queues[dead]["Properties"]["MessageRetentionPeriod"] == FOURTEEN_DAYS_S
        assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name
        assert event["MaximumRecordAgeInSeconds"] <= 300, name
        assert 0 <= event["MaximumRetryAttempts"] <= 10, name


def test_requests_of_people_are_handed_over_once_written_and_no_other_row_is(functions: Resources) -> None:
    (event,) = [event for name, event in events_of(functions, "DynamoDB") if name == "CarryOutRequests"]
    (told,) = event["FilterCriteria"]["Filters"]
    pattern = json.loads(told["Pattern"])
    assert pattern["eventName"] == ["INSERT"]
    assert pattern["dynamodb"]["Keys"]["pk"]["S"] == [{"prefix": keys.REQUESTS}]
    assert event["MaximumRecordAgeInSeconds"] * 1000 == LONGEST_WAIT_MS


def test_rows_of_every_table_that_a_page_shows_become_news_and_old_news_never_holds_up_a_stream(
    functions: Resources,
) -> None:
    streams = [event for name, event in events_of(functions, "DynamoDB") if name == "PushChanges"]
    told = {event["Stream"]["Fn::GetAtt"][1].removeprefix("Outputs.").removesuffix("StreamArn") for event in streams}
    assert told == {table.name.title() for table in TABLES if table.streamed}
    for event in streams:
        assert event["StartingPosition"] == "LATEST"
        assert event["BisectBatchOnFunctionError"] is True
        assert event["MaximumRecordAgeInSeconds"] <= 60
        for given in event["FilterCriteria"]["Filters"]:
            assert "REMOVE" not in json.loads(given["Pattern"])["eventName"]


def test_what_a_trader_waits_for_is_told_without_gathering_first(functions: Resources) -> None:
    gathering = {
        event["Stream"]["Fn::GetAtt"][1]
        for name, event in events_of(functions, "DynamoDB")
        if event.get("MaximumBatchingWindowInSeconds")
    }
    assert gathering == {"Outputs.LiquidationsStreamArn", "Outputs.DecisionsStreamArn"}


def test_scheduled_functions_never_overlap_and_leave_repetition_to_the_next_turn(functions: Resources) -> None:
    scheduled = dict(events_of(functions, "ScheduleV2"))
    assert set(scheduled) == {
        "Reconcile",
        "ManagePositions",
        "SyncInstruments",
        "ImportHistory",
        "CheckHeartbeats",
        "CheckBooks",
    }
    for name, event in scheduled.items():
        properties = functions[name]["Properties"]
        assert properties["ReservedConcurrentExecutions"]["Fn::If"][1] == 1
        assert properties["EventInvokeConfig"]["MaximumRetryAttempts"] == 0
        assert event["RetryPolicy"]["MaximumRetryAttempts"] == 0
        # Without a name of its own, a second stage in the account would take over the schedules of the first.
        assert event["Name"] == properties["FunctionName"]
        rate_s = {"rate(1 minute)": 60, "rate(1 hour)": 3600}[event["ScheduleExpression"]]
        assert properties["Timeout"] <= rate_s


def test_each_function_has_a_role_a_log_group_and_a_folder_of_its_own(
    functions: Resources, template: dict[str, Any]
) -> None:
    roles = [function["Properties"]["Role"]["Fn::GetAtt"][1] for function in functions.values()]
    assert len(set(roles)) == len(functions)
    for name, function in functions.items():
        group = template["Resources"][f"{name}LogGroup"]
        assert function["DependsOn"] == f"{name}LogGroup"
        assert group["Type"] == "AWS::Logs::LogGroup"
        assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
        log_name = group["Properties"]["LogGroupName"]["Fn::Sub"]
        assert log_name == f"/aws/lambda/{function['Properties']['FunctionName']['Fn::Sub']}"
    folders = {path.parent.name for path in (PROJECT / "functions").glob("*/handler.py")}
    assert folders == {function["Properties"]["FunctionName"]["Fn::Sub"][len("undertow-${Stage}-") :].replace("-", "_")
                       for function in functions.values()}  # fmt: skip


def test_every_function_runs_python_3_13_on_arm64(template: dict[str, Any], functions: Resources) -> None:
    shared = template["Globals"]["Function"]
    assert (shared["Runtime"], shared["Architectures"]) == ("python3.13", ["arm64"])
    assert not any({"Runtime", "Architectures"} & set(function["Properties"]) for function in functions.values())


def test_the_template_gives_each_setting_that_the_code_reads(template: dict[str, Any]) -> None:
    given = dict.fromkeys(template["Globals"]["Function"]["Environment"]["Variables"], "value")
    settings = Settings.from_env({**given, "AWS_REGION": GIVEN_BY_LAMBDA})
    not_given = {
        name for name in Settings.__dataclass_fields__ if getattr(settings, name) not in ("value", GIVEN_BY_LAMBDA)
    }
    assert not_given == {"aws_endpoint_url"}  # on AWS there is none
