"""Fetching the public keys of a user pool."""

from collections.abc import Callable
from typing import Final

import httpx

KeyFetch = Callable[[str], str]
"""Address in, JSON text out. Raises KeysUnavailable."""
_TIMEOUT_S: Final = 3.0
_LONGEST: Final = 100_000


class KeysUnavailable(Exception):
    """The pool's keys could not be fetched: nothing is known of who calls."""


def fetch_keys(address: str) -> str:
    try:
        answer = httpx.get(address, timeout=_TIMEOUT_S, follow_redirects=False)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise KeysUnavailable(f"{address}: {type(error).__name__}") from error
    if len(answer.content) > _LONGEST:
        raise KeysUnavailable(f"{address}: {len(answer.content)} bytes are no list of keys")
    return answer.text
