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
from botocore.exceptions import HTTPClientError
from local.deployment import EMULATOR_PYTHON, PROJECT
from local.processes import LOOPBACK, Process, Processes, free_port
from tests.contract.tables import create_tables
from tests.kill.case import Case, Nursery
from tests.kill.child import PREFIX, REGION, Post, Task, hire
from websockets.sync.client import connect

from undertow.adapters.sdk import Aws
from undertow.domain.account import Control, Switch
from undertow.domain.ids import Symbol
from undertow.domain.market import Venue

ACCOUNTS: Final = 40
"""Of one venue simulator. When all are used, the next one is started: each case has an account that nobody had."""


@dataclass(slots=True)
class Station:
    processes: Processes
    environment: dict[str, str]
    root: Path
    tables_url: str
    notifications_url: str
    nursery: Nursery
    aws: Aws
    _numbers: "count[int]" = field(default_factory=count)
    _simulator: Process | None = None
    _venue: dict[str, Any] = field(default_factory=dict)
    _symbols: list[Symbol] = field(default_factory=list)

    @contextmanager
    def open_case(self) -> Iterator[Case]:
        """An account with nothing in it yet, ready to trade."""
        number = next(self._numbers)
        if number % ACCOUNTS == 0:
            self._change_venue(number // ACCOUNTS)
        post = self._post(number % ACCOUNTS, self._symbols[number % len(self._symbols)])
        here = hire(Task(post, ()), self.aws)
        with ExitStack() as stack:
            stack.callback(here.venues.connection.close)
            kept, account = here.desk.repositories, here.account.id
            assert kept.controls.set(Control(account, Switch.RUNNING, 1, "test", "", 1))
            here.desk.reconcile(here.account)
            key = here.venues.connection.rest.user_stream.start()["listenKey"]
            stream = stack.enter_context(connect(f"{self._venue['ws']}/ws/{key}"))
            yield Case(post, self.nursery, here, stream, self.aws.sqs)

    def _post(self, number: int, symbol: str) -> Post:
        known = self._venue["accounts"][number]
        queue = self.aws.sqs.create_queue(QueueName=f"follow-ups--{known['account']}")
        return Post(
            self.tables_url,
            self._venue["rest"],
            known["account"],
            known["v3"]["user"],
            known["v3"]["agentKey"],
            symbol,
            _address(number),
            queue["QueueUrl"],
            self.notifications_url,
        )

    def _change_venue(self, number: int) -> None:
        if self._simulator is not None:
            self.processes.stop(self._simulator)
        ready = self.root / f"venue-{number}.json"
        names = [part for other in range(ACCOUNTS) for part in ("--account", f"v{number}a{other}")]
        command = [sys.executable, "-m", "local.venue", "--port", "0", "--ws-port", "0", "--seed", "1"]
        command += ["--minutes", "10", "--json-ready", str(ready), *names]
        self._simulator = self.processes.start(f"venue-{number}", command, self.environment)
        self.processes.wait_until(ready.exists, "the venue simulator", 60)
        self._venue = json.loads(ready.read_text())
        self._symbols = self._learn_instruments()

    def _learn_instruments(self) -> list[Symbol]:
        """Trading rules into the table; returns the symbols on which a small entry is possible."""
        here = hire(Task(self._post(0, "BTCUSDT"), ()), self.aws)
        brackets = here.venues.venue.fetch_brackets()
        listed = here.venues.market_data(Venue.ASTER).fetch_instruments()
        rules = [replace(rule, brackets=brackets[rule.symbol]) for rule in listed]
        here.venues.connection.close()
        here.desk.repositories.instruments.save(rules)
        return [one.symbol for one in rules if one.quote_asset == "USDT"]


def _address(number: int) -> str | None:
    """Each account calls from an address of its own, since the venue counts request weight by address.

    Only Linux has all of 127/8; elsewhere they share the one there is.
    """
    return f"127.0.1.{number + 1}" if sys.platform == "linux" else None


@contextmanager
def open_station(root: Path) -> Iterator[Station]:
    """Emulator, venues and nursery, stopped by their pids whatever happens."""
    processes = Processes(root / "logs")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**plain, "PYTHONPATH": str(PROJECT), "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    port = free_port()
    with ExitStack() as stack:
        stack.callback(processes.stop_all)
        emulator = {"GATEWAY_PORT": str(port), "PERSIST_STATE": "1", "STATE_DIR": str(root / "state")}
        processes.start("emulator", [EMULATOR_PYTHON, PROJECT / "local" / "emulator.py"], {**environment, **emulator})
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
        aws = Aws(REGION, tables_url)
        for client in (aws.dynamodb, aws.sqs, aws.hasty_sqs):
            stack.callback(client.close)
        processes.wait_until(lambda: _serves(aws), "tables and queues", 60)
        create_tables(aws, PREFIX)
        told = aws.sqs.create_queue(QueueName="notifications.fifo", Attributes={"FifoQueue": "true"})
        yield Station(processes, environment, root, tables_url, told["QueueUrl"], Nursery(nursery), aws)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_ministack/ready", timeout=2).is_success
    except httpx.TransportError:
        return False


def _serves(aws: Aws) -> bool:
    """An emulator loads a service when it is first asked for it, and a client waits for seconds only."""
    try:
        aws.dynamodb.list_tables()
        aws.sqs.list_queues()
    except HTTPClientError:
        return False
    return True


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
