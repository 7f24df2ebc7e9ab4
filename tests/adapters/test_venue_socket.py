"""The worker's websocket against real servers on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from undertow.adapters.aster import stream
from undertow.adapters.aster.stream import Pace, StreamLost, VenueSocket, open_socket
from undertow.domain.ids import Symbol

EVENT = '{"e":"forceOrder","E":1}'
Conversation = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def venue(converse: Conversation) -> AsyncIterator[str]:
    async with serve(converse, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}/ws"


async def no_breath() -> None:
    await asyncio.sleep(0)


async def answer_all(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(json.dumps({"result": None, "id": json.loads(message)["id"]}))


def run(converse: Conversation, script: Callable[[VenueSocket, list[str]], Awaitable[None]]) -> None:
    async def main() -> None:
        async with venue(converse) as url, open_socket(url) as socket:
            heard: list[str] = []
            listening = asyncio.ensure_future(socket.listen(heard.append, no_breath))
            try:
                async with asyncio.timeout(20):
                    await script(socket, heard)
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

    asyncio.run(main())


def test_subscriptions_go_out_in_messages_of_at_most_fifty_and_are_confirmed() -> None:
    said: list[Any] = []

    async def converse(connection: ServerConnection) -> None:
        async for message in connection:
            said.append(json.loads(message))
            await connection.send(json.dumps({"result": None, "id": said[-1]["id"]}))

    async def script(socket: VenueSocket, _heard: list[str]) -> None:
        names = [f"a{number}usdt@bookTicker" for number in range(120)]
        await socket.subscribe(names)
        await socket.unsubscribe(names[:1])
        assert [len(one["params"]) for one in said] == [50, 50, 20, 1]
        assert [one["method"] for one in said] == ["SUBSCRIBE"] * 3 + ["UNSUBSCRIBE"]
        assert [name for one in said[:3] for name in one["params"]] == names
        assert len({one["id"] for one in said}) == 4

    run(converse, script)


def test_no_second_has_more_than_five_messages_however_many_want_to_leave() -> None:
    pace = Pace(stream.SEND_GAP_S)
    wanted_s = [0.0] * 8 + [0.9, 5.0, 5.0, 5.15, 5.45]
    left_s = [at_s + pace.wait_s(at_s) for at_s in wanted_s]
    assert left_s == sorted(left_s)
    assert all(later - earlier >= 0.999 for earlier, later in zip(left_s, left_s[5:], strict=False))
    assert left_s[9] == 5.0


def test_events_are_handed_on_and_answers_are_not() -> None:
    async def converse(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(EVENT)
            await connection.send(json.dumps({"result": None, "id": json.loads(message)["id"]}))
            await connection.send('["neither event nor answer"]')

    async def script(socket: VenueSocket, heard: list[str]) -> None:
        await socket.subscribe(["x"])
        while len(heard) < 2:
            await asyncio.sleep(0.001)
        assert heard == [EVENT, '["neither event nor answer"]']

    run(converse, script)


@pytest.mark.parametrize(
    "answer", [{"code": 2, "msg": "Invalid request: unknown stream"}, {"code": 2, "msg": "no", "id": 1}]
)
def test_a_refusal_with_or_without_an_id_is_the_end_of_the_connection(answer: dict[str, Any]) -> None:
    async def converse(connection: ServerConnection) -> None:
        async for _ in connection:
            await connection.send(json.dumps(answer))

    async def script(socket: VenueSocket, _heard: list[str]) -> None:
        with pytest.raises(StreamLost, match="refused"):
            await socket.subscribe(["x"])

    run(converse, script)


def test_a_ping_of_the_venue_is_a_sign_of_life() -> None:
    go = asyncio.Event()

    async def converse(connection: ServerConnection) -> None:
        await go.wait()
        await connection.ping()
        await connection.wait_closed()

    async def script(socket: VenueSocket, heard: list[str]) -> None:
        while socket.silent_s < 0.05:
            await asyncio.sleep(0.005)
        go.set()
        while socket.silent_s >= 0.05:
            await asyncio.sleep(0.001)
        assert heard == []

    run(converse, script)


def test_a_cut_connection_is_lost_for_listening_and_sending() -> None:
    async def converse(connection: ServerConnection) -> None:
        connection.transport.abort()

    async def main() -> None:
        async with venue(converse) as url, open_socket(url) as socket:
            with pytest.raises(StreamLost, match="closed"):
                await socket.listen(lambda _: None, no_breath)
            with pytest.raises(StreamLost, match="closed"):
                await socket.subscribe(["x"])

    asyncio.run(main())


def test_a_text_that_is_not_utf8_is_the_end_of_the_connection_and_a_binary_one_is_not() -> None:
    async def converse(connection: ServerConnection) -> None:
        await connection.send(b'\xff{"e":')
        await connection.send(b"\xff", text=True)
        await connection.wait_closed()

    async def main() -> None:
        heard: list[str] = []
        async with venue(converse) as url, open_socket(url) as socket:
            with pytest.raises(StreamLost):
                await socket.listen(heard.append, no_breath)
        assert heard == ['\ufffd{"e":']

    asyncio.run(main())


def test_a_frame_beyond_all_reason_is_the_end_of_the_connection() -> None:
    async def converse(connection: ServerConnection) -> None:
        await connection.send("x" * 1_100_000)
        await connection.wait_closed()

    async def main() -> None:
        async with venue(converse) as url, open_socket(url) as socket:
            with pytest.raises(StreamLost):
                await socket.listen(lambda _: None, no_breath)

    asyncio.run(main())


def test_a_venue_that_is_not_there_is_lost_before_it_began() -> None:
    async def main() -> None:
        async with venue(answer_all) as url:
            pass
        with pytest.raises(StreamLost, match="cannot connect"):
            async with open_socket(url):
                pass

    asyncio.run(main())


def test_a_venue_that_sends_us_to_a_page_is_lost_before_it_began() -> None:
    """As what stands in front of it does during maintenance."""

    def to_a_page(connection: ServerConnection, _request: Request) -> Response:
        response = connection.respond(302, "")
        response.headers["Location"] = "https://venue.test/maintenance"
        return response

    async def main() -> None:
        async with serve(answer_all, "127.0.0.1", 0, process_request=to_a_page) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            with pytest.raises(StreamLost, match="cannot connect"):
                async with open_socket(f"ws://127.0.0.1:{port}/ws"):
                    pass

    asyncio.run(main())


def test_a_long_burst_is_heard_to_its_end_while_others_get_their_turn() -> None:
    frames = 20_000

    async def converse(connection: ServerConnection) -> None:
        for _ in range(frames):
            await connection.send(EVENT)
        await connection.wait_closed()

    turns = 0

    async def breathe() -> None:
        nonlocal turns
        turns += 1
        await asyncio.sleep(0)

    async def main() -> None:
        heard = 0

        def take(_frame: str) -> None:
            nonlocal heard
            heard += 1

        async with venue(converse) as url, open_socket(url) as socket:
            listening = asyncio.ensure_future(socket.listen(take, breathe))
            async with asyncio.timeout(60):
                while heard < frames:
                    await asyncio.sleep(0.005)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    asyncio.run(main())
    assert turns == frames // stream.FRAMES_PER_TURN


def test_names_and_addresses_are_the_venues() -> None:
    assert stream.best_prices_of(Symbol("BTCUSDT")) == "btcusdt@bookTicker"
    assert stream.best_prices_of(Symbol("币安人生USDT")) == "币安人生usdt@bookTicker"
    assert stream.market_url("wss://fstream.asterdex.com/") == "wss://fstream.asterdex.com/ws"
    assert stream.user_url("wss://fstream.asterdex.com", "a/b") == "wss://fstream.asterdex.com/ws/a%2Fb"
