"""Tells people: topics of AWS, Telegram, Discord, and any program that takes a signed JSON body over HTTP.

Nothing here puts an address or a token into an error: https://core.telegram.org/bots/api#making-requests has the token
in the address, and a Discord webhook's address is its password.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from undertow.domain.alert import AlertLevel
from undertow.domain.json_text import Json, NotJson, read_object, write_json
from undertow.ports import (
    DEAD_MAN,
    AlertRoute,
    Clock,
    DocumentsUnavailable,
    Notice,
    RouteFailed,
    RouteKind,
    RouteRefused,
    RouteSecrets,
)

if TYPE_CHECKING:
    from undertow.observability import Redactor

TELEGRAM: Final = "https://api.telegram.org"
LONGEST_TELEGRAM: Final = 4_096
LONGEST_DISCORD: Final = 2_000
LONGEST_SUBJECT: Final = 99
TIMEOUT_S: Final = 4.0
LONGEST_WAIT_S: Final = 900.0
SIGNATURE: Final = "Undertow-Signature"


def new_client() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT_S, follow_redirects=False)


class Topics(Protocol):
    """The part of the SNS client that is used here."""

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> object: ...


@dataclass(slots=True)
class OutwardRoutes:
    """Implements ``ports.Routes``. ``sns`` and ``http`` are made at first use, ``topics`` are those of AWS by level."""

    secrets: RouteSecrets
    sns: Callable[[], Topics]
    topics: Callable[[AlertLevel], str]
    clock: Clock
    redactor: "Redactor"
    http: Callable[[], httpx.Client] = new_client
    telegram: str = TELEGRAM
    _client: httpx.Client | None = None
    _not_before_ms: dict[str, int] = field(default_factory=dict)

    def send(self, route: AlertRoute, notice: Notice) -> None:
        left_ms = self._not_before_ms.get(route.name, 0) - self.clock.now_ms()
        if left_ms > 0:
            raise RouteFailed("it asked to be left alone for a while", left_ms / 1000)
        try:
            self._send(route, notice)
        except RouteFailed as failed:
            if failed.retry_after_s > 0:
                self._not_before_ms[route.name] = self.clock.now_ms() + int(failed.retry_after_s * 1000)
            raise

    def ping(self) -> None:
        self._answered(self._request("GET", self._secret(DEAD_MAN, DEAD_MAN)["url"]))

    def close(self) -> None:
        """Close what was opened. A function never does: its sockets end with it."""
        if self._client is not None:
            self._client.close()

    def _send(self, route: AlertRoute, notice: Notice) -> None:
        match route.kind:
            case RouteKind.SNS:
                self._publish(notice)
            case RouteKind.TELEGRAM:
                secret = self._secret(route.name, route.kind)
                address = f"{self.telegram}/bot{secret['bot_token']}/sendMessage"
                self._post(address, telegram_body(secret["chat_id"], notice))
            case RouteKind.DISCORD:
                self._post(self._secret(route.name, route.kind)["url"], discord_body(notice))
            case RouteKind.WEBHOOK:
                secret = self._secret(route.name, route.kind)
                sent_ms = self.clock.now_ms()
                body = webhook_body(notice, sent_ms)
                self._post(secret["url"], body, {SIGNATURE: signature(secret["secret"], sent_ms, body)})

    def _publish(self, notice: Notice) -> None:
        try:
            self.sns().publish(
                TopicArn=self.topics(notice.alert.level), Subject=subject(notice.title), Message=notice.text
            )
        except (ClientError, BotoCoreError) as error:
            raise RouteFailed(f"the topic was not reached: {error}") from error

    def _secret(self, name: str, kind: str) -> Mapping[str, str]:
        try:
            secret = self.secrets.get(name, kind)
        except DocumentsUnavailable as error:
            raise RouteFailed(str(error)) from error
        if secret is None:
            raise RouteRefused(f"it has no secret of its kind: `undertow secrets put-route {name}`")
        self.redactor.add(secret.values())
        return secret

    def _post(self, address: str, body: str, headers: Mapping[str, str] | None = None) -> None:
        self._answered(self._request("POST", address, body, {"Content-Type": "application/json", **(headers or {})}))

    def _request(
        self, method: str, address: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        if self._client is None:
            self._client = self.http()
        try:
            return self._client.request(method, address, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # The class alone: the text names the address, and so does the cause.
            raise RouteFailed(f"no answer: {type(error).__name__}") from None

    def _answered(self, answer: httpx.Response) -> None:
        if answer.is_success:
            return
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise RouteFailed("HTTP 429", retry_after_s(answer))
        if answer.status_code == httpx.codes.REQUEST_TIMEOUT or answer.is_server_error:
            raise RouteFailed(f"HTTP {answer.status_code}")
        raise RouteRefused(f"HTTP {answer.status_code}")


def telegram_body(chat_id: str, notice: Notice) -> str:
    """Without a parse mode the text is taken as it is: nothing in it can be a command or a link."""
    return write_json(
        {"chat_id": chat_id, "text": notice.text[:LONGEST_TELEGRAM], "link_preview_options": {"is_disabled": True}}
    )


def discord_body(notice: Notice) -> str:
    return write_json({"content": notice.text[:LONGEST_DISCORD], "allowed_mentions": {"parse": []}})


def webhook_body(notice: Notice, sent_ms: int) -> str:
    alert = notice.alert
    return write_json(
        {
            "id": f"{alert.key}#{alert.episode}",
            "state": "raised" if alert.is_open else "over",
            "stage": notice.stage,
            "key": alert.key,
            "level": alert.level.value,
            "title": notice.title,
            "message": alert.message,
            "resolution": alert.resolution,
            "facts": dict(alert.facts),
            "first_ms": alert.first_ms,
            "last_ms": alert.last_ms,
            "resolved_ms": alert.resolved_ms,
            "count": alert.count,
            "runbook": notice.runbook,
            "sent_ms": sent_ms,
        }
    )


def signature(secret: str, sent_ms: int, body: str) -> str:
    """Over the moment as well: who keeps a body cannot send it again as a new one."""
    made = hmac.new(secret.encode(), f"{sent_ms}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={sent_ms},v1={made}"


def subject(title: str) -> str:
    """SNS takes less than 100 ASCII characters without line breaks."""
    plain = "".join(letter if " " <= letter <= "~" else "?" for letter in title)
    return plain[:LONGEST_SUBJECT]


def retry_after_s(answer: httpx.Response) -> float:
    """Seconds, by the header or as Discord and Telegram say it in the body; a minute when it cannot be read."""
    said = [answer.headers.get("Retry-After", "")]
    try:
        body = read_object(answer.text)
        parameters = body.get("parameters")
        said += [_as_text(body.get("retry_after"))]
        said += [_as_text(parameters.get("retry_after"))] if isinstance(parameters, Mapping) else []
    except NotJson:
        pass
    for one in said:
        if one.isascii() and one.replace(".", "", 1).isdigit():
            return min(float(one), LONGEST_WAIT_S)
    return 60.0


def _as_text(value: Json) -> str:
    return "" if value is None else str(value)
