"""The whole thing on one machine: emulator, template, venue simulator, worker, and what a user types to begin."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.deployment import PROJECT
from local.processes import Process, Processes, Progress, run_to_end
from local.stack import LocalStack, Places
from local.venue_process import ACCOUNT, Playing, VenueProcess

UNDERTOW = PROJECT / ".venv" / "bin" / "undertow"
EXAMPLES = PROJECT / "examples"
BEATS_WITHIN_S = 60.0
OPERATOR_FILE = "operator.env"
CONFIGURED_FILE = "configured"


@dataclass(frozen=True, slots=True)
class Ports:
    gateway: int
    venue: int
    venue_ws: int


def straight(_lane: str, address: str) -> str:
    """Everybody calls everybody directly."""
    return address


class LocalSystem:
    """``between`` gives the address at which the system under test is to call an address, lane by lane."""

    def __init__(
        self,
        places: Places,
        ports: Ports,
        playing: Playing,
        progress: Progress,
        between: Callable[[str, str], str] = straight,
    ) -> None:
        self.places = places
        self._between = between
        self.progress = progress
        self.processes = Processes(places.logs)
        self.venue = VenueProcess(self.processes, ports.venue, ports.venue_ws, playing, places.root)
        self.stack = LocalStack(places, ports.gateway, self.processes, progress)
        self.worker: Process | None = None

    def start(self, strategies: Sequence[Path], globals_file: Path) -> None:
        """The venue first, because it is stopped last: what is in flight must still find it."""
        self.venue.start(self.stack.plain_environment())
        rest_url = self._between("venue-rest", self.venue.rest_url)
        ws_url = self._between("venue-ws", self.venue.ws_url)
        functions_endpoint = self._between("functions-aws", self.stack.endpoint)
        parameters = {"AsterRestUrl": rest_url, "AsterWsUrl": ws_url, "ExecuteApi": self.stack.execute_api}
        self.stack.start(parameters, functions_endpoint)
        self.venue.wait_until_ready()
        self.progress.say(f"venue simulator: ready on {self.venue.rest_url}")
        self._write_operator_file()
        self._configure(strategies, globals_file)
        self.stack.invoke("sync-instruments")
        self.stack.invoke("reconcile")
        self.progress.say("instruments: fetched, settings of every symbol verified at the venue")
        self.start_worker()
        heartbeat = self._heartbeat_file()
        self.processes.wait_until(heartbeat.exists, "the worker's first heartbeat", BEATS_WITHIN_S)
        self.progress.say("stream worker: listening")

    def undertow(self, *arguments: str, given: str = "") -> str:
        """The command line that a user has, with ``given`` on its standard input. Its output, or an error."""
        log = self.places.logs / "undertow.log"
        purpose = f"undertow {' '.join(arguments[:2])}"
        return run_to_end([UNDERTOW, *arguments], self.stack.operator_environment(), log, purpose, given)

    def stop(self) -> None:
        self.stack.close()
        self.processes.stop_all()
        self.stack.clean()

    # --- what a user does once ------------------------------------------------------------------------------------

    def _configure(self, strategies: Sequence[Path], globals_file: Path) -> None:
        """Only into a new state: later the strategies are whatever their owner has made of them."""
        done = self.places.root / CONFIGURED_FILE
        if done.exists():
            self.progress.say("strategies: as they were left")
            return
        credentials = json.dumps(self.venue.credentials())
        self.undertow("params", "set-globals", str(globals_file))
        self.undertow("secrets", "put", ACCOUNT, given=credentials)
        self.undertow("secrets", "put", ACCOUNT, "--stream", given=credentials)
        for file in strategies:
            self.undertow("strategy", "apply", str(file))
        # Snapshot, protect, then trade: an account resumes on a fresh proof that its ledger equals the venue.
        self.stack.invoke("reconcile")
        self.undertow("resume", "--account", ACCOUNT)
        done.write_text("")
        names = ", ".join(file.stem for file in strategies)
        self.progress.say(f"strategies: {names} applied, account {ACCOUNT} running")

    def _write_operator_file(self) -> None:
        """So that `make token` and `undertow` on another terminal reach this cloud."""
        given = self.stack.operator_environment()
        names = sorted(name for name in given if name.startswith(("UNDERTOW_", "AWS_")))
        file = self.places.root / OPERATOR_FILE
        file.write_text("".join(f"{name}={given[name]}\n" for name in names))

    def start_worker(self) -> None:
        """Its first heartbeat is yet to come."""
        environment: Mapping[str, str] = {
            **self.stack.worker_environment(),
            "AWS_ENDPOINT_URL": self._between("worker-aws", self.stack.endpoint),
            "UNDERTOW_HEARTBEAT_FILE": str(self._heartbeat_file()),
            "PYTHONPATH": str(PROJECT),
            # A quarter of a second to connect again is five seconds of a tape played at twenty times its speed: with
            # sockets that drop on purpose no window would ever be whole, and nothing of the order path would run.
            "UNDERTOW_TOLERATED_GAP_PCT": "75" if self.venue.faults else "0",
        }
        self._heartbeat_file().unlink(missing_ok=True)
        self.worker = self.processes.start("worker", [sys.executable, "-m", "stream_worker"], environment)

    def _heartbeat_file(self) -> Path:
        return self.places.root / "heartbeat.json"
