"""A clock that stands until it is moved."""

from dataclasses import dataclass


@dataclass(slots=True)
class SettableClock:
    at_ms: int = 0

    def now_ms(self) -> int:
        return self.at_ms

    def set(self, at_ms: int) -> None:
        self.at_ms = at_ms

    def advance(self, by_ms: int) -> None:
        self.at_ms += by_ms
