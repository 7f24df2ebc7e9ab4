"""Where functions are killed: tables at an emulator, a venue simulator, and processes that can be told to die."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, Final

import httpx
from local.deployment import EMULATOR_PYTHON, PROJECT
from local.processes import LOOPBACK, Processes, free_port
from tests.contract.tables import create_tables
from tests.kill.case import Case, Nursery
from tests.kill.child import PREFIX, REGION, Post, Task, hire
from websockets.sync.client import connect

from undertow.adapters.sdk import Aws
from undertow.domain.account import Control, Switch
from undertow.domain.ids import Symbol
from undertow.domain.market import Venue

ACCOUNTS: Final = 60


@dataclass(slots=True)
class Station:
    tables_url: str
    venue: dict[str, Any]
    nursery: Nursery
    aws: Aws
    symbols: list[Symbol]
    open_things: ExitStack
    """What the cases hold open."""
    _numbers: "count[int]" = field(default_factory=count)

    def open_case(self) -> Case:
        number = next(self._numbers)
        post = post_of(self.tables_url, self.venue, number, self.symbols[number % len(self.symbols)])
        here = hire(Task(post, ()), self.aws)
        self.open_things.callback(here.venues.connection.close)
        kept, account = here.desk.repositories, here.account.id
        assert kept.controls.set(Control(account, Switch.RUNNING, 1, "test", "", 1))
        kept.balances.save(here.venues.venue.fetch_balance())
        key = here.venues.connection.rest.user_stream.start()["listenKey"]
        stream = self.open_things.enter_context(connect(f"{self.venue['ws']}/ws/{key}"))
        return Case(post, self.nursery, here, stream)


def post_of(tables_url: str, venue: dict[str, Any], number: int, symbol: Symbol) -> Post:
    known = venue["accounts"][number]
    v3 = known["v3"]
    return Post(tables_url, venue["rest"], known["account"], v3["user"], v3["agentKey"], symbol, address(number))


def address(number: int) -> str | None:
    """Each account calls from an address of its own, since the venue counts request weight by address.

    Only Linux has all of 127/8; elsewhere they share the one there is.
    """
    return f"127.0.1.{number + 1}" if sys.platform == "linux" else None


@contextmanager
def open_station(root: Path) -> Iterator[Station]:
    """Emulator, venue and nursery, started once and stopped by their pids whatever happens."""
    processes = Processes(root / "logs")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**plain, "PYTHONPATH": str(PROJECT), "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    port, ready = free_port(), root / "venue.json"
    with ExitStack() as stack:
        stack.callback(processes.stop_all)
        emulator = {"GATEWAY_PORT": str(port), "PERSIST_STATE": "1", "STATE_DIR": str(root / "state")}
        processes.start("emulator", [EMULATOR_PYTHON, PROJECT / "local" / "emulator.py"], {**environment, **emulator})
        names = [part for number in range(ACCOUNTS) for part in ("--account", f"a{number}")]
        command = [sys.executable, "-m", "local.venue", "--port", "0", "--ws-port", "0", "--seed", "1"]
        processes.start("venue", [*command, "--minutes", "10", "--json-ready", str(ready), *names], environment)
        nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.kill.child"],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        stack.callback(_stop, nursery)
        tables_url = f"http://{LOOPBACK}:{port}"
        processes.wait_until(lambda: _answers(tables_url), "the emulator", 60)
        processes.wait_until(ready.exists, "the venue simulator", 60)
        venue = json.loads(ready.read_text())
        aws = Aws(REGION, tables_url)
        stack.callback(aws.dynamodb.close)
        create_tables(aws, PREFIX)
        symbols = _learn_instruments(aws, tables_url, venue)
        open_things = stack.enter_context(ExitStack())
        yield Station(tables_url, venue, Nursery(nursery), aws, symbols, open_things)


def _learn_instruments(aws: Aws, tables_url: str, venue: dict[str, Any]) -> list[Symbol]:
    """Trading rules in the table, and the symbols on which a small entry is possible."""
    known = venue["accounts"][0]
    post = Post(
        tables_url, venue["rest"], known["account"], known["v3"]["user"], known["v3"]["agentKey"], "BTCUSDT", None
    )
    here = hire(Task(post, ()), aws)
    brackets = here.venues.venue.fetch_brackets()
    listed = here.venues.market_data(Venue.ASTER).fetch_instruments()
    rules = [replace(rule, brackets=brackets[rule.symbol]) for rule in listed]
    here.venues.connection.close()
    here.desk.repositories.instruments.save(rules)
    return [one.symbol for one in rules if one.quote_asset == "USDT"]


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_ministack/ready", timeout=2).is_success
    except httpx.TransportError:
        return False


def _stop(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
