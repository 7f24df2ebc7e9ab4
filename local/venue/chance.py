"""Chance that follows from a seed and an index, so that any moment of a simulated market can be computed by itself."""

import hashlib
from statistics import NormalDist
from typing import Final

_WORD: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
_STANDARD: Final = NormalDist()


def seed_of(*parts: object) -> int:
    """64 bits that stand for ``parts``, the same in every process and on every machine."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def bits(seed: int, index: int) -> int:
    """64 well-mixed bits for ``index``, which may be negative (the splitmix64 finaliser)."""
    word = (seed + index * _GOLDEN) & _WORD
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _WORD
    return word ^ (word >> 31)


def uniform(seed: int, index: int) -> float:
    """Above 0 and below 1."""
    return ((bits(seed, index) >> 12) + 0.5) / (1 << 52)


def normal(seed: int, index: int) -> float:
    """Mean 0, standard deviation 1."""
    return _STANDARD.inv_cdf(uniform(seed, index))
