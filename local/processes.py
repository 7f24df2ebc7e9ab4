"""Processes the local cloud starts, watches and stops, each by its own id."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
STOP_WITHIN_S = 20.0
PR_SET_PDEATHSIG = 1


class CloudError(Exception):
    """Something the person at the keyboard can mend. The message says how."""


class Progress:
    """Lines with the seconds since the start, so that a slow step shows itself."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._started

    def say(self, text: str) -> None:
        print(f"[{self.elapsed_s:6.1f} s] {text}", file=sys.stderr, flush=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def require_free(port: int, purpose: str, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise CloudError(
                f"port {port} for {purpose} is taken; stop what uses it or give another one: {variable}=N"
            ) from error


def _end_with_parent() -> None:
    """Ask the kernel for a SIGTERM when we die, however we die: nothing is left running, and the state is saved."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(slots=True)
class Process:
    name: str
    log: Path
    handle: subprocess.Popen[bytes]

    @property
    def running(self) -> bool:
        return self.handle.poll() is None

    def tail(self, lines: int = 25) -> str:
        text = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"    {line[:300]}" for line in text[-lines:])


class Processes:
    """Starts in order, stops in the reverse order. A child never outlives the call to `stop_all`."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: list[Process] = []
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: Sequence[str | Path], environment: Mapping[str, str]) -> Process:
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            # A session of its own: Ctrl-C reaches only us, and we stop the others in order.
            handle = subprocess.Popen(
                [str(part) for part in command],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )
        process = Process(name, log, handle)
        self._running.append(process)
        return process

    def named(self, name: str) -> Process:
        """The running process of this name, the latest if there were several. Raises CloudError."""
        found = next((process for process in reversed(self._running) if process.name == name), None)
        if found is None:
            raise CloudError(f"{name} was never started")
        return found

    def first_dead(self) -> Process | None:
        return next((process for process in self._running if not process.running), None)

    def require_alive(self) -> None:
        if dead := self.first_dead():
            raise CloudError(
                f"{dead.name} ended with status {dead.handle.returncode}; the end of {dead.log}:\n{dead.tail()}"
            )

    def wait_until(self, ready: Callable[[], bool], what: str, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while not ready():
            self.require_alive()
            if time.monotonic() > deadline:
                raise CloudError(f"{what} did not happen within {within_s:.0f} s; logs are in {self._logs}")
            time.sleep(0.05)

    def stop(self, process: Process) -> None:
        if process.running:
            process.handle.send_signal(signal.SIGTERM)
            try:
                process.handle.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.handle.kill()
                process.handle.wait()
        # What it started itself: the emulator keeps one child for each warm function.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.handle.pid, signal.SIGKILL)
        self._running.remove(process)

    def stop_all(self) -> None:
        for process in reversed(list(self._running)):
            self.stop(process)


def run_to_end(
    command: Sequence[str | Path], environment: Mapping[str, str], log: Path, purpose: str, given: str = ""
) -> str:
    """A step that ends by itself: its output goes to a log, and the end of the log into the error."""
    finished = subprocess.run(
        [str(part) for part in command], env=dict(environment), input=given.encode(), capture_output=True, check=False
    )
    output = (finished.stdout + finished.stderr).decode(errors="replace")
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(output)
    if finished.returncode != 0:
        tail = "\n".join(f"    {line[:300]}" for line in output.splitlines()[-25:])
        raise CloudError(f"{purpose} failed with status {finished.returncode}; the end of {log}:\n{tail}")
    return finished.stdout.decode(errors="replace")
