"""How long ccxt takes from create_order's arguments to the signed request. Runs in ccxt's own virtual environment.

Reads ``{"exchange_info": {...}, "key": "0x..", "rounds": n, "orders": n}`` from standard input and prints microseconds
per order, one number for each round. Nothing is sent: ``fetch`` ends the call where the request is complete.
"""

import json
import sys
import time
from typing import Any

import ccxt

BTC = "BTC/USDT:USDT"


class Built(Exception):
    """The request stands, signed."""


def exchange(given: dict[str, Any]) -> Any:
    venue = ccxt.aster(
        {
            "privateKey": given["key"],
            "enableRateLimit": False,
            "options": {"builderFee": False, "defaultType": "swap"},
        }
    )

    def answer(url: str, *_: Any, **__: Any) -> Any:
        return given["exchange_info"] if "/fapi/" in url else {"symbols": []}

    venue.fetch = answer
    venue.load_markets()

    def end(*_: Any, **__: Any) -> Any:
        raise Built

    venue.fetch = end
    return venue


def place(venue: Any, price: str, number: int) -> None:
    params = {"clientOrderId": f"bench-{number}", "positionSide": "LONG", "timeInForce": "GTC"}
    try:
        venue.create_order(BTC, "limit", "buy", "0.009", price, params)
    except Built:
        return
    raise RuntimeError("create_order ended without a request")


def main() -> None:
    given = json.load(sys.stdin)
    venue = exchange(given)
    place(venue, given["price"], 0)
    rounds = []
    for _ in range(given["rounds"]):
        began_ns = time.perf_counter_ns()
        for number in range(given["orders"]):
            place(venue, given["price"], number)
        rounds.append((time.perf_counter_ns() - began_ns) / 1000 / given["orders"])
    json.dump({"version": ccxt.__version__, "us": rounds}, sys.stdout)


if __name__ == "__main__":
    main()
