"""What a person asked to be changed, kept so that what is sent twice is done once.

BEGUN -> ANSWERED | REFUSED. Nothing is changed by a refused one, so its key is free again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ActionState(StrEnum):
    BEGUN = "begun"
    ANSWERED = "answered"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it went out. ``body`` is a text."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Action:
    """``key`` is what its sender made up for it, unique for the ``caller`` (a token's id).

    ``route`` names what was asked, ``digest`` stands for all that was sent with it; an ANSWERED one has its ``answer``.
    """

    caller: str
    key: str
    route: str
    digest: str
    begun_at_ms: int
    state: ActionState = ActionState.BEGUN
    answer: KeptAnswer | None = None

    def asks_the_same_as(self, other: "Action") -> bool:
        return (self.route, self.digest) == (other.route, other.digest)
