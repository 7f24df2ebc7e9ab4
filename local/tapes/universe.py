"""The symbols of a generated market: well-known ones, invented ones, and one that is not ASCII, as a real one is."""

from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Final

_SIZE: Final = 530
# Name, price and lot decimals, roughly as they were; liquidated in about this order of frequency.
_KNOWN: Final = (
    ("BTC", 91_000.0, 3),
    ("ETH", 3_200.0, 3),
    ("SOL", 133.0, 2),
    ("BNB", 880.0, 2),
    ("XRP", 2.05, 1),
    ("DOGE", 0.14, 0),
    ("ASTER", 0.95, 1),
    ("1000PEPE", 0.0045, 0),
    ("ADA", 0.43, 0),
    ("ZEC", 410.0, 3),
    ("SUI", 1.6, 1),
    ("LINK", 13.8, 2),
    ("AVAX", 14.1, 1),
    ("DOT", 2.1, 1),
    ("FIL", 1.5, 1),
    ("LTC", 82.0, 3),
    ("UNI", 5.6, 1),
    ("NEAR", 1.7, 1),
    ("AAVE", 195.0, 2),
    ("HYPE", 28.5, 2),
)
NON_ASCII_NAME: Final = "暗流"
"""The undertow, in Chinese. It stands among the more frequent symbols, so that short tapes have it too."""
_NON_ASCII_RANK: Final = 12
_SYLLABLES: Final = (
    *("ka", "lo", "mi", "ra", "so", "ten", "vu", "zer"),
    *("po", "qua", "ni", "dex", "or", "fly", "gra", "bu"),
)


@dataclass(frozen=True, slots=True)
class Listing:
    """``price`` is where it begins; ``beta`` how many times as far it falls as the market."""

    symbol: str
    price: float
    lot_decimals: int
    beta: float
    volatility: float


def listings(seed: int) -> list[Listing]:
    """Most frequently liquidated first. Names do not depend on the seed, the prices of invented symbols do."""
    random = Random(f"listings {seed}")
    invented = ["".join(pair).upper() for pair in product(_SYLLABLES, repeat=2)]
    invented += ["".join(triple).upper() for triple in product(_SYLLABLES[:7], repeat=3)]
    rows = [*_KNOWN, *((name, *_invented_price(random)) for name in dict.fromkeys(invented))]
    rows.insert(_NON_ASCII_RANK, (NON_ASCII_NAME, 0.116, 0))
    return [
        Listing(
            f"{name}USDT",
            price,
            decimals,
            beta=1.0 if rank < 2 else random.uniform(1.2, 3.0),
            volatility=0.0008 if rank < 2 else random.uniform(0.0012, 0.0035),
        )
        for rank, (name, price, decimals) in enumerate(rows[:_SIZE])
    ]


def _invented_price(random: Random) -> tuple[float, int]:
    price = 10 ** random.uniform(-4.3, 1.5)
    return price, 0 if price < 1 else 1 if price < 10 else 2
