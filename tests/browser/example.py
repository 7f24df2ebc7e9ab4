"""A desk with something to look at: the whole system in one process, as the simulation runs it, without faults.

The market moves, strategies trade, and what the page changes in the configuration is what they trade by.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from local.venue.happenings import Liquidated
from local.venue.transport import VenueTransport
from tests.browser.reported import AlertsKept
from tests.simulation.drawn import Drawn
from tests.simulation.measured import drawing
from tests.simulation.simulation import Simulation, for_each
from tests.simulation.swarm import Swarm

from undertow.adapters.aster import messages
from undertow.adapters.aster.connection import connect
from undertow.adapters.aster.market_data import AsterMarketData
from undertow.adapters.aster.strict import BadFrame
from undertow.adapters.memory import RecordingNotifier, SettableClock
from undertow.adapters.memory.parameters import MemoryParameters
from undertow.adapters.ssm.layout import Paths
from undertow.adapters.ssm.source import SsmParamsSource
from undertow.adapters.ssm.store import SsmDocuments
from undertow.adapters.ssm.tokens import SsmTokens
from undertow.domain.account import Heartbeat
from undertow.domain.cascade import CascadeState
from undertow.domain.contact import Asked, ClockOffset, Contact, VenueCount
from undertow.domain.market import Venue
from undertow.ports import Venues
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

SYMBOLS: Final = ("AAAUSDT", "BBBUSDT", "CCCUSDT", "DDDUSDT", "EEEUSDT")
MINUTE_MS: Final = 60_000
BEAT_MS: Final = 5_000
STREAM_MS: Final = 250
"""How soon a table's stream hands a row over."""
PREFIX: Final = "/undertow/preview"

_GLOBALS: Final = {
    "accounts": {
        "main": {
            "venue": "aster",
            "mode": "live",
            "hedge_mode": True,
            "limits": {
                "max_total_exposure_margin_usdt": "3000",
                "max_total_exposure_notional_usdt": "30000",
                "max_positions": 8,
                "max_leverage": 20,
            },
            "risk": {"max_portfolio_risk_pct": "14.5", "max_daily_loss_pct": "20", "max_drawdown_pct": "40"},
        }
    }
}
_HUNTER: Final = {
    "id": "hunter",
    "kind": "hunter",
    "account": "main",
    "base": {
        "leverage": 10,
        "trade_value_usdt": "60",
        "max_position_margin_usdt": "500",
        "max_position_notional_usdt": "5000",
        "volume_threshold_long": "8000",
        "volume_threshold_short": "8000",
        "take_profit_pct": "2",
        "stop_loss_pct": "1",
    },
    "symbols": {name: {} for name in SYMBOLS[:4]},
}
_LADDER: Final = {
    "id": "ladder",
    "kind": "ladder",
    "account": "main",
    "base": {
        "cascade_formula": "magnitude",
        "leverage": 10,
        "margin_type": "isolated",
        "margin_pct": "10",
        "layer1_size_pct": "20",
        "first_step_pct": "0.4",
        "size_growth": "1.5",
        "max_layers": 4,
        "reference_atr_pct": "1",
        "protection": "percent",
        "stop_loss_pct": "3",
        "take_profit_pct": "1.5",
        "max_position_margin_usdt": "300",
        "max_position_notional_usdt": "3000",
    },
    "symbols": {name: {} for name in SYMBOLS[2:]},
}


@dataclass(frozen=True, slots=True)
class PublicData:
    """The venue's public answers, as the API's function asks for them."""

    data: AsterMarketData

    def market_data(self, _venue: Venue) -> AsterMarketData:
        return self.data


