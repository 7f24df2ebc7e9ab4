"""The small AWS client, compared with the SDK where both exist."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SdkCredentials

from undertow.adapters.aws.client import DYNAMODB, SQS, AwsFailed, AwsJson, AwsRefused, endpoints
from undertow.adapters.aws.credentials import (
    FixedCredentials,
    NoCredentials,
    RoleCredentials,
    credential_source,
)
from undertow.adapters.aws.signing import Credentials, signed_headers
from undertow.adapters.memory.clock import SettableClock

NOW_MS = 1_765_416_983_918
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

Handler = Callable[[httpx.Request], httpx.Response]


def run(wanted: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(wanted)


def client(handler: Handler, clock: SettableClock | None = None, **options: Any) -> AwsJson:
    http = httpx.AsyncClient(transport=httpx.MockTransport(handler))
    return AwsJson(http, FixedCredentials(KEYS), "eu-central-1", clock or SettableClock(NOW_MS), **options)


@pytest.mark.parametrize("token", [None, "session-token"])
def test_the_signature_is_the_one_the_sdk_makes(token: str | None) -> None:
    body = '{"QueueUrl":"https://example/币"}'.encode()
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessageBatch"}
    host = "sqs.eu-central-1.amazonaws.com"
    keys = Credentials(KEYS.access_key, KEYS.secret_key, token)
    ours = signed_headers("sqs", "eu-central-1", host, headers, body, keys, NOW_MS)

    stamp = datetime.fromtimestamp(NOW_MS / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    request = AWSRequest("POST", f"https://{host}/", data=body, headers={**headers, "X-Amz-Date": stamp})
    request.context["timestamp"] = stamp
    if token is not None:
        request.headers["X-Amz-Security-Token"] = token
    sdk = SigV4Auth(SdkCredentials(keys.access_key, keys.secret_key, token), "sqs", "eu-central-1")
    canonical = sdk.canonical_request(request)
    signature = sdk.signature(sdk.string_to_sign(request, canonical), request)
    assert ours["authorization"].endswith(f"Signature={signature}")
    assert f"SignedHeaders={sdk.signed_headers(sdk.headers_to_sign(request))}," in ours["authorization"]


def test_a_call_names_its_action_and_returns_the_answer() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"Successful": []})

    assert run(client(answer).call(SQS, "SendMessageBatch", {"QueueUrl": "q"})) == {"Successful": []}
    (request,) = seen
    assert str(request.url) == "https://sqs.eu-central-1.amazonaws.com/"
    assert request.headers["x-amz-target"] == "AmazonSQS.SendMessageBatch"
    assert request.headers["content-type"] == "application/x-amz-json-1.0"
    assert json.loads(request.content) == {"QueueUrl": "q"}


def test_a_refusal_carries_the_code_of_the_service() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(
            400, json={"__type": "com.amazonaws.dynamodb.v20120810#ValidationException", "message": "no"}
        )

    with pytest.raises(AwsRefused, match="no") as caught:
        run(client(answer).call(DYNAMODB, "PutItem", {}))
    assert caught.value.code == "ValidationException"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500, json={"__type": "InternalFailure"}),
        httpx.Response(503, text="<html>"),
        httpx.Response(200, text="not json"),
        httpx.Response(403, text="<html>"),
    ],
)
def test_whatever_is_neither_yes_nor_no_is_a_failure_of_unknown_effect(answer: httpx.Response) -> None:
    with pytest.raises(AwsFailed) as caught:
        run(client(lambda _: answer).call(SQS, "SendMessageBatch", {}))
    assert not isinstance(caught.value, AwsRefused)


def test_a_timeout_is_a_failure() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late", request=request)

    with pytest.raises(AwsFailed, match="ReadTimeout"):
        run(client(answer).call(SQS, "SendMessageBatch", {}))


def test_the_sdk_variables_for_other_addresses_are_obeyed() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, json={})

    env = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:8000"}
    aws = client(answer, endpoints=endpoints(env))
    run(aws.call(SQS, "SendMessageBatch", {}))
    run(aws.call(DYNAMODB, "PutItem", {}))
    assert seen == ["http://127.0.0.1:4566/", "http://127.0.0.1:8000/"]


def role_answer(expires_at: str, number: int) -> httpx.Response:
    return httpx.Response(
        200, json={"AccessKeyId": f"K{number}", "SecretAccessKey": "s", "Token": "t", "Expiration": expires_at}
    )


def test_keys_of_a_role_are_kept_and_renewed_before_they_end() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return role_answer("2025-12-11T08:00:00Z", len(asked))

    clock = SettableClock(int(datetime(2025, 12, 11, 7, 0, tzinfo=UTC).timestamp() * 1000))
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    source = credential_source({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/x"}, http, clock)
    assert run(source.current()).access_key == "K1"
    assert run(source.current()).access_key == "K1"
    clock.advance(46 * 60_000)
    assert run(source.current()).access_key == "K2"
    assert asked == ["http://169.254.170.2/v2/credentials/x"] * 2


def test_old_keys_of_a_role_serve_while_renewing_fails_and_not_a_moment_longer() -> None:
    answers = [role_answer("2025-12-11T08:00:00Z", 1)]

    def answer(request: httpx.Request) -> httpx.Response:
        return answers.pop() if answers else httpx.Response(500)

    clock = SettableClock(int(datetime(2025, 12, 11, 7, 0, tzinfo=UTC).timestamp() * 1000))
    source = RoleCredentials(httpx.AsyncClient(transport=httpx.MockTransport(answer)), "http://role/", clock)
    run(source.current())
    clock.advance(59 * 60_000)
    assert run(source.current()).access_key == "K1"
    clock.advance(60_000)
    with pytest.raises(NoCredentials):
        run(source.current())


@pytest.mark.parametrize(
    ("env", "access_key"),
    [
        ({"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B"}, "A"),
        (
            {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://x"},
            "A",
        ),
    ],
)
def test_keys_in_the_environment_come_first(env: Mapping[str, str], access_key: str) -> None:
    assert run(credential_source(env, httpx.AsyncClient(), SettableClock()).current()).access_key == access_key


def test_no_credentials_at_all_are_said_so() -> None:
    with pytest.raises(NoCredentials, match="AWS_ACCESS_KEY_ID"):
        credential_source({}, httpx.AsyncClient(), SettableClock())


def test_a_secret_is_never_shown() -> None:
    assert "wJalr" not in repr(KEYS)
