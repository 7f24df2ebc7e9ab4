"""What a function works with, from its first event to its last, and what is done when the work of an event is over."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, Protocol, TypeVar

TIME_TO_LEAVE_MS: Final = 1_500
"""With less than this left nothing more is done: to be cut off would fail the work that was done."""


class KeepsContacts(Protocol):
    @property
    def keep_contacts(self) -> Callable[[], None]: ...


class Context(Protocol):
    def get_remaining_time_in_millis(self) -> int: ...


T = TypeVar("T", bound=KeepsContacts)
Answer = TypeVar("Answer")


class Premises(Generic[T]):
    """The desk or console of a function: built once, at the first event, and left tidy after each."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._built: list[T] = []

    def __call__(self) -> T:
        if not self._built:
            self._built.append(self._make())
        return self._built[0]

    def leave(self) -> None:
        """Keep what was asked of venues meanwhile: now, when no order waits for it."""
        for one in self._built:
            one.keep_contacts()


def leaving(
    handler: Callable[[Mapping[str, Any], Any], Answer], afterwards: Callable[[], None]
) -> Callable[[Mapping[str, Any], Context], Answer]:
    """``handler``, and ``afterwards`` at the end of each event, however it went."""

    def lambda_handler(event: Mapping[str, Any], context: Context) -> Answer:
        try:
            return handler(event, context)
        finally:
            if context.get_remaining_time_in_millis() >= TIME_TO_LEAVE_MS:
                afterwards()

    return lambda_handler
