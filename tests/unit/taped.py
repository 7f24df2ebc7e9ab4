"""Tapes that the tests of the simulated market run on: a synthetic one, and a recorded one where a path is given."""

import os
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path

from local.tapes.generator import lines
from local.venue.tape import Tape, TapeFrame, read_tape, tape_of

from undertow.domain.ids import Symbol

START_MS = 1_800_000_000_000


@cache
def synthetic(seed: int = 1, minutes: float = 8) -> Tape:
    return tape_of(lines(seed, minutes), f"synthetic-{seed}-{minutes:g}")


@cache
def tapes() -> tuple[Tape, ...]:
    """The synthetic tape, and the one that the environment variable UNDERTOW_TAPE names."""
    recorded = os.environ.get("UNDERTOW_TAPE")
    return (synthetic(), read_tape(Path(recorded))) if recorded else (synthetic(),)


def busiest(tape: Tape, count: int = 5) -> list[Symbol]:
    return [symbol for symbol, _ in Counter(frame.symbol for frame in tape.frames).most_common(count)]


def frame(symbol: str, time_ms: int, price: str = "100.0", quantity: str = "1", side: str = "SELL") -> TapeFrame:
    order = {
        "s": symbol,
        "S": side,
        "o": "LIMIT",
        "f": "IOC",
        "q": quantity,
        "p": price,
        "ap": price,
        "X": "FILLED",
        "l": quantity,
        "z": quantity,
        "T": time_ms,
    }
    return TapeFrame(Symbol(symbol), time_ms, time_ms, Decimal(price), Decimal(quantity), order)
