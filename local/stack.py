"""The emulator with the project's template on it, as an object with clients, outputs and an orderly end."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
from botocore.config import Config
from botocore.exceptions import ClientError
from local import deployment
from local.processes import LOOPBACK, CloudError, Processes, Progress
from local.task_role import SESSION_S, TaskRole

STAGE = "local"
REGION = "eu-central-1"
STACK_NAME = "undertow-local"
TABLE_PREFIX = f"undertow-{STAGE}-"
SSM_PREFIX = f"/undertow/{STAGE}"
EMULATOR_READY_WITHIN_S = 90.0


@dataclass(frozen=True, slots=True)
class Places:
    """Where a local cloud keeps its things. One directory, so that deleting it is starting from nothing."""

    root: Path

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def objects(self) -> Path:
        return self.root / "objects"

    @property
    def scratch(self) -> Path:
        return self.root / "scratch"

    @property
    def logs(self) -> Path:
        return self.root / "logs"


class LocalStack:
    """Start with `start`; everything it starts ends with the `Processes` it was given."""

    def __init__(self, places: Places, port: int, processes: Processes, progress: Progress) -> None:
        self._places = places
        self._processes = processes
        self._progress = progress
        self._deployed = deployment.Deployed(places.root / "deployed.json")
        self._outputs: dict[str, str] = {}
        self._parameters: dict[str, str] = {}
        self.endpoint = f"http://{LOOPBACK}:{port}"
        self._port = port
        self._task_role: TaskRole | None = None

    # --- start ----------------------------------------------------------------------------------------------------

    def start(self, parameters: Mapping[str, str], functions_endpoint: str) -> None:
        """Emulator and build at the same time, then the deployment if anything has changed.

        Functions find AWS at ``functions_endpoint``.
        """
        deployment.require_tools()
        self._start_emulator(functions_endpoint)
        with ThreadPoolExecutor(1) as pool:
            built = pool.submit(deployment.build, self.environment(), self._progress)
            self._processes.wait_until(self._emulator_ready, "the emulator", EMULATOR_READY_WITHIN_S)
            self._progress.say(f"emulator: ready on {self.endpoint}")
            digest = built.result()
        self._parameters = {"Stage": STAGE, **parameters}
        if self._deployed.matches(digest, self._parameters) and self._stack_is_complete():
            self._progress.say("deploy: nothing has changed")
        else:
            self._progress.say("deploy: sam deploy of template.yaml")
            self._deployed.forget()
            self._create_artifacts_bucket()
            self._deploy()
            self._deployed.record(digest, self._parameters)
            self.save()
        self._outputs = self._read_outputs()
        self._progress.say("deploy: complete")

    def _start_emulator(self, functions_endpoint: str) -> None:
        self.clean()
        self._places.scratch.mkdir(parents=True)
        environment = {
            **self.plain_environment(),
            "GATEWAY_PORT": str(self._port),
            "AWS_ENDPOINT_URL": functions_endpoint,
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._places.state),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._places.objects),
            "TMPDIR": str(self._places.scratch),
            # Each function gets the credentials of its own role, and the policies of infra/permissions.yaml decide.
            "AUTH": "true",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }
        command = [deployment.EMULATOR_PYTHON, deployment.PROJECT / "local" / "emulator.py"]
        self._processes.start("emulator", command, environment)

    def _emulator_ready(self) -> bool:
        try:
            return httpx.get(f"{self.endpoint}/_ministack/ready", timeout=2).is_success
        except httpx.TransportError:
            return False

    def _deploy(self) -> None:
        try:
            deployment.deploy(self.environment(), self._parameters, self._places.logs / "sam-deploy.log")
        except CloudError as error:
            root = os.path.relpath(self._places.root)
            raise CloudError(f"{error}\n\nIf an old state is in the way: `rm -r {root}` gives it up.") from error

    def _create_artifacts_bucket(self) -> None:
        s3 = self.client("s3")
        names = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        if deployment.ARTIFACTS_BUCKET not in names:
            where = {"LocationConstraint": REGION}
            s3.create_bucket(Bucket=deployment.ARTIFACTS_BUCKET, CreateBucketConfiguration=where)

    def _stack_is_complete(self) -> bool:
        try:
            stacks = self.client("cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"]
        except ClientError:
            return False
        return bool(stacks[0]["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"})

    def _read_outputs(self) -> dict[str, str]:
        stack = self.client("cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    # --- environments ---------------------------------------------------------------------------------------------

    @staticmethod
    def plain_environment() -> dict[str, str]:
        """Ours without AWS settings: a forgotten profile must not send a local run to a real account."""
        return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}

    def environment(self) -> dict[str, str]:
        """For tools that act as the operator."""
        return {
            **self.plain_environment(),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def undertow_environment(self) -> dict[str, str]:
        """What the template gives each function, for processes that run outside of one."""
        return {
            "UNDERTOW_STAGE": STAGE,
            "UNDERTOW_TABLE_PREFIX": TABLE_PREFIX,
            "UNDERTOW_SSM_PREFIX": SSM_PREFIX,
            "UNDERTOW_LIQUIDATIONS_QUEUE_URL": self.output("LiquidationsQueueUrl"),
            "UNDERTOW_USER_EVENTS_QUEUE_URL": self.output("UserEventsQueueUrl"),
            "UNDERTOW_FOLLOW_UPS_QUEUE_URL": self.output("FollowUpsQueueUrl"),
            "UNDERTOW_TICKS_QUEUE_URL": self.output("TicksQueueUrl"),
            "UNDERTOW_ASTER_REST_URL": self._parameters["AsterRestUrl"],
            "UNDERTOW_ASTER_WS_URL": self._parameters["AsterWsUrl"],
        }

    def operator_environment(self) -> dict[str, str]:
        """For the command line, which does what the person at the keyboard may do."""
        return {**self.environment(), **self.undertow_environment()}

    def worker_environment(self) -> dict[str, str]:
        """For the stream worker, which gets the keys of its own role."""
        environment = self.operator_environment()
        del environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
        if self._task_role is None:
            self._task_role = TaskRole(self._assume_worker_role)
        return {**environment, **self._task_role.environment()}

    def _assume_worker_role(self) -> dict[str, Any]:
        answer = self.client("sts").assume_role(
            RoleArn=self.output("WorkerRoleArn"), RoleSessionName="stream-worker", DurationSeconds=SESSION_S
        )
        keys: dict[str, Any] = answer["Credentials"]
        return keys

    def clean(self) -> None:
        """What warm functions unpacked: each has its own copy of the layers, tens of thousands of files in all."""
        subprocess.run(["rm", "-rf", "--", self._places.scratch], check=False)

    def close(self) -> None:
        if self._task_role is not None:
            self._task_role.close()

    # --- use ------------------------------------------------------------------------------------------------------

    def client(self, service: str, read_timeout_s: float = 60.0) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106  the emulator's root, on loopback
            config=Config(read_timeout=read_timeout_s, retries={"max_attempts": 2}),
        )

    def output(self, name: str) -> str:
        return self._outputs[name]

    def api_url(self) -> str:
        return f"{self.endpoint}/restapis/{self.output('DashboardApiId')}/{STAGE}/_user_request_/"

    @property
    def execute_api(self) -> str:
        """Where the emulator serves sockets of every API, by the API's id and its stage."""
        return f"{LOOPBACK}:{self._port}/_aws/execute-api"

    def live_url(self) -> str:
        return f"ws://{self.execute_api}/{self.output('LiveApiId')}/{STAGE}"

    def invoke(self, function: str, event: str = "{}") -> dict[str, Any]:
        """Run a function now, a scheduled one without ``event``. One that raised is an error here as well."""
        answer = self.client("lambda").invoke(FunctionName=f"undertow-{STAGE}-{function}", Payload=event.encode())
        payload = json.loads(answer["Payload"].read() or b"{}")
        if answer.get("FunctionError"):
            raise CloudError(f"{function} failed: {json.dumps(payload)[:2000]}")
        return payload if isinstance(payload, dict) else {}

    def counts(self) -> dict[str, dict[str, int]]:
        """Requests to the emulator by operation, and entries of batched ones."""
        counts: dict[str, dict[str, int]] = (
            httpx.get(f"{self.endpoint}/_local/counts", timeout=10).raise_for_status().json()
        )
        return counts

    def save(self) -> None:
        httpx.get(f"{self.endpoint}/_local/save", timeout=60).raise_for_status()
