"""What each route sends, byte for byte where others compute with it, and that nothing secret is ever said."""

import hashlib
import hmac
import io
import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from undertow.adapters.memory import SettableClock
from undertow.adapters.notify.routes import OutwardRoutes, subject
from undertow.domain.alert import Alert, AlertLevel
from undertow.observability import JsonLines, Redactor
from undertow.ports import (
    DEAD_MAN,
    AlertRoute,
    DocumentsUnavailable,
    Notice,
    RouteFailed,
    RouteKind,
    RouteRefused,
)
from undertow.services.notice import notice_of

NOW_MS = 1_795_251_061_000
TOKEN = "123456:AAF-secret_token_of_a_bot_0123456789"
SIGNING = "a-secret-that-signs-bodies"
LEVELS = frozenset(AlertLevel)
TOPICS = {AlertLevel.CRITICAL: "arn:page", AlertLevel.HIGH: "arn:warn", AlertLevel.INFO: "arn:warn"}


@dataclass
class Kept:
    """Secrets of routes as a store gives them."""

    secrets: dict[str, dict[str, str]]
    failure: Exception | None = None

    def get(self, name: str, kind: str) -> Mapping[str, str] | None:
        if self.failure is not None:
            raise self.failure
        return self.secrets.get(name)

    def put(self, name: str, kind: str, fields: Mapping[str, str]) -> None:
        self.secrets[name] = dict(fields)


@dataclass
class Sns:
    published: list[dict[str, str]] = field(default_factory=list)
    failure: Exception | None = None

    def publish(self, **request: str) -> object:
        if self.failure is not None:
            raise self.failure
        self.published.append(request)
        return {}


def alert(**changes: Any) -> Alert:
    fields: dict[str, Any] = {
        "key": "difference#main#BTCUSDT#long",
        "level": AlertLevel.CRITICAL,
        "message": "the venue's position differs",
        "facts": {"symbol": "币安人生USDT"},
        "first_ms": NOW_MS - 60_000,
        "last_ms": NOW_MS,
        "told_ms": NOW_MS,
        "episode": 2,
        "count": 3,
    }
    return Alert(**{**fields, **changes})


def notice(**changes: Any) -> Notice:
    return notice_of(alert(**changes), "live")


Answer = Callable[[httpx.Request], httpx.Response]


