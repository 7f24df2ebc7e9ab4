"""The local cloud without anybody looking: a new state, a tape to its end, and one line that says what came of it."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from local.deployment import BUILD
from local.processes import CloudError, Progress, free_port
from local.stack import LocalStack, Places
from local.strategies import fitted_to_speed, hunter_for
from local.summary import broken_promises, read_tables, summarize
from local.system import EXAMPLES, LocalSystem, Ports
from local.tapes.generator import write_tape
from local.venue_process import ACCOUNT, Playing

SEED = 1
TELL_EVERY_S = 15.0
DRAINED_WITHIN_S = 120.0
SETTLED_WITHIN_S = 90.0
QUEUES = ("LiquidationsQueueUrl", "UserEventsQueueUrl", "FollowUpsQueueUrl")
QUEUE_FIGURES = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


def smoke(playing: Playing, progress: Progress, strategies: Sequence[Path] = ()) -> int:
    """0 when every promise was kept. The directory of a run that broke one stays, for looking into it.

    Without any of the ``strategies`` a hunter is made for the tape.
    """
    root = Path(tempfile.mkdtemp(prefix="run-", dir=_runs()))
    ports = Ports(free_port(), free_port(), free_port())
    tape = playing.tape or _invented_tape(root, playing)
    system = LocalSystem(Places(root), ports, replace(playing, tape=tape), progress)
    try:
        given = [_fitted(root, playing.speed, file, progress) for file in strategies]
        system.start(given or [_hunter(root, tape, playing.speed)], EXAMPLES / "globals.json")
        _play(system)
        summary, broken = _settle(system)
    finally:
        system.stop()
        progress.say("everything is stopped")
    print(json.dumps({**summary, "broken": broken}, ensure_ascii=False), flush=True)
    for promise in broken:
        progress.say(f"broken: {promise}")
    if broken:
        progress.say(f"logs and state of this run: {root}")
        return 1
    shutil.rmtree(root)
    return 0


def _runs() -> Path:
    runs = BUILD / "smoke"
    runs.mkdir(parents=True, exist_ok=True)
    return runs


def _invented_tape(root: Path, playing: Playing) -> Path:
    tape = root / "synthetic.ndjson.gz"
    write_tape(tape, SEED, playing.minutes)
    return tape


def _hunter(root: Path, tape: Path, speed: float) -> Path:
    file = root / "smoke-hunter.json"
    file.write_text(json.dumps(hunter_for(tape, speed, ACCOUNT), ensure_ascii=False))
    return file


def _fitted(root: Path, speed: float, given: Path, progress: Progress) -> Path:
    document = json.loads(given.read_text())
    changed = fitted_to_speed(document, speed)
    if changed:
        progress.say(f"for a tape at {speed:g} times its speed {given.name} runs with {changed}")
    file = root / given.name
    file.write_text(json.dumps(document, ensure_ascii=False))
    return file


def _play(system: LocalSystem) -> None:
    """Until the tape has ended."""
    told_s = 0.0
    while True:
        system.processes.require_alive()
        report = system.venue.report()
        tape = report["tape"]
        if tape["finished"]:
            return
        if system.progress.elapsed_s - told_s >= TELL_EVERY_S:
            told_s = system.progress.elapsed_s
            system.progress.say(f"tape: {_progress_of(report)}")
        time.sleep(0.5)


def _progress_of(report: dict[str, Any]) -> str:
    tape, (account, *_) = report["tape"], report["accounts"]
    share = tape["positionMs"] / max(1, tape["lengthMs"])
    return (
        f"{share:.0%}, {report['forceOrder']['distinct']} liquidations, {len(account['orders'])} orders, "
        f"{len(account['fills'])} fills, {len(account['positions'])} positions"
    )


def _settle(system: LocalSystem) -> tuple[dict[str, Any], list[str]]:
    """Let what is under way come to its end, then look. Without faults of ours the second look changes nothing."""
    system.progress.say("tape: at its end; waiting for the queues")
    _wait_until_drained(system)
    if system.worker is not None:
        # It stores what it holds, and says in its last heartbeat what it had heard.
        system.processes.stop(system.worker)
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while True:
        for function in ("reconcile", "manage-positions"):
            system.stack.invoke(function)
        report = system.venue.report()
        tables = read_tables(system.stack)
        summary = summarize(system.stack, report, tables)
        broken = broken_promises(summary, report, tables)
        if not broken or time.monotonic() > deadline:
            return summary, broken
        time.sleep(2)


def _wait_until_drained(system: LocalSystem) -> None:
    deadline = time.monotonic() + DRAINED_WITHIN_S
    while waiting := _waiting(system.stack):
        system.processes.require_alive()
        if time.monotonic() > deadline:
            raise CloudError(f"the queues are not empty {DRAINED_WITHIN_S:.0f} s after the tape's end: {waiting}")
        time.sleep(0.5)


def _waiting(stack: LocalStack) -> dict[str, int]:
    """Messages by queue, where there are any. Follow-ups far in the future count: an entry's end is one of them."""
    sqs = stack.client("sqs")
    found: dict[str, int] = {}
    for output in QUEUES:
        figures = sqs.get_queue_attributes(QueueUrl=stack.output(output), AttributeNames=list(QUEUE_FIGURES))[
            "Attributes"
        ]
        if messages := sum(int(figures[name]) for name in QUEUE_FIGURES):
            found[output.removesuffix("QueueUrl")] = messages
    return found
