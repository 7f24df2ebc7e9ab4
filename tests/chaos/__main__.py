"""``python -m tests.chaos``: rounds of chaos on the local cloud. The last line is JSON; status 1 for violations."""

import argparse
import json
import shutil
import signal
import sys
import tempfile
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from types import FrameType
from typing import Any, Final

from local.deployment import BUILD
from local.processes import CloudError, Progress, free_port
from local.stack import Places
from local.strategies import hunter_for
from local.summary import percentile
from local.system import EXAMPLES, LocalSystem, Ports
from local.tapes.generator import write_tape
from local.venue_process import ACCOUNT, Playing
from tests.chaos.rounds import REST_WITHIN_S, Chaos, Round
from tests.chaos.shim import Shim

SPEED: Final = 5.0
SLACK_S: Final = 240.0
CROSSED_BY: Final = Decimal("0.5")
"""Every second liquidation is a signal: the more is under way, the more the chaos can hit."""
TAPE_SEED: Final = 1


def main() -> int:
    given = _arguments()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    runs = BUILD / "chaos"
    runs.mkdir(parents=True, exist_ok=True)
    root, progress, shim = Path(tempfile.mkdtemp(prefix="run-", dir=runs)), Progress(), Shim()
    tape = root / "chaos.ndjson.gz"
    wall_s = given.runs * (given.seconds + REST_WITHIN_S) + SLACK_S
    write_tape(tape, TAPE_SEED, wall_s * SPEED / 60)
    ports = Ports(free_port(), free_port(), free_port())
    system = LocalSystem(Places(root), ports, Playing(tape, 0, SPEED, "none"), progress, shim.between)
    rounds: list[Round] = []
    chaos = Chaos(system, shim)
    try:
        system.start([_hunter(root, tape)], EXAMPLES / "globals.json")
        for seed in range(given.first_seed, given.first_seed + given.runs):
            rounds.append(chaos.round(seed, given.seconds))
            progress.say(_line(rounds[-1]))
    except KeyboardInterrupt:
        progress.say("interrupted")
    except CloudError as error:
        progress.say(str(error))
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            # A second Ctrl-C would leave processes behind.
            signal.signal(number, signal.SIG_IGN)
        chaos.thaw()
        system.stop()
        shim.close()
        progress.say("everything is stopped")
    result = _result(rounds, given.seconds, chaos)
    sys.stdout.write(f"{json.dumps(result)}\n")
    if result["violations"] or len(rounds) < given.runs:
        progress.say(f"logs and state of this run: {root}")
        return 1
    shutil.rmtree(root)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each run's troubles last")
    parser.add_argument("--first-seed", type=int, default=1)
    return parser.parse_args()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _hunter(root: Path, tape: Path) -> Path:
    file = root / "chaos-hunter.json"
    file.write_text(json.dumps(hunter_for(tape, SPEED, ACCOUNT, CROSSED_BY), ensure_ascii=False))
    return file


def _line(done: Round) -> str:
    came = "never at rest" if done.recovered_s is None else f"at rest after {done.recovered_s:.1f} s"
    found = "".join(f"\n    {violation}" for violation in done.violations)
    awaited = f"; last: {done.last[0]}" if done.last and not done.violations else ""
    return f"seed {done.seed}: {came}, {done.orders} orders, {done.positions_opened} positions opened{awaited}{found}"


def _result(rounds: list[Round], seconds: float, chaos: Chaos) -> dict[str, Any]:
    recovered = [done.recovered_s for done in rounds if done.recovered_s is not None]
    counts = chaos.counts + chaos.shim.counts
    return {
        "runs": len(rounds),
        "seconds": seconds,
        "violations": sum(len(done.violations) for done in rounds),
        "cuts": counts["cut"],
        "delays": counts["delay"],
        "blackholes": counts["black hole"],
        "halves": counts["halve"],
        "slices": counts["slice"],
        "connections": {lane.name: lane.carried for lane in chaos.shim.lanes.values()},
        **{name: chaos.counts[name] for name in sorted({*chaos.counts, "worker_restarts"})},
        "recovery_s": {
            "p50": percentile(recovered, 0.5),
            "p99": percentile(recovered, 0.99),
            "max": max(recovered, default=None),
        },
        "violated": [asdict(done) for done in rounds if done.violations],
    }


if __name__ == "__main__":
    sys.exit(main())
