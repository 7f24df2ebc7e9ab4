"""A hunter for a tape that nobody wrote a strategy for: its busiest symbols, thresholds that some of them cross."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from local.venue.tape import Tape, TapeFrame, read_tape

SYMBOLS = 25
WINDOW_OF_TAPE_S = 10
"""The window in the tape's own time; compressed, it is shorter by the speed. Shorter than the time between the
disconnections of `FAULTS=all`, or no window would ever be covered and nothing would be traded."""
CROSSED_BY = Decimal("0.9")
"""A side's threshold lies where this share of its liquidations is smaller, unless another is asked for."""
LEAST_THRESHOLD = Decimal(100)


def hunter_for(path: Path, speed: float, account: str, crossed_by: Decimal = CROSSED_BY) -> dict[str, Any]:
    """A strategy file with ``SYMBOLS`` symbols, one with a name that is not ASCII among them if the tape has any.

    ``crossed_by`` is the share of liquidations that stay below a side's threshold.
    """
    tape = read_tape(path)
    by_symbol: dict[str, list[TapeFrame]] = defaultdict(list)
    for frame in tape.frames:
        by_symbol[frame.symbol].append(frame)
    return {
        "id": "smoke-hunter",
        "kind": "hunter",
        "account": account,
        "base": {
            "volume_window_sec": max(1, round(WINDOW_OF_TAPE_S / speed)),
            "volume_threshold_long": "1000",
            "volume_threshold_short": "1000",
            "cooldown_sec": 2,
            "leverage": 5,
            "trade_value_usdt": "20",
            "max_position_margin_usdt": "100",
            "max_position_notional_usdt": "500",
            "order_ttl_seconds": 5,
        },
        "symbols": {symbol: thresholds(by_symbol[symbol], crossed_by) for symbol in busiest(tape, by_symbol)},
    }


def fitted_to_speed(document: dict[str, Any], speed: float) -> dict[str, str]:
    """Change in ``document`` what a compressed tape makes meaningless; return what was changed.

    Cascades are measured by the wall clock, over 60 s and more: at twenty times the speed such a window holds twenty
    minutes of the tape, which in a cascade is always more than a cascade, and nothing would ever be opened.
    """
    base = document["base"]
    if speed <= 1 or "cascade_formula" not in base:
        return {}
    changed = {"cascade_formula": "off"}
    base.update(changed)
    return changed


def busiest(tape: Tape, by_symbol: dict[str, list[TapeFrame]]) -> list[str]:
    ranked = sorted(by_symbol, key=lambda symbol: (-len(by_symbol[symbol]), symbol))
    foreign = [symbol for symbol in ranked if not symbol.isascii()][:1]
    chosen = [symbol for symbol in ranked if symbol not in foreign][: SYMBOLS - len(foreign)]
    if not chosen:
        raise ValueError(f"{tape.name} holds no symbol")
    return chosen + foreign


def thresholds(frames: list[TapeFrame], crossed_by: Decimal) -> dict[str, str]:
    """Liquidated longs are sold, and open a long of ours."""
    return {
        "volume_threshold_long": crossed([frame for frame in frames if frame.order["S"] == "SELL"], crossed_by),
        "volume_threshold_short": crossed([frame for frame in frames if frame.order["S"] == "BUY"], crossed_by),
    }


def crossed(frames: list[TapeFrame], crossed_by: Decimal) -> str:
    notionals = sorted(frame.price * frame.quantity for frame in frames)
    at = notionals[int(len(notionals) * crossed_by)] if notionals else Decimal(0)
    return str(max(at, LEAST_THRESHOLD).quantize(Decimal(1)))
