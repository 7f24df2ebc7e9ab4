"""Events of the gateway and of the queue in, messages on sockets out."""

import json
from typing import Any

import pytest
from tests.functions.console_world import new_documents
from tests.services.world import World

from undertow.adapters.memory import MemorySockets
from undertow.adapters.ssm.tokens import SsmTokens
from undertow.domain.feed import News, NewsKind
from undertow.live_door import LONGEST_MESSAGE, live_door
from undertow.ports import StoreBusy
from undertow.services.feed.listen import Listen
from undertow.services.feed.live import Live
from undertow.services.feed.push import PushNews


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 8_000


class Gateway:
    """Hands the door what a socket does, as the gateway would."""

    def __init__(self, world: World) -> None:
        kept, clock = world.desk.repositories, world.clock
        self.world, self.kept, self.sockets, self.built = world, kept, MemorySockets(), 0
        self.tokens = SsmTokens(new_documents().parameters, "/undertow/test", clock)

        def make() -> Live:
            self.built += 1
            listen = Listen(kept.feed, kept.connections, self.sockets, self.tokens, clock)
            return Live(listen, PushNews(kept.feed, kept.connections, self.sockets, clock, lambda _: None))

        self.door = live_door(make)

    def happens(self, kind: str, connection: str = "a", body: str = "") -> int:
        context = {"routeKey": "any", "eventType": kind, "connectionId": connection, "stage": "test"}
        return int(self.door({"requestContext": context, "body": body}, Context())["statusCode"])

    def says(self, connection: str = "a", **said: object) -> int:
        return self.happens("MESSAGE", connection, json.dumps(said))

    def subscribes(self, connection: str = "a") -> str:
        token = self.tokens.create(frozenset({"read"}), days=1)[1]
        assert self.says(connection, action="subscribe", token=token, after=None) == 200
        return token

    def queue(self, *bodies: str) -> Any:
        return self.door({"Records": [{"messageId": str(n), "body": one} for n, one in enumerate(bodies)]}, Context())

    def told(self, connection: str = "a") -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.sockets.told(connection)]


@pytest.fixture
def gateway(world: World) -> Gateway:
    return Gateway(world)


def test_opening_a_socket_reads_nothing_and_keeps_nothing(gateway: Gateway) -> None:
    assert gateway.happens("CONNECT") == 200
    assert gateway.built == 0
    assert gateway.kept.connections.get("a") is None


def test_a_page_subscribes_pings_and_leaves(gateway: Gateway) -> None:
    gateway.happens("CONNECT")
    gateway.subscribes()
    assert gateway.says(action="ping") == 200
    assert [message["type"] for message in gateway.told()] == ["subscribed", "pong"]
    assert gateway.happens("DISCONNECT") == 200
    assert gateway.kept.connections.get("a") is None


def test_the_token_of_a_page_is_written_down_nowhere(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    token = gateway.subscribes()
    kept = gateway.kept.connections.get("a")
    assert kept is not None
    secret = token.split("_", 2)[2]
    assert secret not in repr(kept)
    assert secret not in "".join(gateway.sockets.told("a"))
    assert secret not in caplog.text


def test_a_message_that_is_too_long_is_not_looked_at(gateway: Gateway) -> None:
    assert gateway.happens("MESSAGE", body="x" * (LONGEST_MESSAGE + 1)) == 413
    assert gateway.built == 0


def test_news_that_the_queue_tells_of_reaches_every_page_once(gateway: Gateway) -> None:
    gateway.subscribes("a")
    gateway.subscribes("b")
    news = [News(NewsKind.ORDER, 1, "main", {"n": number}) for number in range(3)]
    events = [gateway.kept.feed.publish([one], gateway.world.clock.now_ms())[0] for one in news]
    calls = [json.dumps({"first": event.seq, "last": event.seq}) for event in events]
    assert gateway.queue(*calls) == {"batchItemFailures": []}
    gateway.queue(calls[-1])  # delivered twice
    for connection in ("a", "b"):
        (told,) = [message for message in gateway.told(connection) if message["type"] == "events"]
        assert [event["data"] for event in told["events"]] == [{"n": 0}, {"n": 1}, {"n": 2}]


@pytest.mark.parametrize("body", ["", "no json", "{}", '{"first": 3, "last": 1}', '{"first": "1", "last": 2}'])
def test_a_call_that_is_not_understood_does_not_keep_the_others_waiting(gateway: Gateway, body: str) -> None:
    gateway.subscribes()
    (event,) = gateway.kept.feed.publish([News(NewsKind.ORDER, 1, "main", {})], gateway.world.clock.now_ms())
    assert gateway.queue(body, json.dumps({"first": event.seq, "last": event.seq})) == {"batchItemFailures": []}
    assert gateway.told()[-1]["type"] == "events"


def test_tables_that_are_busy_are_no_error_of_the_socket() -> None:
    def busy() -> Live:
        raise StoreBusy("throttled")

    door = live_door(busy)
    message = {"requestContext": {"eventType": "MESSAGE", "connectionId": "a"}, "body": '{"action": "ping"}'}
    assert door(message, Context()) == {"statusCode": 503}
