"""What one container is given beside the tables and the venue: its clock, its copy of the parameters, its queue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from tests.simulation.queues import Queue
from tests.simulation.swarm import Swarm

from undertow.adapters.memory import SettableClock
from undertow.adapters.sqs.messages import follow_up_text
from undertow.adapters.sqs.redelivery import delay_s
from undertow.domain.follow_up import FollowUp
from undertow.ports import LONGEST_DELAY_S, Clock, FailedMessage, Parameters, ParametersUnread

KEPT_MS: Final = 30_000


@dataclass(frozen=True, slots=True)
class OffsetClock:
    true: SettableClock
    offset_ms: int

    def now_ms(self) -> int:
        return self.true.at_ms + self.offset_ms


@dataclass(slots=True)
class ContainerParams:
    """Implements ``ports.ParamsSource``: a copy kept for 30 s; without an answer the last good one serves on."""

    stored: Any
    clock: Clock
    swarm: Swarm
    kept: Parameters | None = None
    tried_at_ms: int = 0

    def current(self) -> Parameters:
        if self.kept is None or self.clock.now_ms() - self.tried_at_ms >= KEPT_MS:
            return self.refreshed()
        return self.kept

    def refreshed(self) -> Parameters:
        read: Parameters = self.stored.current()
        self.tried_at_ms = self.clock.now_ms()
        if self.swarm.strikes("params_unavailable"):
            if self.kept is None:
                raise ParametersUnread("the parameter store does not answer")
            return self.kept
        self.kept = replace(read, read_at_ms=self.tried_at_ms)
        return self.kept


@dataclass(frozen=True, slots=True)
class QueuedFollowUps:
    """Implements ``ports.FollowUps`` over the simulated queue."""

    queue: Queue
    clock: SettableClock
    poke: Callable[[Queue], None]

    def schedule(self, follow_up: FollowUp, delay_s: int) -> None:
        if not 0 <= delay_s <= LONGEST_DELAY_S:
            raise ValueError(f"a follow-up can be delayed by 0 to {LONGEST_DELAY_S} s, not {delay_s} s")
        self.queue.send(follow_up_text(follow_up), "", "", self.clock.at_ms, delay_s * 1_000)
        self.poke(self.queue)


@dataclass(frozen=True, slots=True)
class QueueRedelivery:
    """Implements ``ports.Redelivery`` with the real delays."""

    queue: Queue
    clock: SettableClock
    poke: Callable[[], None]

    def hasten(self, failed: Sequence[FailedMessage]) -> None:
        for message in failed:
            delay_ms = delay_s(message.receives) * 1_000
            self.queue.change_visibility(message.receipt, delay_ms, self.clock.at_ms)
        self.poke()
