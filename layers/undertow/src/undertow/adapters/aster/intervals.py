"""Candle lengths in seconds by the venue's names."""

from collections.abc import Mapping
from typing import Final

INTERVALS: Final[Mapping[int, str]] = {
    60: "1m",
    180: "3m",
    300: "5m",
    900: "15m",
    1_800: "30m",
    3_600: "1h",
    7_200: "2h",
    14_400: "4h",
    86_400: "1d",
}
