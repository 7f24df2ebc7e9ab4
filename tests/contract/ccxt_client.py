"""A day in the life of a ccxt user, against the venue simulator. Runs in ccxt's own virtual environment.

Reads the simulator's ready file, does everything the contract names with the unmodified class, and prints one JSON
object of what it saw; the test compares it with what the venue knows.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import ccxt
import ccxt.pro

BTC = "BTC/USDT:USDT"


def exchange_for(facts: dict[str, Any]) -> Any:
    account = facts["accounts"][0]["v3"]
    venue = ccxt.pro.aster(
        {
            "privateKey": account["userKey"],
            "walletAddress": account["user"],
            "rateLimit": 20,
            "options": {
                "builderFee": False,
                "defaultType": "swap",
                "watchPositions": {"fetchPositionsSnapshot": False, "awaitPositionsSnapshot": False},
            },
        }
    )
    rest, ws = facts["rest"], facts["ws"]
    venue.urls["api"]["fapiPublic"] = venue.urls["api"]["fapiPrivate"] = f"{rest}/fapi"
    venue.urls["api"]["sapiPublic"] = venue.urls["api"]["sapiPrivate"] = f"{rest}/api"
    venue.urls["api"]["ws"] = {
        "public": {"spot": f"{ws}/sstream/stream", "swap": f"{ws}/fstream/stream"},
        "private": {"spot": f"{ws}/sstream/ws", "swap": f"{ws}/fstream/ws"},
    }
    return venue


async def trade(venue: Any) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    markets = await venue.load_markets()
    seen["markets"] = len(markets)
    seen["tick"] = markets[BTC]["precision"]["price"]
    seen["balance"] = (await venue.fetch_balance())["USDT"]
    seen["leverage"] = await venue.set_leverage(10, BTC)
    seen["orderBook"] = levels(await venue.fetch_order_book(BTC, 5))
    last = (await venue.fetch_ticker(BTC))["last"]

    limit = await venue.create_order(BTC, "limit", "buy", 0.01, venue.price_to_precision(BTC, last * 0.95))
    seen["limit"] = outline(limit)
    seen["openOrders"] = [outline(order) for order in await venue.fetch_open_orders(BTC)]
    seen["canceled"] = outline(await venue.cancel_order(limit["id"], BTC))
    seen["canceledAgain"] = await refused(venue.cancel_order(limit["id"], BTC))

    market = await venue.create_order(BTC, "market", "buy", 0.01)
    seen["market"] = outline(await venue.fetch_order(market["id"], BTC))
    stop = {"stopPrice": venue.price_to_precision(BTC, last * 0.9), "reduceOnly": True}
    placed = await venue.create_order(BTC, "market", "sell", 0.01, None, stop)
    seen["stop"] = outline(await venue.fetch_order(placed["id"], BTC))
    seen["positions"] = [
        {"side": each["side"], "contracts": each["contracts"], "leverage": each["leverage"]}
        for each in await venue.fetch_positions([BTC])
        if each["contracts"]
    ]
    seen["myTrades"] = [
        {"id": each["id"], "side": each["side"], "amount": each["amount"], "fee": each["fee"]["cost"]}
        for each in await venue.fetch_my_trades(BTC)
    ]
    seen["tooLarge"] = await refused(venue.create_order(BTC, "market", "buy", 5000))
    await venue.cancel_all_orders(BTC)
    await venue.create_order(BTC, "market", "sell", 0.01, None, {"reduceOnly": True})
    seen["flat"] = not [each for each in await venue.fetch_positions([BTC]) if each["contracts"]]
    return seen


async def watch(venue: Any) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    trades = await venue.watch_trades(BTC)
    seen["trades"] = {"count": len(trades), "price": trades[-1]["price"], "side": trades[-1]["side"]}
    books = [await venue.watch_order_book(BTC) for _ in range(5)]
    seen["book"] = levels(books[-1])

    # Of the user stream positions are watched: watch_orders, watch_my_trades and watch_balance of this version always
    # raise ArgumentsRequired, whatever they are given, and only they make the cache that every account update needs.
    venue.balance["swap"] = {}
    positions = asyncio.ensure_future(venue.watch_positions([BTC]))
    await asyncio.sleep(1)
    await venue.create_order(BTC, "market", "buy", 0.01)
    seen["position"] = (await asyncio.wait_for(positions, 10))["contracts"]
    await venue.create_order(BTC, "market", "sell", 0.01, None, {"reduceOnly": True})
    return seen


def outline(order: dict[str, Any]) -> dict[str, Any]:
    return {
        name: order[name]
        for name in ("id", "clientOrderId", "type", "side", "status", "amount", "filled", "reduceOnly")
    } | {"stopPrice": order.get("triggerPrice") or order.get("stopPrice")}


def levels(book: dict[str, Any]) -> dict[str, Any]:
    """The best prices, and whether the book is in order."""
    bids, asks = [level[0] for level in book["bids"]], [level[0] for level in book["asks"]]
    return {
        "bid": bids[0],
        "ask": asks[0],
        "sorted": bids == sorted(bids, reverse=True) and asks == sorted(asks) and bids[0] < asks[0],
    }


async def refused(work: Any) -> str:
    """The name of the error that ccxt makes of a refusal."""
    try:
        await work
    except ccxt.BaseError as error:
        return type(error).__name__
    return ""


async def main(ready: Path) -> None:
    venue = exchange_for(json.loads(ready.read_text()))
    try:
        seen = {"version": ccxt.__version__, **(await trade(venue)), "watched": await watch(venue)}
    finally:
        await venue.close()
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