class Example:
    """``until_ms`` is now; the history before it is ``minutes`` long. Not for more than one thread at a time."""

    def __init__(self, until_ms: int, minutes: int, seed: int = 7) -> None:
        parameters = MemoryParameters()
        self.documents = SsmDocuments(parameters, Paths(PREFIX))
        self.documents.store_globals(json.dumps(_GLOBALS), expected=0)
        for strategy in (_HUNTER, _LADDER):
            self.documents.store_strategy(json.dumps(strategy), expected=0)
        self._started_ms = until_ms - minutes * MINUTE_MS
        self.simulation = self._simulation(self._started_ms, minutes, seed)
        universe = self.simulation.universe
        self.clock, self.kept = universe.clock, universe.kept
        self.alerts = AlertsKept(self.kept.alerts, universe.params, self.clock)
        self.source = SsmParamsSource(parameters, Paths(PREFIX), self.clock, self.alerts)
        self.tokens = SsmTokens(parameters, PREFIX, self.clock)
        market = universe.house.market
        self._drawn = drawing(Random(seed), lambda symbol: market.quote(symbol).mark)
        universe.house.subscribe(self._keep_liquidation)
        self.simulation.start()
        self.simulation._scheduled("carry_out_requests", 30, for_each(lambda desk: desk.carry_out.left_over))
        self._hand_requests_over()
        self._beat()
        self.console = self._console()
        self.run_until(until_ms)

    def _simulation(self, start_ms: int, minutes: int, seed: int) -> Simulation:
        """The market goes on for a day after the history."""
        first = SsmParamsSource(self.documents.parameters, Paths(PREFIX), SettableClock(start_ms), RecordingNotifier())
        given = first.current()
        accounts = tuple(given.globals.accounts.values())
        drawn = Drawn(accounts, tuple(3 for _ in accounts), len(SYMBOLS), given)
        swarm = Swarm(Random(seed), {})
        return Simulation(seed, minutes=minutes + 24 * 60, swarm=swarm, drawn=drawn, start_ms=start_ms)

    def _console(self) -> Console:
        kept, clock, documents = self.kept, self.clock, self.documents
        transport = VenueTransport(self.simulation.rest.handle)
        venues: Venues = PublicData(AsterMarketData(connect("http://venue", None, clock.now_ms, transport=transport)))  # type: ignore[assignment]
        sessions = TradeSessions(kept.sessions, documents, kept.audit, clock)
        set_switch = SetSwitch(kept.controls, kept.audit, clock)
        return Console(
            sources=Sources(kept, self.source, documents, Marks(venues, clock), clock, PastCandles(venues, clock)),
            configure=Configure(documents, kept.instruments, kept.audit, clock, sessions),
            set_switch=set_switch,
            resume=ResumeAccount(set_switch, kept.guards, clock),
            sessions=sessions,
            adjust=Adjust(kept.adjustments, kept.audit, clock),
            ask=AskRequest(
                kept.ledger,
                kept.requests,
                ReadRequest(kept.instruments, self.source),
                Marks(venues, clock),
                kept.audit,
                clock,
            ),
            ask_trial=AskTrial(self.source, self.alerts, kept.audit, clock),
            tokens=self.tokens,
            keep_contacts=KeepContacts(None, kept.contacts, clock),
        )

    # --- the course of things ---------------------------------------------------------------------------------------

    def run_until(self, time_ms: int) -> None:
        """Let everything happen that is due by then."""
        loop = self.simulation.loop
        while loop.next_ms <= time_ms:
            loop.step()
        self.clock.at_ms = max(self.clock.at_ms, time_ms)

    def _hand_requests_over(self) -> None:
        """What the stream of the control table does: a request that was written down is carried out at once."""
        since_ms = self.clock.at_ms - MINUTE_MS
        accounts = self.simulation.universe.accounts
        if any(self.kept.requests.unfinished(account.id, since_ms) for account in accounts):
            self.simulation._run(self.simulation.lambdas.functions["carry_out_requests"])
        self.simulation.loop.after(STREAM_MS, "preview stream", self._hand_requests_over)

    def _beat(self) -> None:
        """What a worker writes every few seconds, and the configuration as it is now."""
        now_ms, universe = self.clock.at_ms, self.simulation.universe
        self.kept.heartbeats.put(
            Heartbeat(
                "preview", self._started_ms, now_ms, now_ms - 400, now_ms - 900, now_ms - 20 * MINUTE_MS,
                loop_lag_ms=3, frames_in=12_000, liquidations_in=400, quarantined=1, dropped=0, reconnects=1,
                window_covered=True,
            )
        )  # fmt: skip
        self.kept.cascades.put(self._cascades(now_ms))
        for contact in _contacts(now_ms):
            self.kept.contacts.add(contact)
        universe.params.replace(self.source.refreshed())
        for report in universe.notifier.alerts:
            self.alerts.alert(report.level, report.key, report.message, report.facts)
        universe.notifier.alerts.clear()
        self.simulation.loop.after(BEAT_MS, "preview beat", self._beat)

    def _cascades(self, now_ms: int) -> CascadeState:
        read = {symbol: self._drawn(symbol, now_ms) for symbol in self.simulation.universe.house.market.symbols()}
        aggregates = next(iter(read.values())).aggregates
        return CascadeState(Venue.ASTER, now_ms, True, aggregates, {name: one.cascades for name, one in read.items()})

    def _keep_liquidation(self, event: object) -> None:
        if not isinstance(event, Liquidated):
            return
        try:
            heard = messages.liquidation(dict(event.payload))
        except BadFrame as bad:
            raise AssertionError("the example's market tells no nonsense") from bad
        self.kept.liquidations.append(Venue.ASTER, self.simulation.epoch, [heard])


def _contacts(now_ms: int) -> Iterator[Contact]:
    """What functions write of their requests meanwhile."""
    minute, beats = now_ms // MINUTE_MS, now_ms % MINUTE_MS // BEAT_MS + 1
    told, clock = VenueCount(150 * beats, 2_400, now_ms), ClockOffset(-14, now_ms)
    passed = {"GET /fapi/v3/openOrders": Asked(1, 40), "GET /fapi/v3/positionRisk": Asked(1, 5)}
    yield Contact(Venue.ASTER, "reconcile", minute, passed, told, clock)
    yield Contact(Venue.ASTER, "import-history", minute, {"GET /fapi/v3/income": Asked(3, 90)}, told)
    entered = {"POST /fapi/v3/order": Asked(3, 3), "GET /fapi/v3/order": Asked(2, 2)}
    yield Contact(Venue.ASTER, "evaluate-liquidations", minute, entered)
    yield Contact(Venue.ASTER, "stream-worker", minute, {"GET /fapi/v3/klines": Asked(5, 10)})
