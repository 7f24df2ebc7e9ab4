"""What goes wrong in one round, and when: drawn from one seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from tests.chaos.shim import Kind

LANES: Final = ("venue-rest", "venue-ws", "functions-aws", "worker-aws")
BETWEEN_S: Final = 2.5
"""The mean time from one trouble of the network to the next."""
KINDS: Final = {Kind.CUT: 35, Kind.DELAY: 20, Kind.HALVE: 15, Kind.BLACK_HOLE: 15, Kind.SLICE: 15}
LASTING_S: Final = {Kind.DELAY: (1.0, 8.0), Kind.BLACK_HOLE: (0.5, 6.0), Kind.SLICE: (1.0, 6.0)}
LONGEST_LAG_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class NetworkTrouble:
    """``lag_s`` is for a delay, ``seed`` for what is chosen when it strikes."""

    at_s: float
    lane: str
    kind: Kind
    lasts_s: float
    lag_s: float
    seed: int


@dataclass(frozen=True, slots=True)
class WorkerEnds:
    """The stream worker is killed, or told to stop, and started again ``away_s`` later."""

    at_s: float
    gently: bool
    away_s: float


@dataclass(frozen=True, slots=True)
class FunctionDies:
    """The process of a warm function is killed, whatever it is doing."""

    at_s: float
    seed: int


@dataclass(frozen=True, slots=True)
class CloudStands:
    """The whole emulator stands still."""

    at_s: float
    lasts_s: float


Trouble = NetworkTrouble | WorkerEnds | FunctionDies | CloudStands


def drawn(seed: int, seconds: float) -> Sequence[Trouble]:
    """In order of time. The round's last seconds see troubles too; they end with the round."""
    random = Random(f"chaos {seed}")
    found: list[Trouble] = []
    at_s = random.expovariate(1 / BETWEEN_S)
    while at_s < seconds:
        kind = random.choices(list(KINDS), list(KINDS.values()))[0]
        lasts_s = random.uniform(*LASTING_S[kind]) if kind in LASTING_S else 0.0
        lag_s = random.uniform(0.02, LONGEST_LAG_S)
        found.append(NetworkTrouble(at_s, random.choice(LANES), kind, lasts_s, lag_s, random.randrange(1 << 30)))
        at_s += random.expovariate(1 / BETWEEN_S)
    for _ in range(random.choice([0, 1, 1, 2])):
        found.append(WorkerEnds(random.uniform(0, seconds), random.random() < 0.4, random.uniform(0, 3)))
    for _ in range(random.choice([0, 1, 2, 3])):
        found.append(FunctionDies(random.uniform(0, seconds), random.randrange(1 << 30)))
    if random.random() < 0.5:
        found.append(CloudStands(random.uniform(0, seconds), random.uniform(0.3, 2.5)))
    return sorted(found, key=lambda trouble: trouble.at_s)
