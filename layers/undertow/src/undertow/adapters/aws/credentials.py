"""Where the worker's AWS credentials come from: its task role, or fixed keys on a developer's machine."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

import httpx

from undertow.adapters.aws.signing import Credentials
from undertow.ports import Clock

TASK_METADATA: Final = "http://169.254.170.2"
"""The address inside every Fargate task where its role's keys are handed out."""
RENEW_BEFORE_MS: Final = 15 * 60_000
"""Keys of a role last hours; they are renewed early enough to survive some failing attempts."""


class NoCredentials(Exception):
    """There are no keys to sign with, and nothing can be sent."""


class CredentialSource(Protocol):
    async def current(self) -> Credentials:
        """Raises NoCredentials."""
        ...


class FixedCredentials:
    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    async def current(self) -> Credentials:
        return self._credentials


class RoleCredentials:
    """Keys of the task's role. While renewing fails, the old ones serve until they end."""

    def __init__(self, http: httpx.AsyncClient, url: str, clock: Clock, authorization: str | None = None) -> None:
        self._http = http
        self._url = url
        self._clock = clock
        self._headers = {} if authorization is None else {"authorization": authorization}
        self._credentials: Credentials | None = None

    async def current(self) -> Credentials:
        held = self._credentials
        if held is not None and self._left_ms(held) > RENEW_BEFORE_MS:
            return held
        try:
            self._credentials = held = await self._fetch()
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            if held is None or self._left_ms(held) <= 0:
                raise NoCredentials(f"the role's keys cannot be read: {type(error).__name__}") from error
        return held

    def _left_ms(self, credentials: Credentials) -> int:
        return (credentials.expires_at_ms or 0) - self._clock.now_ms()

    async def _fetch(self) -> Credentials:
        answer = await self._http.get(self._url, headers=self._headers)
        answer.raise_for_status()
        given = answer.json()
        expires_at = datetime.fromisoformat(given["Expiration"].replace("Z", "+00:00"))
        return Credentials(
            given["AccessKeyId"], given["SecretAccessKey"], given["Token"], int(expires_at.timestamp() * 1000)
        )


def credential_source(env: Mapping[str, str], http: httpx.AsyncClient, clock: Clock) -> CredentialSource:
    """As the SDKs choose: keys from the environment first, then the container's role. Raises NoCredentials."""
    access_key, secret_key = env.get("AWS_ACCESS_KEY_ID"), env.get("AWS_SECRET_ACCESS_KEY")
    if access_key and secret_key:
        return FixedCredentials(Credentials(access_key, secret_key, env.get("AWS_SESSION_TOKEN") or None))
    authorization = env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    if relative := env.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        return RoleCredentials(http, TASK_METADATA + relative, clock, authorization)
    if full := env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        return RoleCredentials(http, full, clock, authorization)
    raise NoCredentials("neither AWS_ACCESS_KEY_ID nor AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is set")
