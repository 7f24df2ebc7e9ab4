"""The venue's ranking of positions for auto-deleveraging, ``GET adlQuantile``.

A row has a rank for each side. In one-way mode the one position of a symbol is ranked as ``BOTH``; in hedge mode the
sides are ranked apart, and ``BOTH``, or ``HEDGE`` where the margin is crossed, says nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from undertow.adapters.aster import strict
from undertow.adapters.aster.strict import BadFrame
from undertow.domain.account import PositionMode
from undertow.domain.adl import HIGHEST_RANK
from undertow.domain.ids import Symbol
from undertow.domain.market import PositionSide


def adl_ranks(rows: Sequence[Any], mode: PositionMode) -> Mapping[tuple[Symbol, PositionSide], int]:
    """What the venue does not rank is left out. Raises BadFrame, also for ranks that it does not document."""
    return dict(rank for row in rows for rank in _of_row(row, mode))


def _of_row(row: Any, mode: PositionMode) -> Iterator[tuple[tuple[Symbol, PositionSide], int]]:
    symbol, ranks = strict.symbol(row, "symbol"), strict.member(row, "adlQuantile")
    for side in PositionSide:
        name = side.value if mode is PositionMode.HEDGE else "BOTH"
        if not strict.has(ranks, name):
            continue
        rank = strict.integer(ranks, name)
        if not 0 <= rank <= HIGHEST_RANK:
            raise BadFrame("is no rank that the venue documents", name, str(rank))
        yield (symbol, side), rank
