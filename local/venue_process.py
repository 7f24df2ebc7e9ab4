"""The venue simulator as a process of the local cloud: its addresses, demo credentials and true log."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from local.deployment import PROJECT
from local.processes import LOOPBACK, Processes

ACCOUNT = "main"
READY_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Playing:
    """What the simulator plays, how fast and how badly it behaves. Without a tape it makes one, ``minutes`` long.

    With ``live`` it plays nothing: its prices are a live venue's, whose REST and websocket addresses these are.
    """

    tape: Path | None
    minutes: float
    speed: float
    faults: str
    live: tuple[str, str] | None = None


class VenueProcess:
    """``state`` is None where every start is to be a new venue."""

    def __init__(self, processes: Processes, port: int, ws_port: int, playing: Playing, root: Path) -> None:
        self._processes = processes
        self._playing = playing
        self._ready = root / "venue.json"
        self._state = root / "venue-state.json"
        self._port = port
        self._ws_port = ws_port
        self.faults = playing.faults not in ("", "none")
        self.rest_url = f"http://{LOOPBACK}:{port}"
        self.ws_url = f"ws://{LOOPBACK}:{ws_port}"

    def start(self, environment: Mapping[str, str]) -> None:
        """A tape is held until the worker listens, so that none of it is lost to a slow start."""
        self._ready.unlink(missing_ok=True)
        playing = self._playing
        command: list[str | Path] = [
            sys.executable, "-m", "local.venue", "--port", str(self._port), "--ws-port", str(self._ws_port),
            "--account", ACCOUNT, "--faults", playing.faults,
            "--json", "--json-ready", self._ready, "--state", self._state,
        ]  # fmt: skip
        if playing.live is not None:
            command += ["--live", *playing.live]
        else:
            command += ["--speed", str(playing.speed), "--minutes", str(playing.minutes), "--hold"]
            if playing.tape is not None:
                command += ["--tape", playing.tape]
        self._processes.start("venue", command, {**environment, "PYTHONPATH": str(PROJECT)})

    def wait_until_ready(self) -> None:
        self._processes.wait_until(self._ready.exists, "the venue simulator", READY_WITHIN_S)

    def credentials(self) -> dict[str, str]:
        """The agent key of the demo account, as the secret of an account is written."""
        facts = json.loads(self._ready.read_text())
        (account,) = (one for one in facts["accounts"] if one["account"] == ACCOUNT)
        v3 = account["v3"]
        return {"user": v3["user"], "signer": v3["signer"], "agent_key": v3["agentKey"]}

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = httpx.get(f"{self.rest_url}/sim/report", timeout=60).raise_for_status().json()
        return report
