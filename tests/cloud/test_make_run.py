"""What `make run` promises: a page with what happens, permissions that hold, an end that leaves nothing, a memory."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import zipfile
from typing import Any

import boto3
import httpx
import pytest
from tests.cloud.running import (
    ANSWER_WITHIN_S,
    PROJECT,
    Cloud,
    account_at_venue,
    get,
    is_alive,
    undertow,
    wait_until,
)

pytestmark = pytest.mark.cloud

REGION = "eu-central-1"


def client(cloud: Cloud, service: str) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=f"http://127.0.0.1:{cloud.port}",
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def protected(position: dict[str, Any]) -> bool:
    return all(position[leg] is not None and position[leg]["confirmed"] for leg in ("stop", "target"))


def test_the_page_is_served_to_anybody_and_data_only_to_who_has_a_token(cloud: Cloud) -> None:
    assert "<html" in get(cloud, "", token="").text
    assert get(cloud, "api/health", token="").status_code == 200
    assert get(cloud, "api/positions", token="").status_code == 401
    assert get(cloud, "api/positions", token="ut_aaaaaaaa_" + "x" * 43).status_code == 401
    assert get(cloud, "api/positions").status_code == 200


# What is not understood changes nothing, and its 400 shows that the door was open.
NOT_UNDERSTOOD = {"no": "such field"}
ROUTES = {
    "GET api/positions": "read",
    "POST api/pause": "pause",
    "POST api/resume": "write",
    "POST api/config": "write",
}


def test_the_gateway_keeps_the_table_of_who_may_do_what(cloud: Cloud) -> None:
    held = {scope: undertow(cloud, "token", "create", "--scopes", scope, "--quiet") for scope in set(ROUTES.values())}
    revoked = undertow(cloud, "token", "create", "--scopes", "read,pause,write", "--quiet")
    undertow(cloud, "token", "revoke", revoked.split("_")[1])
    for route, needed in ROUTES.items():
        method, path = route.split()
        for token in ("", "malformed", "ut_aaaaaaaa_" + "x" * 43, revoked):
            assert call(cloud, method, path, token) == 401, route
        for scope, token in held.items():
            through = 200 if method == "GET" else 400
            assert call(cloud, method, path, token) == (through if scope == needed else 403), (route, scope)


def call(cloud: Cloud, method: str, path: str, token: str) -> int:
    headers = {"Idempotency-Key": f"cloud-{path.replace('/', '-')}", "If-Match": '"1"'}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body = None if method == "GET" else NOT_UNDERSTOOD
    return httpx.request(method, cloud.url + path, headers=headers, json=body, timeout=ANSWER_WITHIN_S).status_code


def test_liquidations_become_decisions_and_positions_whose_stop_and_target_the_venue_confirmed(cloud: Cloud) -> None:
    wait_until(lambda: bool(get(cloud, "api/liquidations").json()["liquidations"]), "a stored liquidation")
    wait_until(lambda: bool(get(cloud, "api/decisions").json()["decisions"]), "a decision")
    wait_until(lambda: any(map(protected, get(cloud, "api/positions").json()["positions"])), "a protected position")


def test_the_command_line_reaches_the_cloud_with_the_file_that_it_leaves(cloud: Cloud) -> None:
    assert json.loads(undertow(cloud, "status", "--json"))


def test_a_second_cloud_on_the_same_state_is_refused_in_words(cloud: Cloud) -> None:
    command = [sys.executable, "-m", "local.cloud", "run", "--home", str(cloud.home)]
    refused = subprocess.run(command, cwd=PROJECT, capture_output=True, check=False)
    assert refused.returncode == 1
    assert b"runs already" in refused.stderr
    assert b"Traceback" not in refused.stderr


PROBE = """
import boto3
from botocore.exceptions import ClientError

KEY = {"pk": {"S": "probe"}, "sk": {"S": "probe"}}
TABLES = "undertow-local-"


def denied(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return "AccessDenied" in error.response["Error"]["Code"]
    return False


def handler(event, context):
    tables, parameters = boto3.client("dynamodb"), boto3.client("ssm")
    order = {"TableName": TABLES + "orders", "Key": KEY}
    return {
        "reads an order": not denied(tables.get_item, **order),
        "deletes an order": not denied(tables.delete_item, **order),
        "deletes an order in a transaction": not denied(tables.transact_write_items, TransactItems=[{"Delete": order}]),
        "deletes an order in a batch": not denied(
            tables.batch_write_item, RequestItems={TABLES + "orders": [{"DeleteRequest": {"Key": KEY}}]}
        ),
        "reads the venue key": not denied(
            parameters.get_parameter, Name="/undertow/local/secrets/main", WithDecryption=True
        ),
        "reads the tuning": not denied(parameters.get_parameter, Name="/undertow/local/globals"),
    }
"""


def what_it_may(cloud: Cloud, function: str) -> dict[str, bool]:
    """Runs a probe under the role of a deployed function."""
    functions = client(cloud, "lambda")
    role = functions.get_function_configuration(FunctionName=f"undertow-local-{function}")["Role"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("probe.py", PROBE)
    name = f"probe-{function}"
    functions.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="probe.handler",
        Role=role,
        Code={"ZipFile": packed.getvalue()},
        Timeout=30,
    )
    answer = functions.invoke(FunctionName=name, Payload=b"{}")
    found: dict[str, bool] = json.loads(answer["Payload"].read())
    assert "errorMessage" not in found, found
    functions.delete_function(FunctionName=name)
    return found


def test_the_policies_are_enforced_so_that_no_function_can_delete_an_order(cloud: Cloud) -> None:
    trading, answering = what_it_may(cloud, "evaluate-liquidations"), what_it_may(cloud, "api")
    for role in (trading, answering):
        assert role["reads an order"]
        assert role["reads the tuning"]
        assert not any(allowed for what, allowed in role.items() if what.startswith("deletes"))
    assert trading["reads the venue key"]
    assert not answering["reads the venue key"]


def test_ctrl_c_leaves_no_process_and_the_next_start_knows_everything(cloud: Cloud) -> None:
    """Keep this test and the next the last ones of all that share the cloud: they stop it."""
    known = len(get(cloud, "api/liquidations").json()["liquidations"])
    held = {position["symbol"] for position in get(cloud, "api/positions").json()["positions"]}
    started = cloud.end(signal.SIGINT)
    assert len(started) >= 3
    assert not [pid for pid in started if is_alive(pid)]
    assert cloud.process is not None
    assert cloud.process.returncode == 0

    cloud.start()
    assert "build: nothing has changed" in cloud.output
    assert "deploy: nothing has changed" in cloud.output
    assert "strategies: as they were left" in cloud.output
    assert len(get(cloud, "api/liquidations").json()["liquidations"]) >= known
    assert held <= {order["symbol"] for order in account_at_venue(cloud)["orders"]}


def test_whoever_kills_the_cloud_kills_all_of_it_and_the_state_is_saved_all_the_same(cloud: Cloud) -> None:
    before = (cloud.home / "state" / "dynamodb.json").stat().st_mtime_ns
    started = cloud.end(signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, started)), "the end of every process")
    assert (cloud.home / "state" / "dynamodb.json").stat().st_mtime_ns > before
