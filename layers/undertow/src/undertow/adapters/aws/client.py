"""Calls of AWS services that speak JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from undertow.adapters.aws.credentials import CredentialSource, NoCredentials
from undertow.adapters.aws.signing import signed_headers
from undertow.ports import Clock


@dataclass(frozen=True, slots=True)
class Service:
    """How a service is addressed: by its host name, its target prefix and its version of the protocol."""

    name: str
    target: str
    version: str


SQS: Final = Service("sqs", "AmazonSQS", "1.0")
DYNAMODB: Final = Service("dynamodb", "DynamoDB_20120810", "1.0")
SSM: Final = Service("ssm", "AmazonSSM", "1.1")


class AwsFailed(Exception):
    """A call did not succeed. It may or may not have taken effect, so only what is idempotent may be sent again."""


class AwsRefused(AwsFailed):
    """The service says that it did not do it, and why. ``code`` is the service's own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message[:300]}")
        self.code = code


class AwsJson:
    """One region, one set of credentials, any number of calls at once."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        credentials: CredentialSource,
        region: str,
        clock: Clock,
        endpoints: Mapping[str, str] | None = None,
    ) -> None:
        """``endpoints`` gives base addresses by service name; ``*`` stands for every other service."""
        self._http = http
        self._credentials = credentials
        self._region = region
        self._clock = clock
        self._endpoints = endpoints or {}

    async def call(self, service: Service, action: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Raises AwsRefused for an answer that says no, AwsFailed for anything else that is not a yes."""
        url = self._url(service.name)
        body = json.dumps(arguments, separators=(",", ":")).encode()
        headers = {
            "content-type": f"application/x-amz-json-{service.version}",
            "x-amz-target": f"{service.target}.{action}",
        }
        try:
            credentials = await self._credentials.current()
            signed = signed_headers(
                service.name, self._region, urlsplit(url).netloc, headers, body, credentials, self._clock.now_ms()
            )
            answer = await self._http.post(url, content=body, headers=signed)
        except (httpx.HTTPError, NoCredentials) as error:
            raise AwsFailed(f"{service.name} {action}: {type(error).__name__} {error}") from error
        return _read(answer, service, action)

    def _url(self, service: str) -> str:
        given = self._endpoints.get(service) or self._endpoints.get("*")
        if given:
            return given.rstrip("/") + "/"
        suffix = "amazonaws.com.cn" if self._region.startswith("cn-") else "amazonaws.com"
        return f"https://{service}.{self._region}.{suffix}/"


def _read(answer: httpx.Response, service: Service, action: str) -> dict[str, Any]:
    try:
        content = json.loads(answer.content) if answer.content else {}
    except ValueError:
        content = None
    if answer.status_code == 200 and isinstance(content, dict):
        return content
    if 400 <= answer.status_code < 500 and isinstance(content, dict):
        # The code is the end of a shape's name: com.amazonaws.sqs#QueueDoesNotExist.
        code = str(content.get("__type", answer.status_code)).rpartition("#")[2]
        raise AwsRefused(code, str(content.get("message") or content.get("Message") or ""))
    raise AwsFailed(f"{service.name} {action}: HTTP {answer.status_code}")


def endpoints(env: Mapping[str, str]) -> dict[str, str]:
    """The addresses that the SDKs' own variables give: ``AWS_ENDPOINT_URL`` and ``AWS_ENDPOINT_URL_<SERVICE>``."""
    given = {service.name: env.get(f"AWS_ENDPOINT_URL_{service.name.upper()}", "") for service in (SQS, DYNAMODB, SSM)}
    given["*"] = env.get("AWS_ENDPOINT_URL", "")
    return {name: url for name, url in given.items() if url}
