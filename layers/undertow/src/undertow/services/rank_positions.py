"""Asks the venue how early each position would be closed to cover others' losses, and keeps its answer.

Nothing is decided by it, so it never stands in the way: what fails is kept as not known, and asked again in its turn.
It costs a weight of 5 and one write each five minutes while something is held, and one read with every pass.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass

from undertow.domain.account import Account
from undertow.domain.adl import AdlRanks
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide
from undertow.domain.outcome import VenueReadFailed, VenueUnreachable
from undertow.ports import AdlRankings, Clock, Venues

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RankPositions:
    rankings: AdlRankings
    venues: Venues
    clock: Clock

    def __call__(self, account: Account, held: Collection[tuple[Symbol, PositionSide]]) -> None:
        """Of the positions in ``held``, at most each five minutes."""
        if not held:
            return
        known, now_ms = self.rankings.get(account.id), self.clock.now_ms()
        if not known.is_due(now_ms):
            return
        self.rankings.save(self._asked(account, held, now_ms))

    def _asked(self, account: Account, held: Collection[tuple[Symbol, PositionSide]], now_ms: int) -> AdlRanks:
        try:
            found = self.venues.trading(account).fetch_adl_ranks(account.position_mode)
        except (VenueReadFailed, VenueUnreachable) as failure:
            logger.warning("adl_ranks_not_read", extra={"account": account.id, "cause": str(failure)})
            return AdlRanks(account.id, now_ms, failure=str(failure))
        return AdlRanks(account.id, now_ms, {leg: rank for leg, rank in found.items() if leg in held})
