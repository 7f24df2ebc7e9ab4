"""Signing an Aster V3 order against ccxt: from what is wanted to the signed request, with nothing sent."""

import json
import statistics
import subprocess
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import httpx
from local.deployment import BUILD, PROJECT
from local.tapes.generator import lines
from local.venue.authentication import Doorman
from local.venue.credentials import credentials
from local.venue.faults import faults
from local.venue.house import open_house
from local.venue.http import Request
from local.venue.market import TapeMarket
from local.venue.rest import Rest
from local.venue.tape import tape_of
from tests.benchmarks.rows import Row, row
from tests.unit.builders import instrument

from undertow.adapters.aster.rest.wire import encode, open_http
from undertow.adapters.aster.signing import SECURITY, AgentKeyAuth, Nonces, Security
from undertow.adapters.aster.venue import order_params
from undertow.adapters.clock import SystemClock
from undertow.domain.account import PositionMode
from undertow.domain.ids import AccountId, Symbol, client_order_id
from undertow.domain.market import PositionSide
from undertow.domain.order import OrderIntent, OrderType, Purpose, TimeInForce
from undertow.risk.approval import ApprovedOrder

GOAL: Final = 50.0
ROUNDS: Final = 9
ORDERS: Final = 60
OURS_PER_ROUND: Final = 2_000
PRICE: Final = "100000.1"
CCXT_PYTHON: Final = BUILD / "ccxt-venv" / "bin" / "python"


def measure() -> list[Row]:
    ours, complete = _ours()
    ccxt = _ccxt()
    theirs_us = statistics.median(ccxt["us"])
    yardstick = (
        f"{theirs_us:.0f} us: ccxt {ccxt['version']}, create_order up to its fetch "
        f"(medians of {ROUNDS} rounds of {OURS_PER_ROUND} and {ORDERS})"
    )
    ratio = theirs_us / ours
    return [
        row(
            "signing an Aster V3 order: to its signed parameters",
            ours,
            "us",
            yardstick,
            ratio,
            f"at least {GOAL:g}x",
            met=ratio >= GOAL,
        ),
        # ccxt's figure ends before its HTTP library has made a request of it.
        row("signing an Aster V3 order: to the whole httpx request", complete, "us", yardstick, theirs_us / complete),
    ]


def _ours() -> tuple[float, float]:
    """Microseconds for the signed parameters (as ccxt's ``sign`` returns them), and for the whole HTTP request."""
    known = credentials("main", seed=1)
    auth = AgentKeyAuth(known.user, known.agent_key, Nonces(SystemClock().now_ms))
    approved = _order()
    with open_http("http://venue.invalid") as http:

        def parameters() -> str:
            return auth.signed(encode(order_params(approved)))

        def request() -> httpx.Request:
            unsigned = http.build_request(
                "POST",
                "/fapi/v3/order",
                content=encode(order_params(approved)).encode(),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                extensions={SECURITY: Security.SIGNED},
            )
            return next(auth.auth_flow(unsigned))

        return _median_us(parameters), _median_us(request)


def _median_us(work: Callable[[], object]) -> float:
    rounds = []
    for _ in range(ROUNDS):
        began_ns = time.perf_counter_ns()
        for _ in range(OURS_PER_ROUND):
            work()
        rounds.append((time.perf_counter_ns() - began_ns) / 1000 / OURS_PER_ROUND)
    return statistics.median(rounds)


def _order() -> ApprovedOrder:
    intent = OrderIntent(
        client_order_id("e", "bench"),
        AccountId("main"),
        Symbol("BTCUSDT"),
        PositionSide.LONG,
        Purpose.ENTRY,
        OrderType.LIMIT,
        Decimal("0.009"),
        price=Decimal(PRICE),
        time_in_force=TimeInForce.GTC,
        leverage=10,
    )
    return ApprovedOrder(intent, instrument(), PositionMode.HEDGE)


def _ccxt() -> dict[str, Any]:
    """Runs in an environment of its own, since it pins what we do not want."""
    if not CCXT_PYTHON.exists():
        raise FileNotFoundError("ccxt is not installed: make build/ccxt-venv/.ready")
    house = open_house(
        TapeMarket(tape_of(lines(1, 1.0), "bench"), seed=1, speed=1.0, start_ms=0), faults("none", 1), seed=1, now_ms=0
    )
    rest = Rest(house, Doorman(house.accounts, house.queue), lambda: 0)
    info = json.loads(rest.handle(Request("GET", "/fapi/v3/exchangeInfo")).body)
    given = {
        "exchange_info": info,
        "key": house.accounts[0].agent_key,
        "price": PRICE,
        "rounds": ROUNDS,
        "orders": ORDERS,
    }
    script = Path(__file__).with_name("ccxt_orders.py")
    ran = subprocess.run(
        [CCXT_PYTHON, script], input=json.dumps(given), capture_output=True, text=True, check=True, cwd=PROJECT
    )
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer
