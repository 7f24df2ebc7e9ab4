"""How long to wait before the next attempt to connect."""

from random import Random
from typing import Final

FIRST_S: Final = 0.25
LONGEST_S: Final = 30.0


class Backoff:
    """Doubles from 0.25 to 30 s, each delay shortened by up to a half at random, so that no two workers knock in step.

    A connection that lasted longer than the last delay was a real one: then the next delay is the first again.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._delay_s = 0.0

    def after(self, lasted_s: float) -> float:
        """The delay after a connection that was up for ``lasted_s`` (0: it never came up)."""
        grown = self._delay_s * 2 if lasted_s <= self._delay_s else FIRST_S
        self._delay_s = min(max(grown, FIRST_S), LONGEST_S)
        return self._delay_s * self._random.uniform(0.5, 1)
