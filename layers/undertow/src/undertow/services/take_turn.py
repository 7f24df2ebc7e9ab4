"""A turn at a task that one run at a time may do: before every change the run looks whether it still has it."""

import logging
from dataclasses import dataclass

from undertow.domain.lease import Lease
from undertow.ports import Clock, Leases

logger = logging.getLogger(__name__)


class TurnLost(Exception):
    """Another run has taken over, or this one was so slow that another may. Nothing more is changed by this one."""


@dataclass(slots=True)
class Turn:
    """``epoch`` goes into what the run writes, so that a write that comes late can be told to be late."""

    leases: Leases
    clock: Clock
    ttl_ms: int
    lease: Lease

    @property
    def epoch(self) -> int:
        return self.lease.epoch

    def check(self) -> None:
        """Before every change. Raises TurnLost; a run that is at work keeps its turn by asking."""
        if self.lease.until_ms - self.clock.now_ms() > self.ttl_ms // 2:
            held = self.leases.held(self.lease)
        else:
            renewed = self.leases.renew(self.lease, self.ttl_ms)
            held = renewed is not None
            self.lease = renewed or self.lease
        if not held:
            logger.warning("turn_lost", extra={"task": self.lease.name, "epoch": self.epoch})
            raise TurnLost(f"{self.lease.name}: another run has taken over from epoch {self.epoch}")

    def give_back(self) -> None:
        self.leases.release(self.lease)


@dataclass(frozen=True, slots=True)
class TakeTurn:
    leases: Leases
    clock: Clock

    def __call__(self, task: str, holder: str, ttl_ms: int) -> Turn | None:
        """None while another run is at ``task``. ``holder`` tells people which run it is.

        ``ttl_ms`` is how long a run that was cut off keeps others out: choose it below the time between two runs.
        """
        lease = self.leases.acquire(task, holder, ttl_ms)
        if lease is None:
            logger.info("turn_not_had", extra={"task": task, "holder": holder})
            return None
        return Turn(self.leases, self.clock, ttl_ms, lease)
