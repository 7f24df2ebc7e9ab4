from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from stream_worker.health import FILE_VARIABLE
from stream_worker.heartbeat import METERED

from undertow.observability import NAMESPACE, metric_name
from undertow.ports import AlertLevel
from undertow.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
Resources = dict[str, dict[str, Any]]
Stacks = dict[str, dict[str, Any]]


def dimensions(alarm: dict[str, Any]) -> dict[str, str]:
    return {
        dimension["Name"]: dimension["Value"]["Fn::Sub"]
        if "Fn::Sub" in dimension["Value"]
        else dimension["Value"]["Ref"]
        for dimension in alarm["Properties"]["Dimensions"]
    }


def alarms_on(nested: Stacks, metric: str) -> Resources:
    return {
        name: resource
        for name, resource in nested["observability"]["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm" and resource["Properties"]["MetricName"] == metric
    }


def test_a_deployment_stops_the_old_worker_before_it_starts_the_new_one(nested: Stacks) -> None:
    service = nested["worker"]["Resources"]["Service"]["Properties"]
    assert service["DeploymentConfiguration"]["MinimumHealthyPercent"] == 0
    assert service["DeploymentConfiguration"]["MaximumPercent"] == 100
    assert service["EnableExecuteCommand"] is False


def test_the_worker_runs_without_privileges_and_gets_time_to_flush(nested: Stacks) -> None:
    task = nested["worker"]["Resources"]["TaskDefinition"]["Properties"]
    (container,) = task["ContainerDefinitions"]
    assert task["RuntimePlatform"]["CpuArchitecture"] == "ARM64"
    assert container["User"] == "10001:10001"
    assert container["ReadonlyRootFilesystem"] is True
    assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    assert container["StopTimeout"] == 30


def test_a_worker_whose_heartbeat_is_old_is_replaced(nested: Stacks) -> None:
    (container,) = nested["worker"]["Resources"]["TaskDefinition"]["Properties"]["ContainerDefinitions"]
    mounted = {point["ContainerPath"] for point in container["MountPoints"]}
    given = {variable["Name"]: variable["Value"] for variable in container["Environment"]}
    assert container["HealthCheck"]["Command"][-1] == "stream_worker.health"
    assert str(Path(given[FILE_VARIABLE]).parent) in mounted  # the rest of the file system is read-only


def test_the_worker_is_given_each_setting_that_it_reads(nested: Stacks) -> None:
    (container,) = nested["worker"]["Resources"]["TaskDefinition"]["Properties"]["ContainerDefinitions"]
    given = {variable["Name"]: "value" for variable in container["Environment"]}
    settings = Settings.from_env(given)
    for name in (
        "aws_region",
        "stage",
        "table_prefix",
        "liquidations_queue_url",
        "user_events_queue_url",
        "ticks_queue_url",
        "ssm_prefix",
    ):
        assert getattr(settings, name) == "value"
    assert (settings.aster_rest_url, settings.aster_ws_url, settings.log_level) == ("value", "value", "value")


def test_nothing_can_connect_to_the_worker(nested: Stacks) -> None:
    group = nested["network"]["Resources"]["WorkerSecurityGroup"]["Properties"]
    assert "SecurityGroupIngress" not in group
    assert [(rule["FromPort"], rule["ToPort"]) for rule in group["SecurityGroupEgress"]] == [(443, 443)]
    kinds = {resource["Type"] for resource in nested["network"]["Resources"].values()}
    assert not kinds & {"AWS::EC2::NatGateway", "AWS::EC2::SecurityGroupIngress"}


def test_one_dead_letter_is_an_alarm_on_each_queue(nested: Stacks, queues: Resources) -> None:
    watched = {
        dimensions(alarm)["QueueName"]: alarm["Properties"]["Threshold"]
        for alarm in alarms_on(nested, "ApproximateNumberOfMessagesVisible").values()
    }
    dead = {queue["Properties"]["QueueName"]["Fn::Sub"] for name, queue in queues.items() if name.endswith("DeadQueue")}
    assert watched == dict.fromkeys(dead, 1)


def test_the_age_of_each_queue_is_watched(nested: Stacks, queues: Resources) -> None:
    watched = {dimensions(alarm)["QueueName"] for alarm in alarms_on(nested, "ApproximateAgeOfOldestMessage").values()}
    assert watched == {queue["Properties"]["QueueName"]["Fn::Sub"] for queue in queues.values()}


def test_errors_and_throttles_of_each_function_are_watched(nested: Stacks, functions: Resources) -> None:
    names = {function["Properties"]["FunctionName"]["Fn::Sub"] for function in functions.values()}
    watched = {
        metric: {dimensions(alarm)["FunctionName"] for alarm in alarms_on(nested, metric).values()}
        for metric in ("Errors", "Throttles")
    }
    # The authoriser raises for every token that is not valid: its failures are errors of the gateway.
    authorizer = functions["Authorizer"]["Properties"]["FunctionName"]["Fn::Sub"]
    assert watched == {"Errors": names - {authorizer}, "Throttles": names}
    (gateway,) = alarms_on(nested, "5XXError").values()
    assert dimensions(gateway) == {"ApiName": "undertow-${Stage}", "Stage": "Stage"}


def test_a_silent_worker_is_an_alarm_because_missing_data_counts_as_breaching(nested: Stacks) -> None:
    (alarm,) = alarms_on(nested, "WorkerHeartbeat").values()
    assert alarm["Properties"]["TreatMissingData"] == "breaching"
    assert alarm["Properties"]["AlarmActions"] == [{"Ref": "PageTopic"}]


def test_naked_positions_and_orders_without_an_answer_are_watched(nested: Stacks) -> None:
    assert alarms_on(nested, "UnprotectedPositions")
    levels = [alarm["Properties"]["AlarmActions"][0]["Ref"] for alarm in alarms_on(nested, "UnknownOrders").values()]
    assert sorted(levels) == ["PageTopic", "WarnTopic"]


def test_every_metric_of_our_own_that_is_watched_is_one_that_the_code_measures(nested: Stacks) -> None:
    """One dimension, as `undertow.observability` writes it: with another one the alarm would never see a value."""
    code = "\n".join(
        path.read_text()
        for folder in ("layers/undertow/src", "stream_worker", "functions")
        for path in (PROJECT / folder).rglob("*.py")
    )
    named = re.findall(r"""(?:count|observe)\(\s*f?"([A-Za-z_]+)""", code)
    measured = {metric_name(name) for name in [*named, *METERED.values()]}
    measured |= {f"Alerts{level.value.title()}" for level in AlertLevel}
    alarms = [r for r in nested["observability"]["Resources"].values() if r["Type"] == "AWS::CloudWatch::Alarm"]
    ours = [alarm for alarm in alarms if alarm["Properties"]["Namespace"] == NAMESPACE]
    assert ours
    for alarm in ours:
        assert alarm["Properties"]["MetricName"] in measured
        assert dimensions(alarm) == {"stage": "Stage"}


def test_every_alarm_reaches_somebody(nested: Stacks) -> None:
    alarms = [r for r in nested["observability"]["Resources"].values() if r["Type"] == "AWS::CloudWatch::Alarm"]
    assert alarms
    assert all(alarm["Properties"]["AlarmActions"] for alarm in alarms)
    assert all(alarm["Properties"]["AlarmDescription"] for alarm in alarms)
