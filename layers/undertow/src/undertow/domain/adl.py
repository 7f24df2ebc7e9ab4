"""Auto-deleveraging: where losses of others cannot be covered, the venue closes winners in the order it ranks them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from undertow.domain.ids import AccountId, Symbol
from undertow.domain.market import PositionSide

HIGHEST_RANK: Final = 4
"""First in line; 0 is last. The venue ranks by profit and leverage, anew each half minute."""
ASKED_EVERY_MS: Final = 5 * 60_000
KNOWN_FOR_MS: Final = 2 * ASKED_EVERY_MS + 60_000
"""An answer that is older says nothing of now: two questions in a row have not been asked since."""


@dataclass(frozen=True, slots=True)
class AdlRanks:
    """Ranks of an account's positions, 0 to 4, as the venue answered at ``asked_at_ms``.

    What is not among ``ranks`` is not known; ``failure`` says why nothing is, where the venue did not answer.
    """

    account: AccountId
    asked_at_ms: int
    ranks: Mapping[tuple[Symbol, PositionSide], int] = field(default_factory=dict)
    failure: str = ""

    def is_due(self, now_ms: int) -> bool:
        """A clock that was set back does not keep the question from being asked."""
        return not 0 <= now_ms - self.asked_at_ms < ASKED_EVERY_MS

    def rank_of(self, symbol: Symbol, side: PositionSide, now_ms: int) -> int | None:
        """None where it is not known, or not any more."""
        return self.ranks.get((symbol, side)) if now_ms - self.asked_at_ms <= KNOWN_FOR_MS else None


def never_asked(account: AccountId) -> AdlRanks:
    return AdlRanks(account, 0)
