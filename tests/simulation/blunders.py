"""Errors that no outside world causes: the code, or this harness, is wrong. Lambda would only try the message again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import DecimalException
from typing import Any, Final

from tests.simulation.violation import Violation

BLUNDERS: Final = (ArithmeticError, AssertionError, AttributeError, DecimalException, LookupError, NameError, TypeError)
EXPECTED: Final = frozenset({"UnknownAccount"})
"""Named after what happened in the world, though they are kinds of LookupError."""


@dataclass(slots=True)
class Blunders:
    """What was raised in functions since they were last looked at."""

    found: list[Violation] = field(default_factory=list)

    def noticed(self, door: Callable[..., Any]) -> Callable[..., Any]:
        """``door``, whose blunders are noted on their way to the caller, who treats them as Lambda does."""

        def noticing(*given: Any) -> Any:
            try:
                return door(*given)
            except BLUNDERS as blunder:
                if type(blunder).__name__ not in EXPECTED:
                    self.found.append(Violation("no blunder", f"{type(blunder).__name__}: {blunder}"))
                raise

        return noticing

    def taken(self) -> list[Violation]:
        taken, self.found = self.found, []
        return taken
