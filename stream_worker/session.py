"""What every kind of connection has in common: waiting times, and parts that live and die together."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from undertow.adapters.aster.stream import VenueSocket

OpenSocket = Callable[[str], AbstractAsyncContextManager[VenueSocket]]
"""Connects to an address. Raises StreamLost."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds after which silence is taken for death, and after which a connection is renewed."""

    look_every_s: float = 1.0
    canary_s: float = 20.0
    """Mark prices come every second."""
    market_s: float = 90.0
    """On a connection with nothing but best prices."""
    liquidations_s: float = 300.0
    """At least; a market that is quieter by nature gets ``liquidations_factor`` times its mean interval."""
    liquidations_factor: float = 30.0
    user_s: float = 360.0
    """The venue pings every 5 minutes."""
    renew_after_s: float = 23 * 3600.0
    """The venue ends a connection after 24 hours."""
    keep_key_every_s: float = 27 * 60.0
    """Twice per lifetime and a margin: one renewal that fails must not cost the stream."""
    key_retry_s: float = 60.0
    key_lifetime_s: float = 55 * 60.0
    """The venue forgets a key after 60 minutes without a renewal."""


async def until_one_ends(*parts: Coroutine[Any, Any, None]) -> None:
    """Run ``parts`` together. When one returns or raises, the others are cancelled and its end is ours."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
