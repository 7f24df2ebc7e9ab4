"""The websocket door: how streams are asked for, and what the venue limits."""

import asyncio
import contextlib
import json
import socket
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from local.venue.burst import burst_frames, pour
from local.venue.control import answer
from local.venue.hub import MAX_STREAMS, Listener, StreamHub
from local.venue.listen_keys import ListenKeys
from local.venue.stream import StreamRules
from tests.adapters.stream_rig import ask, closing, everything, heard, rig, until
from websockets.exceptions import ConnectionClosed, InvalidStatus

BOOK = "btcusdt@bookTicker"


@pytest.mark.parametrize(
    ("target", "wrapped"),
    [
        (f"/ws/{BOOK}", False),
        (f"/stream?streams={BOOK}", True),
        (f"/fstream/ws/{BOOK}", False),
        (f"/fstream/stream?streams={BOOK}/ethusdt@aggTrade", True),
        (f"/a/b/fstream/ws/{BOOK}/ethusdt@aggTrade", False),
        ("/ws/btcusdt%40bookTicker", False),
    ],
)
def test_streams_named_in_the_address_are_sent_bare_or_wrapped(target: str, wrapped: bool) -> None:
    async def scene() -> None:
        async with rig() as venue, venue.connect(target) as client:
            await until(lambda: venue.hub.has_listeners(BOOK))
            venue.after(100)
            venue.after(400)
            frames = await everything(client)
            payloads = [frame["data"] for frame in frames if frame["stream"] == BOOK] if wrapped else frames
            assert "BTCUSDT" in {payload["s"] for payload in payloads if payload["e"] == "bookTicker"}

    asyncio.run(scene())


@pytest.mark.parametrize("target", ["/ws/暗流usdt@bookTicker", "/stream?streams=%E6%9A%97%E6%B5%81usdt@bookTicker"])
def test_a_symbol_that_is_not_ascii_is_subscribed_and_sent_like_any_other(target: str) -> None:
    async def scene() -> None:
        async with rig() as venue, venue.connect(target) as client:
            await until(lambda: venue.hub.has_listeners("暗流usdt@bookTicker"))
            venue.after(100)
            venue.after(400)
            frame = await heard(client)
            assert frame.get("data", frame)["s"] == "暗流USDT"

    asyncio.run(scene())


@pytest.mark.parametrize("target", ["/", "/websocket", "/fapi/v1/time", "/wsx/a"])
def test_other_paths_are_not_found(target: str) -> None:
    async def scene() -> None:
        async with rig() as venue:
            with pytest.raises(InvalidStatus) as refused:
                async with venue.connect(target):
                    pass
            assert refused.value.response.status_code == 404

    asyncio.run(scene())


def test_control_messages_subscribe_list_and_unsubscribe() -> None:
    async def scene() -> None:
        async with rig() as venue, venue.connect("/ws") as client:
            wanted = {"method": "SUBSCRIBE", "params": [BOOK, "btcusdt@aggTrade"], "id": 1}
            assert await ask(client, wanted) == {"result": None, "id": 1}
            listed = await ask(client, {"method": "LIST_SUBSCRIPTIONS", "id": 3})
            assert listed == {"result": [BOOK, "btcusdt@aggTrade"], "id": 3}
            gone = await ask(client, {"method": "UNSUBSCRIBE", "params": [BOOK, "never@had"], "id": 312})
            assert gone == {"result": None, "id": 312}
            venue.after(1_000)
            assert {frame["e"] for frame in await everything(client)} == {"aggTrade"}

    asyncio.run(scene())


def test_the_property_combined_switches_the_wrapping() -> None:
    async def scene() -> None:
        async with rig() as venue, venue.listening(BOOK) as client:
            assert await ask(client, {"method": "GET_PROPERTY", "params": ["combined"], "id": 2}) == {
                "result": False,
                "id": 2,
            }
            assert (await ask(client, {"method": "SET_PROPERTY", "params": ["combined", True], "id": 5}))["id"] == 5
            venue.after(500)
            assert (await heard(client))["stream"] == BOOK

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"method": "GET_PROPERTY", "params": ["colour"], "id": 1}, 0),
        ({"method": "SET_PROPERTY", "params": ["combined", "yes"], "id": 1}, 1),
        ({"method": "SET_PROPERTY", "params": ["combined"], "id": 1}, 2),
        ({"method": "SUBSCRIBE", "params": "btcusdt@aggTrade", "id": 1}, 2),
        ({"method": "SUBSCRIBE", "params": [1], "id": 1}, 2),
        ({"method": "DANCE", "id": 1}, 2),
        ({"id": 1}, 2),
        ({"method": "LIST_SUBSCRIPTIONS", "id": -1}, 2),
        ({"method": "LIST_SUBSCRIPTIONS", "id": "one"}, 2),
        ([], 2),
        ("{torn", 3),
    ],
)
def test_a_bad_control_message_is_answered_with_its_code_and_the_connection_stays(message: Any, code: int) -> None:
    async def scene() -> None:
        async with rig() as venue, venue.listening(BOOK) as client:
            assert (await ask(client, message))["code"] == code
            assert (await ask(client, {"method": "LIST_SUBSCRIPTIONS", "id": 9}))["result"] == [BOOK]

    asyncio.run(scene())


