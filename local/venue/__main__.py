"""``python -m local.venue``: the simulated venue on loopback, with a demo account.

Prints its addresses and credentials; stops in good order on SIGTERM or Ctrl-C.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local.tapes.generator import lines
from local.venue import state
from local.venue.authentication import Doorman
from local.venue.faults import UnknownFault, faults
from local.venue.feed import MarketFeed
from local.venue.house import House, open_house
from local.venue.hub import StreamHub
from local.venue.market import TapeMarket
from local.venue.rest import Rest
from local.venue.server import HttpServer
from local.venue.stream import StreamServer
from local.venue.stream_faults import FaultyDeliveries, Later, SocketFaults
from local.venue.streams import ALL_FORCE_ORDERS
from local.venue.tape import Tape, read_tape, tape_of

HOST: Final = "127.0.0.1"
_STEP_S: Final = 0.01
_HELD_MS: Final = 24 * 3_600_000


class WallClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Venue:
    """Everything of one running venue that lives in the event loop."""

    house: House
    market: TapeMarket
    feed: MarketFeed
    hub: StreamHub
    socket_faults: SocketFaults
    clock: WallClock
    holding: bool
    """The tape waits for its first listener."""

    def step(self) -> None:
        now_ms = self.clock.now_ms()
        if self.holding and self.hub.has_listeners(ALL_FORCE_ORDERS):
            self.holding = False
            self.market.begin(now_ms + 1, self.market.timing.speed)
        self.house.advance(now_ms)
        self.feed.tick(now_ms)
        self.hub.tick(now_ms)
        self.socket_faults.tick(now_ms, self.market.tape_position_ms)


def assemble(given: argparse.Namespace, tape: Tape, later: Later) -> Venue:
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
    market.until(now_ms)
    fault_plan = faults(given.faults, given.seed)
    house = open_house(market, fault_plan, seed=given.seed, now_ms=now_ms, account_names=given.account)
    if saved is not None:
        state.restore(house, saved)
    hub = StreamHub(house.listen_keys, FaultyDeliveries(fault_plan, later, given.seed).deliver)
    socket_faults = SocketFaults(fault_plan, hub, house.listen_keys)
    venue = Venue(house, market, MarketFeed(market, hub), hub, socket_faults, clock, holding)
    house.subscribe(venue.feed.hear)
    return venue


async def run(given: argparse.Namespace) -> None:
    tape = read_tape(given.tape) if given.tape else tape_of(lines(given.seed, given.minutes), f"synthetic-{given.seed}")
    loop = asyncio.get_running_loop()
    venue = assemble(given, tape, loop.call_later)
    rest = HttpServer(Rest(venue.house, Doorman(venue.house.accounts, venue.house.queue), venue.clock.now_ms).handle)
    streams = StreamServer(venue.hub, venue.clock)
    rest_port = await rest.serve(HOST, given.port)
    ws_port = await streams.serve(HOST, given.port + 1 if given.ws_port is None and given.port else given.ws_port or 0)
    stopping = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stopping.set)
    _announce(given, venue, rest_port, ws_port, tape)
    while not stopping.is_set():
        venue.step()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), _STEP_S)
    await streams.close()
    await rest.close()
    if given.state:
        state.save(venue.house, given.state)


def _announce(given: argparse.Namespace, venue: Venue, rest_port: int, ws_port: int, tape: Tape) -> None:
    facts = {
        "rest": f"http://{HOST}:{rest_port}",
        "ws": f"ws://{HOST}:{ws_port}",
        "tape": tape.name,
        "synthetic": tape.is_synthetic,
        "symbols": len(venue.market.symbols()),
        "chainId": 1666,
        "accounts": [
            {
                "account": each.account,
                "v1": {"apiKey": each.api_key, "apiSecret": each.api_secret},
                "v3": {
                    "user": each.user,
                    "signer": each.signer,
                    "agentKey": each.agent_key,
                    "userKey": each.user_key,
                },
            }
            for each in venue.house.accounts
        ],
    }
    if given.json_ready:
        draft = given.json_ready.with_name(f"{given.json_ready.name}.new")
        draft.write_text(json.dumps(facts))
        draft.replace(given.json_ready)
    print(json.dumps(facts) if given.json else _readable(facts), flush=True)


def _readable(facts: dict[str, Any]) -> str:
    said = [
        f"venue simulator: REST {facts['rest']}  websocket {facts['ws']}/ws and /stream",
        f"tape {facts['tape']}{' (synthetic)' if facts['synthetic'] else ''}, {facts['symbols']} symbols",
    ]
    for each in facts["accounts"]:
        said += [
            f"demo account {each['account']} (valid here and nowhere else)",
            f"  V1  key     {each['v1']['apiKey']}",
            f"      secret  {each['v1']['apiSecret']}",
            f"  V3  user    {each['v3']['user']}",
            f"      signer  {each['v3']['signer']}",
            f"      agent key       {each['v3']['agentKey']}",
            f"      key of the user {each['v3']['userKey']}  (for clients without agents, such as ccxt)",
        ]
    return "\n".join([*said, "Ctrl-C stops it."])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.venue", description=__doc__)
    parser.add_argument("--port", type=int, default=18080, help="of REST; 0 takes a free one")
    parser.add_argument("--ws-port", type=int, help="of the websockets; the next one unless given")
    parser.add_argument("--tape", type=Path, help="recorded liquidations; a synthetic tape unless given")
    parser.add_argument("--minutes", type=float, default=50.0, help="length of the synthetic tape")
    parser.add_argument("--speed", type=float, default=1.0, help="how many times as fast as recorded")
    parser.add_argument("--hold", action="store_true", help="begin the tape when somebody listens to !forceOrder@arr")
    parser.add_argument("--faults", default="none", help="kinds as kind=value, or all, or storm")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--account", action="append", help="name of a demo account; may be repeated")
    parser.add_argument("--state", type=Path, help="file that keeps accounts and orders over an orderly stop")
    parser.add_argument("--json", action="store_true", help="print one line of JSON instead of text")
    parser.add_argument("--json-ready", type=Path, help="file that gets the same JSON once the doors are open")
    given = parser.parse_args()
    given.account = tuple(given.account or ("main",))
    try:
        faults(given.faults, given.seed)
    except UnknownFault as error:
        parser.error(str(error))
    return given


if __name__ == "__main__":
    asyncio.run(run(_arguments()))
