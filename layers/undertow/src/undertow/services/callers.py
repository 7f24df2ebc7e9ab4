"""Who calls: the holder of one of our tokens, or a person of the user pool where there is one."""

from dataclasses import dataclass
from typing import Final, Protocol

from undertow.ports import Token

OURS: Final = "ut_"


class Verifies(Protocol):
    def verify(self, text: str) -> Token | None:
        """Who the valid token ``text`` belongs to and what it may do, or None, without saying why."""
        ...


@dataclass(frozen=True, slots=True)
class Callers:
    """A token of ours says so in its first letters, so no other is ever looked up as one."""

    tokens: Verifies
    people: Verifies | None

    def verify(self, text: str) -> Token | None:
        if text.startswith(OURS):
            return self.tokens.verify(text)
        return None if self.people is None else self.people.verify(text)
