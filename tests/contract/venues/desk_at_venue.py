"""The whole desk over memory adapters, trading at the simulator through the real Aster client, in one process."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from local.tapes.generator import lines
from local.venue.authentication import Doorman
from local.venue.faults import faults
from local.venue.house import House, open_house
from local.venue.market import TapeMarket
from local.venue.rest import Rest
from local.venue.tape import tape_of
from local.venue.transport import VenueTransport
from local.venue.user_frames import user_frame
from tests.services.world import ACCOUNT, START_MS, parameters
from tests.unit.builders import HUNTER, hunter_params

from undertow.adapters.aster.connection import AgentCredentials, AsterConnection, KeyCredentials, connect
from undertow.adapters.aster.market_data import AsterMarketData
from undertow.adapters.aster.user_messages import read_user
from undertow.adapters.aster.venue import AsterVenue
from undertow.adapters.memory import (
    ListFollowUps,
    MemoryStore,
    RecordingMeter,
    RecordingNotifier,
    SettableClock,
    StaticParams,
    memory_repositories,
)
from undertow.adapters.paper.events import AccountEvent, LeverageEvent, MarginCallEvent, ModeEvent, OrderEvent
from undertow.desk import Desk, Outside, assemble
from undertow.domain.account import Account, Control, Switch, VenuePosition
from undertow.domain.event import AccountChanged, ConfigChanged, MarginCalled, OrderChanged
from undertow.domain.ids import LiquidationId, Symbol
from undertow.domain.market import (
    BestPrices,
    Liquidation,
    LiquidationBatch,
    MarkPrice,
    MeasuredLiquidation,
    Side,
    Venue,
    VolumeWindow,
)
from undertow.ports import Clock, Repositories


@dataclass(frozen=True, slots=True)
class SimulatedVenues:
    """Every account trades at the one simulated venue."""

    connection: AsterConnection
    venue: AsterVenue

    def trading(self, account: Account) -> AsterVenue:
        return self.venue

    def market_data(self, venue: Venue) -> AsterMarketData:
        return AsterMarketData(self.connection)


@dataclass(slots=True)
class DeskAtVenue:
    clock: SettableClock
    house: House
    desk: Desk
    venues: SimulatedVenues
    follow_ups: ListFollowUps
    notifier: RecordingNotifier
    meter: RecordingMeter
    params: StaticParams
    unheard: list[str] = field(default_factory=list)
    """Frames of the user stream that were not delivered yet."""

    # --- time and the stream ---

    def hear(self, event: object) -> None:
        if isinstance(event, OrderEvent | AccountEvent | MarginCallEvent | LeverageEvent | ModeEvent):
            self.unheard.append(json.dumps(user_frame(event)))

    def deliver(self) -> None:
        """Let the desk hear everything that the user stream has said so far, also what is said meanwhile."""
        while self.unheard:
            event = read_user(self.unheard.pop(0), ACCOUNT.id)
            if isinstance(event, OrderChanged | AccountChanged | MarginCalled | ConfigChanged):
                self.desk.track(ACCOUNT, event)

    def pass_time(self, seconds: float, *, step_ms: int = 250, listening: bool = True) -> None:
        """Let venue, stream and follow-ups run on."""
        until_ms = self.clock.now_ms() + int(seconds * 1000)
        while self.clock.now_ms() < until_ms:
            self.clock.advance(step_ms)
            self.house.advance(self.clock.now_ms())
            if listening:
                self.deliver()
            for follow_up in self.follow_ups.due():
                self.desk.take_up(ACCOUNT, follow_up)

    # --- the market ---

    def symbols(self) -> Sequence[Symbol]:
        return self.house.market.symbols()

    def signal(self, symbol: Symbol, number: int = 1, side: Side = Side.SELL) -> LiquidationBatch:
        """A liquidation of ``symbol`` that crosses the threshold, with the market as it stands now."""
        now_ms = self.clock.now_ms()
        quote = self.house.market.quote(symbol)
        event = Liquidation(
            LiquidationId(f"{symbol}{number}{side}"), Venue.ASTER, symbol, side, Decimal(1), quote.last, now_ms, now_ms
        )
        window = VolumeWindow(60, Decimal(12_000), Decimal(12), Decimal(9_000), Decimal(9), 3, 3)
        return LiquidationBatch(
            venue=Venue.ASTER,
            symbol=symbol,
            epoch=1,
            window_covered=True,
            sent_at_ms=now_ms,
            book=BestPrices(quote.bid, quote.bid_quantity, quote.ask, quote.ask_quantity, now_ms),
            mark=MarkPrice(quote.mark, now_ms),
            liquidations=(MeasuredLiquidation(event, {60: window}, now_ms),),
        )

    # --- what the venue knows ---

    def venue_positions(self) -> dict[tuple[Symbol, str], VenuePosition]:
        return {(leg.symbol, leg.side.value): leg for leg in self.venues.venue.fetch_positions()}

    def ledger_quantities(self) -> dict[tuple[Symbol, str], Decimal]:
        return {
            (slot.symbol, slot.side.value): slot.position.quantity
            for slot in self.desk.repositories.ledger.slots_in_use(ACCOUNT.id)
            if slot.position is not None
        }

    def assert_ledger_equals_venue(self) -> None:
        seen = {leg: position.quantity for leg, position in self.venue_positions().items()}
        assert self.ledger_quantities() == seen

    def protection_at_venue(self, symbol: Symbol) -> list[str]:
        """Types of the closing orders that stand at the venue for ``symbol``."""
        return sorted(
            order.type.value
            for order in self.venues.venue.fetch_open_orders()
            if order.symbol == symbol and order.close_position
        )


def in_memory(clock: Clock) -> Repositories:
    return memory_repositories(MemoryStore(), clock)


def open_desk(
    *,
    generation: int = 3,
    fault_text: str = "none",
    seed: int = 1,
    symbols: int = 4,
    minutes: float = 2.0,
    account: Account = ACCOUNT,
    keep: Callable[[Clock], Repositories] = in_memory,
) -> DeskAtVenue:
    """A running desk with a hunter on the first symbols of a synthetic tape; ``generation`` 1 is HMAC, 3 EIP-712."""
    clock = SettableClock(START_MS)
    tape = tape_of(lines(seed, minutes), "test")
    market = TapeMarket(tape, seed=seed, speed=1.0, start_ms=START_MS)
    house = open_house(market, faults(fault_text, seed), seed=seed, now_ms=START_MS)
    rest = Rest(house, Doorman(house.accounts), clock.now_ms)
    keys = house.accounts[0]
    credentials = (
        AgentCredentials(keys.user, keys.agent_key)
        if generation == 3
        else KeyCredentials(keys.api_key, keys.api_secret)
    )
    connection = connect("http://venue", credentials, clock.now_ms, lane=1, transport=VenueTransport(rest.handle))
    venues = SimulatedVenues(connection, AsterVenue(ACCOUNT.id, connection))
    follow_ups, notifier, meter = ListFollowUps(clock), RecordingNotifier(), RecordingMeter()
    traded = market.symbols()[:symbols]
    given = parameters()
    hunter = replace(given.strategies[HUNTER], symbols=dict.fromkeys(traded, hunter_params()))
    changed = replace(given.globals, accounts={account.id: account})
    params = StaticParams(replace(given, globals=changed, strategies={HUNTER: hunter}))
    repositories = keep(clock)
    desk = assemble(Outside(repositories, params, venues, follow_ups, notifier, meter, clock))
    at_venue = DeskAtVenue(clock, house, desk, venues, follow_ups, notifier, meter, params)
    house.subscribe(at_venue.hear)
    desk.sync_instruments()
    desk.reconcile(account)
    assert repositories.controls.set(Control(account.id, Switch.RUNNING, START_MS, "test", "", 1))
    at_venue.deliver()
    return at_venue
