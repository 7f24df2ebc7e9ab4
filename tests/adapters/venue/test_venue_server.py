"""The REST door on a real socket."""

import asyncio
import socket

import httpx
import pytest
from local.venue.server import HttpServer

HOST = "127.0.0.1"


def served(door, client_work):
    """Run ``client_work(port)``, which blocks, beside the server."""

    async def go():
        server = HttpServer(door.rest.handle)
        port = await server.serve(HOST, 0)
        try:
            return await asyncio.to_thread(client_work, port)
        finally:
            await server.close()

    return asyncio.run(go())


def raw(port: int, data: bytes) -> bytes:
    with socket.create_connection((HOST, port), timeout=5) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


def test_one_connection_serves_many_requests(door):
    def work(port):
        with httpx.Client(base_url=f"http://{HOST}:{port}", limits=httpx.Limits(max_connections=1)) as client:
            answers = [client.get("/fapi/v3/ping") for _ in range(3)]
            return [answer.extensions["network_stream"].get_extra_info("client_addr") for answer in answers], answers

    addresses, answers = served(door, work)
    assert len(set(addresses)) == 1
    assert [answer.headers["X-MBX-USED-WEIGHT-1M"] for answer in answers] == ["1", "2", "3"]


def test_a_form_body_and_letters_beyond_ascii_arrive_whole(door):
    def work(port):
        url = f"http://{HOST}:{port}/fapi/v3/ticker/price"
        return httpx.get(url, params={"symbol": "币安人生USDT"}).json()

    assert served(door, work)["symbol"] == "币安人生USDT"


def test_requests_on_one_socket_may_be_sent_ahead(door):
    one = b"GET /fapi/v3/ping HTTP/1.1\r\nHost: x\r\n\r\n"
    assert served(door, lambda port: raw(port, one + one)).count(b"HTTP/1.1 200") == 2


def test_a_body_that_is_too_large_is_refused(door):
    head = b"POST /fapi/v3/order HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n"
    assert served(door, lambda port: raw(port, head)[:12]) == b"HTTP/1.1 413"


def test_what_is_no_http_is_dropped_and_the_server_lives_on(door):
    def work(port):
        raw(port, b"\x16\x03\x01 hello\r\n\r\n")
        raw(port, b"")
        return httpx.get(f"http://{HOST}:{port}/fapi/v3/ping").status_code

    assert served(door, work) == 200


def test_a_reset_is_felt_as_a_cut_connection_and_the_order_stands(make_door):
    door = make_door("take_then_reset=1")
    body = door.signed(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="1")

    def work(port):
        with pytest.raises(httpx.ReadError):
            httpx.post(f"http://{HOST}:{port}/fapi/v3/order", content=body)

    served(door, work)
    assert door.house.exchange.account("main").open_positions()


def test_silence_lasts_longer_than_any_patience(make_door):
    door = make_door("take_then_timeout=1")
    body = door.signed(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="1")

    def work(port):
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"http://{HOST}:{port}/fapi/v3/order", content=body, timeout=0.1)

    served(door, work)
    assert door.house.exchange.account("main").open_positions()
