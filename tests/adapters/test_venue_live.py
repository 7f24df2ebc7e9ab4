"""The venue simulator on a live venue's public data. The live venue is another simulator, on a synthetic tape."""

import asyncio
import json
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as listen

from undertow.adapters.aster.connection import AgentCredentials, AsterConnection
from undertow.adapters.aster.connection import connect as connect_rest
from undertow.adapters.aster.errors import Refused
from undertow.domain.ids import Symbol

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0
HTTP = httpx.Client(timeout=PATIENCE_S)
"""A new client costs more than the answer: two books must be asked for between two changes."""
BTC = Symbol("BTCUSDT")


def free_port() -> int:
    """The next one is free as well. Below those that the kernel hands to whoever connects at that moment."""
    while True:
        port = random.randrange(20_000, 32_000, 2)
        with socket.socket() as rest, socket.socket() as streams, suppress(OSError):
            rest.bind(("127.0.0.1", port))
            streams.bind(("127.0.0.1", port + 1))
            return port


@contextmanager
def venue(directory: Path, *arguments: str) -> Iterator[dict[str, Any]]:
    """Facts of a venue process. It is stopped in good order at the end, unless it was killed before."""
    ready = directory / f"ready-{len(list(directory.iterdir()))}.json"
    command = [sys.executable, "-m", "local.venue", "--json-ready", str(ready), *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            eventually(ready.exists)
            yield {**json.loads(ready.read_text()), "process": process}
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def upstream(directory: Path, port: int, seed: int = 1) -> Any:
    return venue(
        directory, "--port", str(port), "--ws-port", str(port + 1), "--speed", "4", "--minutes", "60",
        "--seed", str(seed),
    )  # fmt: skip


def eventually(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it does not come about"
        time.sleep(0.05)


def asked(facts: Mapping[str, Any], path: str) -> Any:
    return HTTP.get(f"{facts['rest']}/fapi/v3/{path}").raise_for_status().json()


def book(facts: Mapping[str, Any], symbol: str = BTC) -> dict[str, Any]:
    answer: dict[str, Any] = asked(facts, f"ticker/bookTicker?symbol={symbol}")
    return answer


def account_report(facts: Mapping[str, Any]) -> dict[str, Any]:
    report: dict[str, Any] = HTTP.get(f"{facts['rest']}/sim/report").json()["accounts"][0]
    return report


def account_at(facts: Mapping[str, Any]) -> AsterConnection:
    keys = facts["accounts"][0]["v3"]
    credentials = AgentCredentials(keys["user"], keys["agentKey"], facts["chainId"])
    return connect_rest(facts["rest"], credentials, lambda: time.time_ns() // 1_000_000)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The live venue, and ours on its data."""
    directory = tmp_path_factory.mktemp("live")
    with ExitStack() as stack:
        live = stack.enter_context(upstream(directory, free_port()))
        ours = stack.enter_context(venue(directory, "--live", live["rest"], live["ws"], "--port", "0"))
        yield live, ours


def test_it_lists_what_the_live_venue_lists_by_the_same_rules(pair) -> None:
    live, ours = (
        {
            each["symbol"]: (each["filters"], each["marketTakeBound"], each["triggerProtect"])
            for each in asked(facts, "exchangeInfo")["symbols"]
        }
        for facts in pair
    )
    assert len(ours) > 5
    assert ours == live


def test_liquidations_of_the_live_venue_go_out_as_they_came_in(pair) -> None:
    async def heard(facts: Mapping[str, Any], stream: str, count: int) -> list[Any]:
        async with asyncio.timeout(PATIENCE_S), connect(f"{facts['ws']}/ws/{stream}") as client:
            return [json.loads(await client.recv()) for _ in range(count)]

    async def both() -> tuple[list[Any], list[Any]]:
        first, second = await asyncio.gather(*(heard(facts, "!forceOrder@arr", 12) for facts in pair))
        return first, second

    live, ours = asyncio.run(both())
    # The two connections do not begin in the same moment.
    together = [event for event in ours if event in live]
    assert len(together) >= 8
    assert all(event["e"] == "forceOrder" and event["o"]["T"] <= event["E"] for event in ours)


def test_the_book_and_the_mark_follow_the_live_venues(pair) -> None:
    live, ours = pair
    seen = set()

    def is_the_same() -> bool:
        theirs, own = book(live), book(ours)
        if theirs == own:
            seen.add(theirs["bidPrice"])
        return len(seen) >= 3

    eventually(is_the_same)
    eventually(
        lambda: (
            asked(live, f"premiumIndex?symbol={BTC}")["markPrice"]
            == asked(ours, f"premiumIndex?symbol={BTC}")["markPrice"]
        )
    )


def test_a_resting_order_is_filled_by_the_live_market_and_pays_its_fee(pair) -> None:
    """One order on either side of the book: whichever way the market goes, it comes to one of them."""
    _, ours = pair
    connection = account_at(ours)
    best = book(ours)
    quantity = Decimal("0.002")
    orders = [
        connection.rest.orders.new_order(
            symbol=BTC, side=side, type="LIMIT", timeInForce="GTC", quantity=quantity, price=Decimal(best[price])
        )["orderId"]
        for side, price in (("BUY", "bidPrice"), ("SELL", "askPrice"))
    ]

    def filled() -> list[int]:
        asked = [connection.rest.orders.query_order(BTC, orderId=number) for number in orders]
        return [order["orderId"] for order in asked if order["status"] == "FILLED"]

    eventually(lambda: bool(filled()))
    report = account_report(ours)
    assert sum(Decimal(fill["qty"]) for fill in report["fills"] if fill["orderId"] in filled()) >= quantity
    assert Decimal(report["booked"]["COMMISSION"]) < 0
    connection.close()


def test_nothing_trades_on_prices_of_before_a_disconnection_and_it_goes_on_after_it(tmp_path) -> None:
    port = free_port()
    with ExitStack() as stack:
        with upstream(tmp_path, port) as live:
            ours = stack.enter_context(venue(tmp_path, "--live", live["rest"], live["ws"], "--port", "0"))
            eventually(lambda: book(ours) == book(live))
            connection = account_at(ours)
            stack.callback(connection.close)
            market(connection)
            listener = stack.enter_context(listen(f"{ours['ws']}/ws/!forceOrder@arr"))
        with pytest.raises(ConnectionClosed):
            drain(listener)
        eventually(lambda: refusal_of(lambda: market(connection)) == -1112)
        fills = len(account_report(ours)["fills"])
        before = book(ours)

        with upstream(tmp_path, port, seed=2) as live:
            eventually(lambda: book(ours) == book(live))
            assert book(ours) != before
            market(connection)
            filled = account_report(ours)["fills"]
            assert len(filled) > fills


def market(connection: AsterConnection) -> None:
    connection.rest.orders.new_order(symbol=BTC, side="BUY", type="MARKET", quantity=Decimal("0.001"))


def drain(listener: ClientConnection) -> None:
    """Until the connection ends: who listens to liquidations must know that some were missed."""
    while True:
        listener.recv(timeout=PATIENCE_S)


def refusal_of(order: Callable[[], None]) -> int | None:
    try:
        order()
    except Refused as refused:
        return refused.code
    return None


def test_a_venue_that_cannot_be_reached_is_said_in_one_sentence() -> None:
    port = free_port()
    done = subprocess.run(
        [sys.executable, "-m", "local.venue", "--live", f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"the public data of http://127.0.0.1:{port} cannot be had" in done.stderr
    assert "Traceback" not in done.stderr
