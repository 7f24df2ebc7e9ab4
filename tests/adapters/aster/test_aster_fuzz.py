"""Mutated frames: each is read, within what is physically possible, or is a BadFrame. Nothing else ever comes out."""

import json
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undertow.adapters.aster.messages import Marks, Quote, read_market
from undertow.adapters.aster.strict import BadFrame
from undertow.adapters.aster.user_messages import read_user
from undertow.domain.event import AccountChanged, OrderChanged
from undertow.domain.ids import AccountId
from undertow.domain.market import Liquidation

FRAMES_PER_TYPE = 100_000
ACCOUNT = AccountId("main")

POISON: list[Any] = [
    *("NaN", "Infinity", "-Infinity", "1e400", "1_000", "１２", "-1", "0", "-0", "0.0", "9" * 40, "0." + "1" * 40, ""),
    *("+1", " 1", "1.", ".1", "0x1", "null", "true", "\x00", "\ud800", "💥", "A" * 5000, "BUY", "SELL", "BOTH", "NEW"),
    *(True, False, None, 0, -1, 1, 1.5, -0.0, 10**13, 10**18, 10**19, 10**400, 1e308, [], {}, [[]], {"a": {}}, ["x"]),
]
RAW_POISON = ["NaN", "Infinity", "-Infinity", "1e400", "1E+999999999999999999999", "-", "tru", "'", "}", "]", ",", "\\"]


def mutated(original: Any, rng: random.Random) -> str:
    """The text of ``original`` after one to three changes of its fields, and at times of its letters."""
    value = json.loads(json.dumps(original))
    for _ in range(rng.randint(1, 3)):
        holder, key = rng.choice(list(places(value)))
        change = rng.random()
        if change < 0.7:
            holder[key] = rng.choice(POISON)
        elif change < 0.85:
            del holder[key]
        elif isinstance(holder, dict):
            holder[rng.choice(["e", "E", "o", "s", "data", "stream", "extra"])] = rng.choice(POISON)
        if not isinstance(value, dict | list) or not value:
            break
    text = json.dumps(value)
    if rng.random() < 0.2:
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(RAW_POISON) + text[at + rng.randint(0, 5) :]
    return text


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


def decimals_of(read: Any) -> Iterator[Decimal]:
    """Every number that a message hands on, with zero added where the sign is free."""
    if isinstance(read, Liquidation):
        yield from (read.quantity, read.price)
    elif isinstance(read, Quote):
        yield from (read.prices.bid, read.prices.ask)
    elif isinstance(read, Marks):
        yield from (mark.mark.price for mark in read.marks)
    elif isinstance(read, OrderChanged) and read.fill is not None:
        yield from (read.fill.quantity, read.fill.price)
    elif isinstance(read, OrderChanged):
        yield from (abs(read.news.filled_quantity) + 1, abs(read.news.quantity) + 1)
    elif isinstance(read, AccountChanged):
        yield from (abs(position.amount) + 1 for position in read.positions)


def read_as_user(frame: str) -> Any:
    return read_user(frame, ACCOUNT)


@pytest.mark.parametrize(
    ("name", "read", "count"),
    [
        ("ws_forceOrder", read_market, FRAMES_PER_TYPE),
        ("ws_markPriceUpdate", read_market, FRAMES_PER_TYPE),
        ("ws_ORDER_TRADE_UPDATE", read_as_user, FRAMES_PER_TYPE),
        ("ws_ACCOUNT_UPDATE", read_as_user, FRAMES_PER_TYPE),
        ("ws_markPriceUpdate_arr", read_market, FRAMES_PER_TYPE // 20),
        ("ws_bookTicker", read_market, FRAMES_PER_TYPE // 20),
        ("ws_kline", read_market, FRAMES_PER_TYPE // 20),
        ("ws_aggTrade", read_market, FRAMES_PER_TYPE // 20),
        ("ws_MARGIN_CALL", read_as_user, FRAMES_PER_TYPE // 20),
        ("ws_ACCOUNT_CONFIG_UPDATE_modes", read_as_user, FRAMES_PER_TYPE // 20),
        ("ws_ACCOUNT_CONFIG_UPDATE_leverage", read_as_user, FRAMES_PER_TYPE // 20),
        ("ws_listenKeyExpired", read_as_user, FRAMES_PER_TYPE // 20),
    ],
)
def test_a_mutated_frame_is_read_or_is_a_bad_frame(
    name: str, read: Callable[[str], Any], count: int, payload: Callable[[str], Any]
) -> None:
    rng = random.Random(name)
    original = json.loads(json.dumps(payload(name), default=str))
    quarantined = longest = 0
    for _ in range(count):
        frame = mutated(original, rng)
        try:
            message = read(frame)
        except BadFrame as bad:
            quarantined += 1
            longest = max(longest, len(str(bad)))
        else:
            assert all(number.is_finite() and 0 < number < 10**15 for number in decimals_of(message))
    # The mutations must bite, and must not all be caught by the first check.
    assert count * 0.2 < quarantined < count
    assert longest < 300


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["forceOrder", "1.5"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*"eEosSqpzTXaBPbirk"]), inner),
    max_leaves=20,
)
EVENTS = st.sampled_from(
    [
        *("forceOrder", "bookTicker", "markPriceUpdate", "kline", "aggTrade", "ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE"),
        *("MARGIN_CALL", "ACCOUNT_CONFIG_UPDATE", "listenKeyExpired", "announcement"),
    ]
)


@settings(deadline=None)
@given(JSON, EVENTS, st.booleans())
def test_arbitrary_json_is_read_or_is_a_bad_frame(value: Any, event: str, wrapped: bool) -> None:
    named = {**value, "e": event} if isinstance(value, dict) else value
    frame = json.dumps({"stream": "x", "data": named} if wrapped else named)
    for read in (read_market, read_as_user):
        try:
            read(frame)
        except BadFrame:
            continue


@settings(deadline=None)
@given(st.text() | st.binary())
def test_arbitrary_text_is_read_or_is_a_bad_frame(frame: str | bytes) -> None:
    for read in (read_market, lambda anything: read_user(anything, ACCOUNT)):
        try:
            read(frame)
        except BadFrame:
            continue
