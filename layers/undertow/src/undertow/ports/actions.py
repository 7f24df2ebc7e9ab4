"""What people asked to be changed, by the keys that they sent with it."""

from typing import Protocol

from undertow.domain.action import Action


class Actions(Protocol):
    """Kept for 14 days. A key belongs to the caller who sent it."""

    def begin(self, action: Action) -> Action | None:
        """Keep ``action`` as begun. If its key stands for one that is under way or answered, that is given back."""
        ...

    def begin_again(self, action: Action, seen: Action) -> bool:
        """Keep ``action`` in the place of ``seen``, which never ended. False if somebody else was faster."""
        ...

    def end(self, action: Action) -> bool:
        """Keep how ``action`` ended. False, and nothing kept, if it was begun again meanwhile."""
        ...
