"""The venue as a person starts it: a process with two doors, stopped in good order, with its state kept."""

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
from coincurve import PrivateKey

ROOT = Path(__file__).parents[3]


@contextmanager
def running(directory: Path, *arguments: str):
    """Facts of a venue on free ports. It must stop in good order."""
    ready = directory / "ready.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "local.venue", "--port", "0", "--minutes", "2", "--json-ready", str(ready)]
    with subprocess.Popen([*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not ready.exists():
            assert process.poll() is None, "the venue ended before it was ready"
            assert time.monotonic() < deadline, "the venue does not get ready"
            time.sleep(0.05)
        facts = json.loads(ready.read_text())
        facts["said"] = process.stdout.readline()
        yield facts
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def order(facts, sign, **parameters):
    keys = facts["accounts"][0]["v3"]
    text = "&".join(f"{name}={value}" for name, value in parameters.items())
    text += f"&nonce={time.time_ns() // 1000}&user={keys['user']}&signer={keys['signer']}"
    body = f"{text}&signature={sign(text, keys['agentKey'])}"
    return httpx.post(f"{facts['rest']}/fapi/v3/order", content=body).raise_for_status().json()


def positions(facts):
    account = httpx.get(f"{facts['rest']}/sim/report").json()["accounts"][0]
    return [(row["symbol"], row["positionAmt"]) for row in account["positions"]], account["openOrders"]


def test_positions_and_stops_are_still_there_after_a_restart(tmp_path, sign):
    kept = ("--state", str(tmp_path / "state.json"), "--seed", "7")
    with running(tmp_path, *kept) as facts:
        price = float(httpx.get(f"{facts['rest']}/fapi/v3/ticker/price?symbol=BTCUSDT").json()["price"])
        order(facts, sign, symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01")
        stop = {"side": "SELL", "type": "STOP_MARKET", "closePosition": "true", "stopPrice": f"{price * 0.7:.1f}"}
        order(facts, sign, symbol="BTCUSDT", **stop, newClientOrderId="stop")
        before = positions(facts)
    assert before == ([("BTCUSDT", "0.010")], ["stop"])

    with running(tmp_path, *kept) as facts:
        assert positions(facts) == before
        assert httpx.get(f"{facts['rest']}/sim/report").json()["tape"]["positionMs"] > 0


def test_what_it_prints_is_enough_to_point_a_bot_at_it(tmp_path):
    with running(tmp_path, "--json", "--account", "one", "--account", "two") as facts:
        assert json.loads(facts.pop("said")) == facts
        assert [each["account"] for each in facts["accounts"]] == ["one", "two"]
        for each in facts["accounts"]:
            for address, key in (("user", "userKey"), ("signer", "agentKey")):
                PrivateKey(bytes.fromhex(each["v3"][key][2:]))
                assert len(each["v3"][address]) == 42
    with running(tmp_path) as facts:
        assert facts["said"].startswith("venue simulator: REST http://127.0.0.1:")


def test_a_fault_nobody_knows_is_refused_at_the_start():
    done = subprocess.run(
        [sys.executable, "-m", "local.venue", "--faults", "gremlins"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "'gremlins' is no fault" in done.stderr
