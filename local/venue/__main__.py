"""``python -m local.venue``: the simulated venue on loopback, with a demo account.

Prints its addresses and credentials; stops in good order on SIGTERM or Ctrl-C.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import sys
from pathlib import Path
from random import Random
from typing import Any, Final

from local.tapes.generator import lines
from local.venue import state
from local.venue.authentication import Doorman
from local.venue.faults import UnknownFault, faults
from local.venue.live import LiveMarket
from local.venue.live_rows import fetch_listed
from local.venue.live_source import LiveSource
from local.venue.rest import Rest
from local.venue.server import HttpServer
from local.venue.stream import StreamServer
from local.venue.tape import read_tape, tape_of
from local.venue.venue import Venue, WallClock, on_live, on_tape
from stream_worker.session import until_one_ends

from undertow.adapters.aster.connection import connect
from undertow.adapters.aster.errors import AsterError
from undertow.adapters.aster.strict import BadFrame
from undertow.domain.outcome import VenueBlocked, VenueReadFailed, VenueUnreachable

HOST: Final = "127.0.0.1"
_STEP_S: Final = 0.01


async def run(given: argparse.Namespace) -> None:
    if given.live:
        await _run_live(given)
        return
    tape = read_tape(given.tape) if given.tape else tape_of(lines(given.seed, given.minutes), f"synthetic-{given.seed}")
    venue = on_tape(given, tape, asyncio.get_running_loop().call_later)
    await _open_doors(given, venue, tape.is_synthetic)


async def _run_live(given: argparse.Namespace) -> None:
    """Only public data is asked for at the live venue: the connection has no keys that it could sign with."""
    rest_url, ws_url = given.live
    connection = connect(rest_url, None, WallClock().now_ms)
    try:
        listed = await asyncio.to_thread(fetch_listed, connection)
        market = LiveMarket(f"live {rest_url}", listed, connection.time.now_ms())
        venue = on_live(given, market, connection.time, asyncio.get_running_loop().call_later)
        source = LiveSource(connection, ws_url, market, Random())
        await until_one_ends(source.run(), _open_doors(given, venue, synthetic=False))
    finally:
        connection.close()


async def _open_doors(given: argparse.Namespace, venue: Venue, synthetic: bool) -> None:
    """Until SIGTERM or Ctrl-C."""
    rest = HttpServer(Rest(venue.house, Doorman(venue.house.accounts, venue.house.queue), venue.clock.now_ms).handle)
    streams = StreamServer(venue.hub, venue.clock)
    rest_port = await rest.serve(HOST, given.port)
    ws_port = await streams.serve(HOST, given.port + 1 if given.ws_port is None and given.port else given.ws_port or 0)
    stopping = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stopping.set)
    _announce(given, venue, rest_port, ws_port, synthetic)
    try:
        while not stopping.is_set():
            venue.step()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _STEP_S)
        await streams.close()
        await rest.close()
    finally:
        if given.state:
            state.save(venue.house, given.state)


def _announce(given: argparse.Namespace, venue: Venue, rest_port: int, ws_port: int, synthetic: bool) -> None:
    facts = {
        "rest": f"http://{HOST}:{rest_port}",
        "ws": f"ws://{HOST}:{ws_port}",
        "tape": venue.market.progress().name,
        "synthetic": synthetic,
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
    parser.add_argument(
        "--live", nargs=2, metavar=("REST_URL", "WS_URL"), help="prices of a live venue's public data instead of a tape"
    )
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
    if given.live and (given.tape or given.hold or given.speed != 1):
        parser.error("a live market has no tape: --live goes without --tape, --hold and --speed")
    try:
        faults(given.faults, given.seed)
    except UnknownFault as error:
        parser.error(str(error))
    return given


def main() -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    given = _arguments()
    try:
        asyncio.run(run(given))
    except (AsterError, BadFrame, VenueReadFailed, VenueBlocked, VenueUnreachable) as error:
        print(f"the public data of {given.live[0]} cannot be had: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
