"""Rounds of chaos on one running local cloud: troubles, then quiet, then a look at everything."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

from local.processes import CloudError, Process
from local.system import LocalSystem
from local.venue_process import ACCOUNT
from tests.chaos.checks import Seen, look, violations
from tests.chaos.shim import Kind, Lane, Shim
from tests.chaos.troubles import CloudStands, FunctionDies, NetworkTrouble, Trouble, WorkerEnds, drawn

REST_WITHIN_S: Final = 120.0
"""On a machine that has nothing else to do it takes a tenth of that."""
LOOK_EVERY_S: Final = 2.0
SCHEDULES_EVERY_S: Final = 10.0
"""Once the chaos is over, the minute's schedules run this often: a round is to end soon after all is well."""
STEP_S: Final = 0.02
RESUMED_AGAIN_AFTER_S: Final = 5.0

Act = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Round:
    """``recovered_s`` is the time from the end of the troubles until nothing was wrong any more, None for never.

    ``last`` is what was wrong the last time that anything was.
    """

    seed: int
    recovered_s: float | None
    violations: Sequence[str]
    last: Sequence[str]
    orders: int
    positions_opened: int


@dataclass(slots=True)
class Chaos:
    system: LocalSystem
    shim: Shim
    counts: Counter[str] = field(default_factory=Counter)
    known: set[str] = field(default_factory=set)
    """Violations that an earlier round has counted."""
    _due: list[tuple[float, Act]] = field(default_factory=list)
    _started_s: float = 0.0
    _worker_wanted: bool = True
    _frozen: Process | None = None

    def round(self, seed: int, seconds: float) -> Round:
        self._due = [(trouble.at_s, partial(self._strike, trouble)) for trouble in drawn(seed, seconds)]
        self._started_s = time.monotonic()
        self._resume()
        while self._elapsed_s() < seconds:
            self._act_on_what_is_due()
            self._see_to_the_worker()
            time.sleep(STEP_S)
        self._end_troubles()
        return self._rest(seed)

    def _resume(self) -> None:
        """Refused without a fresh proof that the ledger is the venue's, and the market does not stand still: so it is
        asked for again."""
        try:
            self._undertow("resume")
        except CloudError:
            self.counts["resumes_refused"] += 1
            self._later(RESUMED_AGAIN_AFTER_S, self._resume)

    # --- troubles ---------------------------------------------------------------------------------------------------

    def _elapsed_s(self) -> float:
        return time.monotonic() - self._started_s

    def _act_on_what_is_due(self) -> None:
        now_s = self._elapsed_s()
        due = [act for at_s, act in self._due if at_s <= now_s]
        self._due = [(at_s, act) for at_s, act in self._due if at_s > now_s]
        for act in due:
            act()

    def _later(self, in_s: float, act: Act) -> None:
        self._due.append((self._elapsed_s() + in_s, act))

    def _strike(self, trouble: Trouble) -> None:
        match trouble:
            case NetworkTrouble():
                self._strike_network(trouble)
            case WorkerEnds():
                self._end_worker(trouble)
            case FunctionDies():
                self._kill_function(Random(trouble.seed))
            case CloudStands():
                self._freeze(trouble.lasts_s)

    def _strike_network(self, trouble: NetworkTrouble) -> None:
        lane = self.shim.lanes[trouble.lane]
        acts: dict[Kind, Act] = {
            Kind.CUT: partial(lane.cut, Random(trouble.seed)),
            Kind.HALVE: partial(lane.halve, Random(trouble.seed)),
            Kind.DELAY: partial(lane.delay, trouble.lag_s),
            Kind.BLACK_HOLE: lane.black_hole,
            Kind.SLICE: lane.slice,
        }
        self.shim.do(acts[trouble.kind])
        self._later(trouble.lasts_s, partial(self._calm, lane, trouble.kind))

    def _calm(self, lane: Lane, kind: Kind) -> None:
        self.shim.do(partial(lane.calm, kind))

    def _end_worker(self, trouble: WorkerEnds) -> None:
        worker = self.system.worker
        if worker is None or not worker.running:
            return
        self.counts["worker_stops" if trouble.gently else "worker_kills"] += 1
        self._worker_wanted = False
        worker.handle.send_signal(signal.SIGTERM if trouble.gently else signal.SIGKILL)
        self._later(trouble.away_s, self._want_worker)

    def _want_worker(self) -> None:
        self._worker_wanted = True

    def _see_to_the_worker(self) -> None:
        """As ECS does: a task that has ended, for whatever reason, is followed by another."""
        worker = self.system.worker
        if worker is None or worker.running or not self._worker_wanted:
            return
        self.system.processes.stop(worker)
        self.counts["worker_restarts"] += 1
        self.system.start_worker()

    def _kill_function(self, random: Random) -> None:
        """MiniStack keeps a child process for each warm function."""
        children = _children(self._emulator().handle.pid)
        if children:
            os.kill(random.choice(children), signal.SIGKILL)
            self.counts["function_kills"] += 1

    def _freeze(self, seconds: float) -> None:
        emulator = self._emulator()
        emulator.handle.send_signal(signal.SIGSTOP)
        self.counts["cloud_stops"] += 1
        self._frozen = emulator
        self._later(seconds, self.thaw)

    def thaw(self) -> None:
        """A process that stands still could not even be stopped in good order."""
        if self._frozen is not None:
            self._frozen.handle.send_signal(signal.SIGCONT)
            self._frozen = None

    def _emulator(self) -> Process:
        return self.system.processes.named("emulator")

    def _end_troubles(self) -> None:
        self._due = []
        self._worker_wanted = True
        self.thaw()
        self.shim.calm()

    # --- quiet ------------------------------------------------------------------------------------------------------

    def _rest(self, seed: int) -> Round:
        """Nothing new is begun; what is under way has its time to come to an end."""
        ended_s, ended_ms = time.monotonic(), time.time_ns() // 1_000_000
        self._undertow("pause")
        scheduled_s, last = 0.0, list[str]()
        while True:
            self._see_to_the_worker()
            self._require_alive()
            if time.monotonic() - scheduled_s >= SCHEDULES_EVERY_S:
                scheduled_s = time.monotonic()
                self._run_schedules()
            seen = look(self.system.stack, self.system.venue.report())
            wrong = [each for each in violations(seen, ended_ms) if each not in self.known]
            elapsed_s = time.monotonic() - ended_s
            if not wrong or elapsed_s > REST_WITHIN_S:
                self.known |= set(wrong)
                return _round(seed, seen, wrong, last, elapsed_s)
            last = wrong
            time.sleep(LOOK_EVERY_S)

    def _run_schedules(self) -> None:
        for function in ("reconcile", "manage-positions"):
            try:
                self.system.stack.invoke(function)
            except CloudError:
                # A pass that met the last of the troubles; the next one is seconds away.
                self.counts["failed_passes"] += 1

    def _undertow(self, command: str) -> None:
        self.system.undertow(command, "--account", ACCOUNT)

    def _require_alive(self) -> None:
        for name in ("emulator", "venue"):
            if not self.system.processes.named(name).running:
                raise CloudError(f"{name} has ended by itself")


def _round(seed: int, seen: Seen, wrong: Sequence[str], last: Sequence[str], elapsed_s: float) -> Round:
    ours = sum(order["clientOrderId"].startswith("ut-") for order in seen.account["orders"])
    opened = int(seen.report["protection"]["positionsOpened"])
    return Round(seed, None if wrong else elapsed_s, wrong, last, ours, opened)


def _children(pid: int) -> list[int]:
    """From the kernel's own list, in order."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return sorted(found)
