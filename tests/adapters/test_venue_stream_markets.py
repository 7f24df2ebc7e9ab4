"""What the market streams say, and that they agree with each other and with the REST side."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from local.venue.hub import encoded
from local.venue.ports import CandleOf
from local.venue.streams import parse_stream
from local.venue.tape import Tape
from tests.adapters.stream_rig import START_MS, ask, everything, heard, rig, symbols_of
from tests.unit.taped import frame, tapes

from undertow.adapters.aster.messages import Reply, read_market
from undertow.adapters.paper.events import ForcedOrder, Status
from undertow.domain.ids import Symbol
from undertow.domain.market import Side

BTC = Symbol("BTCUSDT")

# Keys and types of the venue's own examples.
TICKER: Mapping[str, type] = {
    **dict.fromkeys("espPwcQohlvq", str),
    **dict.fromkeys("EOCFLn", int),
}
SHAPES: Mapping[str, tuple[str, Mapping[str, type]]] = {
    "btcusdt@aggTrade": (
        "aggTrade",
        {"e": str, "E": int, "s": str, "a": int, "p": str, "q": str, "f": int, "l": int, "T": int, "m": bool},
    ),
    "btcusdt@markPrice": (
        "markPriceUpdate",
        {"e": str, "E": int, "s": str, "p": str, "i": str, "P": str, "r": str, "T": int},
    ),
    "btcusdt@markPrice@1s": (
        "markPriceUpdate",
        {"e": str, "E": int, "s": str, "p": str, "i": str, "P": str, "r": str, "T": int},
    ),
    "btcusdt@kline_1m": ("kline", {"e": str, "E": int, "s": str, "k": dict}),
    "btcusdt@miniTicker": ("24hrMiniTicker", {**dict.fromkeys("escohlvq", str), "E": int}),
    "btcusdt@ticker": ("24hrTicker", TICKER),
    "btcusdt@bookTicker": (
        "bookTicker",
        {"e": str, "u": int, "E": int, "T": int, "s": str, "b": str, "B": str, "a": str, "A": str},
    ),
    "btcusdt@depth5@100ms": (
        "depthUpdate",
        {"e": str, "E": int, "T": int, "s": str, "U": int, "u": int, "pu": int, "b": list, "a": list},
    ),
    "btcusdt@depth": (
        "depthUpdate",
        {"e": str, "E": int, "T": int, "s": str, "U": int, "u": int, "pu": int, "b": list, "a": list},
    ),
    "btcusdt@tradepro": (
        "tradepro",
        {"e": str, "E": int, "T": int, "s": str, "t": int, "p": str, "q": str, "h": str, "m": list},
    ),
}
KLINE: Mapping[str, type] = {
    **dict.fromkeys("tTfLn", int),
    **dict.fromkeys("siochlvqVQB", str),
    "x": bool,
}


def shape_of(payload: Mapping[str, Any]) -> dict[str, type]:
    return {key: type(value) for key, value in payload.items()}


@pytest.mark.parametrize("stream", SHAPES)
def test_a_payload_has_the_documented_keys_and_types(stream: str) -> None:
    async def scene() -> None:
        async with rig() as venue, venue.listening(stream) as client:
            venue.after(3_000)
            payload = await heard(client)
            event, shape = SHAPES[stream]
            assert payload["e"] == event
            assert shape_of(payload) == dict(shape)
            assert payload["s"] == "BTCUSDT"
            if event == "kline":
                assert shape_of(payload["k"]) == dict(KLINE)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("stream", "times"),
    [
        ("btcusdt@markPrice", 4),
        ("btcusdt@markPrice@1s", 12),
        ("btcusdt@miniTicker", 24),
        ("btcusdt@kline_5m", 48),
        ("btcusdt@depth10@500ms", 24),
        ("!markPrice@arr", 4),
        ("!markPrice@arr@1s", 12),
    ],
)
def test_a_stream_by_the_clock_keeps_its_period(stream: str, times: int) -> None:
    async def scene() -> None:
        async with rig() as venue, venue.listening(stream) as client:
            await everything_of(client)
            venue.after(12_000)
            assert len(await everything_of(client)) == times

    asyncio.run(scene())


async def everything_of(client: Any) -> list[Any]:
    """As `everything`, for streams whose payloads are arrays too."""
    await client.send('{"method":"LIST_SUBSCRIPTIONS","id":424242}')
    frames = []
    while True:
        received = await heard(client)
        if isinstance(received, dict) and received.get("id") == 424242:
            return frames
        frames.append(received)


@pytest.mark.parametrize("stream", ["!markPrice@arr", "!miniTicker@arr", "!ticker@arr"])
def test_a_stream_of_all_symbols_is_one_array(stream: str) -> None:
    async def scene() -> None:
        async with rig() as venue, venue.listening(stream) as client:
            venue.after(3_000)
            assert symbols_of(await heard(client)) == set(venue.market.symbols())

    asyncio.run(scene())


def test_the_stream_of_all_books_sends_single_objects_of_many_symbols() -> None:
    async def scene() -> None:
        async with rig() as venue, venue.listening("!bookTicker") as client:
            venue.after(500)
            assert symbols_of(await everything(client)) == set(venue.market.symbols())

    asyncio.run(scene())


def test_best_prices_trades_and_marks_are_those_of_the_market() -> None:
    async def scene() -> None:
        async with rig() as venue, venue.listening("btcusdt@bookTicker", "btcusdt@aggTrade") as client:
            venue.after(5_000)
            frames = await everything(client)
            book = [frame for frame in frames if frame["e"] == "bookTicker"]
            trades = [frame for frame in frames if frame["e"] == "aggTrade"]
            quote = venue.market.quote(BTC)
            assert (Decimal(book[-1]["b"]), Decimal(book[-1]["a"])) == (quote.bid, quote.ask)
            assert book[-1]["u"] == venue.market.update_id(BTC)
            shown = [(trade.id, trade.price, trade.buyer_is_maker) for trade in venue.market.prints(BTC)]
            streamed = [(frame["a"], Decimal(frame["p"]), frame["m"]) for frame in trades]
            assert streamed == shown[-len(streamed) :]
            assert len(streamed) >= 20

    asyncio.run(scene())


@pytest.mark.parametrize("stream", ["btcusdt@depth", "btcusdt@depth@100ms", "btcusdt@depth@500ms"])
def test_a_local_book_kept_by_the_rules_equals_the_venues_book(stream: str) -> None:
    async def scene() -> None:
        async with rig(speed=20) as venue, venue.listening(stream) as client:
            venue.after(1_700)
            snapshot_id = venue.market.update_id(BTC)
            bids, asks = venue.market.depth(BTC, 1_000)
            book = {"b": {level.price: level.quantity for level in bids}}
            book["a"] = {level.price: level.quantity for level in asks}
            venue.to(START_MS + 22_000)
            frames = await everything(client)
            kept = [frame for frame in frames if frame["u"] >= snapshot_id]
            assert kept[0]["U"] <= snapshot_id <= kept[0]["u"] or kept[0]["pu"] == snapshot_id
            for before, after in pairwise(frames):
                assert after["pu"] == before["u"]
                assert after["U"] == before["u"] + 1 <= after["u"]
            for update in kept:
                for side in "ab":
                    for price, quantity in update[side]:
                        book[side][Decimal(price)] = Decimal(quantity)
            assert kept[-1]["u"] == venue.market.update_id(BTC)
            present = venue.market.depth(BTC, 1_000)
            for side, levels in zip("ba", present, strict=True):
                standing = {price: quantity for price, quantity in book[side].items() if quantity}
                assert standing == {level.price: level.quantity for level in levels}

    asyncio.run(scene())


def test_a_partial_book_is_the_top_of_the_book_in_full() -> None:
    async def scene() -> None:
        async with rig() as venue, venue.listening("btcusdt@depth20@100ms") as client:
            venue.after(2_000)
            last = (await everything(client))[-1]
            bids, asks = venue.market.depth(BTC, 20)
            assert [(Decimal(p), Decimal(q)) for p, q in last["b"]] == [(x.price, x.quantity) for x in bids]
            assert [(Decimal(p), Decimal(q)) for p, q in last["a"]] == [(x.price, x.quantity) for x in asks]

    asyncio.run(scene())


def test_a_candle_is_sent_closed_exactly_once_and_equals_the_rest_candle() -> None:
    async def scene() -> None:
        async with rig() as venue, venue.listening("btcusdt@kline_1m") as client:
            venue.after(130_000)
            closed = [frame["k"] for frame in await everything(client) if frame["k"]["x"]]
            assert len(closed) == 2
            kept = {candle.open_time_ms: candle for candle in venue.market.candles(BTC, "1m", CandleOf.LAST)}
            for k in closed:
                candle = kept[k["t"]]
                assert [Decimal(k[key]) for key in "ohlcv"] == [
                    candle.open,
                    candle.high,
                    candle.low,
                    candle.close,
                    candle.volume,
                ]

    asyncio.run(scene())


@pytest.mark.parametrize("tape", tapes(), ids=lambda tape: tape.name)
def test_every_liquidation_of_the_tape_comes_over_both_streams(tape: Tape) -> None:
    async def scene() -> None:
        symbol = tape.frames[0].symbol
        own = f"{symbol.lower()}@forceOrder"
        async with (
            rig(tape=tape, speed=1_000) as venue,
            venue.listening("!forceOrder@arr") as everyone,
            venue.listening(own) as one,
        ):
            venue.after(tape.length_ms // 1_000 + 100)
            frames = await everything(everyone)
            assert [frame["o"]["z"] for frame in frames] == [taped.order["z"] for taped in tape.frames]
            assert {frame["o"]["s"] for frame in frames} == {taped.symbol for taped in tape.frames}
            assert await everything(one) == [frame for frame in frames if frame["o"]["s"] == symbol]

    asyncio.run(scene())


def forced(time_ms: int, price: str) -> ForcedOrder:
    amount = Decimal(1)
    return ForcedOrder(time_ms, BTC, Side.SELL, amount, Decimal(price), Decimal(price), Status.FILLED, amount, amount)


def test_liquidations_of_the_venues_own_accounts_come_at_most_once_a_second_the_latest_of_each() -> None:
    async def scene() -> None:
        quiet = Tape("quiet", [frame("BTCUSDT", 10**12 + 3_600_000 * hour) for hour in (1, 2)])
        async with rig(tape=quiet) as venue, venue.listening("btcusdt@forceOrder") as client:
            venue.after(5_000)
            await everything(client)
            begun = venue.clock.time_ms
            for price in ("1", "2", "3"):
                venue.feed.hear(forced(venue.clock.time_ms, price))
                venue.after(100)
            venue.after(2_000)
            frames = await everything(client)
            assert [(sent["o"]["ap"], sent["E"] - begun) for sent in frames] == [("1", 0), ("3", 1_000)]

    asyncio.run(scene())


@pytest.mark.parametrize(
    "name",
    [
        "btcusdt@trade",
        "btcusdt@depth7",
        "btcusdt@depth@250ms",
        "btcusdt@kline_7m",
        "btcusdt@markPrice@3s",
        "BTCUSDT@aggTrade",
        "nosuch@aggTrade",
        "btcusdt",
        "!forceOrder",
        "@",
        "",
    ],
)
def test_a_stream_that_the_venue_does_not_have_is_accepted_and_silent(name: str) -> None:
    async def scene() -> None:
        async with rig() as venue, venue.connect("/ws") as client:
            assert (await ask(client, {"method": "SUBSCRIBE", "params": [name], "id": 1}))["result"] is None
            venue.after(3_000)
            assert await everything(client) == []

    assert parse_stream(name, {"btcusdt": BTC}) is None
    asyncio.run(scene())


def test_nothing_is_computed_for_streams_that_nobody_hears_any_more() -> None:
    async def scene() -> None:
        async with rig() as venue:
            async with venue.listening("btcusdt@bookTicker") as client:
                venue.after(500)
                assert await everything(client)
                await ask(client, {"method": "UNSUBSCRIBE", "params": ["btcusdt@bookTicker"], "id": 4})
            venue.after(50)
            assert [event for event in venue.market.until(START_MS + 3_000) if event.symbol == BTC] == []

    asyncio.run(scene())


@pytest.mark.parametrize(
    "stream",
    [
        "btcusdt@bookTicker",
        "暗流usdt@bookTicker",
        "btcusdt@markPrice@1s",
        "!markPrice@arr@1s",
        "btcusdt@kline_1m",
        "btcusdt@aggTrade",
        "!forceOrder@arr",
    ],
)
def test_our_own_parser_reads_every_frame(stream: str) -> None:
    async def scene() -> None:
        async with rig(speed=20) as venue, venue.listening(stream) as client:
            venue.after(5_000)
            frames = await everything_of(client)
            assert len(frames) >= 5
            for frame in frames:
                assert not isinstance(read_market(encoded(frame)), Reply)

    asyncio.run(scene())
