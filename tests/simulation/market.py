"""The market of a run: a few symbols, bursts of liquidations, prices that jump where they are."""

import json
from random import Random

from local.venue.market import TapeMarket
from local.venue.tape import tape_of

START_MS = 1_765_417_000_000
NAMES = ("AAAUSDT", "BBBUSDT", "CCCUSDT", "DDDUSDT", "EEEUSDT", "FFFUSDT")
_OPENING = (100.0, 3_000.0, 0.5, 20.0, 60_000.0, 7.0)


def drawn_market(random: Random, seed: int, symbols: int, minutes: float, start_ms: int = START_MS) -> TapeMarket:
    """Every symbol has bursts of its own; how wild they are is drawn once for the run."""
    every_s = random.choice((12, 20, 35))
    step = random.choice((0.002, 0.004, 0.008))
    beat_ms = random.choice((500, 1_000, 1_000))
    frames = []
    for name, opening in zip(NAMES[:symbols], _OPENING, strict=False):
        frames += _bursts(random, name, opening, (start_ms, start_ms + int(minutes * 60_000)), every_s, step)
    lines = [text for _, text in sorted(frames)]
    return TapeMarket(tape_of(lines, f"simulation {seed}"), seed=seed, speed=1.0, start_ms=start_ms, beat_ms=beat_ms)


def _bursts(
    random: Random, name: str, opening: float, span_ms: tuple[int, int], every_s: int, step: float
) -> list[tuple[int, str]]:
    frames: list[tuple[int, str]] = []
    price, (now_ms, end_ms) = opening, span_ms
    decimals = 2 if opening > 1 else 4
    while True:
        now_ms += int(random.expovariate(1 / (every_s * 1_000))) + 1_000
        side = random.choice(("BUY", "SELL"))
        for _ in range(random.randint(1, 6)):
            now_ms += random.randint(30, 1_500)
            if now_ms > end_ms and frames:
                return frames
            price *= 1 + (-1 if side == "SELL" else 1) * random.uniform(0, step)
            price = min(max(price, opening / 2), opening * 2)
            quantity = f"{random.uniform(500, 9_000) / price:.3f}"
            frames.append((now_ms, _frame(name, side, now_ms, quantity, f"{price:.{decimals}f}")))


def _frame(symbol: str, side: str, at_ms: int, quantity: str, price: str) -> str:
    order = {"s": symbol, "S": side, "o": "LIMIT", "f": "IOC", "q": quantity, "p": price, "ap": price}
    order |= {"X": "FILLED", "l": quantity, "z": quantity}
    return json.dumps({"e": "forceOrder", "E": at_ms, "o": {**order, "T": at_ms}})
