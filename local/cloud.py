"""``python -m local.cloud run`` and ``smoke``: the project's own template on this machine, without Docker and AWS."""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from local.deployment import PROJECT
from local.processes import CloudError, Progress, require_free
from local.smoke import smoke
from local.stack import Places
from local.system import EXAMPLES, LocalSystem, Ports
from local.venue.faults import UnknownFault, parsed
from local.venue_process import Playing

from undertow.adapters.aster.connection import MAINNET_REST, MAINNET_STREAM

HOME = PROJECT / ".local-cloud"
LIVE_HOME = PROJECT / ".local-cloud-aster"
"""What was traded at live prices and what was traded on a tape are kept apart."""
LOOK_EVERY_S = 0.5
RUN_SPEED = 5
SCOPES = "read,pause,write"


def run(home: Path, strategies: Sequence[Path], playing: Playing, ports: Ports, progress: Progress) -> int:
    """Until Ctrl-C or SIGTERM. What the cloud knows stays in ``home``; the strategies are for a new one only."""
    home.mkdir(exist_ok=True)
    with _only_one(home):
        require_free(ports.gateway, "the local cloud", "PORT")
        require_free(ports.venue, "the venue simulator", "VENUE_PORT")
        require_free(ports.venue_ws, "the venue simulator's websockets (one above it)", "VENUE_PORT")
        system = LocalSystem(Places(home), ports, playing, progress)
        try:
            system.start(strategies, EXAMPLES / "globals.json")
            print(_announcement(system, _token(system)), flush=True)
            while True:
                time.sleep(LOOK_EVERY_S)
                system.processes.require_alive()
        finally:
            _let_nothing_interrupt()
            progress.say("stopping; the state is being saved")
            system.stop()
            progress.say("everything is stopped")


@contextmanager
def _only_one(home: Path) -> Iterator[None]:
    """Two clouds on one state would overwrite each other's."""
    with (home / "pid").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            raise CloudError(f"the local cloud runs already, as process {file.read()}; stop that first") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _token(system: LocalSystem) -> str:
    """Made once, kept where only its owner reads it."""
    file = system.places.root / "token"
    if not file.exists():
        token = system.undertow("token", "create", "--scopes", SCOPES, "--days", "365", "--quiet").strip()
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as kept:
            kept.write(token)
    return file.read_text()


def _announcement(system: LocalSystem, token: str) -> str:
    home = os.path.relpath(system.places.root)
    return f"""
  dashboard     {system.stack.api_url()}#token={token}
  venue         {system.venue.rest_url}  {system.venue.ws_url}
  command line  env $(cat {home}/operator.env) .venv/bin/undertow status
  logs          {home}/logs

  Ctrl-C stops everything and keeps the state for the next `make run`; `rm -r {home}` begins anew.
"""


# --- the command line -----------------------------------------------------------------------------------------------


def main() -> int:
    given = _arguments()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    progress = Progress()
    playing = Playing(given.tape, given.minutes, given.speed, given.faults, given.live)
    try:
        if given.command == "smoke":
            return smoke(playing, progress, given.strategy or [])
        return run(
            given.home,
            given.strategy or [EXAMPLES / "hunter.json"],
            playing,
            Ports(given.port, given.venue_port, given.venue_port + 1),
            progress,
        )
    except CloudError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0 if given.command == "run" else 130


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _let_nothing_interrupt() -> None:
    """A second Ctrl-C while the state is being saved would lose it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.cloud", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="with the dashboard, until Ctrl-C")
    running.add_argument("--port", type=int, default=14566, help="of the dashboard and of everything that is AWS")
    running.add_argument(
        "--venue-port", type=int, default=18080, help="of the venue simulator; it takes the next one too"
    )
    running.add_argument("--home", type=Path, help="where its state and logs are")
    running.add_argument("--venue", default="simulator", help="whose prices: simulator (a tape) or aster (live)")
    running.add_argument("--mode", default="paper", help="paper: accounts, orders and fills are the simulator's own")
    running.add_argument(
        "--strategy", type=Path, action="append", help="for a new state; examples/hunter.json unless given"
    )
    _playing_arguments(running, minutes=300, speed=RUN_SPEED)
    smoking = commands.add_parser("smoke", help="headless, until the tape has ended")
    smoking.add_argument(
        "--strategy", type=Path, action="append", help="a strategy file, or several; a hunter for the tape unless given"
    )
    _playing_arguments(smoking, minutes=10, speed=5)
    given = parser.parse_args()
    given.live = None
    if given.command == "run":
        _choose_venue(parser, given)
    for file in given.strategy or []:
        if not file.is_file():
            parser.error(f"there is no strategy file {file}")
    if given.tape is not None and not given.tape.is_file():
        parser.error(f"there is no tape {given.tape}")
    if not given.speed > 0:
        parser.error("a tape runs forward: SPEED is above 0")
    try:
        parsed(given.faults)
    except UnknownFault as error:
        parser.error(str(error))
    return given


def _choose_venue(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    """Here nothing ever trades with money: at Aster's prices only on paper."""
    if given.venue not in ("simulator", "aster") or given.mode != "paper":
        parser.error(
            f"VENUE={given.venue} MODE={given.mode} is not possible here: VENUE=simulator plays a tape, VENUE=aster "
            "MODE=paper takes Aster's live public prices; with real money only `make deploy STAGE=live` trades"
        )
    given.home = given.home or (LIVE_HOME if given.venue == "aster" else HOME)
    if given.venue == "aster":
        if given.tape is not None or given.speed != RUN_SPEED:
            parser.error("VENUE=aster has no tape: leave TAPE and SPEED out, or VENUE")
        given.live = (
            os.environ.get("ASTER_REST_URL") or MAINNET_REST,
            os.environ.get("ASTER_WS_URL") or MAINNET_STREAM,
        )


def _playing_arguments(parser: argparse.ArgumentParser, minutes: float, speed: float) -> None:
    parser.add_argument("--tape", type=Path, help="recorded liquidations; an invented tape unless given")
    parser.add_argument(
        "--minutes", type=float, default=minutes, help=f"length of the invented tape; default {minutes}"
    )
    parser.add_argument("--speed", type=float, default=speed, help=f"times as fast as recorded; default {speed}")
    parser.add_argument("--faults", default="none", help="what the venue simulator does wrong, for example all")


if __name__ == "__main__":
    sys.exit(main())
