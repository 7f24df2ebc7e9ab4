"""What a checker reports."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """``invariant`` is its number in the reliability reference (I1 to I20), or the name of the check."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"
