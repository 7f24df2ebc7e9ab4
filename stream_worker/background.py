"""What goes on beside hearing: candles and open interest are fetched, the past is read, accounts are ticked."""

from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stream_worker.candles import Candles, Pair
from stream_worker.cascades import CascadeWatch
from stream_worker.gap_log import GapLog
from stream_worker.history import History
from stream_worker.open_interest import OpenInterestPoll
from stream_worker.survey import Survey, candle_needs
from stream_worker.ticks import Ticker
from undertow.domain.ids import AccountId, Symbol
from undertow.ports import Measurements


@dataclass(frozen=True, slots=True)
class Background:
    survey: Survey
    candles: Candles
    open_interest: OpenInterestPoll
    history: History
    cascades: CascadeWatch
    ticker: Ticker
    gaps: GapLog

    def parts(self) -> Iterable[Coroutine[Any, Any, None]]:
        """What runs as long as the worker does."""
        return (
            self.candles.run(),
            self.open_interest.run(),
            self.history.run(),
            self.cascades.run(),
            self.cascades.write(),
            self.ticker.run(),
            self.gaps.run(),
        )

    def watch(self, measurements: Mapping[Symbol, Measurements], accounts: Iterable[AccountId]) -> None:
        """Beside windows nothing is measured before a strategy asks for it: then cascades of every symbol are, since
        they say something only together."""
        surveyed = measurements if any(wanted.more_than_windows for wanted in measurements.values()) else {}
        begun = self.survey.watch(surveyed)
        self.candles.watch(candle_needs(surveyed), anew=begun)
        self.open_interest.watch(surveyed)
        self.ticker.watch(accounts, measurements)

    @property
    def candle_streams(self) -> Iterable[Pair]:
        return self.candles.pairs

    def totals(self) -> dict[str, int]:
        return {
            "candle_fetches": self.candles.fetches,
            "candle_failures": self.candles.failures,
            "candles_missing": self.candles.missing,
            "history_events": self.history.events,
            "ticks_sent": self.ticker.sent.messages,
            "tick_failures": self.ticker.sent.failures + self.ticker.sent.refused,
        }
