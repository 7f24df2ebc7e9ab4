"""The scheduler: one heap of what happens next, in virtual time. Equal times are ordered by the seed's chance."""

import hashlib
import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any, Final

from greenlet import greenlet

from undertow.adapters.memory import SettableClock

TAIL: Final = 400
"""How many lines of a trace are kept to be shown."""


@dataclass(slots=True)
class Loop:
    """Every step takes one thing off the heap, moves the time to it, and does it."""

    clock: SettableClock
    random: Random
    steps: int = 0
    tail: "deque[str]" = field(default_factory=lambda: deque(maxlen=TAIL))
    _heap: list[tuple[int, float, int, str, Callable[[], None]]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)
    _trace: Any = field(default_factory=hashlib.sha256)

    def at(self, time_ms: int, what: str, act: Callable[[], None]) -> None:
        """Do ``act`` at ``time_ms``; of things due at the same time any may come first."""
        heapq.heappush(self._heap, (time_ms, self.random.random(), next(self._numbers), what, act))

    def after(self, delay_ms: float, what: str, act: Callable[[], None]) -> None:
        self.at(self.clock.at_ms + int(delay_ms), what, act)

    @property
    def next_ms(self) -> int:
        """When the next step is due; there always is one."""
        return self._heap[0][0]

    def step(self) -> None:
        time_ms, _, _, what, act = heapq.heappop(self._heap)
        self.clock.at_ms = max(self.clock.at_ms, time_ms)
        self.steps += 1
        self.note(what)
        act()

    def note(self, what: str) -> None:
        line = f"{self.clock.at_ms} {what}"
        self.tail.append(f"{self.steps} {line}")
        self._trace.update(line.encode())

    @property
    def trace_hash(self) -> str:
        return str(self._trace.hexdigest())


@dataclass(slots=True, eq=False)
class Run:
    """One run of a function: a greenlet that stands still at each of its outside calls."""

    name: str
    deadline_ms: int
    body: "greenlet"
    is_over: bool = False
    entered: str = ""
    """The outside call that it stands at, or made last."""
