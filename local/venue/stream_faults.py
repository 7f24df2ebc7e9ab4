"""Misbehaviour of the streams, as `faults.py` was asked for it.

Duplicates, lateness and reordering strike liquidations and user events: there an event lost or counted twice is money.
Quotes and marks are superseded within a second anyway.
"""

from collections.abc import Callable
from random import Random
from typing import Final, Protocol

from local.venue.faults import Fault, Faults
from local.venue.hub import Send, StreamHub
from local.venue.listen_keys import ListenKeys
from local.venue.streams import ALL_FORCE_ORDERS

_LATE_BY_S: Final = 2.0
_SWAPPED_BY_S: Final = 0.15
"""Enough for the next frame of a busy stream to overtake."""
_FIRST_STRIKE_TAPE_MS: Final = 60_000
"""One-time faults wait for a minute of tape, so that what they break has begun to work."""


class Later(Protocol):
    """Runs a call after a delay in seconds; an event loop's ``call_later`` is one."""

    def __call__(self, delay_s: float, call: Callable[[], None], /) -> object: ...


class FaultyDeliveries:
    """Duplicates, late frames and frames that overtake each other; ``deliver`` is what the hub is given."""

    def __init__(self, faults: Faults, later: Later, seed: int) -> None:
        self._faults = faults
        self._later = later
        self._random = Random(f"deliveries {seed}")

    def deliver(self, stream: str, send: Send) -> None:
        if not _carries_events(stream):
            send()
            return
        delay_s = self._delay_s()
        self._after(delay_s, send)
        if self._faults.strikes(Fault.DUPLICATE):
            self._after(delay_s + self._random.random(), send)

    def _delay_s(self) -> float:
        if self._faults.strikes(Fault.LATE):
            longest_s = self._faults.seconds(Fault.LATE_BY_S, _LATE_BY_S)
            return self._random.uniform(longest_s / 10, longest_s)
        if self._faults.strikes(Fault.REORDER):
            return self._random.uniform(0.01, _SWAPPED_BY_S)
        return 0.0

    def _after(self, delay_s: float, send: Send) -> None:
        if delay_s > 0:
            self._later(delay_s, send)
        else:
            send()


class SocketFaults:
    """Cuts sockets, silences one stream and lets a listen key run out, by the time of the tape."""

    def __init__(self, faults: Faults, hub: StreamHub, listen_keys: ListenKeys) -> None:
        self._faults = faults
        self._hub = hub
        self._listen_keys = listen_keys
        self._cut_at_tape_ms = 0
        self._silenced = False

    def tick(self, now_ms: int, tape_position_ms: int) -> None:
        """The position ends with the tape, and with it the cuts."""
        self._cut_sockets(tape_position_ms)
        if tape_position_ms >= _FIRST_STRIKE_TAPE_MS:
            self._silence(now_ms)
            self._expire_listen_key()

    def _cut_sockets(self, tape_position_ms: int) -> None:
        every_ms = int(self._faults.seconds(Fault.DROP_WS_EVERY_S) * 1_000)
        if every_ms and tape_position_ms - self._cut_at_tape_ms >= every_ms:
            self._cut_at_tape_ms = tape_position_ms
            if self._hub.cut_all():
                self._faults.count(Fault.DROP_WS_EVERY_S)

    def _silence(self, now_ms: int) -> None:
        silent_s = self._faults.seconds(Fault.SILENT_STREAM_S)
        if silent_s and not self._silenced and self._hub.mute(ALL_FORCE_ORDERS, now_ms + int(silent_s * 1_000)):
            self._silenced = True
            self._faults.count(Fault.SILENT_STREAM_S)

    def _expire_listen_key(self) -> None:
        accounts = self._hub.accounts_listening()
        if accounts and self._faults.strikes(Fault.EXPIRE_LISTEN_KEY_ONCE):
            self._listen_keys.expire(accounts[0])


def _carries_events(stream: str) -> bool:
    """forceOrder streams, and user streams, whose names are listen keys and have no ``@``."""
    return "forceOrder" in stream or ("@" not in stream and not stream.startswith("!"))
