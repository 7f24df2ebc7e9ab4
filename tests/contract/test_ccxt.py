"""The venue simulator against a client nobody here wrote: ccxt's ``aster`` class, unmodified, over real sockets."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
CCXT = ROOT / "build" / "ccxt-venv"

pytestmark = pytest.mark.ccxt


@pytest.fixture(scope="module")
def ccxt_python():
    """The interpreter of ccxt's own virtual environment, which the Makefile knows how to build."""
    subprocess.run(["make", "-s", f"{CCXT.relative_to(ROOT)}/.ready"], cwd=ROOT, check=True, timeout=600)
    return CCXT / "bin" / "python"


@pytest.fixture(scope="module")
def venue(tmp_path_factory):
    """A venue on free ports, stopped in good order at the end."""
    ready = tmp_path_factory.mktemp("venue") / "ready.json"
    command = [sys.executable, "-m", "local.venue", "--port", "0", "--minutes", "5", "--json-ready", str(ready)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while not ready.exists():
            assert process.poll() is None, "the venue ended before it was ready"
            assert time.monotonic() < deadline, "the venue does not get ready"
            time.sleep(0.05)
        yield ready
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


@pytest.fixture(scope="module")
def seen(ccxt_python, venue):
    """What the client saw."""
    script = Path(__file__).with_name("ccxt_client.py")
    done = subprocess.run([ccxt_python, script, venue], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def account(seen, venue):
    """What the venue knows after that."""
    rest = json.loads(venue.read_text())["rest"]
    return httpx.get(f"{rest}/sim/report").json()["accounts"][0]


def test_markets_and_balance_load(seen):
    assert seen["version"] == "4.5.90"
    assert seen["markets"] > 100
    assert seen["tick"] == 0.1
    assert seen["balance"] == {"free": 10000, "used": 0, "total": 10000}


def test_leverage_is_set(seen):
    assert (seen["leverage"]["leverage"], seen["leverage"]["symbol"]) == (10, "BTCUSDT")


def test_a_limit_order_opens_and_is_canceled_once(seen):
    assert (seen["limit"]["type"], seen["limit"]["status"], seen["limit"]["filled"]) == ("limit", "open", 0)
    assert [order["id"] for order in seen["openOrders"]] == [seen["limit"]["id"]]
    assert seen["canceled"]["status"] == "canceled"
    assert seen["canceledAgain"] == "OrderNotFound"


def test_a_market_order_fills_and_shows_as_position_and_trades(seen):
    assert (seen["market"]["status"], seen["market"]["filled"]) == ("closed", 0.01)
    assert seen["positions"] == [{"side": "long", "contracts": 0.01, "leverage": 10}]
    assert sum(trade["amount"] for trade in seen["myTrades"]) == pytest.approx(0.01)
    assert all(trade["fee"] > 0 for trade in seen["myTrades"])


def test_a_stop_market_order_waits_and_only_reduces(seen):
    stop = seen["stop"]
    assert (stop["status"], stop["side"], stop["reduceOnly"]) == ("open", "sell", True)
    assert stop["stopPrice"]


def test_a_refusal_becomes_the_right_error(seen):
    assert seen["tooLarge"] == "InvalidOrder"


def test_trades_and_books_are_watched(seen):
    assert seen["watched"]["trades"]["count"] >= 1
    assert seen["watched"]["book"]["sorted"]
    assert seen["orderBook"]["sorted"]


def test_the_user_stream_tells_of_the_position(seen):
    assert seen["watched"]["position"] == 0.01


def test_the_venue_agrees_with_what_the_client_saw(seen, account):
    assert seen["flat"]
    assert account["positions"] == []
    orders = {str(order["orderId"]): order["status"] for order in account["orders"]}
    assert orders[seen["limit"]["id"]] == "CANCELED"
    assert orders[seen["market"]["id"]] == "FILLED"
    assert orders[seen["stop"]["id"]] == "CANCELED"
    ids = {str(fill["id"]) for fill in account["fills"]}
    assert {trade["id"] for trade in seen["myTrades"]} <= ids
