"""The local cloud as a person runs it: one command, its output, Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

PROJECT = Path(__file__).resolve().parents[2]
STARTED_WITHIN_S = 240
HAPPENS_WITHIN_S = 120
ENDED_WITHIN_S = 90
ANSWER_WITHIN_S = 60


def wait_until(happened: Callable[[], bool], what: str, within_s: float = HAPPENS_WITHIN_S) -> None:
    deadline = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < deadline, f"{what} did not happen within {within_s} s"
        time.sleep(0.2)


def descendants(pid: int) -> set[int]:
    """Every living process below ``pid``, from the kernel's own list."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents[int(entry.name)] = int(fields[1])
    found: set[int] = set()
    wanted = {pid}
    while wanted:
        wanted = {child for child, parent in parents.items() if parent in wanted} - found
        found |= wanted
    return found


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False


@dataclass
class Cloud:
    """One `make run`, without make."""

    home: Path
    port: int
    venue_port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> str:
        return (self.home.parent / "output").read_text()

    def start(self) -> None:
        command = [
            sys.executable, "-m", "local.cloud", "run", "--home", str(self.home), "--port", str(self.port),
            "--venue-port", str(self.venue_port), "--minutes", "240", "--speed", "5",
            "--strategy", str(self._strategy()),
        ]  # fmt: skip
        with (self.home.parent / "output").open("wb") as output:
            self.process = subprocess.Popen(command, cwd=PROJECT, stdout=output, stderr=subprocess.STDOUT)
        wait_until(lambda: "dashboard" in self.output or not self.is_running, "the announcement", STARTED_WITHIN_S)
        assert self.is_running, self.output

    def _strategy(self) -> Path:
        """The example, but with a window that is covered a few seconds after the start, and low thresholds."""
        example = json.loads((PROJECT / "examples" / "hunter.json").read_text())
        example["base"] |= {"volume_window_sec": 5, "cooldown_sec": 1}
        for settings in example["symbols"].values():
            settings |= {"volume_threshold_long": "1000", "volume_threshold_short": "1000"}
        file = self.home.parent / "hunter.json"
        file.write_text(json.dumps(example))
        return file

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def end(self, number: signal.Signals) -> set[int]:
        """Send a signal and wait. Returns what it had started and what is still alive."""
        assert self.process is not None
        started = descendants(self.process.pid)
        self.process.send_signal(number)
        self.process.wait(ENDED_WITHIN_S)
        return started

    @property
    def url(self) -> str:
        found = re.search(r"dashboard +(\S+)#token=", self.output)
        assert found is not None, self.output
        return found[1]

    @property
    def token(self) -> str:
        return (self.home / "token").read_text()


def get(cloud: Cloud, path: str, token: str | None = None) -> httpx.Response:
    bearer = cloud.token if token is None else token
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return httpx.get(cloud.url + path, headers=headers, timeout=ANSWER_WITHIN_S)


def account_at_venue(cloud: Cloud) -> dict[str, Any]:
    """The demo account as the venue simulator itself knows it."""
    told = httpx.get(f"http://127.0.0.1:{cloud.venue_port}/sim/report", timeout=ANSWER_WITHIN_S).json()
    account: dict[str, Any] = told["accounts"][0]
    return account


def undertow(cloud: Cloud, *words: str) -> str:
    given = dict(line.split("=", 1) for line in (cloud.home / "operator.env").read_text().splitlines())
    command = [str(PROJECT / ".venv" / "bin" / "undertow"), *words]
    told = subprocess.run(command, env={**os.environ, **given}, capture_output=True, check=True, text=True)
    return told.stdout.strip()
