"""The venue simulator with a stamp on every order that arrives. Loopback only; ends when its standard input does.

Prints one line of JSON when it serves: address, credentials and symbols. ``GET /bench/arrivals`` answers with the
monotonic nanoseconds at which each order had been received, by client order id. That clock is the machine's, so another
process can hold its own readings against it. Limits are as high as need be: what is measured is not patience.
"""

import asyncio
import json
import sys
import time
from urllib.parse import parse_qs

from local.tapes.generator import lines
from local.venue.authentication import Doorman
from local.venue.faults import faults
from local.venue.house import open_house
from local.venue.http import Request, Response, answer
from local.venue.limits import Limits
from local.venue.market import TapeMarket
from local.venue.rest import Rest
from local.venue.server import HttpServer
from local.venue.tape import tape_of

from undertow.adapters.clock import SystemClock

STEP_S = 0.01
NO_LIMIT = 10**9


class Stamps:
    """Stands before the REST door and notes when an order has come in."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._arrived_ns: dict[str, int] = {}

    def handle(self, request: Request) -> Response:
        now_ns = time.monotonic_ns()
        if request.path == "/bench/arrivals":
            return answer(200, self._arrived_ns)
        if request.method == "POST" and request.path.endswith("/order"):
            (order,) = parse_qs(request.body)["newClientOrderId"]
            self._arrived_ns[order] = now_ns
        return self._rest.handle(request)


async def main() -> None:
    clock = SystemClock()
    market = TapeMarket(tape_of(lines(1, 5.0), "bench"), seed=1, speed=1.0, start_ms=clock.now_ms())
    limits = Limits(weight_per_minute=NO_LIMIT, orders_per_minute=NO_LIMIT)
    house = open_house(market, faults("none", 1), seed=1, now_ms=clock.now_ms(), limits=limits)
    stamps = Stamps(Rest(house, Doorman(house.accounts, house.queue), clock.now_ms))
    server = HttpServer(stamps.handle)
    port = await server.serve("127.0.0.1", 0)
    keys = house.accounts[0]
    facts = {"rest": f"http://127.0.0.1:{port}", "user": keys.user, "agent_key": keys.agent_key}
    sys.stdout.write(json.dumps({**facts, "symbols": market.symbols()}) + "\n")
    sys.stdout.flush()
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    while not ended.done():
        house.advance(clock.now_ms())
        await asyncio.sleep(STEP_S)
    await server.close()


if __name__ == "__main__":
    asyncio.run(main())
