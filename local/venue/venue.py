"""One running venue with everything of it that lives in the event loop: on a tape, or on a live venue's public data."""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from local.venue import state
from local.venue.faults import faults
from local.venue.feed import MarketFeed, StreamedMarket
from local.venue.house import House, open_house
from local.venue.hub import StreamHub
from local.venue.live import LiveMarket
from local.venue.market import TapeMarket
from local.venue.stream_faults import FaultyDeliveries, Later, SocketFaults
from local.venue.streams import ALL_FORCE_ORDERS
from local.venue.tape import Tape

from undertow.ports import Clock

_HELD_MS: Final = 24 * 3_600_000


class WallClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Venue:
    """``prepare`` does what the kind of market needs before every step."""

    house: House
    market: StreamedMarket
    feed: MarketFeed
    hub: StreamHub
    socket_faults: SocketFaults
    clock: Clock
    prepare: Callable[[int], None]

    def step(self) -> None:
        now_ms = self.clock.now_ms()
        self.prepare(now_ms)
        self.house.advance(now_ms)
        self.feed.tick(now_ms)
        self.hub.tick(now_ms)
        self.socket_faults.tick(now_ms, self.market.progress().position_ms)


@dataclass(slots=True)
class HeldTape:
    """A tape that waits for its first listener."""

    market: TapeMarket
    hub: StreamHub
    holding: bool

    def __call__(self, now_ms: int) -> None:
        if self.holding and self.hub.has_listeners(ALL_FORCE_ORDERS):
            self.holding = False
            self.market.begin(now_ms + 1, self.market.timing.speed)


@dataclass(slots=True)
class HonestSilence:
    """While we hear no liquidations, nobody may believe that there are none: who listens to them is cut off."""

    market: LiveMarket
    hub: StreamHub

    def __call__(self, _now_ms: int) -> None:
        if not self.market.hears_liquidations:
            self.hub.cut_listeners(ALL_FORCE_ORDERS)


def on_tape(given: argparse.Namespace, tape: Tape, later: Later) -> Venue:
    """A venue that goes on from the saved state, if there is one, and otherwise starts the tape at its beginning."""
    clock = WallClock()
    now_ms = clock.now_ms()
    saved = state.read(given.state) if given.state else None
    resumes = saved is not None and saved.tape == tape.name and not saved.tape_finished
    played_ms = int(saved.tape_position_ms / given.speed) if saved is not None and resumes else 0
    holding = given.hold and not resumes
    # A tape that starts at this very millisecond would be heard by nobody: its first frame is due in the next one.
    start_ms = now_ms + _HELD_MS if holding else now_ms + 1 - played_ms
    market = TapeMarket(tape, seed=given.seed, speed=given.speed, start_ms=start_ms, opens_ms=now_ms)
    venue = _assembled(given, market, clock, saved, later)
    venue.prepare = HeldTape(market, venue.hub, holding)
    return venue


def on_live(given: argparse.Namespace, market: LiveMarket, clock: Clock, later: Later) -> Venue:
    """The clock is the live venue's, so that its times and ours can be compared."""
    saved = state.read(given.state) if given.state else None
    venue = _assembled(given, market, clock, saved, later)
    venue.prepare = HonestSilence(market, venue.hub)
    return venue


def _assembled(
    given: argparse.Namespace, market: StreamedMarket, clock: Clock, saved: state.Saved | None, later: Later
) -> Venue:
    now_ms = clock.now_ms()
    market.until(now_ms)
    fault_plan = faults(given.faults, given.seed)
    house = open_house(market, fault_plan, seed=given.seed, now_ms=now_ms, account_names=given.account)
    if saved is not None:
        state.restore(house, saved)
    hub = StreamHub(house.listen_keys, FaultyDeliveries(fault_plan, later, given.seed).deliver)
    socket_faults = SocketFaults(fault_plan, hub, house.listen_keys)
    venue = Venue(house, market, MarketFeed(market, hub), hub, socket_faults, clock, lambda _now_ms: None)
    house.subscribe(venue.feed.hear)
    return venue
