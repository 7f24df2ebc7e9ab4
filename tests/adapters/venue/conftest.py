"""The venue's REST door as a function, over a market whose prices are set by hand."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from coincurve import PrivateKey
from local.venue.authentication import Doorman
from local.venue.credentials import Credentials
from local.venue.faults import faults
from local.venue.happenings import MarketEvent, Ticked
from local.venue.house import House, open_house
from local.venue.http import Request, Response
from local.venue.limits import Limits
from local.venue.ports import Candle, CandleOf, Day, Funding, FundingPayment, Print, Progress, Quote
from local.venue.rest import Rest

from undertow.adapters.aster.signing import eip712_digest
from undertow.adapters.paper.contract import Contract
from undertow.adapters.paper.depth import Level
from undertow.adapters.paper.floor import Rules
from undertow.domain.ids import Symbol
from undertow.domain.instrument import Instrument, LeverageBracket
from undertow.domain.market import Venue

START_MS = 1_700_000_000_000
BTC, LETTERS = Symbol("BTCUSDT"), Symbol("币安人生USDT")


def contract(symbol: Symbol) -> Contract:
    instrument = Instrument(
        venue=Venue.ASTER,
        symbol=symbol,
        base_asset=symbol.removesuffix("USDT"),
        quote_asset="USDT",
        margin_asset="USDT",
        status="TRADING",
        tick_size=Decimal("0.10"),
        min_price=Decimal("0.10"),
        max_price=Decimal(1_000_000),
        lot_size=Decimal("0.001"),
        min_quantity=Decimal("0.001"),
        max_quantity=Decimal(1_000),
        market_lot_size=Decimal("0.001"),
        market_min_quantity=Decimal("0.001"),
        market_max_quantity=Decimal(100),
        min_notional=Decimal(5),
        price_multiplier_up=Decimal("1.15"),
        price_multiplier_down=Decimal("0.85"),
        max_orders=200,
        max_algo_orders=100,
        trigger_protect=Decimal("0.15"),
        market_take_bound=Decimal("0.30"),
        liquidation_fee=Decimal("0.01"),
        fetched_at_ms=START_MS,
    )
    brackets = (
        LeverageBracket(1, 100, Decimal(0), Decimal(50_000), Decimal("0.005"), Decimal(0)),
        LeverageBracket(2, 20, Decimal(50_000), Decimal(1_000_000), Decimal("0.025"), Decimal(1_000)),
    )
    return Contract(instrument, brackets)


@dataclass
class HandMarket:
    """`local.venue.house.MovingMarket`: moves when it is told to."""

    now_ms: int = START_MS
    quotes: dict[Symbol, Quote] = field(default_factory=dict)
    watched: frozenset[Symbol] = frozenset()
    known: tuple[Symbol, ...] = (BTC, LETTERS)
    due: list[MarketEvent] = field(default_factory=list)

    def move(self, price: object, symbol: Symbol = BTC, now_ms: int | None = None) -> None:
        at = Decimal(str(price))
        now_ms = self.now_ms if now_ms is None else now_ms
        quote = Quote(at, Decimal(10), at + Decimal("0.1"), Decimal(10), at, at, at, now_ms)
        self.quotes[symbol] = quote
        if symbol in self.watched:
            self.due.append(Ticked(now_ms, symbol, quote, Print(1, at, Decimal("0.001"), now_ms, True)))

    def watch(self, watcher: str, symbols: Iterable[Symbol]) -> None:
        self.watched = frozenset(symbols)

    def until(self, now_ms: int) -> Sequence[MarketEvent]:
        self.now_ms = now_ms
        due, self.due = self.due, []
        return due

    def is_fresh(self, symbol: Symbol) -> bool:
        return symbol in self.known

    def symbols(self) -> Sequence[Symbol]:
        return self.known

    def contract(self, symbol: Symbol) -> Contract:
        return contract(symbol)

    def quote(self, symbol: Symbol) -> Quote:
        return self.quotes[symbol]

    def update_id(self, symbol: Symbol) -> int:
        return 77

    def depth(self, symbol: Symbol, limit: int) -> tuple[Sequence[Level], Sequence[Level]]:
        quote = self.quote(symbol)
        return [Level(quote.bid, quote.bid_quantity)], [Level(quote.ask, quote.ask_quantity)]

    def prints(self, symbol: Symbol) -> Sequence[Print]:
        return [Print(number, Decimal(100), Decimal("1.5"), START_MS + number, False) for number in range(1, 4)]

    def candles(self, symbol: Symbol, interval: str, of: CandleOf) -> Sequence[Candle]:
        one = Decimal(1)
        return [
            Candle(
                START_MS + 60_000 * number,
                one,
                one,
                one,
                one,
                one,
                START_MS + 60_000 * number + 59_999,
                one,
                3,
                one,
                one,
            )
            for number in range(3)
        ]

    def funding(self, symbol: Symbol) -> Funding:
        rate, cap = Decimal("0.0001"), Decimal("0.03")
        return Funding(rate, START_MS + 3_600_000, 8, rate, cap, -cap)

    def funding_history(self, symbol: Symbol) -> Sequence[FundingPayment]:
        return [FundingPayment(Decimal("0.0001"), START_MS - 1)]

    def day(self, symbol: Symbol) -> Day:
        one = Decimal(1)
        return Day(one, one, one, one, one, one, one, START_MS, START_MS, 1, 3, 3)

    def progress(self) -> Progress:
        return Progress("hand", 0, 1, 0, 0, 0, 0, False)


@dataclass
class Door:
    """Sends requests as a client of either generation would, and keeps what the listeners heard."""

    rest: Rest
    market: HandMarket
    now_ms: int = START_MS
    heard: list[object] = field(default_factory=list)
    _nonce: int = 0

    @property
    def house(self) -> House:
        return self.rest.house

    @property
    def owner(self) -> Credentials:
        return self.house.accounts[0]

    def nonce(self) -> int:
        self._nonce = max(self._nonce + 1, self.now_ms * 1000)
        return self._nonce

    def send(self, method: str, path: str, query: str = "", body: str = "", headers: Mapping[str, str] | None = None):
        return self.rest.handle(Request(method, path, query, body, headers or {}))

    def public(self, path: str, **parameters: object) -> Any:
        return content(self.send("GET", path, encoded(parameters)))

    def signed(self, **parameters: object) -> str:
        """Parameters as an agent sends them."""
        text = encoded({**parameters, "nonce": self.nonce(), "user": self.owner.user, "signer": self.owner.signer})
        return f"{text}&signature={signature(text, self.owner.agent_key)}"

    def v3(self, method: str, path: str, **parameters: object) -> Response:
        signed = self.signed(**parameters)
        return self.send(method, f"/fapi/v3/{path}", **({"query": signed} if method == "GET" else {"body": signed}))

    def v1(self, method: str, path: str, **parameters: object) -> Response:
        text = encoded({**parameters, "timestamp": self.now_ms})
        mac = hmac.new(self.owner.api_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return self.send(method, path, query=f"{text}&signature={mac}", headers={"x-mbx-apikey": self.owner.api_key})

    def ok(self, method: str, path: str, **parameters: object) -> Any:
        response = self.v3(method, path, **parameters)
        assert response.status == 200, response.body
        return content(response)

    def order(self, **parameters: object) -> Any:
        return self.ok("POST", "order", **{"symbol": BTC, "side": "BUY", "type": "MARKET", **parameters})

    def refused(self, response: Response, code: int, status: int = 400) -> None:
        assert (response.status, content(response)["code"]) == (status, code), response.body

    def move(self, price: object, symbol: Symbol = BTC) -> None:
        self.market.move(price, symbol, self.now_ms)
        self.house.advance(self.now_ms)


def content(response: Response) -> Any:
    return json.loads(response.body)


def encoded(parameters: Mapping[str, object]) -> str:
    shown = {name: json.dumps(value) if isinstance(value, bool | list) else value for name, value in parameters.items()}
    return urlencode(shown, quote_via=quote_plus)


def signature(text: str, key: str, chain_id: int = 1666) -> str:
    raw = PrivateKey(bytes.fromhex(key[2:])).sign_recoverable(eip712_digest(text.encode(), chain_id), hasher=None)
    return f"0x{raw[:64].hex()}{raw[64] + 27:02x}"


def open_door(
    fault_text: str = "none",
    rules: Rules | None = None,
    limits: Limits | None = None,
    seed: int = 1,
    known: tuple[Symbol, ...] = (BTC, LETTERS),
) -> Door:
    market = HandMarket(known=known)
    for symbol in market.symbols():
        market.move(100, symbol)
    house = open_house(market, faults(fault_text, seed), seed=seed, now_ms=START_MS, rules=rules, limits=limits)
    clock: list[Door] = []
    door = Door(Rest(house, Doorman(house.accounts, house.queue), lambda: clock[0].now_ms), market)
    clock.append(door)
    house.subscribe(door.heard.append)
    return door


@pytest.fixture
def make_door():
    return open_door


@pytest.fixture(scope="session")
def make_door_once():
    """For properties: hypothesis wants fixtures that outlive one example. Each call makes a new venue."""
    return open_door


@pytest.fixture
def door(make_door) -> Door:
    return make_door()


@pytest.fixture
def read():
    """The JSON of a response."""
    return content


@pytest.fixture
def sign():
    """EIP-712 signature of a parameter text with a private key."""
    return signature
