"""Every outside call of a function passes here: the scheduler decides when it goes on, and whether it does.

A port is wrapped as it is: each public method of it is an outside call, so a new one is held without being listed.
"""

from collections.abc import Callable
from random import Random
from typing import Any, Final

from greenlet import GreenletExit
from tests.simulation.loop import Loop, Run
from tests.simulation.swarm import Swarm

from undertow.domain.ids import AccountId
from undertow.ports import NotScheduled, StoreBusy, WriteOutcome

_READS: Final = ("get", "all", "latest", "history", "recent", "of_", "between", "has", "slot", "totals", "closed_")
_MORE_READS: Final = ("reservation", "snapshot", "unfinished", "open", "depths")
"""A method of the store is taken for a write unless its name says otherwise."""
_LATENCY_MS: Final = {
    "store_read": (1, 12),
    "store_write": (2, 25),
    "venue_post": (15, 220),
    "venue_get": (15, 180),
    "venue_cancel": (15, 220),
    "queue_send": (3, 30),
    "params": (5, 60),
    "notify": (0, 3),
}
HASTEN: Final = "redelivery.hasten"
"""It never raises: what cannot be hastened comes back when its time is up."""
CLAIM: Final = "ledger.claim"
CONTESTED: Final = frozenset({"ledger.write", "orders.add", "orders.update"})
PATIENCE_MS: Final = 5_000
"""How long the venue's client waits for an answer."""


class Gate:
    def __init__(self, loop: Loop, swarm: Swarm, random: Random, kill: Callable[[Run, str], None]) -> None:
        """``kill`` ends a run at once, as a process that dies."""
        self.loop = loop
        self.swarm = swarm
        self._random = random
        self._kill = kill
        self._pace = random.choice((0.3, 1.0, 1.0, 2.0))
        self.running: Run | None = None
        self.store_is_down = False
        self.positions_are_unreadable = False
        self.never_listed: set[int] = set()
        """Trades that the venue tells of nowhere."""
        self.dies: Callable[[Run], bool] = lambda _run: False
        """Whether a run dies at the call that it stands at, beside what the faults of the seed do to it."""
        self.under_a_claim: Callable[[AccountId], None] = lambda _account: None
        """What an owner does in the midst of a claim."""

    # --- holding ----------------------------------------------------------------------------------------------------

    def begin(self, run: Run) -> None:
        self._switch(run)

    def _switch(self, run: Run) -> None:
        self.running = run
        run.body.switch()
        self.running = None

    def end(self, run: Run) -> None:
        """Throw the run away. What its code does while it is unwound cannot reach the outside any more."""
        run.is_over = True
        self.running = run
        run.body.throw(GreenletExit)
        self.running = None

    def alive(self) -> Run | None:
        """The run that is calling; None when it is the harness itself. One that was ended gets no further."""
        run = self.running
        if run is not None and run.is_over:
            raise GreenletExit
        return run

    def hold(self, run: Run, kind: str, what: str, phase: str, delay_ms: float) -> None:
        """Stand still until the scheduler comes back after ``delay_ms``; it may never do."""
        run.entered = what
        at_ms = self.loop.clock.at_ms + int(delay_ms)
        if at_ms >= run.deadline_ms:
            self.loop.at(run.deadline_ms, f"{run.name} {phase} {what}", lambda: self._kill(run, "timeout"))
        else:
            self.loop.at(at_ms, f"{run.name} {phase} {what}", lambda: self._resume(run, f"crash_{phase}_{kind}"))
        run.body.parent.switch()
        if run.is_over:
            raise GreenletExit

    def _resume(self, run: Run, crash: str) -> None:
        if run.is_over:
            return
        if self.swarm.strikes(crash) or self.dies(run):
            self._kill(run, crash)
            return
        self._switch(run)

    def before(self, run: Run, kind: str, what: str) -> None:
        low, high = _LATENCY_MS[kind]
        delay_ms = self._random.uniform(low, high) * self._pace
        if self.swarm.strikes("hung_until_timeout"):
            delay_ms = 60_000
        elif kind.startswith("venue"):
            delay_ms *= 12 if self.swarm.strikes("slow_venue") else 1
        elif kind.startswith("store"):
            delay_ms *= 60 if self.swarm.strikes("slow_store") else 1
        self.hold(run, kind, what, "before", delay_ms)

    def after(self, run: Run, kind: str, what: str) -> None:
        low, high = _LATENCY_MS[kind]
        self.hold(run, kind, what, "after", self._random.uniform(low, high) * self._pace)

    # --- ports ------------------------------------------------------------------------------------------------------

    def held(self, port: object, name: str) -> Any:
        return HeldPort(self, port, name)

    def kind_of(self, port: str, method: str) -> str:
        if port in ("follow_ups", "redelivery", "notifications"):
            return "queue_send"
        if port in ("params", "notifier", "routes"):
            return "params" if port == "params" else "notify"
        return "store_read" if method.startswith(_READS) or method in _MORE_READS else "store_write"

    def call(self, kind: str, what: str, method: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        run = self.alive()
        if run is None:
            return method(*args, **kwargs)
        if kind == "store_write":
            self._held_up(run, what, args)
        self.before(run, kind, what)
        if what == HASTEN and self.swarm.strikes("follow_up_not_sent"):
            return None
        self._refuse(kind, what)
        if kind == "store_write" and self._conflicts(what):
            return WriteOutcome.CONFLICT
        result = method(*args, **kwargs)
        if not kind.startswith("store") or self._random.random() < 0.3:
            self.after(run, kind, what)
        if kind == "store_write" and self.swarm.strikes("store_busy_after_write"):
            raise StoreBusy(f"{what}: no answer")
        if kind == "queue_send" and what != HASTEN and self.swarm.strikes("follow_up_sent_unheard"):
            raise NotScheduled(f"{what}: no answer")
        return result

    def _held_up(self, run: Run, what: str, args: Any) -> None:
        """Between what was read and what is written lies time, in which others write, and an owner may act."""
        if what == CLAIM and self.swarm.strikes("claim_held"):
            if self.swarm.strikes("switched_under_a_claim"):
                self.under_a_claim(args[0].order.intent.account)
            self.hold(run, "store_write", what, "before", self._random.uniform(200, 2_500))
        elif what in CONTESTED and self.swarm.strikes("write_held"):
            self.hold(run, "store_write", what, "before", self._random.uniform(100, 2_500))

    def _refuse(self, kind: str, what: str) -> None:
        if kind.startswith("store"):
            if self.store_is_down:
                raise StoreBusy(f"{what}: the tables cannot be reached")
            if self.swarm.strikes(f"store_busy_before_{kind.removeprefix('store_')}"):
                raise StoreBusy(f"{what}: throttled")
        elif kind == "queue_send" and what != HASTEN and self.swarm.strikes("follow_up_not_sent"):
            raise NotScheduled(f"{what}: the queue cannot be reached")

    def _conflicts(self, what: str) -> bool:
        """A transaction that lost against another one may be tried again; nothing of it was written."""
        return what == "ledger.write" and self.swarm.strikes("conflict_forced")


class HeldPort:
    """A port whose every public method is an outside call."""

    def __init__(self, gate: Gate, port: object, name: str) -> None:
        self._gate, self._port, self._name = gate, port, name

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._port, method)
        if not callable(found):
            return found
        gate, what = self._gate, f"{self._name}.{method}"
        kind = gate.kind_of(self._name, method)

        def held(*args: Any, **kwargs: Any) -> Any:
            return gate.call(kind, what, found, args, kwargs)

        setattr(self, method, held)
        return held
