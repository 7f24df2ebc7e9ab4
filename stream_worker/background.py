"""What goes on beside hearing and forwarding: accounts are ticked."""

from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stream_worker.ticks import Ticker
from undertow.domain.ids import AccountId, Symbol
from undertow.ports import Measurements


@dataclass(frozen=True, slots=True)
class Background:
    ticker: Ticker

    def parts(self) -> Iterable[Coroutine[Any, Any, None]]:
        """What runs as long as the worker does."""
        return (self.ticker.run(),)

    def watch(self, measurements: Mapping[Symbol, Measurements], accounts: Iterable[AccountId]) -> None:
        self.ticker.watch(accounts, measurements)

    def totals(self) -> dict[str, int]:
        return {
            "ticks_sent": self.ticker.sent.messages,
            "tick_failures": self.ticker.sent.failures + self.ticker.sent.refused,
        }
