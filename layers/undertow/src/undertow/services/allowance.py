"""What one import may still ask of the venue, so that history never keeps an order waiting."""

from dataclasses import dataclass
from typing import Final

from undertow.ports import Clock
from undertow.services.take_turn import Turn

WEIGHT_A_MINUTE: Final = 480
"""A fifth of the 2,400 that the venue documents for an address; trading and protection have the rest."""
TRADES_WEIGHT: Final = 5
INCOME_WEIGHT: Final = 30
"""Of one page, whatever is in it (aster.md section 11)."""


class AllowanceSpent(Exception):
    """The share of this run is used up. Nothing is wrong: the next run goes on where this one stopped."""


@dataclass(slots=True)
class Allowance:
    """Of one run over one account: ``weight`` in the venue's units, and the time until ``until_ms``."""

    turn: Turn
    clock: Clock
    until_ms: int
    weight: int
    spent: int = 0
    pages: int = 0

    def take(self, weight: int) -> None:
        """Before every page. Raises AllowanceSpent, or TurnLost when another run has taken over."""
        if self.spent + weight > self.weight or self.clock.now_ms() >= self.until_ms:
            raise AllowanceSpent(f"{self.spent} of {self.weight} spent in this run")
        self.turn.check()
        self.spent += weight
        self.pages += 1
