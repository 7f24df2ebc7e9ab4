"""Recorded liquidations: combined-stream forceOrder frames, one JSON text per line, optionally gzipped.

Beside ``name.ndjson.gz`` may lie candles, ``name-klines-1m-SYMBOL.csv``, with the columns
``open_time_ms,open,high,low,close,volume``. Real recordings have torn and foreign lines: each is counted, none stops
the reading.
"""

import csv
import gzip
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from undertow.domain.ids import Symbol
from undertow.domain.numbers import NotADecimal, parse_decimal

MINUTE_MS: Final = 60_000
META_EVENT: Final = "tapeMeta"
"""Event name of a line that describes the tape itself: a generated tape says in it that it is synthetic."""
_ORDER_TEXTS: Final = ("s", "S", "o", "f", "q", "p", "ap", "X", "l", "z")


@dataclass(frozen=True, slots=True)
class TapeFrame:
    """One liquidation as recorded. ``order`` is the venue's ``o`` object; times are the recording's."""

    symbol: Symbol
    event_ms: int
    trade_ms: int
    price: Decimal
    quantity: Decimal
    order: Mapping[str, Any]

    def payload(self, event_ms: int, trade_ms: int) -> dict[str, Any]:
        """The frame's data with other times."""
        return {"e": "forceOrder", "E": event_ms, "o": {**self.order, "T": trade_ms}}


@dataclass(frozen=True, slots=True)
class TapeCandle:
    """One recorded minute."""

    open_time_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


@dataclass(frozen=True, slots=True)
class Tape:
    """``frames`` ascend by event time. ``skipped`` counts unusable lines by reason; ``meta`` is what the tape says of
    itself, if anything."""

    name: str
    frames: Sequence[TapeFrame]
    candles: Mapping[Symbol, Sequence[TapeCandle]] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def start_ms(self) -> int:
        return self.frames[0].event_ms

    @property
    def end_ms(self) -> int:
        return self.frames[-1].event_ms

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms

    @property
    def is_synthetic(self) -> bool:
        return bool(self.meta.get("synthetic"))


@dataclass(frozen=True, slots=True)
class Timing:
    """Maps the tape's time onto the wall clock: the tape begins at ``start_ms`` and runs ``speed`` times as fast."""

    tape_start_ms: int
    start_ms: int
    speed: float

    def wall(self, tape_ms: int) -> int:
        return self.start_ms + math.floor((tape_ms - self.tape_start_ms) / self.speed)

    def tape(self, wall_ms: int) -> float:
        return self.tape_start_ms + (wall_ms - self.start_ms) * self.speed


class EmptyTape(ValueError):
    """A file holds not one usable frame. The message says what its lines were instead."""


class BadFrame(ValueError):
    """A line is no usable frame; the message is the reason, and a key to count it under."""


def read_tape(path: Path) -> Tape:
    """Raises EmptyTape, and OSError where the file cannot be read."""
    with _opened(path) as lines:
        tape = tape_of(lines, name=path.name.removesuffix(".gz").removesuffix(".ndjson"))
    return Tape(tape.name, tape.frames, _candles_beside(path, tape.name), tape.skipped, tape.meta)


def tape_of(lines: Iterable[str], name: str) -> Tape:
    """The usable frames of ``lines`` by event time. Raises EmptyTape."""
    frames: list[TapeFrame] = []
    skipped: Counter[str] = Counter()
    meta: Mapping[str, Any] = {}
    for line in lines:
        if not line.strip():
            continue
        try:
            data = _data_of(line)
            if data.get("e") == META_EVENT:
                meta = data
            else:
                frames.append(parse_frame(data))
        except BadFrame as bad:
            skipped[str(bad)] += 1
    if not frames:
        raise EmptyTape(f"{name}: no usable frame; skipped {dict(skipped)}")
    frames.sort(key=lambda frame: frame.event_ms)
    return Tape(name, frames, {}, dict(skipped), meta)


def parse_frame(data: Mapping[str, Any]) -> TapeFrame:
    """Read a forceOrder payload. Raises BadFrame."""
    order = data.get("o")
    if data.get("e") != "forceOrder" or not isinstance(order, dict):
        raise BadFrame("another event")
    if any(not isinstance(order.get(key), str) for key in _ORDER_TEXTS):
        raise BadFrame("missing or mistyped field")
    if order["S"] not in ("BUY", "SELL") or not order["s"]:
        raise BadFrame("unknown side or empty symbol")
    event_ms, trade_ms = data.get("E"), order.get("T")
    if type(event_ms) is not int or type(trade_ms) is not int or event_ms <= 0 or trade_ms <= 0:
        raise BadFrame("unusable time")
    try:
        average, limit, quantity = (parse_decimal(order[key], key) for key in ("ap", "p", "z"))
    except NotADecimal:
        raise BadFrame("unusable number") from None
    price = average or limit
    if price <= 0 or quantity <= 0:
        raise BadFrame("price or quantity not positive")
    return TapeFrame(Symbol(order["s"]), event_ms, trade_ms, price, quantity, order)


def _data_of(line: str) -> Mapping[str, Any]:
    """The payload of a combined-stream frame; a bare payload is accepted too."""
    try:
        frame = json.loads(line)
    except ValueError:
        raise BadFrame("not JSON") from None
    data = frame.get("data", frame) if isinstance(frame, dict) else None
    if not isinstance(data, dict):
        raise BadFrame("not a frame")
    return data


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[str]]:
    """Lines of a plain or gzipped file. Bytes that are not UTF-8 become replacement characters, not an end."""
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", errors="replace") as lines:
            yield iter(lines)
    else:
        with path.open(encoding="utf-8", errors="replace") as lines:
            yield iter(lines)


def _candles_beside(path: Path, name: str) -> dict[Symbol, Sequence[TapeCandle]]:
    marker = f"{name}-klines-1m-"
    found = sorted(path.parent.glob(f"{marker}*.csv"))
    return {Symbol(file.stem.removeprefix(marker)): _read_candles(file) for file in found}


def _read_candles(file: Path) -> Sequence[TapeCandle]:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [
            TapeCandle(
                int(row["open_time_ms"]), *(parse_decimal(row[key], key) for key in ("open", "high", "low", "close"))
            )
            for row in csv.DictReader(lines)
        ]
    return sorted(rows, key=lambda candle: candle.open_time_ms)