@dataclass
class Rig:
    answer: Answer = field(default=lambda _: httpx.Response(200, json={"ok": True}))
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW_MS))
    sns: Sns = field(default_factory=Sns)
    redactor: Redactor = field(default_factory=Redactor)
    requests: list[httpx.Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kept = Kept(
            {
                "phone": {"bot_token": TOKEN, "chat_id": "-100200"},
                "room": {"url": "https://discord.com/api/webhooks/1/very-secret-path"},
                "robot": {"url": "https://robot.example/alerts", "secret": SIGNING},
                DEAD_MAN: {"url": "https://watch.example/ping/secret-id"},
            }
        )

        def handle(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            return self.answer(request)

        transport = httpx.MockTransport(handle)
        self.routes = OutwardRoutes(
            self.kept, lambda: self.sns, TOPICS.__getitem__, self.clock, self.redactor,
            http=lambda: httpx.Client(transport=transport),
        )  # fmt: skip

    def send(self, name: str, kind: RouteKind, **changes: Any) -> None:
        self.routes.send(AlertRoute(name, kind, LEVELS), notice(**changes))

    @property
    def body(self) -> Any:
        return json.loads(self.requests[-1].content)


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.routes.close()


def test_telegram_is_sent_plain_text(rig: Rig) -> None:
    rig.send("phone", RouteKind.TELEGRAM)
    (request,) = rig.requests
    assert (request.method, str(request.url)) == ("POST", f"https://api.telegram.org/bot{TOKEN}/sendMessage")
    assert rig.body == {"chat_id": "-100200", "text": notice().text, "link_preview_options": {"is_disabled": True}}


def test_discord_is_sent_text_that_calls_nobody_by_name(rig: Rig) -> None:
    rig.send("room", RouteKind.DISCORD, message="@everyone look")
    assert str(rig.requests[0].url) == "https://discord.com/api/webhooks/1/very-secret-path"
    assert rig.body == {"content": notice(message="@everyone look").text, "allowed_mentions": {"parse": []}}


@pytest.mark.parametrize(
    ("name", "kind", "longest"), [("phone", RouteKind.TELEGRAM, 4_096), ("room", RouteKind.DISCORD, 2_000)]
)
def test_a_text_is_cut_to_what_the_other_side_takes(rig: Rig, name: str, kind: RouteKind, longest: int) -> None:
    rig.send(name, kind, message="x" * 9_000)
    assert len(rig.body["text" if kind is RouteKind.TELEGRAM else "content"]) == longest


def test_a_webhook_gets_all_of_it_signed_with_the_moment(rig: Rig) -> None:
    rig.send("robot", RouteKind.WEBHOOK)
    (request,) = rig.requests
    assert rig.body == {
        "id": "difference#main#BTCUSDT#long#2",
        "state": "raised",
        "stage": "live",
        "key": "difference#main#BTCUSDT#long",
        "level": "critical",
        "title": "[live] CRITICAL: the venue's position differs",
        "message": "the venue's position differs",
        "resolution": "",
        "facts": {"symbol": "币安人生USDT"},
        "first_ms": NOW_MS - 60_000,
        "last_ms": NOW_MS,
        "resolved_ms": None,
        "count": 3,
        "runbook": 6,
        "sent_ms": NOW_MS,
    }
    signed = f"{NOW_MS}.".encode() + request.content
    wanted = hmac.new(SIGNING.encode(), signed, hashlib.sha256).hexdigest()
    assert request.headers["Undertow-Signature"] == f"t={NOW_MS},v1={wanted}"


def test_the_end_reaches_a_webhook_as_such(rig: Rig) -> None:
    rig.send("robot", RouteKind.WEBHOOK, resolved_ms=NOW_MS + 5, resolution="equal again")
    assert (rig.body["state"], rig.body["resolved_ms"], rig.body["resolution"]) == ("over", NOW_MS + 5, "equal again")


@pytest.mark.parametrize(("level", "topic"), list(TOPICS.items()))
def test_topics_are_chosen_by_level(rig: Rig, level: AlertLevel, topic: str) -> None:
    rig.send("topics", RouteKind.SNS, level=level)
    (published,) = rig.sns.published
    assert published["TopicArn"] == topic
    assert published["Message"] == notice(level=level).text
    assert rig.requests == []


def test_a_subject_is_what_sns_takes() -> None:
    assert subject("a\nb 币 " + "x" * 200) == ("a?b ? " + "x" * 200)[:99]


@pytest.mark.parametrize(
    ("answer", "wait_s"),
    [
        (httpx.Response(429, headers={"Retry-After": "7"}), 7),
        (httpx.Response(429, json={"retry_after": 1.5}), 1.5),
        (httpx.Response(429, json={"ok": False, "parameters": {"retry_after": 33}}), 33),
        (httpx.Response(429, text="<html>"), 60),
        (httpx.Response(429, headers={"Retry-After": "99999"}), 900),
    ],
)
def test_who_asks_to_be_left_alone_is(rig: Rig, answer: httpx.Response, wait_s: float) -> None:
    rig.answer = lambda _: answer
    with pytest.raises(RouteFailed) as failed:
        rig.send("room", RouteKind.DISCORD)
    assert failed.value.retry_after_s == wait_s
    rig.answer = lambda _: httpx.Response(204)
    rig.clock.advance(int(wait_s * 1000) - 1)
    with pytest.raises(RouteFailed):
        rig.send("room", RouteKind.DISCORD)
    assert len(rig.requests) == 1
    rig.send("phone", RouteKind.TELEGRAM)
    rig.clock.advance(1)
    rig.send("room", RouteKind.DISCORD)
    assert len(rig.requests) == 3


@pytest.mark.parametrize("status", [408, 500, 502, 503])
def test_trouble_that_passes_may_be_tried_again(rig: Rig, status: int) -> None:
    rig.answer = lambda _: httpx.Response(status)
    with pytest.raises(RouteFailed, match=str(status)):
        rig.send("room", RouteKind.DISCORD)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404])
