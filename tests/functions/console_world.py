"""A console over a small world: memory adapters, one account, one hunter."""

import json
from typing import Any

from tests.services.world import START_MS, World
from tests.unit.builders import d

from undertow.adapters.memory import RecordingTrials
from undertow.adapters.memory.parameters import MemoryParameters
from undertow.adapters.ssm.layout import Paths
from undertow.adapters.ssm.source import SsmParamsSource
from undertow.adapters.ssm.store import SsmDocuments
from undertow.adapters.ssm.tokens import SsmTokens
from undertow.domain.ids import Symbol
from undertow.domain.market import BestPrices, Candle, MarkPrice, Venue
from undertow.domain.outcome import VenueReadFailed
from undertow.services.adjust import Adjust
from undertow.services.ask_request import AskRequest
from undertow.services.ask_trial import AskTrial
from undertow.services.configure import Configure
from undertow.services.console import Console
from undertow.services.keep_contacts import KeepContacts
from undertow.services.read_request import ReadRequest
from undertow.services.resume_account import ResumeAccount
from undertow.services.sessions import TradeSessions
from undertow.services.set_switch import SetSwitch
from undertow.services.views.marks import Marks
from undertow.services.views.past_candles import PastCandles
from undertow.services.views.sources import Sources

GLOBALS: dict[str, Any] = {
    "accounts": {
        "main": {
            "venue": "aster",
            "mode": "live",
            "hedge_mode": True,
            "limits": {
                "max_total_exposure_margin_usdt": "1000",
                "max_total_exposure_notional_usdt": "10000",
                "max_positions": 5,
                "max_leverage": 20,
            },
        }
    }
}
STRATEGY: dict[str, Any] = {
    "id": "hunter",
    "kind": "hunter",
    "account": "main",
    "base": {
        "leverage": 10,
        "trade_value_usdt": "100",
        "max_position_margin_usdt": "500",
        "max_position_notional_usdt": "5000",
        "volume_threshold_long": "10000",
        "volume_threshold_short": "10000",
    },
    "symbols": {"BTCUSDT": {}},
}
LADDER_STRATEGY: dict[str, Any] = {
    "id": "ladder",
    "kind": "ladder",
    "account": "main",
    "base": {
        "leverage": 10,
        "cascade_formula": "magnitude",
        "margin_type": "isolated",
        "margin_pct": "10",
        "layer1_size_pct": "20",
        "first_step_pct": "0.4",
        "size_growth": "1.5",
        "max_layers": 3,
        "reference_atr_pct": "1",
        "protection": "percent",
        "stop_loss_pct": "2",
        "take_profit_pct": "1",
        "max_position_margin_usdt": "300",
        "max_position_notional_usdt": "3000",
    },
    "symbols": {"BTCUSDT": {}},
}


class MarksOfATest:
    """Public data whose mark price the test sets."""

    def __init__(self) -> None:
        self.price: str | None = "100500"
        self.spread = "10"
        self.candles: list[Candle] = []
        self.asked: list[Symbol] = []
        self.candles_asked: list[Symbol] = []

    def market_data(self, _venue: Venue) -> "MarksOfATest":
        return self

    def fetch_mark_price(self, symbol: Symbol) -> MarkPrice:
        self.asked.append(symbol)
        if self.price is None:
            raise VenueReadFailed("no answer")
        return MarkPrice(d(self.price), START_MS)

    def fetch_best_prices(self, _symbol: Symbol) -> BestPrices:
        if self.price is None:
            raise VenueReadFailed("no answer")
        half = d(self.spread) / 2
        return BestPrices(d(self.price) - half, d("1"), d(self.price) + half, d("1"), START_MS)

    def fetch_candles(self, symbol: Symbol, _interval_s: int, limit: int, until_ms: int | None = None) -> list[Candle]:
        self.candles_asked.append(symbol)
        if self.price is None:
            raise VenueReadFailed("no answer")
        return [one for one in self.candles if until_ms is None or one.open_time_ms <= until_ms][-limit:]


def new_documents() -> SsmDocuments:
    stored = SsmDocuments(MemoryParameters(), Paths("/undertow/test"))
    stored.store_globals(json.dumps(GLOBALS), expected=0)
    stored.store_strategy(json.dumps(STRATEGY), expected=0)
    return stored


def new_console(
    world: World, documents: SsmDocuments, venue_marks: MarksOfATest, trials: RecordingTrials | None = None
) -> Console:
    kept, clock = world.desk.repositories, world.clock
    source = SsmParamsSource(documents.parameters, documents.paths, clock, world.notifier)
    marks = Marks(venue_marks, clock)  # type: ignore[arg-type]
    sessions = TradeSessions(kept.sessions, documents, kept.audit, clock)
    set_switch = SetSwitch(kept.controls, kept.audit, clock)
    return Console(
        sources=Sources(kept, source, documents, marks, clock, PastCandles(marks.venues, clock)),
        configure=Configure(documents, kept.instruments, kept.audit, clock, sessions),
        set_switch=set_switch,
        resume=ResumeAccount(set_switch, kept.guards, clock),
        sessions=sessions,
        adjust=Adjust(kept.adjustments, kept.audit, clock),
        ask=AskRequest(kept.ledger, kept.requests, ReadRequest(kept.instruments, source), marks, kept.audit, clock),
        ask_trial=AskTrial(source, trials or RecordingTrials(), kept.audit, clock),
        tokens=SsmTokens(documents.parameters, "/undertow/test", clock),
        keep_contacts=KeepContacts(None, kept.contacts, clock),
    )
