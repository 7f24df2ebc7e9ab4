"""Stops first, words later: what is to be told while positions are seen to is told once they have been.

To tell is a call like any other, and a process may die over it. What is told of a position is mostly told again by
every look at it: were it told in the midst of one, each look could end there, before the stop or the exit that it was
about, and before any position behind it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Final

from undertow.ports import AlertLevel, Notifier

_waiting: Final[ContextVar[list[Callable[[], None]] | None]] = ContextVar("waiting", default=None)


@dataclass(frozen=True, slots=True)
class TellLater:
    """A notifier that tells at once, but for what comes up ``after_this``."""

    notifier: Notifier

    def alert(self, level: AlertLevel, key: str, message: str, facts: Mapping[str, str]) -> None:
        self._tell(partial(self.notifier.alert, level, key, message, facts))

    def alert_while(
        self, holds: Callable[[], bool], level: AlertLevel, key: str, message: str, facts: Mapping[str, str]
    ) -> None:
        """An alert of something that may be over by the time it is told: who ended it has said so already."""

        def tell() -> None:
            if holds():
                self.notifier.alert(level, key, message, facts)

        self._tell(tell)

    def resolved(self, key: str, message: str) -> None:
        self._tell(partial(self.notifier.resolved, key, message))

    @contextmanager
    def after_this(self) -> Iterator[None]:
        """What comes up inside is told at the end of it, however it ends; of several, one in another, the outermost."""
        if _waiting.get() is not None:
            yield
            return
        waiting: list[Callable[[], None]] = []
        token = _waiting.set(waiting)
        try:
            yield
        finally:
            _waiting.reset(token)
            for tell in waiting:
                tell()

    def _tell(self, tell: Callable[[], None]) -> None:
        waiting = _waiting.get()
        if waiting is None:
            tell()
        else:
            waiting.append(tell)
