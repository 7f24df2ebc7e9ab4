"""Since when nothing was missed. A window is to be trusted only where it lies inside that time."""


class Coverage:
    """The time heard without a gap, on the venue's clock. It begins anew after each gap."""

    __slots__ = ("_since_ms",)

    def __init__(self) -> None:
        self._since_ms: int | None = None

    @property
    def since_ms(self) -> int | None:
        return self._since_ms

    def begin(self, at_ms: int) -> None:
        """From ``at_ms`` on everything is heard; what was before it is unknown."""
        self._since_ms = at_ms

    def extend_back_to(self, at_ms: int) -> None:
        """Somebody else heard everything from ``at_ms`` until we began, and we have his record."""
        if self._since_ms is not None and at_ms < self._since_ms:
            self._since_ms = at_ms

    def lose(self) -> None:
        """The stream broke off."""
        self._since_ms = None

    def covers(self, time_ms: int, window_s: int) -> bool:
        """Whether (time - window, time] was heard completely."""
        return self._since_ms is not None and time_ms - window_s * 1000 >= self._since_ms
