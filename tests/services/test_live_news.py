"""Live news over memory: who is told what, who is told nothing, and what it costs when nobody looks."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from tests.functions.console_world import MarksOfATest, new_console, new_documents
from tests.services.world import ACCOUNT, World
from tests.unit.builders import BTC

from undertow.adapters.memory import MemorySockets, RecordingMeter
from undertow.adapters.ssm.tokens import SsmTokens
from undertow.domain.account import Control, Switch
from undertow.domain.alert import Alert, AlertLevel
from undertow.domain.feed import CONNECTED_FOR_MS, LEEWAY_MS, WATCHED_FOR_MS, Change, NewsKind
from undertow.domain.guard import AccountGuard, Block, BlockKind
from undertow.domain.market import PositionSide
from undertow.services.feed.describe import Describe
from undertow.services.feed.listen import MOST_SOCKETS, Listen
from undertow.services.feed.push import MOST_BYTES, PushNews, portions
from undertow.services.feed.record import RecordNews
from undertow.services.views.sources import Sources


@dataclass
class Called:
    """Calls the pusher at once, or keeps the calls for later."""

    push: PushNews
    held: bool = False
    calls: list[tuple[int, int]] = field(default_factory=list)

    def call(self, first: int, last: int) -> None:
        self.calls.append((first, last))
        if not self.held:
            self.push(first, last)


@dataclass
class Room:
    """Everything live of one desk, with sockets that remember what was said on them."""

    world: World
    sources: Sources
    tokens: SsmTokens
    sockets: MemorySockets = field(default_factory=MemorySockets)
    rests: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        kept, clock = self.world.desk.repositories, self.world.clock
        self.feed, self.connections = kept.feed, kept.connections
        self.listen = Listen(self.feed, self.connections, self.sockets, self.tokens, clock)
        self.push = PushNews(self.feed, self.connections, self.sockets, clock, self.rests.append)
        self.heralds = Called(self.push)
        self.record = RecordNews(self.feed, self.heralds, Describe(self.sources), clock, RecordingMeter())

    def token(self, *scopes: str) -> str:
        return self.tokens.create(frozenset(scopes), days=1)[1]

    def say(self, connection: str, **said: object) -> list[dict[str, Any]]:
        """What the socket hears because of it."""
        before = len(self.sockets.told(connection))
        self.listen.hear(connection, json.dumps(said))
        return [json.loads(text) for text in self.sockets.told(connection)[before:]]

    def subscribe(self, connection: str, token: str | None = None, after: int | None = None) -> list[dict[str, Any]]:
        return self.say(connection, action="subscribe", token=token or self.token("read"), after=after)

    def heard(self, connection: str) -> list[dict[str, Any]]:
        told = (json.loads(text) for text in self.sockets.told(connection))
        return [event for message in told if message["type"] == "events" for event in message["events"]]


@pytest.fixture
def room(world: World) -> Room:
    documents = new_documents()
    console = new_console(world, documents, MarksOfATest())
    return Room(world, console.sources, SsmTokens(documents.parameters, "/undertow/test", world.clock))


def switched(room: Room, by: str = "a person") -> Control:
    return Control(ACCOUNT.id, Switch.PAUSED, room.world.clock.now_ms(), by, "", 2)


def alert(room: Room, message: str) -> Alert:
    now_ms = room.world.clock.now_ms()
    return Alert("worker_silent", AlertLevel.HIGH, message, {}, now_ms, now_ms, now_ms, 1)


def test_while_nobody_looks_rows_become_no_news_and_nobody_is_called(room: Room) -> None:
    room.record([switched(room)])
    assert room.heralds.calls == []
    seq = room.feed.watch(room.world.clock.now_ms())
    assert room.feed.after(seq, 10).events == ()


def test_a_page_that_subscribed_is_told_once_what_happens(room: Room) -> None:
    (subscribed,) = room.subscribe("a")
    room.record([switched(room, "anna")])
    events = room.heard("a")
    assert [event["kind"] for event in events] == ["switch", "trade_block"]
    assert [event["seq"] for event in events] == [subscribed["seq"] + 1, subscribed["seq"] + 2]
    assert (events[0]["account"], events[0]["data"]["by"]) == (ACCOUNT.id, "anna")


def test_a_position_is_told_as_the_page_shows_it_with_the_risk_it_takes(room: Room) -> None:
    room.world.holding()
    room.subscribe("a")
    slot = room.world.desk.repositories.ledger.slot(ACCOUNT.id, BTC, PositionSide.LONG)
    room.record([slot])
    position, risk = room.heard("a")
    assert (position["kind"], risk["kind"]) == ("position", "risk")
    assert (position["data"]["symbol"], position["data"]["open"], position["data"]["mark_price"]) == (BTC, True, None)
    assert {"filledRiskPercentage", "reservedRiskPercentage"} <= risk["data"].keys()
    room.record([slot.with_position(None)])
    assert [event["data"]["open"] for event in room.heard("a") if event["kind"] == "position"] == [True, False]


def test_a_block_that_the_monitor_sets_is_told_with_what_ends_it(room: Room) -> None:
    room.subscribe("a")
    block = Block("Daily loss", 1, "the day lost 5 %", "tomorrow")
    guard = AccountGuard(ACCOUNT.id).with_block(block, BlockKind.DAILY_LOSS)
    room.record([guard])
    (told,) = room.heard("a")
    assert told["kind"] == NewsKind.TRADE_BLOCK.value
    assert all({"kind", "scope", "reason", "clears"} <= row.keys() for row in told["data"]["blocks"])


@pytest.mark.parametrize("said", [None, "ut_abcdefgh_nothing", 7, ["x"]])
def test_a_socket_without_a_valid_token_is_refused_and_told_nothing(room: Room, said: object) -> None:
    (answer,) = room.say("a", action="subscribe", token=said, after=None)
    assert (answer["type"], answer["code"]) == ("refused", "token_refused")
    room.subscribe("b")
    room.record([switched(room)])
    assert room.heard("a") == []
    assert room.heard("b") != []


@pytest.mark.parametrize("scopes", [("pause",), ("write",), ("pause", "write")])
def test_a_token_that_may_not_read_hears_nothing(room: Room, scopes: Sequence[str]) -> None:
    (answer,) = room.subscribe("a", room.token(*scopes))
    assert answer["type"] == "refused"
    assert room.connections.all(room.world.clock.now_ms()) == []


def test_a_revoked_token_loses_its_socket_with_the_next_ping(room: Room) -> None:
    token = room.token("read")
    room.subscribe("a", token)
    assert [answer["type"] for answer in room.say("a", action="ping")] == ["pong"]
    room.tokens.revoke(token.split("_")[1])
    (answer,) = room.say("a", action="ping")
    assert (answer["type"], answer["code"]) == ("refused", "token_refused")
    room.feed.watch(room.world.clock.now_ms())
    room.record([switched(room)])
    assert room.heard("a") == []


def test_a_revoked_token_that_keeps_silent_is_told_nothing_after_ninety_seconds(room: Room) -> None:
    token = room.token("read")
    room.subscribe("a", token)
    room.tokens.revoke(token.split("_")[1])
    room.world.clock.advance(CONNECTED_FOR_MS)
    room.feed.watch(room.world.clock.now_ms())
    room.record([switched(room)])
    assert room.heard("a") == []
    (answer,) = room.say("a", action="resend", after=1)
    assert answer["type"] == "refused"


def test_what_was_missed_is_told_again_from_the_number_that_is_known(room: Room) -> None:
    (subscribed,) = room.subscribe("a")
    room.heralds.held = True
    for number in range(3):
        room.record([alert(room, f"news {number}")])
    (again,) = room.say("a", action="resend", after=subscribed["seq"] + 1)
    assert (again["type"], again["first"], again["last"]) == ("events", subscribed["seq"] + 2, subscribed["seq"] + 3)
    assert [event["data"]["message"] for event in again["events"]] == ["news 1", "news 2"]
    back = room.subscribe("b", after=subscribed["seq"])
    assert [message["type"] for message in back] == ["subscribed", "events"]
    assert len(back[1]["events"]) == 3


def test_who_was_away_while_nobody_watched_is_told_to_take_a_snapshot(room: Room) -> None:
    (subscribed,) = room.subscribe("a")
    room.world.clock.advance(WATCHED_FOR_MS + LEEWAY_MS + 1)
    room.record([switched(room)])
    answers = room.subscribe("a", after=subscribed["seq"])
    assert [answer["type"] for answer in answers] == ["subscribed", "reset"]
    assert answers[1]["seq"] == answers[0]["seq"] > subscribed["seq"]


def test_after_a_time_without_watchers_the_first_news_is_told_too(room: Room) -> None:
    room.subscribe("a")
    room.record([alert(room, "before")])
    room.world.clock.advance(WATCHED_FOR_MS + LEEWAY_MS + 1)
    room.subscribe("b")
    room.record([alert(room, "after")])
    assert [event["data"]["message"] for event in room.heard("b")] == ["after"]


def test_a_socket_that_is_gone_is_forgotten_and_the_others_are_told(room: Room) -> None:
    room.subscribe("a")
    room.subscribe("b")
    room.sockets.gone.add("a")
    room.record([switched(room)])
    assert room.heard("b") != []
    assert [one.id for one in room.connections.all(room.world.clock.now_ms())] == ["b"]


def test_a_socket_that_was_closed_is_told_nothing_more(room: Room) -> None:
    room.subscribe("a")
    room.listen.leave("a")
    room.record([switched(room)])
    assert room.heard("a") == []


@pytest.mark.parametrize(
    "text", ["", "no json", "[]", '{"action": "shout"}', '{"action": "resend"}', '{"action": "resend", "after": -1}']
)
def test_what_is_not_understood_is_refused_and_the_socket_stays(room: Room, text: str) -> None:
    room.subscribe("a")
    room.listen.hear("a", text)
    last = json.loads(room.sockets.told("a")[-1])
    assert (last["type"], last["code"]) == ("refused", "bad_request")
    assert room.connections.get("a") is not None


def test_one_page_too_many_is_refused(room: Room) -> None:
    token = room.token("read")
    for number in range(MOST_SOCKETS):
        room.subscribe(f"page {number}", token)
    (answer,) = room.subscribe("one more", token)
    assert (answer["type"], answer["code"]) == ("refused", "too_many")


def test_what_gathers_while_one_push_is_under_way_goes_out_together_and_once(room: Room) -> None:
    room.subscribe("a")
    room.heralds.held = True
    for number in range(5):
        room.record([alert(room, str(number))])
    for first, last in room.heralds.calls:
        room.push(first, last)
    messages = [json.loads(text) for text in room.sockets.told("a")]
    assert [message["type"] for message in messages] == ["subscribed", "events"]
    assert [event["data"]["message"] for event in messages[1]["events"]] == ["0", "1", "2", "3", "4"]


def test_calls_that_come_in_another_order_still_tell_everything_in_order(room: Room) -> None:
    room.subscribe("a")
    room.record([alert(room, "first")])
    room.heralds.held = True
    for number in range(3):
        room.record([alert(room, str(number))])
    for first, last in reversed(room.heralds.calls[1:]):
        room.push(first, last)
    seqs = [event["seq"] for event in room.heard("a")]
    assert seqs == sorted(set(seqs))
    assert len(seqs) == 4


def test_another_process_that_pushes_on_begins_with_what_it_was_called_for(room: Room) -> None:
    room.subscribe("a")
    room.record([alert(room, "first")])
    room.heralds.held = True
    room.record([alert(room, "second")])
    fresh = PushNews(room.feed, room.connections, room.sockets, room.world.clock, room.rests.append)
    fresh(*room.heralds.calls[-1])
    assert [event["data"]["message"] for event in room.heard("a")] == ["first", "second"]


def test_many_pages_are_told_less_often_so_that_they_never_take_from_trading(room: Room) -> None:
    token = room.token("read")
    for number in range(50):
        room.subscribe(f"page {number}", token)
    room.record([switched(room)])
    assert room.rests == [pytest.approx(1.0)]


def test_no_message_is_larger_than_a_gateway_takes(room: Room) -> None:
    seq = room.feed.watch(room.world.clock.now_ms())
    changes: list[Change] = [alert(room, "x" * 1_900) for _ in range(200)]
    room.heralds.held = True
    room.record(changes)
    texts = portions(room.feed.after(seq, 1_000).events)
    assert len(texts) > 1
    assert all(len(text.encode()) <= MOST_BYTES for text in texts)
    bounds = [(json.loads(text)["first"], json.loads(text)["last"]) for text in texts]
    assert bounds[0][0] == seq + 1
    assert all(after[0] == before[1] + 1 for before, after in pairwise(bounds))
