"""What anybody may ask: nothing of it is data, and no store is opened for it."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from typing_extensions import TypedDict


class Health(TypedDict):
    """That the API answers."""

    status: Literal["ok"]


def _health() -> Health:
    return {"status": "ok"}


def _openapi() -> Mapping[str, object]:
    """This document."""
    # It reads the types of every view: made when somebody asks, and not at each cold start.
    from undertow.api.openapi import document

    return document()


PUBLIC: Final[Mapping[str, Callable[[], Mapping[str, object]]]] = {"health": _health, "openapi": _openapi}
