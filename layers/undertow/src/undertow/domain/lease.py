"""A task that one run at a time may do, and the number by which a run that lost it is told apart."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lease:
    """``epoch`` grows by one with every run that takes the task up and never goes back: what a run writes carries it,
    so that a write of a run that was replaced can be told from one of its successor. ``holder`` is for people.
    """

    name: str
    holder: str
    epoch: int
    until_ms: int

    def is_free(self, now_ms: int) -> bool:
        return now_ms >= self.until_ms
