"""Who is seen to first changes from run to run."""

from collections.abc import Sequence
from typing import TypeVar

One = TypeVar("One")


def in_turns(ones: Sequence[One], number: int) -> list[One]:
    """``ones`` from another one on for each ``number``: where a process dies over the first of them, those behind it
    must not wait until that has been mended.
    """
    first = number % len(ones) if ones else 0
    return [*ones[first:], *ones[:first]]