def test_trouble_that_stays_is_a_refusal(rig: Rig, status: int) -> None:
    rig.answer = lambda _: httpx.Response(status, headers={"Location": "https://elsewhere.example"})
    with pytest.raises(RouteRefused, match=str(status)):
        rig.send("phone", RouteKind.TELEGRAM)
    assert len(rig.requests) == 1


def test_a_route_without_its_secret_refuses_and_says_what_to_do(rig: Rig) -> None:
    with pytest.raises(RouteRefused, match="undertow secrets put-route nobody"):
        rig.send("nobody", RouteKind.DISCORD)


def test_secrets_that_cannot_be_read_are_tried_again(rig: Rig) -> None:
    rig.kept.failure = DocumentsUnavailable("the store is away")
    with pytest.raises(RouteFailed):
        rig.send("phone", RouteKind.TELEGRAM)


def test_topics_that_are_away_are_tried_again(rig: Rig) -> None:
    rig.sns.failure = ClientError({"Error": {"Code": "ServiceUnavailable", "Message": ""}}, "Publish")
    with pytest.raises(RouteFailed):
        rig.send("topics", RouteKind.SNS)


def test_the_dead_man_is_called_with_nothing_but_its_address(rig: Rig) -> None:
    rig.routes.ping()
    (request,) = rig.requests
    assert (request.method, str(request.url), request.content) == ("GET", "https://watch.example/ping/secret-id", b"")


@pytest.mark.parametrize(
    ("name", "kind"), [("phone", RouteKind.TELEGRAM), ("room", RouteKind.DISCORD), ("robot", RouteKind.WEBHOOK)]
)
def test_no_error_and_no_log_line_shows_a_token_or_an_address(rig: Rig, name: str, kind: RouteKind) -> None:
    def breaks(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"cannot reach {request.url}", request=request)

    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines("notify", "live", rig.redactor))
    logger = logging.getLogger("of this test")
    logger.addHandler(handler)
    for answer in (breaks, lambda _: httpx.Response(403, text=f"bad {TOKEN}"), lambda _: httpx.Response(500)):
        rig.answer = answer
        try:
            rig.send(name, kind)
        except (RouteFailed, RouteRefused) as trouble:
            logger.exception("trouble", extra={"cause": str(trouble)})
    logger.removeHandler(handler)
    logged = stream.getvalue()
    assert logged.count("trouble") >= 3
    for secret in (TOKEN, "very-secret-path", SIGNING, "robot.example"):
        assert secret not in logged


# --- over real sockets ----------------------------------------------------------------------------------------------


@contextmanager
def server(status: int = 200) -> Iterator[tuple[str, list[tuple[str, dict[str, str], bytes]]]]:
    seen: list[tuple[str, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, dict(self.headers), body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Not into the output of the tests."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}", seen
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()


def test_over_real_sockets_each_route_arrives() -> None:
    with server() as (address, seen):
        kept = Kept(
            {
                "phone": {"bot_token": TOKEN, "chat_id": "7"},
                "room": {"url": f"{address}/room"},
                "robot": {"url": f"{address}/robot", "secret": SIGNING},
            }
        )
        routes = OutwardRoutes(
            kept, Sns, TOPICS.__getitem__, SettableClock(NOW_MS), Redactor(), telegram=f"{address}/telegram"
        )
        for name, kind in (("phone", RouteKind.TELEGRAM), ("room", RouteKind.DISCORD), ("robot", RouteKind.WEBHOOK)):
            routes.send(AlertRoute(name, kind, LEVELS), notice())
        routes.close()
    assert [path for path, _, _ in seen] == [f"/telegram/bot{TOKEN}/sendMessage", "/room", "/robot"]
    assert all(headers["Content-Type"] == "application/json" for _, headers, _ in seen)
    assert json.loads(seen[0][2])["text"] == notice().text


def test_over_real_sockets_nobody_listening_is_trouble_that_passes() -> None:
    with server() as (address, _):
        pass
    routes = OutwardRoutes(
        Kept({"room": {"url": f"{address}/room"}}), Sns, TOPICS.__getitem__, SettableClock(NOW_MS), Redactor()
    )
    with pytest.raises(RouteFailed, match="ConnectError"):
        routes.send(AlertRoute("room", RouteKind.DISCORD, LEVELS), notice())
    routes.close()