def test_a_message_without_an_id_is_obeyed_all_the_same() -> None:
    async def scene() -> None:
        async with rig() as venue, venue.connect("/ws") as client:
            assert (await ask(client, {"method": "SUBSCRIBE", "params": [BOOK]}))["result"] is None
            venue.after(500)
            assert (await heard(client))["e"] == "bookTicker"

    asyncio.run(scene())


class NoSocket:
    def push(self, text: str) -> None: ...

    def unsent_bytes(self) -> int:
        return 0

    def cut(self) -> None: ...

    def end(self, code: int, reason: str) -> None: ...


@given(
    st.text()
    | st.binary()
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["method", "params", "id", "x"]), inner, max_size=4)
        ),
    ).map(json.dumps)
)
def test_whatever_a_client_sends_the_answer_is_json(message: str | bytes) -> None:
    hub = StreamHub(ListenKeys(Random(0)))
    reply = json.loads(answer(message, Listener(NoSocket(), False), hub, 0))
    assert "id" in reply


def test_a_connection_has_at_most_200_streams() -> None:
    async def scene() -> None:
        async with rig() as venue:
            names = [f"s{number}@aggTrade" for number in range(MAX_STREAMS)]
            with pytest.raises(InvalidStatus) as refused:
                async with venue.connect(f"/stream?streams={'/'.join([*names, BOOK])}"):
                    pass
            assert refused.value.response.status_code == 400
            async with venue.connect("/ws") as client:
                assert (await ask(client, {"method": "SUBSCRIBE", "params": names, "id": 1}))["result"] is None
                assert (await ask(client, {"method": "SUBSCRIBE", "params": [BOOK], "id": 2}))["code"] == 2
                assert not venue.hub.has_listeners(BOOK)
                again = {"method": "SUBSCRIBE", "params": names[:5], "id": 3}
                assert (await ask(client, again))["result"] is None

    asyncio.run(scene())


def test_more_than_ten_messages_a_second_end_the_connection() -> None:
    async def scene() -> None:
        async with rig() as venue, venue.connect("/ws") as client:
            with contextlib.suppress(ConnectionClosed):
                for number in range(40):
                    await client.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": number}))
            assert await closing(client) == (1008, "Too many requests")

    asyncio.run(scene())


def test_a_connection_ends_after_its_lifetime() -> None:
    async def scene() -> None:
        async with rig(StreamRules(lifetime_s=0.05)) as venue, venue.connect(f"/ws/{BOOK}") as client:
            assert (await closing(client))[0] == 1001
            await until(lambda: len(venue.hub) == 0)
            assert not venue.hub.has_listeners(BOOK)

    asyncio.run(scene())


async def bare_socket(port: int, target: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client that upgrades and then does nothing by itself: no pong, no reading."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=raw, limit=1024)
    head = f"GET {target} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    writer.write(f"{head}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    return reader, writer


def test_the_server_pings_and_drops_who_never_answers() -> None:
    async def scene() -> None:
        async with rig(StreamRules(ping_every_s=0.02, pong_within_s=0.05)) as venue:
            reader, writer = await bare_socket(venue.port, "/ws")
            async with asyncio.timeout(10):
                received = await reader.read(-1)
            ping = b"\x89\x04"
            assert ping in received
            writer.close()

    asyncio.run(scene())


def test_a_consumer_that_does_not_read_is_cut_and_holds_up_nobody() -> None:
    async def scene() -> None:
        async with rig(StreamRules(buffer_bytes=100_000)) as venue, venue.listening("!forceOrder@arr") as client:
            _, writer = await bare_socket(venue.port, "/ws/!forceOrder@arr")
            await until(lambda: len(venue.hub) == 2)
            sent = 0
            while len(venue.hub) == 2:
                for _ in range(50):
                    venue.hub.publish("!forceOrder@arr", {"e": "forceOrder", "n": sent, "pad": "x" * 1_000})
                    sent += 1
                await asyncio.sleep(0)
                await client.ping()
            frames = await everything(client)
            assert [frame["n"] for frame in frames] == list(range(sent))
            assert len(venue.hub) == 1
            writer.close()

    asyncio.run(scene())


def test_a_burst_arrives_whole_and_in_order() -> None:
    async def scene() -> None:
        texts = [json.dumps(frame) for frame in burst_frames(20_000, 500, 1)]
        assert len(set(texts)) == len(texts)
        async with rig() as venue, venue.listening("!forceOrder@arr") as client:
            pouring = asyncio.ensure_future(pour(venue.hub, texts))
            received = [await client.recv() for _ in texts]
            await pouring
            assert received == texts

    asyncio.run(scene())
