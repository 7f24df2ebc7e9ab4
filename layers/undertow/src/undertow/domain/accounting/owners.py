"""Whose a trade is: the position that was open then, its strategy, and the session the position was opened in."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from undertow.domain.ids import StrategyId, Symbol
from undertow.domain.market import PositionSide
from undertow.domain.position import Position
from undertow.domain.session import SessionId, TradeSession


@dataclass(frozen=True, slots=True)
class Owner:
    """``strategy`` is None for what this system did not open, ``session`` where its strategy had none then."""

    strategy: StrategyId | None = None
    session: SessionId | None = None


NOBODY: Final = Owner()


class Owners:
    def __init__(self, positions: Iterable[Position], sessions: Iterable[TradeSession]) -> None:
        held: dict[tuple[Symbol, PositionSide], list[Position]] = defaultdict(list)
        for position in positions:
            held[position.symbol, position.side].append(position)
        self._positions = {key: sorted(some, key=_opening) for key, some in held.items()}
        self._openings = {key: [one.opened_at_ms for one in some] for key, some in self._positions.items()}
        self._sessions: dict[StrategyId, list[TradeSession]] = defaultdict(list)
        for session in sessions:
            self._sessions[session.strategy].append(session)

    def of(self, symbol: Symbol, side: PositionSide, time_ms: int, opens: bool) -> Owner:
        """Where one position closed and the next opened in the same millisecond, what opens belongs to the next."""
        key = (symbol, side)
        known = self._positions.get(key, [])
        last = bisect_right(self._openings.get(key, []), time_ms)
        candidates = [one for one in known[max(0, last - 2) : last] if _covers(one, time_ms)]
        if not candidates:
            return NOBODY
        return self._owner(candidates[-1] if opens else candidates[0])

    def _owner(self, position: Position) -> Owner:
        if position.strategy is None:
            return NOBODY
        own = self._sessions.get(position.strategy, [])
        session = next((one.id for one in own if one.holds(position.opened_at_ms)), None)
        return Owner(position.strategy, session)


def _opening(position: Position) -> int:
    return position.opened_at_ms


def _covers(position: Position, time_ms: int) -> bool:
    return position.closed_at_ms is None or time_ms <= position.closed_at_ms
